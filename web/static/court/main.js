/**
 * The live page: reads what the server wrote into it, joins socket, store, media and elements.
 * Rule: only this file knows the socket. State goes down to the elements, their wishes come up and go to the court.
 */
import {onLanguage, ready} from 'i18n';
import {listen} from './keys.js';
import {CourtMedia} from './media.js';
import {desk, scene} from './scene.js';
import {CourtSocket, PASSING} from './socket.js';
import {Store} from './store.js';
import {forgetFrames, mark} from './times.js';
import {Words} from './words.js';
import './elements/all.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').View} View */

const page = JSON.parse(document.getElementById('page')?.textContent ?? '{}');
page.timezone ??= document.documentElement.dataset.zone ?? 'Asia/Ho_Chi_Minh';
page.links ??= {};

/** @type {Map<string, Element>} The page's elements stay what they are; twenty are asked for with each view. */
const found = new Map();
/** @template {HTMLElement} T @param {string} name @returns {T} */
function element(name) {
  const one = found.get(name) ?? /** @type {Element} */ (document.querySelector(name));
  if (one) found.set(name, one);
  return /** @type {T} */ (/** @type {unknown} */ (one));
}

await ready;

/**
 * A witness is not told what the case is called: to them it is the hearing, in the language they read.
 * @param {Words} words
 */
function called(words) {
  return {...page, number: page.number || words.t('hearing.word')};
}

const store = new Store(/** @type {State} */ (/** @type {unknown} */ ({
  view: null, people: {}, clock: null, now: Date.now(), connection: 'connecting', lostAt: null,
  media: {
    devices: 'unasked', publishing: 'off', quality: null, microphone: false, camera: false, cameraOn: true,
    soundBlocked: false, sharing: false, limited: null, blocked: false, badSince: 0, failing: false,
  },
  log: [], drafts: [], pending: new Set(), page: called(new Words()), words: new Words(), panel: 'log', captions: [], captionsOn: true,
  lines: null, linesAt: 0, noCapacity: false,
})));
const socket = new CourtSocket(page.hearing);
const media = new CourtMedia((body) => socket.signal(body), () => socket.isOpen);
const NO_CAPACITY = 'no-capacity-for-person';
/** Scenes in which this page opens no camera and no microphone. */
const SILENT = ['over', 'deliberation'];
/** A wish that was granted is on its way until the view comes that shows it, at most so long. */
const SHOWS_MS = 1000;
let skew = 0;
/** @type {Set<string>} wishes that were granted and are not shown yet */
let granted = new Set();
/** @type {Map<string, string>} note -> op_id, so that a note sent twice is written once */
const operations = new Map();

// ---- the court's answers come down

socket.addEventListener('welcome', (event) => {
  const {view, people, clock, media: given} = /** @type {CustomEvent} */ (event).detail;
  const first = store.state.view === null;
  learnTime(clock?.utc);
  media.iceServers = given?.iceServers ?? [];
  show({view, people, clock: clock && clock.hearing_ms !== null ? clock : null});
  if (first) {
    mark('welcome');
    if (!SILENT.includes(scene(view))) media.open();
  }
});

socket.addEventListener('entry', (event) => {
  const {entry, view} = /** @type {CustomEvent} */ (event).detail;
  /** @type {Partial<State>} */
  const fields = {};
  if (entry) {
    learnTime(entry.at);
    fields.log = [...store.state.log, entry].slice(-500);
    if (entry.kind === 'SittingEnded') fields.clock = null;
    else if (Number.isFinite(entry.t_ms)) fields.clock = {hearing_ms: entry.t_ms, utc: entry.at};
  }
  if (view) show({...fields, view});
  else store.set(fields); // a newer view follows at once
});

