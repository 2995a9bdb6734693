/**
 * The one clock of the player: milliseconds of the hearing. Every sound and picture follows it, it follows none.
 * Rule: it stands still while a sound that should be heard has not arrived yet, and never for longer than a moment.
 */

export class MasterClock {
  #at = 0;
  #since = 0;
  #running = false;
  #held = false;
  #rate = 1;

  /**
   * @param {number} length ms
   * @param {() => number} [now] monotonic ms
   */
  constructor(length, now = () => performance.now()) {
    this.length = length;
    this.clock = now;
  }

  /** Hearing ms now. */
  get ms() {
    const moving = this.#running && !this.#held;
    return Math.min(this.length, this.#at + (moving ? (this.clock() - this.#since) * this.#rate : 0));
  }

  get playing() {
    return this.#running;
  }

  get held() {
    return this.#held;
  }

  get rate() {
    return this.#rate;
  }

  set rate(rate) {
    this.#anchor(this.ms);
    this.#rate = rate;
  }

  play() {
    if (this.ms >= this.length) this.seek(0);
    this.#anchor(this.ms);
    this.#running = true;
  }

  pause() {
    this.#anchor(this.ms);
    this.#running = false;
  }

  /** @param {number} ms */
  seek(ms) {
    this.#anchor(Math.max(0, Math.min(this.length, ms)));
  }

  /** @param {boolean} held */
  hold(held) {
    if (held === this.#held) return;
    this.#anchor(this.ms);
    this.#held = held;
  }

  /** @param {number} ms */
  #anchor(ms) {
    this.#at = ms;
    this.#since = this.clock();
  }
}
