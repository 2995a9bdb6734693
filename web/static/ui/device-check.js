/**
 * The device check: picture, microphone, speaker and line, with one clear sentence for everything that can go wrong.
 * Nothing is sent to anybody but the bytes that measure the line.
 */

import { onLanguage, ready, t } from 'i18n';
import { listen, ring } from './sound.js';
import { measure } from './network.js';
import { begin, check } from './ways-section.js';

/** @template {HTMLElement} T @param {string} id @returns {T} */
const at = (id) => /** @type {T} */ (document.getElementById(id));

const STATES = { open: '', busy: 'pill-info', good: 'pill-ok', fair: 'pill-warn', bad: 'pill-bad' };
const REASONS = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** @type {Record<string, {state: keyof STATES, key: string, values?: Record<string, unknown>}>} */
const results = {};
/** @type {{key: string, kind: string}} */
let told = { key: 'device.private', kind: '' };
/** @type {MediaStream | null} */
let stream = null;
/** @type {ReturnType<typeof listen> | null} */
let ear = null;
/** @type {Blob | null} */
let voice = null;
let heardVoice = false;
/** @type {boolean | null} whether sound and picture can reach the court; null when that was not tried */
let reached = null;

/** @param {string} name @param {keyof STATES} state @param {string} key @param {Record<string, unknown>} [values] */
function result(name, state, key, values) {
  results[name] = { state, key, values };
  const line = document.querySelector(`[data-result=${name}]`);
  const pill = line?.querySelector('[data-state]');
  if (!line || !pill) return;
  pill.className = `pill ${STATES[state]}`;
  pill.textContent = t(`device.state.${state}`);
  const detail = line.querySelector('[data-detail]');
  if (detail) detail.textContent = t(key, values);
  sum();
}

function sum() {
  const all = ['camera', 'microphone', 'speaker', 'network'].map((each) => results[each]?.state);
  const ready = all.every((each) => each === 'good' || each === 'fair') && reached !== false;
  at('done').hidden = !ready;
  at('onward').classList.toggle('button-primary', ready);
}

/** @param {string} key @param {string} kind */
function tell(key, kind) {
  told = { key, kind };
  const note = at('told');
  note.className = `notice ${kind ? `notice-${kind}` : ''}`;
  const words = note.querySelector('span');
  if (words) words.textContent = t(key);
}

/** @param {'camera' | 'microphone'} name @param {unknown} fault */
function failed(name, fault) {
  const reason = REASONS[/** @type {keyof REASONS} */ (/** @type {Error} */ (fault).name)] ?? 'busy';
  result(name, 'bad', `device.${name}.${reason}`);
  tell(`device.${name}.${reason}`, 'bad');
}

/** Ask for each device by itself: a denied camera must not hide a working microphone. */
async function open() {
  if (!navigator.mediaDevices?.getUserMedia) {
    result('camera', 'bad', 'device.insecure');
    result('microphone', 'bad', 'device.insecure');
    tell('device.insecure', 'bad');
    return;
  }
  close();
  const chosen = (/** @type {string} */ id) => {
    const value = /** @type {HTMLSelectElement} */ (at(id)).value;
    return value ? { deviceId: { exact: value } } : {};
  };
  tell('device.asking', '');
  stream = new MediaStream();
  await Promise.all([
    navigator.mediaDevices
      .getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 }, ...chosen('camera') } })
      .then((video) => show(video), (fault) => failed('camera', fault)),
    navigator.mediaDevices
      .getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, ...chosen('microphone') } })
      .then((audio) => hear(audio), (fault) => failed('microphone', fault)),
  ]);
  at('start-row').hidden = stream.getTracks().length > 0;
  if (stream.getTracks().length === 2) tell('device.both', 'ok');
  await offerChoices();
}

/** @param {MediaStream} video */
function show(video) {
  const [track] = video.getVideoTracks();
  stream?.addTrack(track);
  const picture = /** @type {HTMLVideoElement} */ (at('picture'));
  picture.srcObject = new MediaStream([track]);
  picture.hidden = false;
  at('picture-empty').hidden = true;
  const name = at('picture-name');
  name.hidden = !track.label;
  const label = name.querySelector('span');
  if (label) label.textContent = track.label;
  track.addEventListener('ended', () => result('camera', 'bad', 'device.camera.lost'));
  result('camera', 'busy', 'device.camera.looking');
  // A picture must really arrive: some cameras open and stay black for ever.
  const seen = () => {
    const { width, height } = track.getSettings();
    result('camera', 'good', 'device.camera.good', { width, height });
  };
  if ('requestVideoFrameCallback' in picture) picture.requestVideoFrameCallback(seen);
  else picture.addEventListener('loadeddata', seen, { once: true });
}