socket.addEventListener('signal', (event) => {
  const body = /** @type {CustomEvent} */ (event).detail;
  if (body.type === 'levels') hear(body.levels);
  else if (body.type === 'lines') store.set({lines: body.lines, linesAt: Date.now()});
  else if (body.type === 'refused') refused(body.code);
  else if (body.type === 'caption') store.set({captions: [...store.state.captions, body].slice(-6)});
  else {
    if (store.state.noCapacity) store.set({noCapacity: false}); // the court has begun to connect this page
    media.receive(body);
  }
});

socket.addEventListener('state', (event) => {
  const {connection} = /** @type {CustomEvent} */ (event).detail;
  const was = store.state.connection;
  if (connection === was) return;
  const lost = connection === 'reconnecting';
  store.set({connection, lostAt: lost ? store.state.lostAt ?? Date.now() + skew : null});
  if (connection === 'moved') media.close();
  if (connection === 'open' && was === 'reconnecting' && store.state.view) {
    media.resume(true);
    resend();
  }
});

/** The court said no to a signal: before the first view, that means no to this page.
 * @param {string} code */
function refused(code) {
  const {words, view} = store.state;
  if (PASSING.includes(code)) return;
  if (code === NO_CAPACITY) {
    store.set({noCapacity: true}); // said as long as it is so; the court lets the page in by itself
    return;
  }
  if (view) element('court-notices').show(words.refusal(code));
  else {
    store.set({connection: 'refused'});
    socket.close();
  }
}

/** @param {string | undefined} utc */
function learnTime(utc) {
  if (!utc) return;
  const ahead = Date.parse(utc) - Date.now();
  // An entry was written a moment before it arrived: only the smallest delay tells the truth.
  if (!skew || ahead > skew || Math.abs(ahead - skew) > 5000) skew = ahead;
}

/** @param {Partial<State>} fields */
function show(fields) {
  const before = store.state.view;
  const view = /** @type {View} */ (fields.view);
  done(granted);
  store.set({...fields, now: Date.now() + skew, drafts: store.state.drafts.filter((draft) => !view.notes?.some((note) => note.id === draft.note))});
  if (!before || scene(before) !== scene(view)) {
    if (scene(view) === 'courtroom') {
      mark('entered');
      forgetFrames();
    }
    if (SILENT.includes(scene(view))) media.close();
    else if (before && SILENT.includes(scene(before))) media.open();
  }
  // What the court muted stays mute in the courtroom; in the confidential channel counsel and client hear each other.
  media.microphoneOn = view.you.place === 'courtroom' ? view.you.microphone === 'open' : view.you.microphone !== 'self_muted';
}

/** @param {Record<string, number>} levels */
function hear(levels) {
  element('court-stage').hear(levels);
  element('recorder-panel').hear(levels);
}

// ---- the devices

/**
 * The line is measured every two seconds and is mostly what it was: then nothing is drawn.
 * @param {State['media']} media
 */
function know(media) {
  const before = store.state.media;
  const changed = (/** @type {keyof State['media']} */ name) => media[name] !== before[name];
  if (/** @type {(keyof State['media'])[]} */ (Object.keys(media)).some(changed)) store.set({media});
}

