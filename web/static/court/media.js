/**
 * The two one-way connections of this person: `pub` (we offer) and `sub` (the court offers).
 * Rule: one offerer each, so no glare; the server is ICE-lite, so no candidate is ever sent. What is heard by whom is
 * decided by the court, never here.
 */
import {Arriving} from './arriving.js';
import {meter, openDevices} from './devices.js';
import {Pulse} from './pulse.js';
import {measure} from './quality.js';
import {encodings, SOUND} from './shown.js';
import {mark} from './times.js';

/** @typedef {import('./arriving.js').Stream} Stream */

const BACKOFF_MS = [300, 700, 1500, 3000, 6000];
/** Chromium says `disconnected` after a short silence; most of these heal by themselves. */
const PATIENCE_MS = 2500;
const MEASURE_MS = 2000;
/** A layout that is still moving is told once it rests. */
const VIEW_MS = 250;
/** A way that was opened anew carries within this time, or a new connection is made. */
const MENDED_MS = 2500;

export class CourtMedia extends EventTarget {
  /** @type {MediaStream | null} */
  local = null;
  /** @type {MediaStream | null} */
  screen = null;
  /** @type {RTCPeerConnection | null} */
  pub = null;
  /** @type {RTCPeerConnection | null} */
  sub = null;
  /** @type {RTCIceServer[]} */
  #ice = [];
  /** @type {Record<string, string>} kind -> source id of this page */
  #sources = {};
  #arriving = new Arriving((type, detail) => this.#tell(type, detail));
  /** The court's name of its side of `sub`. */
  #peer = '';
  #tries = {pub: 0, sub: 0};
  /** Which of the two connections did not come about or broke off, and has not come back since. */
  #blocked = new Set();
  #pulse = new Pulse((silent) => this.#tell(silent ? 'doubt' : 'heard', null));
  /** What the court said, in its order. @type {Record<'pub' | 'sub', Promise<void>>} */
  #work = {pub: Promise.resolve(), sub: Promise.resolve()};
  #stopMeter = () => {};
  #microphoneOn = true;
  #cameraOn = true;
  #alive = false;
  /** What this page shows, as JSON. */
  #shown = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #viewing;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #measuring;
  /** @type {{type: string, [name: string]: unknown}} the newest figures of the line, as they are told to the court */
  report = {type: 'quality'};

  /**
   * @param {(body: {type: string, [name: string]: unknown}) => void} signal
   * @param {() => boolean} reachable whether a signal would reach the court now
   */
  constructor(signal, reachable) {
    super();
    this.signal = signal;
    this.reachable = reachable;
    for (const [target, event] of /** @type {[EventTarget | undefined, string][]} */ ([
      [window, 'online'], [/** @type {any} */ (navigator).connection, 'change'],
    ])) target?.addEventListener(event, () => this.networkChanged());
  }

  /** @param {RTCIceServer[]} servers */
  set iceServers(servers) {
    this.#ice = servers;
    // What is connected goes on; a restart over new addresses asks the relay with these.
    for (const one of [this.pub, this.sub]) {
      if (one && one.connectionState !== 'closed') one.setConfiguration({...one.getConfiguration(), iceServers: servers});
    }
  }

  get cameraOn() {
    return this.#cameraOn;
  }

  /** Ask for the devices, show the own picture, and publish; also after `close`. */
  async open() {
    this.#alive = true;
    clearInterval(this.#measuring);
    this.#measuring = setInterval(() => this.#measure(), MEASURE_MS);
    this.#pulse.start();
    this.#tell('state', {devices: 'asking'});
    const {stream, trouble} = await openDevices();
    if (!this.#alive) { // closed while the browser was asking: no camera stays on behind a closed door
      for (const track of stream?.getTracks() ?? []) track.stop();
      return;
    }
    this.#stopMeter();
    for (const track of this.local?.getTracks() ?? []) track.stop();
    this.local = stream;
    mark('devices');
    for (const track of stream?.getTracks() ?? []) {
      track.addEventListener('ended', () => this.#tell('state', {devices: 'busy'}));
    }
    if (stream) this.#stopMeter = meter(stream, (level) => this.#tell('level', level));
    this.#apply();
    this.#tell('own', stream);
    this.#tell('state', {
      devices: trouble, microphone: Boolean(stream?.getAudioTracks().length), camera: Boolean(stream?.getVideoTracks().length),
    });
    if (stream) await this.publish();
  }

  /** @param {boolean} on */
  set microphoneOn(on) {
    this.#microphoneOn = on;
    this.#apply();
  }

  /** @param {boolean} on */
  setCamera(on) {
    this.#cameraOn = on;
    this.#apply();
    this.#tell('state', {cameraOn: on});
  }

