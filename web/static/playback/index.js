/**
 * Where things lie in a recording: segments at a time, what comes next, chapters as stretches. Pure.
 */

/** @typedef {{offset: number, length: number, t0_ms: number, t1_ms: number}} Segment */
/**
 * @typedef {object} Track
 * @property {string} id
 * @property {string} source
 * @property {'audio' | 'video'} kind
 * @property {string} [use]
 * @property {string[]} seats
 * @property {string} codec
 * @property {{offset: number, length: number}} header
 * @property {Segment[]} segments
 * @property {string} url
 * @property {boolean} [closed]
 */
/** @typedef {{t_ms: number, kind?: string, phase?: string, code?: string, note?: string, label: string}} Mark */

/** Frames end a little before the next segment begins: up to this is not a hole (ms). */
export const SEAM_MS = 120;

/**
 * Index of the segment that holds this time, or of the next one; -1 after the end.
 * @param {Segment[]} segments
 * @param {number} ms
 */
export function segmentAt(segments, ms) {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle].t1_ms <= ms) low = middle + 1;
    else high = middle;
  }
  return low < segments.length ? low : -1;
}

/**
 * Neighbouring segments as whole stretches.
 * @param {Segment[]} segments
 * @returns {[number, number][]}
 */
export function stretches(segments) {
  /** @type {[number, number][]} */
  const found = [];
  for (const {t0_ms, t1_ms} of segments) {
    const last = found.at(-1);
    if (last && t0_ms - last[1] <= SEAM_MS * 4) last[1] = Math.max(last[1], t1_ms);
    else found.push([t0_ms, t1_ms]);
  }
  return found;
}

/**
 * Stretches of several tracks together.
 * @param {Track[]} tracks
 */
export function together(tracks) {
  return stretches(tracks.flatMap((track) => track.segments).sort((a, b) => a.t0_ms - b.t0_ms));
}

/**
 * Where nothing at all was recorded: the hearing was off the record.
 * @param {Track[]} tracks
 * @param {number} length
 * @param {number} [least] shorter holes are losses, not pauses
 * @returns {[number, number][]}
 */
export function offRecord(tracks, length, least = 5000) {
  /** @type {[number, number][]} */
  const holes = [];
  let end = 0;
  for (const [from, to] of together(tracks)) {
    if (from - end >= least) holes.push([end, from]);
    end = Math.max(end, to);
  }
  if (length - end >= least) holes.push([end, length]);
  return holes;
}

/** @param {Mark} mark */
export const isPhase = (mark) => mark.kind === 'phase' || Boolean(mark.phase);

/**
 * Phases with their ends.
 * @param {Mark[]} marks
 * @param {number} length
 */
export function phases(marks, length) {
  const starts = marks.filter(isPhase);
  return starts.map((mark, index) => ({
    ...mark, phase: mark.code || mark.phase || '', end_ms: starts[index + 1]?.t_ms ?? length,
  }));
}

/**
 * The chapter to jump to.
 * @param {Mark[]} marks
 * @param {number} ms
 * @param {1 | -1} step
 */
export function chapter(marks, ms, step) {
  const times = [...new Set([0, ...marks.map((mark) => mark.t_ms)])].sort((a, b) => a - b);
  if (step > 0) return times.find((time) => time > ms + 50) ?? null;
  // Shortly after a chapter's beginning the key means the one before, as on every player.
  return times.findLast((time) => time < ms - 1500) ?? 0;
}

/**
 * Text without marks and case, so that "hop dong" finds "hợp đồng".
 * @param {string} text
 */
export function fold(text) {
  return text.toLowerCase().replaceAll('đ', 'd').normalize('NFD').replace(/\p{M}/gu, '');
}

/**
 * The codec as Media Source Extensions want it named.
 * @param {Track} track
 */
export function mime({kind, codec}) {
  const name = codec.toLowerCase().replace(/^.*\//, '').replace('v_', '').replace('a_', '');
  return `${kind}/webm; codecs="${name || (kind === 'audio' ? 'opus' : 'vp8')}"`;
}
