/**
 * The base of every element of the courtroom: light DOM, one property, one template.
 * Rule: an element holds no truth. `state` comes down as one value; wishes go up as DOM events.
 */
import {render} from 'lit-html';

/** @typedef {import('./types.js').State} State */

export class CourtElement extends HTMLElement {
  /** @type {State | null} */
  #state = null;
  /** @type {Set<keyof State>} What was read of the state since it was drawn: when only the rest changes it stays as it is. */
  #read = new Set();

  get state() {
    return this.#state;
  }

  /** What an element hands on to one inside it, that one reads for both. */
  set state(state) {
    const before = this.#state;
    this.#state = state && new Proxy(state, {
      get: (whole, part) => {
        this.#read.add(/** @type {keyof State} */ (part));
        return Reflect.get(whole, part);
      },
    });
    if (!state || !before || [...this.#read].some((part) => state[part] !== before[part])) this.update();
  }

  connectedCallback() {
    this.update();
  }

  update() {
    if (!this.#state || !this.isConnected) return;
    this.#read.clear();
    this.draw(this.#state);
  }

  /** @param {State} state */
  draw(state) {
    render(this.template(state), this);
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