  #apply() {
    for (const track of this.local?.getAudioTracks() ?? []) track.enabled = this.#microphoneOn;
    for (const track of this.local?.getVideoTracks() ?? []) track.enabled = this.#cameraOn;
  }

  // ---- up

  /** A new connection up, with everything this device offers. */
  async publish() {
    this.#drop('pub');
    if (!this.local) return;
    const pub = new RTCPeerConnection({iceServers: this.#ice, bundlePolicy: 'max-bundle'});
    this.pub = pub;
    this.#tell('state', {publishing: 'connecting'});
    for (const track of this.local.getTracks()) this.#send(track, this.local);
    for (const track of this.screen?.getTracks() ?? []) this.#send(track, /** @type {MediaStream} */ (this.screen));
    this.#watch(pub, 'pub');
    await this.#offerUp(pub);
  }

  /**
   * @param {MediaStreamTrack} track
   * @param {MediaStream} stream
   */
  #send(track, stream) {
    const kind = stream === this.screen ? 'screen' : 'camera';
    if (kind === 'screen') track.contentHint = 'detail';
    this.pub?.addTransceiver(track, {
      direction: 'sendonly', streams: [stream],
      sendEncodings: track.kind === 'video' ? encodings(kind, track.getSettings()) : SOUND,
    });
  }

  /**
   * @param {RTCPeerConnection} pub
   * @param {RTCOfferOptions} [options]
   */
  async #offerUp(pub, options) {
    await pub.setLocalDescription(await pub.createOffer(options));
    if (pub !== this.pub) return;
    const sources = pub.getTransceivers().filter((one) => one.mid && one.sender.track).map((one) => {
      const track = /** @type {MediaStreamTrack} */ (one.sender.track);
      const kind = track.kind === 'audio' ? 'microphone' : this.screen?.getTracks().includes(track) ? 'screen' : 'camera';
      this.#sources[kind] ??= crypto.randomUUID();
      return {mid: one.mid, source: this.#sources[kind], kind, label: track.label};
    });
    this.signal({type: 'publish', sdp: pub.localDescription?.sdp, sources});
  }

  /** Show a screen to the court, or stop showing it. */
  async share() {
    if (this.screen) {
      this.#stopSharing();
      return;
    }
    const stream = await navigator.mediaDevices.getDisplayMedia({video: {frameRate: {max: 10}}, audio: false});
    this.screen = stream;
    stream.getVideoTracks()[0]?.addEventListener('ended', () => this.#stopSharing());
    this.#tell('state', {sharing: true});
    if (!this.pub) return;
    for (const track of stream.getTracks()) this.#send(track, stream);
    await this.#offerUp(this.pub);
  }

  #stopSharing() {
    const sender = this.pub?.getSenders().find((one) => one.track && this.screen?.getTracks().includes(one.track));
    if (sender) this.pub?.removeTrack(sender);
    for (const track of this.screen?.getTracks() ?? []) track.stop();
    this.screen = null;
    delete this.#sources.screen;
    this.#tell('state', {sharing: false});
    if (this.pub) this.#offerUp(this.pub).catch((error) => this.#fault(error));
  }

  // ---- signals from the court

  /** @param {{type: string, [name: string]: any}} body */
  receive(body) {
    if (body.type === 'media-restarted') {
      this.restart();
      return;
    }
    if (body.type === 'flow') {
      this.#tell('flow', body);
      return;
    }
    if (body.type === 'ice-servers') {
      this.iceServers = body.servers;
      return;
    }
    const name = body.type === 'published' ? 'pub' : 'sub';
    const step = {published: () => this.#published(body), subscribe: () => this.#subscribe(body)}[body.type];
    if (step) this.#work[name] = this.#work[name].then(step).catch((error) => this.#fault(error));
  }

  /** @param {{sdp?: string}} body */
  async #published({sdp}) {
    if (this.pub?.signalingState === 'have-local-offer') await this.pub.setRemoteDescription({type: 'answer', sdp});
  }

  /** @param {{offer?: number, sdp?: string, streams?: Stream[], peer?: string}} body */
  async #subscribe({offer = 0, sdp, streams = [], peer = ''}) {
    // The court names its side of the connection: another name means that it began a new one.
    if (!this.sub || this.sub.connectionState === 'closed' || peer !== this.#peer) {
      this.#close('sub');
      this.#peer = peer;
      this.sub = new RTCPeerConnection({iceServers: this.#ice, bundlePolicy: 'max-bundle'});
      this.#watch(this.sub, 'sub');
      if (this.#shown) this.signal({type: 'view', sizes: JSON.parse(this.#shown)});
    }
    const sub = this.sub;
    await sub.setRemoteDescription({type: 'offer', sdp});
    await sub.setLocalDescription(await sub.createAnswer());
    if (sub !== this.sub) return;
    this.signal({type: 'subscribed', offer, sdp: sub.localDescription?.sdp});
    this.#arriving.show(sub, streams);
  }

  /**
   * What this page shows: the court sends nothing else, and nothing larger.
   * @param {Record<string, number>} sizes  source -> width
   */
  view(sizes) {
    const text = JSON.stringify(sizes);
    if (text === this.#shown) return;
    this.#shown = text;
    clearTimeout(this.#viewing);
    this.#viewing = setTimeout(() => this.signal({type: 'view', sizes: JSON.parse(this.#shown)}), VIEW_MS);
  }

  /** After a press: browsers let sound begin only then. */
  unlock() {
    return this.#arriving.unlock();
  }

  // ---- keeping both alive

  /** The court lost its side: both connections anew, at once. */
  restart() {
    this.#drop('sub');
    this.#tries = {pub: 0, sub: 0};
    this.publish().catch((error) => this.#fault(error));
    this.signal({type: 'need-subscribe'});
  }

  /**
   * Keep what works, mend the rest.
   * @param {boolean} reopened  the line to the court came back: what was said on the old one may be lost
   */
  async resume(reopened) {
    await this.#pulse.look();
    if (!this.#alive || !this.reachable()) return;
    // On an open line, a connection that is just being made is left to come about.
    const broken = (/** @type {'pub' | 'sub'} */ name) => !this.#flows(name)
      && (reopened || ['connected', 'disconnected', 'failed'].includes(this[name]?.connectionState ?? ''));
    if (this.local && broken('pub')) this.#mend().catch((error) => this.#fault(error));
    if (broken('sub')) {
      this.#drop('sub');
      this.signal({type: 'need-subscribe'});
    }
  }

  /** Another network: the same connections over new addresses, nothing is lost. */
  networkChanged() {
    if (!this.#alive) return;
    if (this.pub?.signalingState === 'stable') this.#offerUp(this.pub, {iceRestart: true}).catch((error) => this.#fault(error));
    this.#tell('doubt', null); // the line to the court may have gone with the old address
  }

  /** @param {'pub' | 'sub'} name */
  #flows(name) {
    const connection = this[name];
    return connection?.connectionState === 'connected' && connection.signalingState === 'stable' && !this.#pulse.silent;
  }

  /** The sending connection over whatever way there is now; a new one if that does not help. */
  async #mend() {
    const pub = this.pub;
    if (!pub?.currentRemoteDescription) return this.publish();
    setTimeout(() => {
      if (this.pub === pub && !this.#flows('pub') && this.reachable()) this.publish().catch((error) => this.#fault(error));
    }, MENDED_MS);
    return this.#offerUp(pub, {iceRestart: true});
  }

  /**
   * @param {RTCPeerConnection} connection
   * @param {'pub' | 'sub'} name
   */
  #watch(connection, name) {
    if (name === 'pub') this.#pulse.watch(connection);
    connection.addEventListener('connectionstatechange', () => {
      if (connection !== this[name]) return;
      const state = connection.connectionState;
      if (state === 'connected') {
        this.#tries[name] = 0;
        mark(`${name}:connected`);
      }
      if (name === 'pub') {
        this.#tell('state', {publishing: state === 'connected' ? 'connected' : state === 'failed' ? 'failed' : 'connecting'});
      }
      if (state === 'failed') this.#blocked.add(name);
      if (state === 'connected') this.#blocked.delete(name);
      this.#tell('state', {blocked: this.#blocked.size > 0});
      if (state === 'failed') this.#again(name);
      if (state === 'disconnected') setTimeout(() => {
        if (connection === this[name] && connection.connectionState === 'disconnected') this.#again(name);
      }, PATIENCE_MS);
    });
  }

  /** @param {'pub' | 'sub'} name */
  #again(name) {
    const wait = BACKOFF_MS[Math.min(this.#tries[name], BACKOFF_MS.length - 1)];
    this.#tries[name] += 1;
    const broken = this[name];
    setTimeout(() => {
      // Out of reach a new connection could not be agreed on, and the old one may come back by itself: `resume` sees to it.
      if (!this.#alive || this[name] !== broken || !this.reachable()) return;
      if (name === 'pub') this.publish().catch((error) => this.#fault(error));
      else {
        this.#drop('sub');
        this.signal({type: 'need-subscribe'});
      }
    }, wait);
  }

  /** @param {'pub' | 'sub'} name */
  #drop(name) {
    this.#work[name] = Promise.resolve(); // a closed connection never answers: what waits for it would wait for ever
    this.#close(name);
  }

  /** @param {'pub' | 'sub'} name */
  #close(name) {
    const connection = this[name];
    this[name] = null;
    if (name === 'pub') this.#pulse.watch(null);
    connection?.close();
    if (name === 'sub') {
      this.#peer = '';
      this.#arriving.clear();
    }
  }

  async #measure() {
    const figures = await measure(this.pub, this.sub);
    if (!figures) return;
    this.report = {type: 'quality', ...figures.report};
    this.signal(this.report);
    this.#tell('state', {quality: figures.quality});
    this.#tell('weak', this.#arriving.sources(this.sub, figures.weak));
  }

  close() {
    this.#alive = false;
    this.#blocked.clear();
    clearInterval(this.#measuring);
    this.#pulse.stop();
    this.#drop('pub');
    this.#drop('sub');
    this.#stopMeter();
    for (const stream of [this.local, this.screen]) for (const track of stream?.getTracks() ?? []) track.stop();
    this.local = this.screen = null;
    this.#tell('own', null);
    this.#tell('state', {devices: 'unasked', microphone: false, camera: false, publishing: 'off', quality: null, sharing: false, blocked: false});
  }

  /** @param {unknown} error */
  #fault(error) {
    console.error('media', error);
    this.#again(this.pub?.connectionState === 'connected' ? 'sub' : 'pub');
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
