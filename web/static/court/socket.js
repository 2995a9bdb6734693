/**
 * The line to the court: hello, command and signal up; welcome, entry and signal down.
 * Rule: it carries and resumes, it decides nothing. A wish keeps its `op_id` when it is sent again, so that the court
 * hears it once.
 */
import {io} from 'socket.io-client';

/** No sign of life for this long means that the line is dead, long before TCP would say so. */
export const SILENCE_MS = 4000;
const LOOK_MS = 1000;
const ANSWER_MS = 10000;
/** Asked whether it is alive, a line answers in this time, whatever its round trip. */
const PROOF_MS = 900;
/** An attempt to connect, and every fourth one for a line that is very slow: what was tried in vain hides the return. */
const ATTEMPT_MS = 2500, LONG_ATTEMPT_MS = 8000;
/** A wish waits this long for a line that is opened again: later the person has begun to do something else. */
const RETURN_MS = 8000;

/** The house is closing or moving: the same address will answer in a moment. */
export const PASSING = ['court-is-closing', 'hearing-elsewhere'];

/** @typedef {{number: number} | {refused: string} | {malformed: string} | {lost: true}} Answer */

export class CourtSocket extends EventTarget {
  /** @type {number | undefined} */
  #seq;
  /** How long nothing was heard, in looks of this page: time in which it stood still itself says nothing of the line. */
  #silentMs = 0;
  #moved = false;
  #open = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watchdog;

  /**
   * @param {string} hearing
   * @param {{url?: string, connect?: typeof io}} [options]
   */
  constructor(hearing, options = {}) {
    super();
    this.hearing = hearing;
    this.socket = (options.connect ?? io)(`${options.url ?? ''}/hearing`, {
      path: '/socket.io', transports: ['websocket'], autoConnect: false,
      reconnectionDelay: 250, reconnectionDelayMax: 1000, timeout: 5000,
    });
    this.socket.io.on?.('reconnect_attempt', (/** @type {number} */ tries) => {
      this.socket.io.timeout(tries % 4 ? ATTEMPT_MS : LONG_ATTEMPT_MS);
    });
    this.socket.on('connect', () => this.#greet());
    this.socket.on('disconnect', (/** @type {string} */ reason) => this.#gone(reason));
    this.socket.on('connect_error', (/** @type {Error} */ error) => this.#refused(error));
    this.socket.on('welcome', (/** @type {{seq: number}} */ body) => this.#deliver('welcome', body));
    this.socket.on('entry', (/** @type {{seq: number}} */ body) => this.#deliver('entry', body));
    this.socket.on('signal', (/** @type {{type: string}} */ body) => this.#signal(body));
  }

  open() {
    this.#moved = false;
    this.#say('state', {connection: 'connecting'});
    this.socket.connect();
    clearInterval(this.#watchdog);
    this.#watchdog = setInterval(() => this.#watch(), LOOK_MS);
  }

  close() {
    clearInterval(this.#watchdog);
    this.#watchdog = undefined;
    this.socket.disconnect();
  }

  get isOpen() {
    return this.#open && this.socket.connected;
  }

  /**
   * There is doubt whether the line is alive: ask with a signal that changes nothing. One that does not answer at once
   * is opened anew.
   * @param {{type: string, [name: string]: unknown}} body
   * @returns {Promise<boolean>}
   */
  async answers(body) {
    const {engine} = this.socket.io;
    if (!this.socket.connected) return false;
    try {
      await this.socket.timeout(PROOF_MS).emitWithAck('signal', body);
      return true;
    } catch {
      if (this.socket.connected && engine === this.socket.io.engine) engine.close();
      return false;
    }
  }

  /** Something was heard of the court another way: do not wait for the next attempt. */
  hurry() {
    if (this.socket.connected || this.#moved || this.#watchdog === undefined) return;
    this.socket.disconnect();
    this.socket.connect();
  }

  /**
   * Ask something of the court.
   * @param {string} name
   * @param {Record<string, unknown>} args
   * @param {string} [opId]
   * @returns {Promise<Answer>}
   */
  async command(name, args, opId = crypto.randomUUID()) {
    if (!this.socket.connected) return {lost: true};
    const wish = {op_id: opId, name, args};
    try {
      return await this.#ask(wish);
    } catch {
      // Only the answer is lost, or the wish as well: the court knows which, and does nothing twice.
      return await this.#welcomed() ? this.#ask(wish).catch(() => ({lost: true})) : {lost: true};
    }
  }

  /**
   * @param {{op_id: string, name: string, args: Record<string, unknown>}} wish
   * @returns {Promise<Answer>}
   */
  #ask(wish) {
    return this.socket.timeout(ANSWER_MS).emitWithAck('command', wish);
  }

  /** @returns {Promise<boolean>} the line is open, or was opened again in time */
  #welcomed() {
    if (this.isOpen) return Promise.resolve(true);
    return new Promise((resolve) => {
      const tooLate = setTimeout(() => resolve(false), RETURN_MS);
      this.addEventListener('welcome', () => { clearTimeout(tooLate); resolve(true); }, {once: true});
    });
  }

  /** @param {{type: string, [name: string]: unknown}} body */
  signal(body) {
    if (this.socket.connected) this.socket.emit('signal', body);
  }

  #greet() {
    this.#alive();
    this.socket.io.engine?.on('packet', () => this.#alive());
    this.socket.emit('hello', {hearing: this.hearing, ...(this.#seq === undefined ? {} : {after: this.#seq})});
  }

  #alive() {
    this.#silentMs = 0;
  }

  /**
   * @param {string} type
   * @param {{seq: number}} body
   */
  #deliver(type, body) {
    this.#alive();
    this.#seq = body.seq;
    this.#open = true;
    this.#say('state', {connection: 'open'});
    this.#say(type, body);
  }

  /** @param {{type: string}} body */
  #signal(body) {
    this.#alive();
    if (body.type === 'moved') {
      this.#moved = true;
      this.close();
      this.#say('state', {connection: 'moved'});
    } else this.#say('signal', body);
  }

  /** @param {string} reason */
  #gone(reason) {
    this.#open = false;
    if (this.#moved || reason === 'io client disconnect') return;
    this.#say('state', {connection: 'reconnecting'});
    // The server closed this line on purpose: Socket.IO does not come back by itself after that.
    if (reason === 'io server disconnect') setTimeout(() => !this.#moved && this.socket.connect(), 1000);
  }

  /** @param {Error} error */
  #refused(error) {
    // The door answers with a refusal code; anything else is a line that failed.
    const code = /^[a-z]+(-[a-z]+)+$/.test(error.message) ? error.message : '';
    if (code && !PASSING.includes(code)) {
      this.close();
      this.#say('state', {connection: 'refused', code});
    } else {
      this.#say('state', {connection: 'reconnecting'});
      if (!this.socket.active) setTimeout(() => !this.#moved && this.socket.connect(), 1500);
    }
  }

  #watch() {
    const engine = /** @type {{_pingInterval?: number, pingInterval?: number, close(): void} | undefined} */ (
      /** @type {unknown} */ (this.socket.io.engine)
    );
    if (!this.socket.connected || !engine) return;
    // A server that pings rarely is not dead when it is silent: allow its own rhythm.
    const rhythm = engine._pingInterval ?? engine.pingInterval ?? 0;
    this.#silentMs += LOOK_MS;
    if (this.#silentMs > Math.max(SILENCE_MS, rhythm * 1.6)) engine.close();
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
