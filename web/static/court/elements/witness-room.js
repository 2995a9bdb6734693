/** The witness room: who waits apart, that they hear and see nothing, and "Gọi vào" for those who may call. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {witnesses} from '../layout.js';
import {nameOf} from '../words.js';
import {button} from './parts.js';

/** @typedef {import('../types.js').State} State */

export class WitnessRoom extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {t} = state.words;
    const waiting = witnesses(state.view);
    return html`<div class="panel witness-card">
      <div class="panel-head">${icon('door-closed', 18)}<h2>${t('court.witness_room')}</h2></div>
      <ul>${waiting.map((seat) => html`<li>
        <span>${nameOf(state, seat.id)} · ${t(seat.connected ? `court.witness.${seat.place}` : 'court.witness.outside')}</span>
        ${state.view.allowed.CallWitness?.includes(seat.id) ? button(state, {
          label: t('court.witness.call'), icon: 'log-in', kind: 'button-small button-wide', command: 'CallWitness',
          target: seat.id, name: t('court.witness.call_name', {name: nameOf(state, seat.id)}),
          press: () => this.wish('CallWitness', {seat: seat.id}),
        }) : nothing}</li>`)}</ul>
      <p class="muted">${icon('ear-off', 16)}<span>${t('court.witness.hears_nothing')}</span></p>
    </div>`;
  }
}

customElements.define('witness-room', WitnessRoom);
