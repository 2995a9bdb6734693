/**
 * Times on the live page: the hearing clock, the wall clock of the court, and how both are written.
 * Rule: the court's clock counts, never the clock of this device.
 */

/** @typedef {import('./types.js').State} State */

/**
 * UTC milliseconds at hearing millisecond 0, or null before the sitting has begun.
 * @param {{hearing_ms: number | null, utc: string | number} | null | undefined} clock
 */
export function epoch(clock) {
  if (!clock || clock.hearing_ms === null || clock.hearing_ms === undefined) return null;
  return utc(clock.utc) - clock.hearing_ms;
}

/** @param {string | number} value */
function utc(value) {
  return typeof value === 'number' ? value : Date.parse(value);
}

/**
 * Anything the court calls a time, as UTC milliseconds: a number is on the hearing clock, a text is an instant.
 * @param {Pick<State, 'clock'>} state
 * @param {string | number | null | undefined} value
 * @returns {number | null}
 */
export function instant(state, value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return Date.parse(value);
  const zero = epoch(state.clock);
  return zero === null ? null : zero + value;
}

/**
 * Milliseconds since that time, never negative.
 * @param {State} state
 * @param {string | number | null | undefined} value
 */
export function elapsed(state, value) {
  const at = instant(state, value);
  return at === null ? 0 : Math.max(0, state.now - at);
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * 24-hour time of day in the court's time zone.
 * @param {number} at UTC milliseconds
 * @param {string} timeZone
 * @param {boolean} [seconds]
 */
export function timeOfDay(at, timeZone, seconds = false) {
  const key = `${timeZone}${seconds}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit', minute: '2-digit', second: seconds ? '2-digit' : undefined, hourCycle: 'h23', timeZone,
    });
    formats.set(key, format);
  }
  return format.format(at);
}

/**
 * HH:mm or HH:mm:ss of anything the court calls a time; empty when it is unknown.
 * @param {State} state
 * @param {string | number | null | undefined} value
 * @param {boolean} [seconds]
 */
export function clockText(state, value, seconds = false) {
  const at = instant(state, value);
  return at === null || Number.isNaN(at) ? '' : timeOfDay(at, state.page.timezone, seconds);
}

/**
 * 04:12, or 01:07:42 from one hour on.
 * @param {number} ms
 * @param {boolean} [hours]
 */
export function duration(ms, hours = false) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return h || hours ? `${two(h)}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}
