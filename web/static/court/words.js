/**
 * Words of the page: the catalogue, and the few phrases that depend on who is spoken of.
 * Rule: no element carries a sentence of its own; role before name; parties are addressed as in the file.
 */
import {has, lang, t} from 'i18n';

/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').Seat} Seat */

export class Words {
  /** @param {{t: typeof t, has: typeof has, language: string}} [catalogue] */
  constructor(catalogue = {t, has, language: lang()}) {
    this.t = catalogue.t;
    this.has = catalogue.has;
    this.language = catalogue.language;
  }

  /**
   * The first of these keys that exists, or an empty text.
   * @param {string[]} keys
   * @param {Record<string, string | number>} [values]
   */
  first(keys, values = {}) {
    const key = keys.find((one) => this.has(one));
    return key ? this.t(key, values) : '';
  }

  /**
   * @param {string} role
   * @param {boolean} [short]
   */
  role(role, short = false) {
    return (short && this.first([`court.role.${role}`])) || this.first([`role.${role}`]) || role;
  }

  /**
   * The name of a phase in this procedure.
   * @param {string} phase
   * @param {string} [procedure]
   */
  phase(phase, procedure = '') {
    return this.first([`phase.${procedure}.${phase}`, `phase.${phase}`]) || phase;
  }

  /** The same where there is little room.
   * @param {string} phase */
  shortPhase(phase) {
    return this.first([`court.phase.${phase}`]) || this.phase(phase);
  }

  /** @param {string} code */
  item(code) {
    return this.first([`item.${code}`]) || code;
  }

  /** @param {string} code */
  refusal(code) {
    return this.first([`refused.${code}`]) || this.t('court.refused', {code});
  }
}

/**
 * The seat of this id, if it may be known.
 * @param {Pick<State, 'view'>} state
 * @param {string | null | undefined} id
 */
export function seatOf(state, id) {
  return state.view.seats.find((seat) => seat.id === id) ?? null;
}

/**
 * @param {Pick<State, 'people'>} state
 * @param {string} id
 */
export function nameOf(state, id) {
  return state.people[id]?.name ?? '';
}

/**
 * How this person is addressed: Ông or Bà from the file, Ông/Bà when the file does not say.
 * @param {State} state
 * @param {string} [id]
 */
export function addressOf(state, id = state.view.you.seat) {
  const title = state.people[id]?.title ?? '';
  const known = {ông: 'ong', bà: 'ba', cháu: 'chau', mr: 'ong', ms: 'ba', mrs: 'ba', ong: 'ong', ba: 'ba'};
  return state.words.t(`court.address.${known[/** @type {keyof typeof known} */ (title.toLowerCase())] ?? 'both'}`);
}

/**
 * Role of the seat with this id, for use at the start of a sentence.
 * @param {State} state
 * @param {string} id
 */
export function roleOf(state, id) {
  const seat = seatOf(state, id);
  return seat ? state.words.role(seat.role) : nameOf(state, id);
}

/**
 * The same where there is little room: on a tile.
 * @param {State} state
 * @param {string} id
 */
export function shortRole(state, id) {
  const seat = seatOf(state, id);
  return seat ? state.words.role(seat.role, true) : '';
}

/**
 * The same inside a sentence: Vietnamese and English role names begin with a small letter there.
 * @param {State} state
 * @param {string} id
 */
export function roleWithin(state, id) {
  const role = roleOf(state, id);
  return role.charAt(0).toLocaleLowerCase(state.words.language) + role.slice(1);
}

/**
 * "Trung tâm", "Điểm cầu 1".
 * @param {State} state
 * @param {string} id
 */
export function pointOf(state, id) {
  const points = state.view.points;
  const point = points.find((one) => one.id === id);
  if (!point) return '';
  if (point.kind === 'central') return state.words.t('court.point.central');
  const number = points.filter((one) => one.kind !== 'central').indexOf(point) + 1;
  return state.words.t('court.point.component', {number});
}

/**
 * Two letters for a person without a picture: the family name and the given name.
 * @param {string} name
 */
export function initials(name) {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  if (!parts.length) return '';
  const [first, last] = [parts[0], parts[parts.length - 1]];
  return (parts.length > 1 ? first.charAt(0) + last.charAt(0) : first.charAt(0)).toLocaleUpperCase('vi');
}
