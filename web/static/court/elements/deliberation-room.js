/**
 * The deliberation room: the panel, the clock since when nothing is recorded, and what must be done before the judgment.
 * Rule: no pictures, no microphone, no captions; nothing of the talk passes through this page.
 */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {may, openCount} from '../scene.js';
import {clockText, duration, elapsed} from '../time.js';
import {nameOf, roleOf} from '../words.js';
import {button, mark, panelHead, pill} from './parts.js';

/** @typedef {import('../types.js').State} State */

export class DeliberationRoom extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, words: {t}} = state;
    const panel = view.seats.filter((seat) => seat.place === 'deliberation_room');
    const since = panel.map((seat) => seat.since).filter((time) => time !== null).sort().at(-1) ?? null;
    const entered = state.log.findLast((entry) => entry.kind === 'PhaseEntered' && entry.body.phase === 'deliberation');
    const from = entered ? entered.t_ms : since;
    return html`
      <section class="sealed" aria-label=${t('court.guide')}>${icon('lock', 24)}
        <p><b>${t('court.sealed', {count: panel.length})}</b> <span>${t('court.sealed.rest')}</span></p>
        <span class="num sealed-clock">${duration(elapsed(state, from), true)}</span></section>
      <div class="sealed-page">
        <section class="panel"><div class="panel-head">${icon('users-round', 18)}<h2>${t('court.sealed.panel')}</h2></div>
          <ul class="people">${panel.map((seat) => html`<li>${mark(state, seat.id)}
            <span><b>${nameOf(state, seat.id)}</b><small>${roleOf(state, seat.id)} · ${t(seat.role === 'presiding_judge'
              ? 'court.sealed.votes_last' : 'court.sealed.votes_first')}</small></span>
            ${seat.connected ? pill('ok', 'check', t('court.required.here')) : pill('bad', 'wifi-off', t('court.required.lost'))}</li>`)}</ul>
          <p class="muted">${t('court.sealed.minutes')}</p></section>
        ${this.before(state, from)}
      </div>`;
  }

  /**
   * @param {State} state
   * @param {string | number | null} from
   */
  before(state, from) {
    const {view, words} = state;
    const {t} = words;
    const frozen = view.checklist.some((item) => item.code === 'judgment_frozen' && item.state === 'done');
    return html`<section class="panel">
      ${panelHead('file-lock', t('court.sealed.before'))}
      <ul class="sealed-list">${view.checklist.map((item) => html`<li>
        <span class="box box-${item.state}" aria-hidden="true">${item.state === 'open' ? nothing : icon('check', 16)}</span>
        <span>${words.item(item.code)}<span class="visually-hidden">${t(`court.must.${item.state}`)}</span></span>
        ${item.state === 'open' && view.allowed.TickItem?.includes(item.code) ? button(state, {
          label: t('court.must.done'), kind: 'button-small', command: 'TickItem', target: item.code,
          name: t('court.must.tick', {item: words.item(item.code)}), press: () => this.wish('TickItem', {item: item.code}),
        }) : nothing}</li>`)}</ul>
      <div class="sealed-acts">
        ${may(view, 'FreezeJudgment') ? button(state, {
          label: t(frozen ? 'court.do.FreezeJudgment.again' : 'court.do.FreezeJudgment'), icon: 'file-lock',
          kind: frozen ? 'button-quiet' : '', command: 'FreezeJudgment', press: () => this.ask('FreezeJudgment'),
        }) : nothing}
        ${may(view, 'SignDeliberationMinutes') ? button(state, {
          label: t('court.do.SignDeliberationMinutes'), icon: 'signature', kind: 'button-vote', command: 'SignDeliberationMinutes',
          press: () => this.ask('SignDeliberationMinutes'),
        }) : nothing}
        ${view.next_phases.map((next, index) => {
          const forward = next.phase === 'pronouncement';
          const open = openCount(next);
          const label = t(forward ? 'court.sealed.return' : 'court.sealed.reopen');
          if (may(view, 'EnterPhase', next.phase) && view.allowed.EnterPhase) return button(state, {
            label, icon: forward ? 'gavel' : 'undo-2', kind: forward ? 'button-primary' : 'button-quiet', command: 'EnterPhase',
            target: next.phase, press: () => this.ask('EnterPhase', {phase: next.phase}),
          });
          return forward && view.you.role === 'presiding_judge' ? html`<button type="button" class="button" aria-disabled="true"
            aria-describedby="sealed-why-${index}">${label}</button><p class="why" id="sealed-why-${index}">${t('court.step.open', {count: open})}</p>` : nothing;
        })}
      </div>
      ${from ? html`<p class="muted">${t('court.sealed.since', {time: clockText(state, from, true)})}</p>` : nothing}
    </section>`;
  }
}

customElements.define('deliberation-room', DeliberationRoom);
