/** What the parts of the player show, and the two or three phrases they share. */
import {duration, timeOfDay} from '../court/time.js';

/**
 * @typedef {object} PlaybackData
 * @property {{start_utc: string, length_ms: number}} clock
 * @property {import('./index.js').Track[]} tracks
 * @property {{id: string, role: string, role_name?: string, name: string, point: string}[]} seats
 * @property {import('./index.js').Mark[]} chapters
 * @property {{track: string, t0_ms: number, t1_ms: number, reason: string}[]} gaps
 * @property {{status: string, progress?: number, reason?: string, url: string | null}} transcript
 * @property {{status: string, progress?: number, step?: string, reason?: string, url: string | null}} film
 */
/**
 * @typedef {object} Playing
 * @property {PlaybackData} data
 * @property {number} length
 * @property {number | null} start UTC ms of hearing ms 0
 * @property {number} ms
 * @property {boolean} playing
 * @property {boolean} held
 * @property {number} rate
 * @property {import('../court/words.js').Words} words
 * @property {{number: string, title: string, timezone: string, hearing: string, links: Record<string, string>}} page
 * @property {Map<string, [number, number][]>} spoken
 * @property {Set<string>} solo
 * @property {Set<string>} muted
 * @property {import('./speech.js').Transcript | null} transcript
 * @property {'none' | 'waiting' | 'growing' | 'done' | 'failed'} reading
 * @property {string} search
 * @property {boolean} asking a film is being asked for
 * @property {Set<string>} voices
 */

/**
 * Wall-clock time of a moment of the hearing; hearing time when the wall clock is unknown.
 * @param {Playing} state
 * @param {number} ms
 * @param {boolean} [seconds]
 */
export function clockAt(state, ms, seconds = true) {
  return state.start === null ? duration(ms, true) : timeOfDay(state.start + ms, state.page.timezone, seconds);
}

/**
 * @param {Playing} state
 * @param {{role: string, role_name?: string}} seat
 */
export function shortRole(state, seat) {
  return state.words.role(seat.role, true) || seat.role_name || seat.role;
}
