/**
 * One recorded track as a media element that follows the clock: bytes by range into Media Source Extensions.
 * Rule: block times of the files are hearing milliseconds, so the element's time is the hearing's time. Small drift is
 * taken out by the speed, large drift by a jump; a stretch that was not recorded is silence, never a guess.
 */
import {SEAM_MS, mime, segmentAt} from './index.js';

/** @typedef {import('./index.js').Track} Track */

const AHEAD_MS = 16000;
const BEHIND_MS = 30000;
/** One request fetches neighbouring segments up to this many bytes. */
const REQUEST_BYTES = 1_500_000;
export const NUDGE_S = 0.04;
export const JUMP_S = 0.3;
/** A jump takes time: on a busy machine the next one only after this long, or the element would never play. */
const JUMP_APART_MS = 1000;
/** What neither moves nor arrives for this long is started anew. */
const STUCK_MS = 1500;
/** How well a jump hit is judged this long after it. */
const LANDED_MS = 400;
const LEAD_S = 0.3;
/** After a failure the same bytes are asked for again, later each time. */
const RETRY_MS = 1000;
const RETRIES = 6;

/**
 * What an element that is off by `drift` seconds must do.
 * @param {number} drift its time minus the clock's time
 * @param {number} rate
 * @returns {{jump: boolean, rate: number}}
 */
export function correction(drift, rate) {
  if (Math.abs(drift) > JUMP_S * Math.max(1, rate)) return {jump: true, rate};
  if (Math.abs(drift) > NUDGE_S) return {jump: false, rate: rate * (1 - Math.sign(drift) * Math.min(0.12, Math.abs(drift) * 0.8))};
  return {jump: false, rate};
}

export class TrackPlayer {
  /** @type {SourceBuffer | null} */
  #buffer = null;
  #loaded = new Set();
  #busy = false;
  #headed = false;
  #broken = 0;
  #retryAt = 0;
  #url = '';
  /** Largest drift seen while playing undisturbed, for tests (s). */
  worst = 0;
  /** How often a jump was needed since the last seek. */
  jumps = 0;
  #calm = 0;
  #jumpedAt = 0;
  /** How long a jump has been seen to take (s): the next one aims that much ahead. */
  #lead = 0;
  #landing = false;
  #place = -1;
  #movedAt = 0;
  #stuck = 0;

  /**
   * @param {Track} track
   * @param {(url: string, init: RequestInit) => Promise<Response>} [get]
   */
  constructor(track, get = (url, init) => fetch(url, init)) {
    this.track = track;
    this.get = get;
    this.element = document.createElement(track.kind);
    this.element.preload = 'auto';
    if (this.element instanceof HTMLVideoElement) {
      this.element.muted = true;
      this.element.playsInline = true;
    }
    this.element.preservesPitch = true;
  }

  /** Can this browser play this track piece by piece? */
  get playable() {
    return 'MediaSource' in window && MediaSource.isTypeSupported(mime(this.track));
  }

  /** Newer figures of a track that still grows. @param {Track} track */
  renew(track) {
    this.track = track;
  }

