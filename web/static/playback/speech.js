/**
 * Who speaks when, from the transcript: its lines, and the phrases that no engine could read. Pure.
 */

/**
 * @typedef {object} Line
 * @property {string} id
 * @property {string} track_id
 * @property {string} [seat]
 * @property {number} t0_ms
 * @property {number} t1_ms
 * @property {string} text
 * @property {[string, number, number][]} words
 * @property {string} [lang]
 * @property {string[]} [flags]
 * @property {string[]} [overlap]
 */
/** @typedef {{track_id: string, seat?: string, language: string, reason: string, speech_ms: number, phrases: [number, number][]}} Unread */
/** @typedef {{segments: Line[], untranscribed?: Unread[], finished?: boolean}} Transcript */

/**
 * The seat that a track belongs to, by the transcript or by the list of tracks.
 * @param {{seat?: string, track_id: string}} line
 * @param {{id: string, seats: string[]}[]} tracks
 */
export function seatOfLine(line, tracks) {
  return line.seat || tracks.find((track) => track.id === line.track_id)?.seats[0] || '';
}

/**
 * Stretches of speech by seat.
 * @param {Transcript | null} transcript
 * @param {{id: string, seats: string[]}[]} tracks
 * @returns {Map<string, [number, number][]>}
 */
export function speech(transcript, tracks) {
  /** @type {Map<string, [number, number][]>} */
  const found = new Map();
  const add = (/** @type {string} */ seat, /** @type {[number, number]} */ span) => {
    if (!found.has(seat)) found.set(seat, []);
    found.get(seat)?.push(span);
  };
  for (const line of transcript?.segments ?? []) add(seatOfLine(line, tracks), [line.t0_ms, line.t1_ms]);
  for (const unread of transcript?.untranscribed ?? []) {
    for (const phrase of unread.phrases) add(seatOfLine(unread, tracks), [phrase[0], phrase[1]]);
  }
  for (const spans of found.values()) spans.sort((a, b) => a[0] - b[0]);
  return found;
}

/**
 * @param {Map<string, [number, number][]>} spoken
 * @param {number} ms
 */
export function speaking(spoken, ms) {
  const seats = new Set();
  for (const [seat, spans] of spoken) if (spans.some(([from, to]) => from <= ms && ms < to)) seats.add(seat);
  return seats;
}

/**
 * The line that is being spoken, or the last one before.
 * @param {Line[]} lines sorted by t0_ms
 * @param {number} ms
 */
export function lineAt(lines, ms) {
  return lines.findLastIndex((line) => line.t0_ms <= ms);
}
