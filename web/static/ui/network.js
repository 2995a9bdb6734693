/** The line between this device and the court: delay, speed down, speed up, and what they are good for. */

const SAMPLE = 384 * 1024;
// A hearing sends one picture and sound, and receives a few: what video needs at its usual size, and at its least.
const GOOD = { down: 2, up: 1, delay: 200 };
const FAIR = { down: 0.6, up: 0.3, delay: 600 };

/** @param {string} address @param {RequestInit} [options] */
async function timed(address, options) {
  const since = performance.now();
  const answer = await fetch(address, { cache: 'no-store', credentials: 'same-origin', ...options });
  if (!answer.ok) throw new Error(String(answer.status));
  await answer.arrayBuffer();
  return performance.now() - since;
}

const megabits = (/** @type {number} */ bytes, /** @type {number} */ ms) => (bytes * 8) / 1000 / Math.max(ms, 1);

/** @returns {Promise<{delay: number, down: number, up: number, verdict: 'good' | 'fair' | 'bad'}>} */
export async function measure() {
  const delays = [];
  for (let turn = 0; turn < 4; turn += 1) delays.push(await timed('/device-check/sample?bytes=0'));
  const delay = Math.round(Math.min(...delays.slice(1)));
  const down = megabits(SAMPLE, (await timed(`/device-check/sample?bytes=${SAMPLE}`)) - delay);
  const body = new Uint8Array(SAMPLE);
  for (let from = 0; from < SAMPLE; from += 65536) crypto.getRandomValues(body.subarray(from, from + 65536));
  const up = megabits(SAMPLE, (await timed('/device-check/sample', { method: 'POST', body })) - delay);
  const within = (/** @type {typeof GOOD} */ limit) => down >= limit.down && up >= limit.up && delay <= limit.delay;
  return { delay, down, up, verdict: within(GOOD) ? 'good' : within(FAIR) ? 'fair' : 'bad' };
}
