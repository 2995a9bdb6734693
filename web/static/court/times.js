/**
 * Measured moments of the live page, for the people who run it and for tests: when a picture was first painted.
 * Rule: times only, no content.
 */

/** @type {{frames: Record<string, number>, marks: Record<string, number>}} */
const times = {frames: {}, marks: {}};
/** @type {Window & {hearingTimes?: typeof times}} */ (window).hearingTimes = times;

/**
 * The first painted frame of a seat's picture, in ms since the page began.
 * @param {string} seat
 * @param {string} stream
 */
export function markFrame(seat, stream) {
  const key = `${seat}:${stream}`;
  if (key in times.frames) return;
  times.frames[key] = performance.now();
  times.frames[seat] ??= times.frames[key];
  performance.mark(`frame:${seat}`);
}

/** @param {string} name */
export function mark(name) {
  times.marks[name] ??= performance.now();
  performance.mark(name);
}

/** Start counting frames anew, when a person enters the room. */
export function forgetFrames() {
  times.frames = {};
}
