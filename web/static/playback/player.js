/**
 * The playback page: one clock, every recorded track behind it, and the page around them.
 * Rule: the clock leads; sounds and pictures follow it. What is shown comes from the record as it is.
 */
import {onLanguage, ready, setLanguage} from 'i18n';
import {Words} from '../court/words.js';
import {MasterClock} from './clock.js';
import {chapter} from './index.js';
import {speaking, speech} from './speech.js';
import {TrackPlayer} from './track-player.js';
import './play-faces.js';
import './play-film.js';
import './play-lanes.js';
import './play-transcript.js';
import './play-transport.js';

/** @typedef {import('./shown.js').Playing} Playing */

const FOLLOW_MS = 250;
const SHOW_MS = 100;
const LOOK_AGAIN_MS = 4000;
/** The page opens at a moment at which those who were there can be seen: pictures begin up to this long after sounds. */
const FIRST_PICTURE_MS = 4000;
/** A sound that does not come may hold the clock for this long, then the hearing goes on without it. */
const PATIENCE_MS = 4000;

const page = JSON.parse(document.getElementById('page')?.textContent ?? '{}');
page.timezone ??= document.documentElement.dataset.zone ?? 'Asia/Ho_Chi_Minh';
page.links ??= {};
const query = new URLSearchParams(location.search);
const address = `/api/hearings/${page.hearing}/playback${query.has('sitting') ? `?sitting=${query.get('sitting')}` : ''}`;

/** @template {HTMLElement} T @param {string} name @returns {T} */
const element = (name) => /** @type {T} */ (/** @type {unknown} */ (document.querySelector(name)));

await ready;

/** @type {Playing} */
let state = /** @type {Playing} */ (/** @type {unknown} */ ({
  data: null, length: 1, start: null, ms: 0, playing: false, held: false, rate: 1, words: new Words(), page,
  spoken: new Map(), solo: new Set(), muted: new Set(), transcript: null, reading: 'none', search: '', asking: false, voices: new Set(),
}));
const clock = new MasterClock(1);
/** @type {Map<string, TrackPlayer>} */
const players = new Map();
let holding = 0;
/** For tests: the clock and how well everything follows it. */
/** @type {Window & {player?: unknown}} */ (window).player = {clock, players, get state() { return state; }};

// ---- what was recorded

async function look() {
  const answer = await fetch(address, {credentials: 'same-origin'});
  const {t} = state.words;
  if (!answer.ok) {
    say(t(answer.status === 404 ? 'playback.nothing' : 'playback.failed'));
    return;
  }
  const data = await answer.json();
  const length = Math.max(1000, data.clock.length_ms);
  const first = state.data === null;
  for (const track of data.tracks) {
    const known = players.get(track.id);
    if (known) known.renew(track);
    else if (track.segments.length) players.set(track.id, new TrackPlayer(track));
  }
  clock.length = length;
  element('play-faces').pictures = [...players.values()].filter((one) => one.track.kind === 'video');
  state = {...state, data, length, start: data.clock.start_utc ? Date.parse(data.clock.start_utc) : null};
  if (first) {
    const asked = Number(query.get('t'));
    clock.seek(asked > 0 ? asked : beginning(data.tracks));
  }
  const unplayable = [...players.values()].some((one) => !one.playable);
  const growing = data.tracks.length === 0 || data.tracks.some((/** @type {any} */ track) => track.closed === false);
  say(data.tracks.length === 0 ? t('playback.processing') : unplayable ? t('playback.unplayable') : growing ? t('playback.growing') : '');
  await read(data.transcript);
  const jobs = [data.transcript.status, data.film.status];
  if (growing || jobs.some((status) => status === 'waiting' || status === 'running')) setTimeout(again, LOOK_AGAIN_MS);
}

/** @param {import('./index.js').Track[]} tracks */
function beginning(tracks) {
  const starts = (/** @type {(track: import('./index.js').Track) => boolean} */ wanted) => tracks.filter(wanted)
    .flatMap((track) => track.segments.slice(0, 1)).map((segment) => segment.t0_ms);
  const first = Math.min(...starts(() => true));
  const seen = starts((track) => track.kind === 'video').filter((ms) => ms < first + FIRST_PICTURE_MS);
  return seen.length ? Math.max(...seen) + 100 : Number.isFinite(first) ? first : 0;
}

function again() {
  look().catch((error) => {
    console.error('playback', error);
    setTimeout(again, LOOK_AGAIN_MS * 2);
  });
}

/** @param {Playing['data']['transcript']} job */
async function read(job) {
  const status = {none: 'none', waiting: 'waiting', running: 'growing', done: 'done', failed: 'failed'}[job.status] ?? 'none';
  let {transcript} = state;
  if (job.url && ['growing', 'done'].includes(status) && !(transcript?.finished && state.reading === 'done')) {
    const answer = await fetch(job.url, {credentials: 'same-origin'});
    if (answer.ok) {
      transcript = await answer.json();
      transcript?.segments.sort((a, b) => a.t0_ms - b.t0_ms);
    }
  }
  state = {...state, transcript, reading: /** @type {Playing['reading']} */ (status), spoken: speech(transcript, state.data.tracks)};
}

