/**
 * The part of the device check that says in words which ways the network leaves open, and what to do about the others.
 * It tells `ways` with whether a hearing could be held over this network (null while it is not known).
 */
import { onLanguage, t } from 'i18n';
import { meaning, tryWays } from './ways.js';

/** @typedef {import('./ways.js').Way} Way */
/** @typedef {import('./ways.js').Result} Result */
/** @typedef {import('./ways.js').Place} Place */

const PILLS = { busy: 'pill-info', open: 'pill-ok', blocked: 'pill-warn', broken: 'pill-bad' };
const NOTICES = { direct: 'notice-ok', relayed: 'notice-ok', broken: 'notice-bad', none: 'notice-bad', failed: 'notice-warn' };

/** @type {Way[]} */
let ways = [];
/** @type {Result[]} */
let results = [];
/** @type {'idle' | 'busy' | 'done' | 'failed'} */
let state = 'idle';

/** @param {string} name @param {string} text @param {string} [kind] */
function element(name, text, kind = '') {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = kind;
  return made;
}

/** As an administrator reads it, each once. @param {Place[]} places */
const listed = (places) => [...new Set(places.map((one) => t('ways.place', { ...one })))].join('; ');

/** What a person can do, and what an administrator can; nothing when all is well. */
function advice() {
  const found = meaning(results);
  if (found === 'direct') return [];
  const direct = results.find((one) => one.way === 'direct');
  const doors = direct?.places.length ? [t('ways.do.direct', { places: listed(direct.places) })] : [];
  if (found === 'relayed') return doors;
  if (found === 'broken') return [t('ways.do.court'), ...doors];
  const relays = results.filter((one) => one.way === 'tcp' || one.way === 'tls').flatMap((one) => one.places);
  return [
    t('ways.do.mobile'), ...doors,
    ...(relays.length ? [t('ways.do.relay', { places: listed(relays) })] : []), t('ways.do.call'),
  ];
}

function draw() {
  const section = document.getElementById('ways');
  if (!section) return;
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (section.querySelector(`[data-ways=${name}]`));
  part('list').replaceChildren(...ways.map((way) => {
    const result = results.find((one) => one.way === way);
    const outcome = result?.outcome ?? 'busy';
    const line = document.createElement('li');
    const words = document.createElement('div');
    const detail = outcome === 'open' ? t('ways.open', { ms: result?.ms ?? 0 }) : t(`ways.${outcome}`);
    words.append(element('p', t(`ways.way.${way}`), 'result-name'), element('p', detail, 'quiet dense'));
    line.append(words, element('span', t(`ways.state.${outcome}`), `pill ${PILLS[outcome]}`));
    return line;
  }));
  part('list').hidden = !ways.length;
  const told = part('told');
  const found = state === 'failed' ? 'failed' : state === 'done' ? meaning(results) : null;
  told.className = `notice ${found ? NOTICES[found] : ''}`;
  const words = told.querySelector('span');
  if (words) words.textContent = found ? t(`ways.told.${found}`) : t(state === 'busy' ? 'ways.busy' : 'ways.hint');
  const steps = state === 'done' ? advice() : [];
  part('steps').replaceChildren(...steps.map((step) => element('li', step)));
  part('what').hidden = !steps.length;
  const button = /** @type {HTMLButtonElement} */ (part('go'));
  button.setAttribute('aria-busy', String(state === 'busy'));
  const label = button.querySelector('span');
  if (label) label.textContent = t(state === 'idle' ? 'ways.go' : 'ways.again');
  const open = found === 'direct' || found === 'relayed' ? true : found === 'none' || found === 'broken' ? false : null;
  section.dispatchEvent(new CustomEvent('ways', { detail: open }));
}

/** Try every way once; a second press meanwhile does nothing. */
export async function check() {
  if (state === 'busy' || !document.querySelector('#ways [data-ways=go]')) return;
  [state, ways, results] = ['busy', [], []];
  draw();
  try {
    results = await tryWays((begun) => { ways = begun; draw(); }, (result) => { results.push(result); draw(); });
    state = 'done';
  } catch {
    [state, ways, results] = ['failed', [], []];
  }
  draw();
}

/** Make the section work; it begins by itself when the address asks for it (`#ways`). */
export function begin() {
  const button = document.querySelector('#ways [data-ways=go]');
  if (!button) return;
  button.addEventListener('click', check);
  onLanguage(draw);
  draw();
  if (location.hash === '#ways') check();
}