media.addEventListener('state', (event) => {
  const media = {...store.state.media, .../** @type {CustomEvent} */ (event).detail};
  media.badSince = media.quality === 'bad' ? media.badSince || Date.now() + skew : 0;
  media.failing = media.publishing === 'failed' || (media.publishing === 'connecting' && media.failing);
  know(media);
});
media.addEventListener('own', (event) => {
  const stream = /** @type {CustomEvent} */ (event).detail;
  element('court-stage').own = stream;
  element('waiting-room').own = stream;
});
media.addEventListener('arrived', (event) => {
  const {source, kind, stream} = /** @type {CustomEvent} */ (event).detail;
  if (kind === 'video') element('court-stage').attach(source, stream);
});
media.addEventListener('left', (event) => element('court-stage').attach(/** @type {CustomEvent} */ (event).detail.source, null));
media.addEventListener('weak', (event) => {
  element('court-stage').weak = /** @type {CustomEvent} */ (event).detail;
});
media.addEventListener('flow', (event) => {
  const {sources, limited} = /** @type {CustomEvent} */ (event).detail;
  element('court-stage').flow = {sources, limited};
  const off = limited.some((/** @type {string} */ one) => sources[one] === 'off');
  know({...store.state.media, limited: off ? 'off' : limited.length ? 'small' : null});
});
// A way that fell silent is asked for elsewhere: over the line, or over a new line if that does not answer either.
media.addEventListener('doubt', async () => {
  if (await socket.answers(media.report)) await media.resume(false);
});
media.addEventListener('heard', () => socket.hurry());
media.addEventListener('level', (event) => {
  const level = /** @type {CustomEvent} */ (event).detail;
  element('waiting-room').hear(level);
  if (level > 0.25) element('court-stage').hear({'#own': -20});
});

// ---- wishes go up

/**
 * @param {string} command
 * @param {Record<string, unknown>} args
 * @param {boolean} [quiet]
 */
async function wish(command, args, quiet = false) {
  const target = String(args.seat ?? args.item ?? args.phase ?? (args.seats ? /** @type {string[]} */ (args.seats).join() : '')
    ?? '') || (command === 'RaiseHand' && args.reason === 'cannot_hear' ? 'cannot_hear' : '');
  const key = `${command}:${target}`;
  if (store.state.pending.has(key)) return;
  store.set({pending: new Set([...store.state.pending, key])});
  if (command === 'StartSitting') args = {sitting: crypto.randomUUID(), ...args};
  const answer = await socket.command(command, args);
  if ('number' in answer) {
    granted.add(key);
    setTimeout(() => granted.has(key) && done(new Set([key])), SHOWS_MS);
    return;
  }
  done(new Set([key]));
  if (quiet) return;
  if ('refused' in answer && answer.refused === 'already-ticked') return; // what was wanted is so
  const {t} = store.state.words;
  const notices = element('court-notices');
  if ('refused' in answer) notices.show(store.state.words.refusal(answer.refused));
  else if ('lost' in answer) notices.show(t('court.not_sent'));
  else notices.show(t('court.internal'));
}

/** These wishes are no longer on their way.
 * @param {Set<string>} wishes */
function done(wishes) {
  if (!wishes.size) return;
  granted = new Set([...granted].filter((one) => !wishes.has(one)));
  store.set({pending: new Set([...store.state.pending].filter((one) => !wishes.has(one)))});
}

/** @param {{text: string, about: string | null, said_at_ms: number | null}} written */
async function note({text, about, said_at_ms}) {
  const id = crypto.randomUUID();
  operations.set(id, crypto.randomUUID());
  store.set({drafts: [...store.state.drafts, {note: id, text, about, said_at_ms, state: 'sending'}]});
  await sendNote(id);
}

/** @param {string} id */
async function sendNote(id) {
  const draft = store.state.drafts.find((one) => one.note === id);
  if (!draft) return;
  const args = {note: id, text: draft.text, about: draft.about, said_at_ms: draft.said_at_ms};
  const answer = await socket.command('LogNote', args, operations.get(id));
  const update = (/** @type {'sent' | 'unsent'} */ state) => store.set({
    drafts: store.state.drafts.map((one) => (one.note === id ? {...one, state} : one)),
  });
  if ('number' in answer) operations.delete(id);
  update('number' in answer ? 'sent' : 'unsent');
  if ('refused' in answer) element('court-notices').show(store.state.words.refusal(answer.refused));
}

function resend() {
  for (const draft of store.state.drafts) if (operations.has(draft.note)) sendNote(draft.note);
}

