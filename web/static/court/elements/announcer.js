/**
 * What a screen reader says by itself: one polite region (phase, floor, guide) and one assertive region (own microphone,
 * own line, pause). Rule: levels, captions and other people's microphones are never announced.
 */
import {html, render} from 'lit-html';
import {guide} from '../guide.js';
import {heard, scene} from '../scene.js';
import {addressOf} from '../words.js';

/** @typedef {import('../types.js').State} State */

export class LiveAnnouncer extends HTMLElement {
  /** @type {State | null} */
  #before = null;

  connectedCallback() {
    if (!this.firstElementChild) {
      render(html`<p role="status" aria-live="polite" aria-atomic="true" class="visually-hidden"></p>
        <p aria-live="assertive" aria-atomic="true" class="visually-hidden"></p>`, this);
    }
  }

  /** @param {State} state */
  set state(state) {
    const before = this.#before;
    this.#before = state;
    if (!before) return;
    const urgent = assertive(before, state);
    if (urgent) this.say(urgent, true);
    const calm = polite(before, state);
    if (calm) this.say(calm);
  }

  /**
   * @param {string} text
   * @param {boolean} [now]
   */
  say(text, now = false) {
    const region = this.children[now ? 1 : 0];
    if (region) region.textContent = text;
  }
}

/**
 * @param {State} before
 * @param {State} state
 */
export function assertive(before, state) {
  const {t} = state.words;
  if (before.connection === 'open' && state.connection === 'reconnecting') return t('court.say.lost');
  if (before.connection === 'reconnecting' && state.connection === 'open') return t('court.say.back');
  if (!before.view.interruption && state.view.interruption) {
    return `${guide(state).lead} ${t('court.say.stay')}`;
  }
  const opened = !heard(before.view) && heard(state.view);
  const floor = state.view.floor;
  const called = floor && (floor.answering ?? floor.seat) === state.view.you.seat;
  if (opened && called) return t('court.say.your_turn', {you: addressOf(state)});
  return '';
}

/**
 * @param {State} before
 * @param {State} state
 */
export function polite(before, state) {
  const {view, words} = state;
  const {t} = words;
  const {lead, rest} = guide(state);
  if (scene(before.view) !== 'courtroom' && scene(view) === 'courtroom') {
    const number = view.phases.findIndex((phase) => phase.state === 'now') + 1;
    return t('court.say.entered', {
      you: addressOf(state), case: state.page.number, number, count: view.phases.length,
      phase: words.phase(view.phase, view.hearing.procedure),
    }) + ` ${lead} ${rest}`;
  }
  if (before.view.phase !== view.phase) {
    return `${t('court.say.phase', {phase: words.phase(view.phase, view.hearing.procedure)})} ${lead} ${rest}`;
  }
  if (!before.view.you.hand && view.you.hand) {
    return t('court.say.hand', {you: addressOf(state), number: view.hands.findIndex((hand) => hand.seat === view.you.seat) + 1});
  }
  const was = guide(before);
  return was.lead !== lead && words === before.words ? `${lead} ${rest}` : '';
}

customElements.define('live-announcer', LiveAnnouncer);
