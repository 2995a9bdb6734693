/**
 * What arrives from the others: each source that the court sends, seen and heard for as long as it is sent.
 */
import {mark} from './times.js';

/** @typedef {{mid: string, source: string, kind: string}} Stream */

export class Arriving {
  /** @type {Map<string, {track: MediaStreamTrack, audio?: HTMLAudioElement}>} by source */
  #here = new Map();

  /** @param {(type: string, detail: unknown) => void} tell `arrived`, `left`, or the `state` of the sound */
  constructor(tell) {
    this.tell = tell;
  }

  /**
   * Make what is shown equal to what the court now sends; m-lines are used again for others.
   * @param {RTCPeerConnection} sub
   * @param {Stream[]} streams
   */
  show(sub, streams) {
    const now = new Set(streams.map((stream) => stream.source));
    for (const source of [...this.#here.keys()]) if (!now.has(source)) this.#leave(source);
    for (const {mid, source} of streams) {
      const track = sub.getTransceivers().find((one) => one.mid === mid)?.receiver.track;
      const known = this.#here.get(source);
      if (!track || known?.track === track) continue;
      if (known) this.#leave(source);
      const stream = new MediaStream([track]);
      this.#here.set(source, {track, audio: track.kind === 'audio' ? this.#listen(stream) : undefined});
      mark(`track:${source}`);
      this.tell('arrived', {source, kind: track.kind, stream});
    }
  }

  clear() {
    for (const source of [...this.#here.keys()]) this.#leave(source);
  }

  /**
   * The sources that come by these m-lines.
   * @param {RTCPeerConnection | null} sub
   * @param {string[]} mids
   */
  sources(sub, mids) {
    const tracks = mids.map((mid) => sub?.getTransceivers().find((one) => one.mid === mid)?.receiver.track);
    return [...this.#here].filter(([, {track}]) => tracks.includes(track)).map(([source]) => source);
  }

  /** After a press: browsers let sound begin only then. */
  async unlock() {
    await Promise.allSettled([...this.#here.values()].map(({audio}) => audio?.play()));
    this.tell('state', {soundBlocked: false});
  }

  /** @param {MediaStream} stream */
  #listen(stream) {
    const audio = new Audio();
    audio.srcObject = stream;
    audio.autoplay = true;
    audio.play().catch((error) => {
      if (error.name === 'NotAllowedError') this.tell('state', {soundBlocked: true});
    });
    return audio;
  }

  /** @param {string} source */
  #leave(source) {
    const {audio} = this.#here.get(source) ?? {};
    if (audio) {
      audio.pause();
      audio.srcObject = null;
    }
    this.#here.delete(source);
    this.tell('left', {source});
  }
}
