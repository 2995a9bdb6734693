/**
 * What the recorder light says. Pure. Rule: the red dot stands only for recording that the court reports as going on
 * with no alarm; everything else is said in words.
 */
import {clockText, duration, elapsed} from './time.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {{kind: 'on' | 'gap' | 'stopped' | 'off', icon: string, text: string, more: string}} Light */

const RECORDER_ALARMS = /record|writ|storage|disk|ghi/i;

/** @param {State} state */
export function recorderAlarms(state) {
  return state.view.alarms.filter((alarm) => RECORDER_ALARMS.test(alarm.id + alarm.reason));
}

/**
 * @param {State} state
 * @returns {Light}
 */
export function recorder(state) {
  const {view, words: {t}} = state;
  const alarms = recorderAlarms(state);
  if (view.recording.on && alarms.length) {
    return {kind: 'gap', icon: 'triangle-alert', text: t('court.recorder.gap', {count: alarms.length}), more: ''};
  }
  if (view.recording.on && !view.interruption) {
    const length = view.recording.since === null ? '' : ` · ${duration(elapsed(state, view.recording.since), true)}`;
    return {kind: 'on', icon: 'disc', text: t('court.recorder.on'), more: length};
  }
  if (alarms.length) return {kind: 'stopped', icon: 'circle-alert', text: t('court.recorder.stopped'), more: ''};
  const why = view.you.place === 'deliberation_room' || view.phase === 'deliberation'
    ? t('court.recorder.why.deliberation')
    : view.interruption ? t(`court.recorder.why.${view.interruption.kind}`) : '';
  const since = view.interruption ? clockText(state, view.interruption.since, true) : '';
  const more = [why, since && t('court.recorder.from', {time: since})].filter(Boolean).map((part) => ` · ${part}`).join('');
  return {kind: 'off', icon: 'circle-slash', text: t('court.recorder.off'), more};
}
