/**
 * How everybody's connection is, for those who look after it. Pure: what the court told goes in, rows come out.
 * Rule: the same three grades as the person's own page shows them (`judge`), and the states that are no grade.
 */
import {judge} from './quality.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').LineReport} LineReport */
/** @typedef {'lost' | 'waiting' | 'bad' | 'weak' | 'unknown' | 'good'} Grade */
/** @typedef {{seat: string, grade: Grade, figures: Record<string, number>}} Row */

/** A page reports every two seconds; after four silent ones its figures say nothing any more. */
const STALE_S = 8;
/** The court tells every two seconds; without it the whole panel says nothing. */
const TOLD_MS = 10_000;
/** @type {Grade[]} */
const GRAVEST_FIRST = ['lost', 'bad', 'waiting', 'weak', 'unknown', 'good'];
const INSIDE = ['courtroom', 'deliberation_room', 'confidential_channel'];

/**
 * @param {LineReport | undefined} line
 * @returns {Grade}
 */
function gradeOf(line) {
  if (!line) return 'unknown';
  if (line.state === 'waiting') return 'waiting';
  const {rtt_ms: rtt, loss, outgoing_bps: outgoing} = line.figures;
  if (line.age_s > STALE_S || rtt === undefined || loss === undefined) return 'unknown';
  return judge({rtt: rtt / 1000, loss, outgoing: outgoing ?? null});
}

/**
 * Everybody who is here or ought to be, gravest first; null when the court does not tell this page.
 * @param {State} state
 * @returns {Row[] | null}
 */
export function linesOf({view, lines, linesAt}) {
  if (!lines || Date.now() - linesAt > TOLD_MS) return null;
  /** @type {Row[]} */
  const rows = [];
  for (const seat of view.seats) {
    const line = lines[seat.id];
    if (seat.id === view.you.seat || (!line && (seat.connected || !INSIDE.includes(seat.place)))) continue;
    rows.push({seat: seat.id, grade: seat.connected || line ? gradeOf(line) : 'lost', figures: line?.figures ?? {}});
  }
  return rows.sort((a, b) => GRAVEST_FIRST.indexOf(a.grade) - GRAVEST_FIRST.indexOf(b.grade));
}
