/**
 * Whether anything still arrives at the sending connection, seconds before ICE would say that it is lost.
 * The court reports to every sender at least once a second, so there silence is news; where a page only listens, it may
 * just be quiet. What to do about it is not decided here.
 */

/** How often it is looked. */
const LOOK_MS = 500;
/** This long nothing means that the way is dead, or has moved. */
const SILENT_MS = 1500;

export class Pulse {
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  #bytes = -1;
  /** In looks: time in which the page itself stood still says nothing of the line. */
  #silentMs = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking;

  /** @param {(silent: boolean) => void} tell it fell silent, or was heard again */
  constructor(tell) {
    this.tell = tell;
  }

  start() {
    clearInterval(this.#looking);
    this.#looking = setInterval(() => this.look(), LOOK_MS);
  }

  stop() {
    clearInterval(this.#looking);
  }

  /** @param {RTCPeerConnection | null} connection */
  watch(connection) {
    this.#connection = connection;
    this.#bytes = -1;
    this.#silentMs = 0;
  }

  get silent() {
    return this.#silentMs >= SILENT_MS;
  }

  async look() {
    const connection = this.#connection;
    const bytes = connection ? await received(connection) : -1;
    if (bytes < 0 || connection !== this.#connection) return;
    const was = this.silent;
    this.#silentMs = bytes === this.#bytes ? this.#silentMs + LOOK_MS : 0;
    this.#bytes = bytes;
    if (this.silent !== was) this.tell(!was);
  }
}

/**
 * Bytes that have arrived; -1: nothing can have arrived yet, or this browser does not tell.
 * @param {RTCPeerConnection} connection
 */
async function received(connection) {
  const sender = connection.getSenders().find(({track}) => track);
  if (!sender || ['new', 'connecting', 'closed'].includes(connection.connectionState)) return -1;
  for (const row of (await sender.getStats()).values()) if (row.type === 'transport') return row.bytesReceived ?? -1;
  return -1;
}
