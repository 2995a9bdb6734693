/**
 * The questions asked before a wish: title, consequence, fields. Data only.
 * Rule: the title is the question; the text says what it means for people, record and deadline; a reason is asked
 * where the minutes need one. Words are `court.ask.<name>` and `court.ask.<name>.text`.
 */

/**
 * @typedef {object} Field
 * @property {string} name       the field of the command
 * @property {'reason' | 'minutes' | 'time' | 'select' | 'text' | 'digits' | 'yes' | 'seat' | 'file'} kind
 * @property {boolean} [optional]
 * @property {string[]} [options]  values of a select
 * @property {string} [words]      their words are `<words>.<value>`
 * @property {boolean} [asked]     only those the court lists as targets of this command
 * @property {(state: import('./types.js').State, args: Record<string, unknown>) => {value: string, label: string}[]} [from]
 */
/** @typedef {{fields: Field[], danger?: boolean, final?: boolean, icon: string}} Question `final`: cannot be undone, though no harm */

import {nameOf, pointOf, roleOf} from './words.js';

/** @type {Field} */
const reason = {name: 'reason', kind: 'reason'};

/** @type {Field} */
const seat = {
  name: 'seat', kind: 'seat',
  from: (state, args) => /** @type {string[]} */ (args.targets ?? []).map((id) => person(state, id)),
};

/**
 * @param {import('./types.js').State} state
 * @param {string} id
 */
function person(state, id) {
  return {value: id, label: `${roleOf(state, id)} · ${nameOf(state, id)}`};
}

/** @type {Record<string, Question>} */
export const QUESTIONS = {
  OpenHearing: {icon: 'gavel', final: true, fields: []},
  EnterPhase: {icon: 'arrow-right', fields: []},
  WaiveItem: {icon: 'minus', fields: [reason]},
  HoldForIncident: {icon: 'pause', fields: [reason]},
  ResumeAfterIncident: {icon: 'play', fields: []},
  EndRecess: {icon: 'play', fields: []},
  ResumeHearing: {icon: 'play', fields: []},
  StartRecess: {icon: 'coffee', fields: [{name: 'minutes', kind: 'minutes'}, {...reason, optional: true}]},
  SuspendHearing: {icon: 'calendar-clock', danger: true, fields: [reason, {name: 'resumes_at', kind: 'time', optional: true}]},
  AdjournHearing: {icon: 'calendar-x', danger: true, fields: [reason, {name: 'reopens_at', kind: 'time', optional: true}]},
  EndWithoutJudgment: {
    icon: 'gavel', danger: true,
    fields: [{name: 'outcome', kind: 'select', words: 'outcome', asked: true, options: ['agreement', 'stayed', 'stopped', 'returned']}, reason],
  },
  CloseHearing: {icon: 'gavel', danger: true, fields: []},
  Pronounce: {icon: 'gavel', final: true, fields: []},
  EndSitting: {icon: 'door-closed', danger: true, fields: []},
  StopRecording: {icon: 'circle-stop', danger: true, fields: [reason]},
  ContinueWithout: {icon: 'circle-alert', danger: true, fields: [seat, reason]},
  TryInAbsence: {icon: 'user-x', danger: true, fields: [seat, reason]},
  Remove: {icon: 'user-x', danger: true, fields: [seat, reason]},
  ReturnToWaitingRoom: {icon: 'log-out', fields: [seat, reason]},
  SendToWitnessRoom: {icon: 'door-closed', fields: [seat]},
  CallWitness: {icon: 'log-in', fields: [seat]},
  ReleaseWitness: {icon: 'log-out', fields: [seat, {name: 'stays', kind: 'yes'}]},
  MoveSeat: {
    icon: 'map-pin',
    fields: [seat, {
      name: 'point', kind: 'seat', from: (state) => state.view.points.map((point) => ({value: point.id, label: pointOf(state, point.id)})),
    }],
  },
  ChangeMode: {icon: 'monitor', fields: [{name: 'mode', kind: 'select', words: 'mode', asked: true, options: ['online', 'hybrid', 'in_person', 'remote_bench']}, reason]},
  ChangeVisibility: {
    icon: 'eye-off', fields: [{name: 'visibility', kind: 'select', words: 'visibility', asked: true, options: ['public', 'closed', 'partly_closed']}, reason],
  },
  ReplaceMember: {
    icon: 'users', danger: true,
    fields: [seat, {
      name: 'by_seat', kind: 'seat',
      from: (state) => state.view.seats.filter((one) => one.role.startsWith('reserve_')).map((one) => person(state, one.id)),
    }, reason],
  },
  CheckPapers: {
    icon: 'badge-check',
    fields: [seat, {name: 'document', kind: 'select', words: 'document',
      options: ['citizen_id', 'passport', 'lawyer_card', 'legal_aid_card', 'power_of_attorney', 'summons'],
    }, {name: 'last4', kind: 'digits'}],
  },
  CallRoll: {icon: 'clipboard-check', fields: [seat, {name: 'present', kind: 'yes'}, {...reason, optional: true}]},
  RaiseHand: {
    icon: 'hand', fields: [{name: 'reason', kind: 'select', words: 'hand', asked: true, options: ['speak', 'objection', 'request', 'cannot_hear']}, {
      name: 'text', kind: 'text', optional: true,
    }],
  },
  GiveFloor: {
    icon: 'mic',
    fields: [seat, {
      name: 'answering', kind: 'seat', optional: true,
      from: (state, args) => state.view.seats.filter((one) => one.place === 'courtroom' && one.id !== args.seat)
        .map((one) => person(state, one.id)),
    }],
  },
  OpenConfidentialChannel: {icon: 'lock', final: true, fields: []},
  FreezeJudgment: {icon: 'file-lock', fields: [{name: 'sha256', kind: 'file'}]},
  SignDeliberationMinutes: {icon: 'signature', final: true, fields: []},
};

/** Seat actions that are wishes at once; the others ask first. */
export const AT_ONCE = ['Mute', 'Unmute', 'ConfirmIdentity', 'CallWitness', 'SendToWitnessRoom', 'Admit'];

/**
 * UTC text of a local date and time typed in the court's time zone.
 * @param {string} typed `2026-06-12T08:30`
 * @param {string} timeZone
 */
export function utcOf(typed, timeZone) {
  const guess = Date.parse(`${typed}:00Z`);
  const shown = new Intl.DateTimeFormat('sv-SE', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  }).format(guess).replace(' ', 'T');
  return new Date(guess - (Date.parse(`${shown}:00Z`) - guess)).toISOString();
}
