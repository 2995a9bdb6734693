/**
 * The floor: who holds it and for how long, who is next by the order of the law, and whose hands are up.
 * Rule: the buttons are the court's `allowed`; the order is the court's.
 */
import {html, nothing, repeat} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {asks, desk, handsInOrder, may} from '../scene.js';
import {clockText, duration, elapsed} from '../time.js';
import {nameOf, roleOf, roleWithin, seatOf} from '../words.js';
import {button, mark, panelHead} from './parts.js';

/** @typedef {import('../types.js').State} State */

/**
 * Who asks or speaks next in the order of the law: the first after the last speaker who may be given the floor.
 * @param {State} state
 */
export function nextInOrder(state) {
  const {view, log} = state;
  const given = log.findLast((entry) => entry.kind === 'FloorGiven' || entry.kind === 'PhaseEntered');
  const last = view.floor?.seat ?? (given?.kind === 'FloorGiven' ? String(given.body.seat) : null);
  const from = last === null ? -1 : view.order.indexOf(last);
  return view.order.slice(from + 1).find((seat) => view.allowed.GiveFloor?.includes(seat)) ?? null;
}

/**
 * Give the floor to the next in order: who asks goes on asking the one who has been answering.
 * @param {CourtElement} element
 * @param {State} state
 * @param {string} seat
 */
function inviteNext(element, state, seat) {
  const {view} = state;
  if (!asks(view, seat)) element.wish('GiveFloor', {seat});
  else if (view.floor?.answering && view.floor.answering !== seat) {
    element.wish('GiveFloor', {seat, answering: view.floor.answering, purpose: 'question'});
  } else element.ask('GiveFloor', {seat, answering: view.seats.find((one) => one.role === 'defendant')?.id ?? null});
}

export class FloorBar extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, words} = state;
    const {t} = words;
    const {floor} = view;
    const controls = desk(view) !== 'party';
    if (!controls && !floor) return nothing;
    const next = nextInOrder(state);
    const article = view.phases.find((phase) => phase.state === 'now')?.article ?? '';
    const turn = floor ? t('court.floor.turn', {time: duration(elapsed(state, floor.since))}) : '';
    return html`<section class="panel floor" aria-label=${t('court.floor')} data-region="floor" tabindex="-1">
      ${panelHead('mic', t('court.floor'), html`<span class="num">${turn}</span>`)}
      <div class=${floor ? 'floor-now' : 'floor-none'}>
        <b>${this.sentence(state)}</b>
        ${may(view, 'EndTurn') && floor ? button(state, {
          label: t('court.floor.end'), kind: 'button-small', command: 'EndTurn', keys: 'E',
          press: () => this.wish('EndTurn'),
        }) : nothing}
        ${!floor && may(view, 'GiveFloor') ? button(state, {
          label: t('court.floor.give'), kind: 'button-small', keys: 'G', press: () => this.ask('floor'),
        }) : nothing}
      </div>
      ${next && view.allowed.GiveFloor ? html`<div class="floor-next">${icon('arrow-right', 18)}
        <span><b>${t('court.floor.next', {who: roleOf(state, next)})}</b>
          <small>${[t('court.floor.order', {phase: words.phase(view.phase, view.hearing.procedure).toLowerCase()}), article && t('court.article', {article})]
            .filter(Boolean).join(', ')}</small></span>
        ${button(state, {
          label: t('court.floor.invite_next'), kind: 'button-small', command: 'GiveFloor', target: next,
          name: t('court.floor.invite_name', {who: roleOf(state, next), name: nameOf(state, next)}),
          press: () => inviteNext(this, state, next),
        })}</div>` : nothing}
    </section>`;
  }

  /** @param {State} state */
  sentence(state) {
    const {floor} = state.view;
    const {t} = state.words;
    if (!floor) return t('court.floor.nobody');
    if (floor.answering && floor.answering !== floor.seat) {
      return t('court.floor.asks', {asker: roleOf(state, floor.seat), other: roleWithin(state, floor.answering)});
    }
    return t('court.floor.speaks', {who: roleOf(state, floor.seat)});
  }
}

export class HandsList extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, words: {t}} = state;
    const hands = handsInOrder(view);
    if (desk(view) === 'party') return nothing;
    return html`<section class="panel hands" aria-label=${t('court.hands')}>
      ${panelHead('hand', html`${t('court.hands')} ${hands.length ? html`<span class="count">${hands.length}</span>` : nothing}`,
        hands.length && may(view, 'LowerAllHands') ? button(state, {
          label: t('court.hands.lower_all'), kind: 'button-quiet button-small', command: 'LowerAllHands',
          press: () => this.wish('LowerAllHands'),
        }) : nothing)}
      ${hands.length ? html`<ol>${repeat(hands, (hand) => `${hand.seat}:${hand.reason}`, (hand, index) => this.row(state, hand, index))}</ol>`
        : html`<p class="muted">${t('court.hands.none')}</p>`}
    </section>`;
  }

  /**
   * @param {State} state
   * @param {State['view']['hands'][number]} hand
   * @param {number} index
   */
  row(state, hand, index) {
    const {view, words: {t}} = state;
    const objection = hand.reason === 'objection';
    const lower = view.allowed.LowerHand?.includes(hand.seat) && hand.seat !== view.you.seat;
    const who = {who: roleOf(state, hand.seat), name: nameOf(state, hand.seat)};
    return html`<li><span class="order" aria-hidden="true">${index + 1}</span>${mark(state, hand.seat)}
      <span class="hand-who"><b>${roleOf(state, hand.seat)}</b>
        <small>${t(`court.hand.${hand.reason}`)} · <span class="nowrap">${clockText(state, hand.at, true)}</span>
          ${hand.text ? html`<span class="hand-text">${hand.text}</span>` : nothing}</small></span>
      ${may(view, 'GiveFloor', hand.seat) && seatOf(state, hand.seat) ? button(state, {
        label: t('court.hands.invite'), kind: `button-small ${objection || index === 0 ? 'button-primary' : ''}`,
        command: 'GiveFloor', target: hand.seat, name: t('court.hands.invite_name', who),
        keys: index < 9 ? String(index + 1) : undefined,
        press: () => this.wish('GiveFloor', {seat: hand.seat}),
      }) : lower ? button(state, {
        label: t('court.hands.lower'), kind: 'button-small', command: 'LowerHand', target: hand.seat,
        name: t('court.hands.lower_name', who), press: () => this.wish('LowerHand', {seat: hand.seat}),
      }) : nothing}</li>`;
  }
}

customElements.define('floor-bar', FloorBar);
customElements.define('hands-list', HandsList);
