/** The roll-call table: where everybody is, papers, oral check, duties; three states each: done, open, not needed. */
import {html, nothing, repeat} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {actsOn, may} from '../scene.js';
import {nameOf, pointOf, shortRole} from '../words.js';
import {button, panelHead} from './parts.js';

/** @typedef {import('../types.js').State} State */
/** @typedef {import('../types.js').Seat} Seat */

export class RollCall extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, words: {t}} = state;
    const seats = view.seats.filter((seat) => seat.id !== view.you.seat);
    const count = (/** @type {(seat: Seat) => boolean} */ test) => view.seats.filter(test).length;
    const here = count((seat) => seat.connected);
    const apart = count((seat) => seat.place === 'witness_room');
    const admit = (view.allowed.Admit ?? []);
    return html`<section class="panel roll" aria-label=${t('court.roll')} data-region="roll" tabindex="-1">
      ${panelHead('clipboard-check', t('court.roll'), html`<span class="nowrap">${t('court.roll.count', {
        here, absent: count((seat) => seat.roll === 'absent'), apart,
      })}</span>`)}
      <div class="roll-scroll" tabindex="0" role="region" aria-label=${t('court.roll.table')}>
      <table><thead><tr><th scope="col">${t('court.roll.person')}</th><th scope="col">${t('court.roll.where')}</th>
        <th scope="col">${t('court.roll.checks')}</th><th scope="col"><span class="visually-hidden">${t('court.roll.acts')}</span></th></tr></thead>
        <tbody>${repeat(seats, (seat) => seat.id, (seat) => this.row(state, seat))}</tbody></table></div>
      ${admit.length > 1 ? button(state, {
        label: t('court.roll.admit_all', {count: admit.length}), icon: 'log-in', kind: 'button-primary button-small button-wide',
        command: 'Admit', target: admit.join(), press: () => this.wish('Admit', {seats: admit}),
      }) : nothing}
    </section>`;
  }

  /**
   * @param {State} state
   * @param {Seat} seat
   */
  row(state, seat) {
    const {view, words: {t}} = state;
    const name = nameOf(state, seat.id);
    const actions = actsOn(view, seat.id);
    const place = seat.place === 'courtroom' ? pointOf(state, seat.point) : t(`court.tile.away.${seat.place}`);
    const admit = may(view, 'Admit', seat.id) && view.allowed.Admit?.length;
    return html`<tr class=${seat.connected ? '' : 'row-away'}>
      <th scope="row"><b>${shortRole(state, seat.id)}</b><span>${name}</span></th>
      <td>${seat.connected ? place : html`<span class="lost">${icon('wifi-off', 16)}${t('court.roll.away')}</span>`}</td>
      <td class="checks">${this.check(state, 'papers', seat.papers)}${this.check(state, 'oral', seat.oral)}
        ${this.check(state, 'duties', seat.duties)}</td>
      <td class="acts">${admit ? button(state, {
        label: t('court.roll.admit'), kind: 'button-small', command: 'Admit', target: seat.id,
        name: t('court.roll.admit_name', {name}), press: () => this.wish('Admit', {seats: [seat.id]}),
      }) : nothing}
      ${actions.length ? html`<button type="button" class="more"
        aria-label=${t('court.tile.actions', {who: shortRole(state, seat.id), name})}
        @click=${() => this.ask('seat', {seat: seat.id})}
        >${icon('ellipsis', 18)}</button>` : nothing}</td></tr>`;
  }

  /**
   * @param {State} state
   * @param {string} what
   * @param {boolean | null | undefined} value
   */
  check(state, what, value) {
    const {t} = state.words;
    const kind = value === null || value === undefined ? 'none' : value ? 'done' : 'open';
    const name = {none: 'minus', done: 'badge-check', open: 'circle'}[kind];
    return html`<span class="check-${kind}" title=${t(`court.roll.${what}`)}>${icon(name, 18)}
      <span class="visually-hidden">${t(`court.roll.${what}.${kind}`)}</span></span>`;
  }
}

/** People who called for help: they cannot hear, or their line is weak. */
export class HelpList extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, words: {t}} = state;
    const calls = view.hands.filter((hand) => hand.reason === 'cannot_hear');
    return html`<section class="panel help" aria-label=${t('court.needs_help')}>
      ${panelHead('life-buoy', html`${t('court.needs_help')} ${calls.length ? html`<span class="count">${calls.length}</span>` : nothing}`)}
      ${calls.length ? html`<ul>${repeat(calls, (hand) => hand.seat, (hand) => html`<li><span><b>${shortRole(state, hand.seat)}</b>
        <small>${nameOf(state, hand.seat)} · ${t('court.hand.cannot_hear')}</small></span>
        ${view.allowed.LowerHand?.includes(hand.seat) ? button(state, {
          label: t('court.help.done'), kind: 'button-small', command: 'LowerHand', target: hand.seat,
          press: () => this.wish('LowerHand', {seat: hand.seat}),
        }) : nothing}</li>`)}</ul>` : html`<p class="muted">${t('court.needs_help.none')}</p>`}
    </section>`;
  }
}

customElements.define('roll-call', RollCall);
customElements.define('help-list', HelpList);