/** @param {MediaStream} audio */
function hear(audio) {
  const [track] = audio.getAudioTracks();
  stream?.addTrack(track);
  track.addEventListener('ended', () => result('microphone', 'bad', 'device.microphone.lost'));
  heardVoice = false;
  at('speak').hidden = false;
  result('microphone', 'busy', 'device.microphone.waiting');
  const since = performance.now();
  ear = listen(audio, (level) => {
    draw(level);
    if (level > 18 && !heardVoice) {
      heardVoice = true;
      result('microphone', 'good', 'device.microphone.good');
      said('sign-ok', 'device.level.heard');
    } else if (!heardVoice && performance.now() - since > 8000 && results.microphone.state === 'busy') {
      result('microphone', 'fair', 'device.microphone.silent');
      said('sign-warn', 'device.microphone.silent');
    }
  });
}

/** @param {number} level 0 to 100 */
function draw(level) {
  const meter = at('level');
  const bars = meter.children;
  const lit = Math.round((level / 100) * bars.length);
  for (let index = 0; index < bars.length; index += 1) bars[index].classList.toggle('lit', index < lit);
  meter.setAttribute('aria-valuenow', String(Math.round(level)));
}

let saidNow = { kind: '', key: 'device.level.waiting' };

/** @param {string} kind @param {string} key */
function said(kind, key) {
  saidNow = { kind, key };
  const line = at('level-text');
  line.className = `sign ${kind}`;
  const words = line.querySelector('span');
  if (words) words.textContent = t(key);
}

async function offerChoices() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const [id, kind] of [['camera', 'videoinput'], ['microphone', 'audioinput']]) {
    const select = /** @type {HTMLSelectElement} */ (at(id));
    const used = stream?.getTracks().find((track) => track.kind === (id === 'camera' ? 'video' : 'audio'));
    const own = devices.filter((device) => device.kind === kind && device.deviceId);
    select.replaceChildren(
      ...own.map((device, index) => {
        const name = device.label || `${t(`device.${id}`)} ${index + 1}`;
        return new Option(name, device.deviceId, false, device.deviceId === used?.getSettings().deviceId);
      }),
    );
  }
  at('choices').hidden = !devices.some((device) => device.label);
}

function close() {
  ear?.stop();
  ear = null;
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Four seconds of the own voice, played back: the one proof a person believes. Kept in this page only. */
async function record() {
  const audio = stream?.getAudioTracks() ?? [];
  if (!audio.length || typeof MediaRecorder === 'undefined') return;
  const button = /** @type {HTMLButtonElement} */ (at('record'));
  const recorder = new MediaRecorder(new MediaStream(audio));
  /** @type {Blob[]} */
  const pieces = [];
  recorder.addEventListener('dataavailable', (event) => pieces.push(event.data));
  recorder.addEventListener('stop', () => {
    voice = new Blob(pieces, { type: recorder.mimeType });
    button.removeAttribute('aria-busy');
    label(button, 'device.record');
    at('replay').hidden = false;
    at('replay').focus();
  });
  button.setAttribute('aria-busy', 'true');
  label(button, 'device.recording');
  recorder.start();
  setTimeout(() => recorder.state !== 'inactive' && recorder.stop(), 4000);
}

/** @param {HTMLElement} button @param {string} key */
function label(button, key) {
  const words = button.querySelector('span');
  if (words) words.textContent = t(key);
}

async function replay() {
  if (!voice) return;
  const address = URL.createObjectURL(voice);
  const player = new Audio(address);
  player.addEventListener('ended', () => URL.revokeObjectURL(address));
  await player.play();
}

async function network() {
  result('network', 'busy', 'device.network.measuring');
  try {
    const line = await measure();
    const key = `device.network.${line.verdict}`;
    result('network', line.verdict, key, { down: line.down.toFixed(1), up: line.up.toFixed(1), delay: line.delay });
  } catch {
    result('network', 'bad', 'device.network.failed');
  }
}

await ready;
at('start').addEventListener('click', async () => {
  at('speaker-row').hidden = false;
  at('network-row').hidden = false;
  await Promise.all([open(), network()]);
  await check(); // after the speed: the two would disturb each other
});
at('camera').addEventListener('change', open);
at('microphone').addEventListener('change', open);
at('record').addEventListener('click', () => {
  if (at('record').getAttribute('aria-busy') !== 'true') record();
});
at('replay').addEventListener('click', replay);
at('again').addEventListener('click', network);
at('ring').addEventListener('click', async () => {
  result('speaker', 'busy', 'device.speaker.ringing');
  await ring();
  at('heard').hidden = false;
  at('not-heard').hidden = false;
});
at('heard').addEventListener('click', () => result('speaker', 'good', 'device.speaker.good'));
at('not-heard').addEventListener('click', () => result('speaker', 'bad', 'device.speaker.bad'));
at('ways').addEventListener('ways', (event) => {
  reached = /** @type {CustomEvent} */ (event).detail;
  sum();
});
begin();
addEventListener('pagehide', close);
onLanguage(() => {
  for (const [name, { state, key, values }] of Object.entries(results)) result(name, state, key, values);
  tell(told.key, told.kind);
  said(saidNow.kind, saidNow.key);
});