/** @type {Record<string, (detail: any) => void>} */
const wishes = {
  wish: ({command, args}) => wish(command, args),
  ask: ({dialog, args}) => element('court-dialog').show(dialog, args),
  note,
  microphone() {
    const {seat, microphone} = store.state.view.you;
    if (microphone === 'open') media.microphoneOn = false; // silence at once; the court's answer follows
    wish(microphone === 'open' ? 'Mute' : 'Unmute', {seat});
  },
  shown: (sizes) => media.view(sizes),
  camera: () => media.setCamera(!media.cameraOn),
  share: () => media.share().catch((error) => {
    if (error.name !== 'NotAllowedError') element('court-notices').show(store.state.words.t('court.share.failed'));
  }),
  captions: () => store.set({captionsOn: !store.state.captionsOn}),
  panel: (panel) => store.set({panel}),
  devices: () => media.open(),
  sound: () => media.unlock(),
  reconnect: () => location.reload(),
};
for (const [type, act] of Object.entries(wishes)) {
  document.addEventListener(type, (event) => act(/** @type {CustomEvent} */ (event).detail));
}

// ---- what is shown

const everywhere = ['standing-notes', 'court-notices', 'court-dialog', 'live-announcer'];
const shownIn = {
  waiting: ['waiting-room'],
  courtroom: [
    'court-header', 'phase-stepper', 'alarm-bar', 'guide-strip', 'desk-tabs', 'court-stage', 'captions-line', 'recorder-panel',
    'line-panel', 'court-log', 'incident-panel', 'floor-bar', 'hands-list', 'must-happen', 'roll-call', 'help-list', 'controls-bar',
  ],
  deliberation: ['court-header', 'deliberation-room', 'alarm-bar'],
  over: ['over-page'],
};
const DIM = ['courtroom', 'deliberation'];
const root = document.documentElement;

/**
 * What is said again is worked out again: the whole page is styled anew.
 * @param {HTMLElement} on
 * @param {string} name
 * @param {string} value
 */
function say(on, name, value) {
  if (on.getAttribute(name) !== value) on.setAttribute(name, value);
}

store.subscribe((state) => {
  if (!state.view) {
    element('.live-loading').textContent = state.words.t(state.connection === 'refused' ? 'court.door' : 'court.connecting');
    return;
  }
  const now = scene(state.view);
  const {body} = document;
  const title = `${state.page.number} · ${state.words.t(`court.scene.${now}`)}`;
  if (document.title !== title) document.title = title;
  const heading = [state.page.number, state.page.title].filter(Boolean).join(' · ');
  if (element('.live-heading').textContent !== heading) element('.live-heading').textContent = heading;
  say(root, 'data-theme', DIM.includes(now) ? 'dim' : 'light');
  say(body, 'data-scene', now);
  say(body, 'data-desk', desk(state.view));
  say(body, 'data-panel', state.panel);
  say(body, 'data-held', String(Boolean(state.view.interruption)));
  say(body, 'data-alarm', String(state.connection === 'reconnecting' || state.media.failing || state.noCapacity));
  say(element('#side'), 'aria-label', state.words.t('court.side'));
  say(element('main'), 'aria-label', state.words.t(`court.scene.${now}`));
  for (const name of new Set([...Object.values(shownIn).flat()])) {
    const one = element(name);
    if (one.hidden === shownIn[now].includes(name)) one.hidden = !one.hidden;
    if (!one.hidden || name === 'court-stage') one.state = state;
  }
  for (const name of everywhere) element(name).state = state;
});

onLanguage(() => { const words = new Words(); store.set({words, page: called(words)}); });
setInterval(() => store.state.view && store.set({now: Date.now() + skew}), 1000);
listen({
  ask: (dialog) => element('court-dialog').show(dialog),
  log: () => (desk(store.state.view) === 'clerk' && scene(store.state.view) === 'courtroom' ? element('court-log') : null),
  enabled: () => Boolean(store.state.view) && scene(store.state.view) === 'courtroom',
});
window.addEventListener('pagehide', () => {
  media.close();
  socket.close();
});
socket.open();