  async #open() {
    const source = new MediaSource();
    this.#url = URL.createObjectURL(source);
    this.element.src = this.#url;
    await new Promise((resolve) => source.addEventListener('sourceopen', resolve, {once: true}));
    this.#buffer = source.addSourceBuffer(mime(this.track));
    const {offset, length} = this.track.header;
    await this.#append(await this.#bytes(offset, length));
    source.duration = 24 * 3600;
    this.#headed = true;
  }

  /**
   * @param {number} offset
   * @param {number} length
   */
  async #bytes(offset, length) {
    const answer = await this.get(this.track.url, {
      headers: {Range: `bytes=${offset}-${offset + length - 1}`}, credentials: 'same-origin',
    });
    if (!answer.ok) throw new Error(`track ${this.track.id}: ${answer.status}`);
    const bytes = await answer.arrayBuffer();
    return answer.status === 200 && bytes.byteLength > length ? bytes.slice(offset, offset + length) : bytes;
  }

  /** Everything anew: an element that has met an error takes no more bytes. */
  #begin() {
    URL.revokeObjectURL(this.#url);
    this.#headed = false;
    this.#buffer = null;
    this.#loaded.clear();
  }

  /** @param {ArrayBuffer} bytes */
  async #append(bytes) {
    const buffer = /** @type {SourceBuffer} */ (this.#buffer);
    const done = new Promise((resolve, reject) => {
      buffer.addEventListener('updateend', resolve, {once: true});
      buffer.addEventListener('error', () => reject(new Error(`track ${this.track.id}: bytes not understood`)), {once: true});
    });
    buffer.appendBuffer(bytes);
    await done;
  }

  /**
   * Is this moment in the element's hands?
   * @param {number} ms
   */
  ready(ms) {
    const {buffered} = this.element;
    for (let n = 0; n < buffered.length; n += 1) {
      if (buffered.start(n) - 0.02 <= ms / 1000 && ms / 1000 < buffered.end(n) - 0.005) return true;
    }
    return false;
  }

  /**
   * Something was recorded here and has not arrived yet.
   * @param {number} ms
   */
  waits(ms) {
    const index = segmentAt(this.track.segments, ms);
    const inside = index >= 0 && this.track.segments[index].t0_ms <= ms;
    return inside && this.#broken < 3 && !this.#loaded.has(index) && !this.ready(ms);
  }

  /** @param {number} ms */
  #wanted(ms) {
    const {segments, kind} = this.track;
    const first = segmentAt(segments, ms);
    if (first < 0) return [];
    // A picture begins at a key frame; the recorder asks for one every ten seconds, so three segments back are enough.
    let from = kind === 'video' && !this.ready(ms) ? Math.max(0, first - 3) : first;
    while (from < segments.length && this.#loaded.has(from) && segments[from].t0_ms <= ms + AHEAD_MS) from += 1;
    const wanted = [];
    let bytes = 0;
    for (let n = from; n < segments.length; n += 1) {
      const segment = segments[n];
      const last = segments[n - 1];
      const apart = wanted.length > 0 && last.offset + last.length !== segment.offset;
      if (this.#loaded.has(n) || segment.t0_ms > ms + AHEAD_MS || apart || bytes > REQUEST_BYTES) break;
      wanted.push(n);
      bytes += segment.length;
    }
    return wanted;
  }

  /**
   * Fetch what will be needed, forget what is long past.
   * @param {number} ms
   */
  async feed(ms) {
    if (this.#busy || this.#broken >= RETRIES || !this.track.segments.length || performance.now() < this.#retryAt) return;
    if (this.element.error) this.#begin();
    const wanted = this.#wanted(ms);
    if (this.#headed && !wanted.length) return;
    this.#busy = true;
    try {
      if (!this.#headed) await this.#open();
      if (wanted.length) {
        const {segments} = this.track;
        const [first, last] = [segments[wanted[0]], segments[/** @type {number} */ (wanted.at(-1))]];
        await this.#append(await this.#bytes(first.offset, last.offset + last.length - first.offset));
        for (const n of wanted) this.#loaded.add(n);
      }
      await this.#forget(ms);
      this.#broken = 0;
    } catch (error) {
      this.#broken += 1;
      this.#retryAt = performance.now() + RETRY_MS * 2 ** this.#broken;
      console.error('playback', error);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {number} ms */
  async #forget(ms) {
    const {buffered} = this.element;
    if (!buffered.length || buffered.start(0) * 1000 > ms - BEHIND_MS * 2) return;
    const end = (ms - BEHIND_MS) / 1000;
    const buffer = /** @type {SourceBuffer} */ (this.#buffer);
    await new Promise((resolve) => {
      buffer.addEventListener('updateend', resolve, {once: true});
      buffer.remove(0, end);
    });
    this.track.segments.forEach((segment, n) => {
      if (segment.t0_ms < end * 1000) this.#loaded.delete(n);
    });
  }

  /**
   * Be where the clock is.
   * @param {number} ms
   * @param {boolean} playing
   * @param {number} rate
   */
  follow(ms, playing, rate) {
    const {element} = this;
    const here = this.ready(ms);
    if (!here || !playing) {
      if (!element.paused) element.pause();
      if (here && !element.seeking && Math.abs(element.currentTime - ms / 1000) > 0.03) element.currentTime = ms / 1000;
      if (!here && playing) this.#missing(ms);
      else this.#stuck = 0;
      this.#calm = 0;
      this.#landing = false;
      return;
    }
    const now = performance.now();
    const drift = element.currentTime - ms / 1000;
    if (element.paused) {
      if (Math.abs(drift) > NUDGE_S) this.#jump(ms, rate, now);
      element.playbackRate = rate;
      element.play().catch(() => undefined); // the next tick tries again; without a press browsers say no
      this.#calm = 0;
      this.#movedAt = now;
      return;
    }
    if (element.currentTime !== this.#place) [this.#place, this.#movedAt] = [element.currentTime, now];
    if (now - this.#movedAt > STUCK_MS) {
      this.#release(ms, rate, now);
      return;
    }
    if (element.seeking) return;
    if (this.#landing && now - this.#jumpedAt > LANDED_MS) {
      this.#landing = false;
      this.#lead = Math.max(0, Math.min(LEAD_S, this.#lead - drift / rate / 2));
    }
    const {jump, rate: wanted} = correction(drift, rate);
    if (jump) {
      if (now - this.#jumpedAt < JUMP_APART_MS && this.#ahead()) return;
      this.#jump(ms, rate, now);
      this.jumps += 1;
      this.#calm = 0;
    } else if ((this.#calm += 1) > 8) {
      this.worst = Math.max(this.worst, Math.abs(drift));
      this.#stuck = 0;
    }
    if (element.playbackRate !== wanted) element.playbackRate = wanted;
  }

  /** Has the element more to play where it stands, or is it before a hole that the clock has left behind? */
  #ahead() {
    return this.element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || this.ready((this.element.currentTime + 0.1) * 1000);
  }

  /**
   * To where the clock will be when the jump is over.
   * @param {number} ms
   * @param {number} rate
   * @param {number} now
   */
  #jump(ms, rate, now) {
    const ahead = ms + this.#lead * rate * 1000;
    this.element.currentTime = (this.ready(ahead) ? ahead : ms) / 1000;
    [this.#place, this.#movedAt, this.#jumpedAt, this.#landing] = [this.element.currentTime, now, now, true];
  }

  /**
   * It has its bytes and stands still: set it again, then give it the bytes again, then begin anew.
   * @param {number} ms
   * @param {number} rate
   * @param {number} now
   */
  #release(ms, rate, now) {
    this.#stuck += 1;
    if (this.#stuck === 2) this.#loaded.clear();
    if (this.#stuck === 4 && !this.#busy) this.#begin();
    if (this.#stuck <= 4) this.#jump(ms, rate, now);
    this.#movedAt = now;
  }

  /**
   * A moment that was recorded and fed but is not in the element's hands (a browser may drop what it was given).
   * @param {number} ms
   */
  #missing(ms) {
    const index = segmentAt(this.track.segments, ms);
    const segment = this.track.segments[index];
    const lost = segment && segment.t0_ms + SEAM_MS < ms && ms < segment.t1_ms - SEAM_MS && this.#loaded.has(index);
    const now = performance.now();
    if (!lost || this.#busy) this.#movedAt = now;
    if (now - this.#movedAt < STUCK_MS || this.#stuck >= 3) return;
    this.#stuck += 1;
    this.#movedAt = now;
    this.#loaded.delete(index);
  }

  /** After a seek the drift is measured anew. */
  moved() {
    this.#calm = 0;
    this.#stuck = 0;
    this.#broken = 0;
    this.#retryAt = 0;
    this.#jumpedAt = 0;
    this.jumps = 0;
    this.worst = 0;
  }

  rest() {
    if (!this.element.paused) this.element.pause();
  }

  close() {
    this.element.pause();
    this.element.removeAttribute('src');
    URL.revokeObjectURL(this.#url);
  }
}
