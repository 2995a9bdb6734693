/**
 * The guide strip: one bold sentence (where we are), one plain sentence (what I may do). Pure.
 * Rule: the court names the sentences (`you.guide`, `you.guide_may`); who holds the floor is said first. The words say
 * it, the colour only repeats it.
 */
import {addressOf, roleOf, roleWithin} from './words.js';
import {desk, heard} from './scene.js';
import {clockText} from './time.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {{tone: 'listening' | 'turn' | 'paused' | 'private', icon: string, lead: string, rest: string}} Guide */

/**
 * The two sentences the court chose for this person, with the person's own form of address.
 * @param {State} state
 */
function sentences(state) {
  const {view: {you}, words: {t}} = state;
  const own = (/** @type {string} */ key) => (key ? t(key).replaceAll(t('court.address.file'), addressOf(state)) : '');
  return [own(you.guide), own(you.guide_may)];
}

/**
 * @param {State} state
 * @returns {Guide}
 */
export function guide(state) {
  const {view, words: {t}} = state;
  const you = addressOf(state);
  const [lead, rest] = sentences(state);
  if (view.you.place === 'confidential_channel') return {tone: 'private', icon: 'lock', lead, rest};
  if (view.interruption) {
    const time = clockText(state, view.interruption.until);
    return {tone: 'paused', icon: 'pause', lead, rest: [rest, time && t('court.guide.until', {time})].filter(Boolean).join(' ')};
  }
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
    return {tone: 'listening', icon: staff ? 'signpost' : 'ear', lead: now, rest};
  }
  const listening = desk(view) === 'party' && view.stage === 'in_session';
  return {tone: 'listening', icon: listening ? 'ear' : 'signpost', lead, rest};
}
