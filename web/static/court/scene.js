/**
 * Which of the page's few scenes this person is in, and what the court lets them do. Pure.
 * Rule: the scene follows the place the court gave; a control exists because `allowed` names it.
 */

/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').State} State */
/** @typedef {'waiting' | 'courtroom' | 'deliberation' | 'over'} Scene */

/**
 * @param {View} view
 * @returns {Scene}
 */
export function scene(view) {
  if (['closed', 'adjourned', 'ended'].includes(view.stage)) return 'over';
  if (view.you.place === 'deliberation_room') return 'deliberation';
  if (['courtroom', 'confidential_channel'].includes(view.you.place)) return 'courtroom';
  return 'waiting';
}

/**
 * What kind of desk this person works at: it decides which panels are shown.
 * @param {View} view
 * @returns {'bench' | 'member' | 'clerk' | 'party'}
 */
export function desk(view) {
  if (may(view, 'EnterPhase') || may(view, 'GiveFloor') || view.you.role === 'presiding_judge') return 'bench';
  if (view.you.role === 'clerk' || may(view, 'CallRoll')) return 'clerk';
  if (['judge', 'assessor', 'reserve_judge', 'reserve_assessor'].includes(view.you.role)) return 'member';
  return 'party';
}

/**
 * May this command be given now, and to this target if one is named?
 * @param {View} view
 * @param {string} command
 * @param {string} [target]
 */
export function may(view, command, target) {
  const targets = view.allowed[command];
  if (!targets) return false;
  return target === undefined || targets.length === 0 || targets.includes(target);
}

/**
 * @param {View} view
 * @param {string} command
 * @returns {string[]}
 */
export function targets(view, command) {
  return view.allowed[command] ?? [];
}

/**
 * Is this wish on its way to the court?
 * @param {State} state
 * @param {string} command
 * @param {string} [target]
 */
export function isPending(state, command, target = '') {
  return state.pending.has(`${command}:${target}`);
}

/**
 * The number of open items before a phase may be entered.
 * @param {View['next_phases'][number]} next
 */
export function openCount(next) {
  return typeof next.open_items === 'number' ? next.open_items : next.open_items.length;
}

/**
 * The hands in the order in which they are called: objections first, then by time.
 * @param {View} view
 */
export function handsInOrder(view) {
  const weight = (/** @type {string} */ reason) => (reason === 'objection' ? 0 : 1);
  return [...view.hands].sort((a, b) => weight(a.reason) - weight(b.reason));
}

/**
 * Mandatory people who are cut off now.
 * @param {View} view
 */
export function lost(view) {
  return view.seats.filter((seat) => seat.mandatory && !seat.connected
    && ['courtroom', 'deliberation_room', 'confidential_channel'].includes(seat.place));
}

/**
 * Is this person heard by the courtroom now?
 * @param {View} view
 */
export function heard(view) {
  return view.you.place === 'courtroom' && view.you.microphone === 'open' && !view.interruption;
}

// Phases in which one person may be asked by another, and the roles that may ask; the court decides, this only opens the right question.
const QUESTION_PHASES = ['opening', 'challenges', 'claims_check', 'questioning'];
const ASKING_ROLES = [
  'presiding_judge', 'judge', 'assessor', 'procurator', 'plaintiff', 'respondent', 'claimant_admin', 'respondent_admin',
  'related_person', 'legal_rep', 'defence_counsel', 'rights_protector',
];

/**
 * Would giving the floor to this seat mean that it asks somebody?
 * @param {View} view
 * @param {string} seat
 */
export function asks(view, seat) {
  const role = view.seats.find((one) => one.id === seat)?.role ?? '';
  return QUESTION_PHASES.includes(view.phase) && ASKING_ROLES.includes(role);
}

/** May this person show something on the common screen?
 * @param {View} view */
export function shows(view) {
  return ['presiding_judge', 'clerk', 'expert'].includes(view.you.role) && view.you.place === 'courtroom';
}

/** What may be done with a person, wherever they are shown: in the roll and on the stage the same acts, in this order. */
const SEAT_ACTS = [
  'GiveFloor', 'CheckPapers', 'CallRoll', 'ConfirmIdentity', 'Mute', 'Unmute', 'CallWitness', 'SendToWitnessRoom', 'ReleaseWitness',
  'ReturnToWaitingRoom', 'Remove', 'MoveSeat', 'ContinueWithout', 'TryInAbsence',
];

/**
 * @param {View} view
 * @param {string} seat
 */
export function actsOn(view, seat) {
  return seat === view.you.seat ? [] : SEAT_ACTS.filter((command) => view.allowed[command]?.includes(seat));
}
