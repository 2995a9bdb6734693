/**
 * The alarm bar: what happened, since when, what was lost, one action.
 * Rule: at most one, the gravest; the others are counted. Parties see their own line only.
 */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {recorderAlarms} from '../recorder.js';
import {desk, lost} from '../scene.js';
import {clockText, duration, elapsed, instant} from '../time.js';
import {nameOf, roleOf} from '../words.js';

/** @typedef {import('../types.js').State} State */
/** @typedef {{icon: string, title: string, text: string, since: string | number | null}} Alarm */

/**
 * Everything that is wrong now, gravest first.
 * @param {State} state
 * @returns {Alarm[]}
 */
export function alarms(state) {
  const {view, words: {t, first}} = state;
  /** @type {Alarm[]} */
  const found = [];
  if (desk(view) !== 'party') {
    for (const alarm of recorderAlarms(state)) {
      found.push({
        icon: 'circle-alert', since: alarm.since,
        title: t('court.alarm.recorder', {time: clockText(state, alarm.since, true)}),
        text: first.call(state.words, [`alarm.${alarm.reason}`, `court.alarm.${alarm.reason}`]) || alarm.reason,
      });
    }
    for (const seat of lost(view)) {
      const held = view.interruption?.kind === 'incident_hold';
      found.push({
        icon: 'wifi-off', since: seat.since,
        title: t(held ? 'court.alarm.lost_held' : 'court.alarm.lost', {
          who: roleOf(state, seat.id), time: clockText(state, seat.since, true),
        }),
        text: t('court.alarm.lost.text', {name: nameOf(state, seat.id), time: clockText(state, seat.since, true)}),
      });
    }
    for (const alarm of view.alarms.filter((one) => !recorderAlarms(state).includes(one))) {
      found.push({
        icon: 'triangle-alert', since: alarm.since,
        title: first.call(state.words, [`alarm.${alarm.reason}`, `court.alarm.${alarm.reason}`]) || alarm.reason,
        text: t('court.alarm.since', {time: clockText(state, alarm.since, true)}),
      });
    }
  }
  return found;
}

export class AlarmBar extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {t} = state.words;
    if (state.connection === 'reconnecting') return this.bar(state, {
      icon: 'wifi-off', title: t('court.alarm.own_line'), text: t('court.alarm.own_line.text'),
      since: state.lostAt === null ? null : new Date(state.lostAt).toISOString(),
    }, 0);
    const [gravest, ...others] = alarms(state);
    return gravest ? this.bar(state, gravest, others.length) : nothing;
  }

  /**
   * @param {State} state
   * @param {Alarm} alarm
   * @param {number} others
   */
  bar(state, alarm, others) {
    const {t} = state.words;
    const known = alarm.since !== null && instant(state, alarm.since) !== null;
    return html`<section class="alarm" aria-label=${t('court.alarm')}>
      ${icon(alarm.icon, 28)}
      <div role="alert"><b>${alarm.title}</b><p>${alarm.text}
        ${others ? html` <span class="alarm-more">${t('court.alarm.more', {count: others})}</span>` : nothing}</p></div>
      ${known ? html`<span class="alarm-clock">${duration(elapsed(state, alarm.since))}</span>` : nothing}
    </section>`;
  }
}

customElements.define('alarm-bar', AlarmBar);
