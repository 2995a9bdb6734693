/**
 * The base of every element of the courtroom: light DOM, one property, one template.
 * Rule: an element holds no truth. `state` comes down as one value; wishes go up as DOM events.
 */
import {render} from 'lit-html';

/** @typedef {import('./types.js').State} State */

export class CourtElement extends HTMLElement {
  /** Does it show how time passes? What does not is not drawn each second. */
  timed = false;

  /** @type {State | null} */
  #state = null;

  get state() {
    return this.#state;
  }

  set state(state) {
    const before = this.#state;
    if (state === before) return;
    this.#state = state;
    if (!state || !before || this.shows(state).some((part) => state[part] !== before[part])) this.update();
  }

  /**
   * The parts of the state that it shows: when only others change it is not drawn.
   * @param {State} state
   * @returns {(keyof State)[]}
   */
  shows(state) {
    const parts = /** @type {(keyof State)[]} */ (Object.keys(state));
    return this.timed ? parts : parts.filter((part) => part !== 'now');
  }

  connectedCallback() {
    this.update();
  }

  update() {
    if (this.#state && this.isConnected) render(this.template(this.#state), this);
  }

  /**
   * What to show for this state.
   * @param {State} _state
   * @returns {unknown}
   */
  template(_state) {
    throw new Error(`${this.localName} has no template`);
  }

  /**
   * A wish: the court decides whether it comes true.
   * @param {string} command
   * @param {Record<string, unknown>} [args]
   */
  wish(command, args = {}) {
    this.send('wish', {command, args});
  }

  /**
   * A wish that needs a question first (a reason, a time, a confirmation).
   * @param {string} dialog
   * @param {Record<string, unknown>} [args]
   */
  ask(dialog, args = {}) {
    this.send('ask', {dialog, args});
  }

  /**
   * @param {string} type
   * @param {unknown} [detail]
   */
  send(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail, bubbles: true}));
  }
}
