/**
 * The one value the page shows. Rule: it holds the view as the court gave it and never works it out itself.
 */

/** @typedef {import('./types.js').State} State */

export class Store {
  /** @type {Set<(state: State) => void>} */
  #followers = new Set();
  /** @type {State} */
  #state;
  #told = true;

  /** @param {State} state */
  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /**
   * Replace some fields; followers are told once, after everything that belongs together has been set.
   * @param {Partial<State>} fields
   */
  set(fields) {
    this.#state = {...this.#state, ...fields};
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const follower of this.#followers) follower(this.#state);
    });
  }

  /** @param {(state: State) => void} follower */
  subscribe(follower) {
    this.#followers.add(follower);
    follower(this.#state);
    return () => this.#followers.delete(follower);
  }
}
