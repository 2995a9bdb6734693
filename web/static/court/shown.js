/**
 * Which pictures this page shows, and how large: told to the court, which sends no others and none larger than needed.
 * Pure.
 */

/** More are not sent to one page, however many people are in the room. */
export const PICTURES = 7;

/**
 * @typedef {object} Candidate
 * @property {string} source
 * @property {number} width    CSS pixels on the screen, 0 when it is not visible
 * @property {boolean} stand   in the middle of the room
 * @property {number} heard    when this person was last heard, any clock; 0 for never
 */

/**
 * The stand first, then who was heard last, then the larger.
 * @param {Candidate[]} candidates
 * @returns {Record<string, number>} source -> width
 */
export function chosen(candidates) {
  const visible = candidates.filter((one) => one.width > 0);
  visible.sort((a, b) => Number(b.stand) - Number(a.stand) || b.heard - a.heard || b.width - a.width
    || a.source.localeCompare(b.source));
  return Object.fromEntries(visible.slice(0, PICTURES).map((one) => [one.source, Math.round(one.width)])
    .sort(([a], [b]) => String(a).localeCompare(String(b))));
}

/**
 * So many pictures a second has the smallest size: every second one of most cameras. With 25 of each of three faces, an
 * inch wide, a page was busy twice as long (trace of the main thread, twenty in the room).
 */
const SMALL_RATE = 12;
/** Said for every other size too: Chromium takes the highest rate that is said for that of the whole camera. */
const RATE = 30;

/** Up to these widths a camera is sent in two sizes, above in three: browsers send no more of a small picture. */
const THREE_FROM = 900;

/**
 * In which sizes a track is sent, the smallest first.
 * @param {'camera' | 'screen'} kind
 * @param {{width?: number, height?: number}} picture  what the device gives
 * @returns {RTCRtpEncodingParameters[]}
 */
export function encodings(kind, {width = 640, height = 480}) {
  // A screen is read, not watched: one size, few pictures a second, each of them sharp.
  if (kind === 'screen') return [{maxBitrate: 1_500_000, maxFramerate: 10}];
  const small = {rid: 's', scaleResolutionDownBy: Math.max(1, height / 160), maxBitrate: 110_000, maxFramerate: SMALL_RATE};
  if (width < THREE_FROM) return [small, {rid: 'l', maxBitrate: width > 480 ? 800_000 : 400_000, maxFramerate: RATE}];
  return [
    {...small, scaleResolutionDownBy: Math.max(1, height / 180)},
    {rid: 'm', scaleResolutionDownBy: Math.max(1, height / 360), maxBitrate: 350_000, maxFramerate: RATE},
    {rid: 'l', maxBitrate: 1_000_000, maxFramerate: RATE},
  ];
}

/** Sound goes before every picture of the same device. */
export const SOUND = [{priority: 'high', networkPriority: 'high'}];
