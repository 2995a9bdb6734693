/**
 * The guide strip: one bold sentence (where we are), one plain sentence (what I may do). Pure.
 * Rule: every phase, role and state has a sentence; it is in words, the colour only repeats it.
 */
import {addressOf, roleOf, roleWithin} from './words.js';
import {desk, heard} from './scene.js';
import {clockText} from './time.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {{tone: 'listening' | 'turn' | 'paused' | 'private', icon: string, lead: string, rest: string}} Guide */

/**
 * The column of the table of guide sentences this person reads.
 * @param {State['view']} view
 */
export function audience(view) {
  const role = view.you.role;
  if (role === 'presiding_judge') return 'presiding_judge';
  if (['judge', 'assessor', 'reserve_judge', 'reserve_assessor'].includes(role)) return 'member';
  if (role === 'clerk') return 'clerk';
  if (['defence_counsel', 'rights_protector', 'procurator'].includes(role)) return 'counsel';
  return role === 'witness' ? 'witness' : 'party';
}

/**
 * The sentence of this phase, cut after its first sentence.
 * @param {State} state
 */
function phaseSentence(state) {
  const {view, words} = state;
  const [phase, who, procedure] = [view.phase, audience(view), view.hearing.procedure];
  const near = {member: 'party', counsel: 'party', witness: 'party', clerk: 'party', presiding_judge: 'party'};
  const keys = [view.you.role, who, near[/** @type {keyof typeof near} */ (who)] ?? who].flatMap(
    (one) => [`guide.${procedure}.${phase}.${one}`, `guide.${phase}.${one}`],
  );
  const you = addressOf(state);
  const text = words.first(keys, {you}).replaceAll(words.t('court.address.both'), you);
  const cut = text.search(/[.;:?] /);
  return cut < 0 ? [text, ''] : [text.slice(0, cut + 1).replace(/[;:]$/, '.'), capital(text.slice(cut + 2))];
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toLocaleUpperCase('vi') + text.slice(1);
}

/**
 * @param {State} state
 * @returns {Guide}
 */
export function guide(state) {
  const {view, words: {t}} = state;
  const you = addressOf(state);
  if (view.you.place === 'confidential_channel') {
    return {tone: 'private', icon: 'lock', lead: t('court.guide.private'), rest: t('court.guide.private.rest')};
  }
  if (view.interruption) return paused(state, you);
  const [lead, rest] = phaseSentence(state);
  const floor = view.floor;
  if (floor) {
    const speaks = floor.answering && floor.answering !== floor.seat ? floor.answering : floor.seat;
    const mine = speaks === view.you.seat;
    const open = heard(view) ? t('court.guide.open', {you}) : t('court.guide.not_open', {you});
    if (mine && speaks !== floor.seat) {
      return {
        tone: 'turn', icon: 'mic', lead: t('court.guide.you_answer', {asker: roleOf(state, floor.seat), you}), rest: open,
      };
    }
    if (mine) return {tone: 'turn', icon: 'mic', lead: t('court.guide.you_speak', {you}), rest: open};
    if (floor.seat === view.you.seat) {
      const other = roleWithin(state, speaks);
      return {tone: 'turn', icon: 'mic', lead: t('court.guide.you_ask', {you, other}), rest: open};
    }
    const now = speaks !== floor.seat
      ? t('court.guide.asks', {asker: roleOf(state, floor.seat), other: roleWithin(state, speaks)})
      : t('court.guide.speaks', {who: roleOf(state, floor.seat)});
    const staff = desk(view) !== 'party';
    return {tone: 'listening', icon: staff ? 'signpost' : 'ear', lead: now, rest: rest || lead};
  }
  const listening = desk(view) === 'party' && view.stage === 'in_session';
  return {tone: 'listening', icon: listening ? 'ear' : 'signpost', lead, rest};
}

/**
 * @param {State} state
 * @param {string} you
 * @returns {Guide}
 */
function paused(state, you) {
  const {view, words: {t}} = state;
  const {kind, until} = /** @type {NonNullable<typeof view.interruption>} */ (view.interruption);
  const staff = desk(view) === 'bench' || desk(view) === 'clerk';
  const time = clockText(state, until);
  const rest = [
    t(`court.guide.${kind}.${staff ? 'staff' : 'party'}`, {you}),
    time ? t('court.guide.until', {time}) : '',
  ].filter(Boolean).join(' ');
  return {tone: 'paused', icon: 'pause', lead: t(`court.guide.${kind}`), rest};
}
