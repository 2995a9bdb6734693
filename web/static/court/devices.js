/**
 * Camera and microphone of this device. Rule: a failure is named by what the person can do about it, and one broken
 * device never takes the other with it.
 */

/** @typedef {import('./types.js').MediaState['devices']} Trouble */

/** A machine with at least so many cores encodes a large picture in three sizes without effort. */
const STRONG = 4;

/** Small screens send a smaller picture: less heat, less battery, less line. Strong machines send a larger one. */
export function pictureSize() {
  if (window.matchMedia('(max-width: 700px)').matches) return {width: 480, height: 360};
  return navigator.hardwareConcurrency >= STRONG ? {width: 960, height: 540} : {width: 640, height: 480};
}

/** The devices chosen on the device check page; nothing else is kept on this device. */
function chosen() {
  try {
    const kept = JSON.parse(localStorage.getItem('hearing.devices') ?? '{}');
    return {camera: String(kept.camera ?? ''), microphone: String(kept.microphone ?? '')};
  } catch {
    return {camera: '', microphone: ''}; // a damaged or forbidden store means: no choice was made
  }
}

/**
 * @param {unknown} error
 * @returns {Trouble}
 */
export function trouble(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'failed';
}

/**
 * Open microphone and camera; if both together fail, try each alone.
 * @returns {Promise<{stream: MediaStream | null, trouble: Trouble}>}
 */
export async function openDevices() {
  if (!navigator.mediaDevices?.getUserMedia) return {stream: null, trouble: 'insecure'};
  const {camera, microphone} = chosen();
  const {width, height} = pictureSize();
  const audio = {
    echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1,
    ...(microphone ? {deviceId: {ideal: microphone}} : {}),
  };
  const video = {
    width: {ideal: width}, height: {ideal: height}, frameRate: {ideal: 24, max: 30}, facingMode: 'user',
    ...(camera ? {deviceId: {ideal: camera}} : {}),
  };
  /** @type {Trouble} */
  let wrong = 'failed';
  for (const wish of [{audio, video}, {audio}, {video}]) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wish);
      return {stream, trouble: 'ready'};
    } catch (error) {
      wrong = trouble(error);
      if (wrong === 'denied') break; // asking again would only ask again
    }
  }
  return {stream: null, trouble: wrong};
}

/**
 * How loud a microphone is here, 0..1, up to ten times a second; for the person's own meter only.
 * @param {MediaStream} stream
 * @param {(level: number) => void} tell
 * @returns {() => void} stop
 */
export function meter(stream, tell) {
  if (!stream.getAudioTracks().length) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let told = 0;
  const timer = setInterval(() => {
    if (context.state === 'suspended') context.resume().catch(() => undefined); // it runs once the page was touched
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const db = 10 * Math.log10(power + 1e-10);
    const level = Math.max(0, Math.min(1, (db + 60) / 50));
    if (level || told) tell(told = level); // a microphone that is off is told once
  }, 100);
  return () => {
    clearInterval(timer);
    context.close().catch(() => undefined); // closing twice is not a fault
  };
}