/** @param {string} text */
function say(text) {
  const place = element('.play-note');
  place.textContent = text;
  place.hidden = !text;
}

// ---- the clock leads

/** @param {TrackPlayer} player */
function heard(player) {
  const {seats} = player.track;
  if (state.solo.size) return seats.some((seat) => state.solo.has(seat));
  return !seats.some((seat) => state.muted.has(seat));
}

function follow() {
  if (!state.data) return;
  const visible = element('play-faces').visible;
  const ms = clock.ms;
  let waits = false;
  for (const player of players.values()) {
    const audio = player.track.kind === 'audio';
    if (!audio && !player.track.seats.some((seat) => visible.has(seat))) {
      player.rest();
      continue;
    }
    player.feed(ms);
    if (audio) player.element.muted = !heard(player);
    waits ||= audio && player.waits(ms);
    player.follow(ms, clock.playing && !clock.held, clock.rate);
  }
  holding = waits && clock.playing ? holding || performance.now() : 0;
  clock.hold(holding > 0 && performance.now() - holding < PATIENCE_MS);
  if (clock.playing && ms >= clock.length) clock.pause();
}

function show() {
  if (!state.data) return;
  const ms = clock.ms;
  const voices = speaking(state.spoken, ms);
  state = {...state, ms, playing: clock.playing, held: clock.held, rate: clock.rate, voices};
  for (const name of ['play-faces', 'play-transport', 'play-lanes', 'play-transcript', 'play-film']) element(name).state = state;
}

/** @param {number} ms */
function seek(ms) {
  clock.seek(ms);
  for (const player of players.values()) player.moved();
  follow();
  show();
}

function play() {
  clock.play();
  follow();
  show();
}

/** @param {Set<string>} set @param {string} one */
function switched(set, one) {
  const next = new Set(set);
  if (!next.delete(one)) next.add(one);
  return next;
}

/** @type {Record<string, (detail: any) => void>} */
const wishes = {
  toggle: () => {
    if (clock.playing) clock.pause();
    else clock.play();
    follow();
    show();
  },
  seek,
  step: (ms) => seek(clock.ms + ms),
  chapter: (step) => {
    const to = chapter(state.data.chapters, clock.ms, step);
    if (to !== null) seek(to);
  },
  listen: (ms) => {
    seek(ms);
    play();
  },
  rate: (rate) => {
    clock.rate = rate;
    show();
  },
  solo: (seat) => {
    state = {...state, solo: switched(state.solo, seat)};
    follow();
  },
  silence: (seat) => {
    state = {...state, muted: switched(state.muted, seat)};
    follow();
  },
  search: (search) => {
    state = {...state, search};
    show();
  },
  film: async () => {
    state = {...state, asking: true};
    const answer = await fetch(`/api/hearings/${page.hearing}/film`, {
      method: 'POST', credentials: 'same-origin', headers: {'Content-Type': 'application/json'}, body: '{}',
    });
    state = {...state, asking: false};
    if (answer.ok) again();
    else say(state.words.t('playback.film.failed'));
  },
};
for (const [type, act] of Object.entries(wishes)) {
  document.addEventListener(type, (event) => {
    if (event instanceof CustomEvent) act(event.detail);
  });
}

/** @type {Record<string, () => void>} */
const keys = {
  ' ': () => wishes.toggle(null), k: () => wishes.toggle(null), j: () => wishes.step(-10000), l: () => wishes.step(10000),
  '[': () => wishes.chapter(-1), ']': () => wishes.chapter(1), ',': () => wishes.step(-1000), '.': () => wishes.step(1000),
  s: () => {
    const [speaker] = state.voices;
    if (state.solo.size) state = {...state, solo: new Set()};
    else if (speaker) state = {...state, solo: new Set([speaker])};
    follow();
  },
  '/': () => element('#find-words').focus(),
};
document.addEventListener('keydown', (event) => {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target?.closest('input:not([type=range]), textarea, select')) return;
  if (event.key === ' ' && target?.closest('button, a')) return; // the space bar presses what has the focus
  const act = keys[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const button of document.querySelectorAll('.language')) {
  button.addEventListener('click', () => setLanguage(/** @type {HTMLElement} */ (button).lang));
}
onLanguage((language) => {
  state = {...state, words: new Words()};
  for (const text of document.querySelectorAll('[data-word]')) {
    text.textContent = state.words.t(/** @type {HTMLElement} */ (text).dataset.word ?? '');
  }
  for (const button of document.querySelectorAll('.language')) {
    button.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (button).lang === language));
  }
  show();
});

again();
setInterval(follow, FOLLOW_MS);
setInterval(show, SHOW_MS);
