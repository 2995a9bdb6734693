/**
 * What must happen in this phase, and the step to the next one.
 * Rule: the court ticks by its own acts where it can; a step that the court would refuse is shown with its reason.
 */
import {html, nothing, repeat} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {desk, isPending, may, openCount} from '../scene.js';
import {button, panelHead} from './parts.js';

/** @typedef {import('../types.js').State} State */

export class MustHappen extends CourtElement {
  folded = window.matchMedia('(max-width: 700px)').matches;

  /** @param {State} state */
  template(state) {
    const {view, words} = state;
    const {t} = words;
    if (desk(view) === 'party') return nothing;
    const done = view.checklist.filter((item) => item.state !== 'open').length;
    const title = t('court.must', {phase: words.phase(view.phase, view.hearing.procedure)});
    return html`<section class="panel must" aria-label=${title} data-region="checklist" tabindex="-1">
      <details .open=${!this.folded} @toggle=${(/** @type {Event} */ event) => {
        this.folded = !(/** @type {HTMLDetailsElement} */ (event.target).open);
      }}>
        <summary><span class="panel-head">${icon('list-checks', 18)}<span class="h2" role="heading" aria-level="2">${title}</span>
          <span class="panel-end num">${done}/${view.checklist.length}</span>
          ${icon('chevron-down', 18)}</span></summary>
        ${view.checklist.length ? html`<ul>${repeat(view.checklist, (item) => `${view.phase}:${item.code}`, (item) => this.item(state, item))}</ul>`
          : html`<p class="muted">${t('court.must.none')}</p>`}
      </details>
      ${this.steps(state)}
    </section>`;
  }

  /**
   * @param {State} state
   * @param {State['view']['checklist'][number]} item
   */
  item(state, item) {
    const {view, words} = state;
    const {t} = words;
    const name = words.item(item.code);
    const sign = html`<span class="box box-${item.state}" aria-hidden="true">${
      item.state === 'done' ? icon('check', 16) : item.state === 'waived' ? icon('minus', 16) : nothing}</span>`;
    const said = html`<span class="visually-hidden">${t(`court.must.${item.state}`)}</span>`;
    const tick = item.state === 'open' && may(view, 'TickItem', item.code) && view.allowed.TickItem;
    const waive = item.state === 'open' && view.allowed.WaiveItem && may(view, 'WaiveItem', item.code);
    return html`<li class="item-${item.state}">
      ${tick ? html`<button type="button" class="item-tick" aria-busy=${String(isPending(state, 'TickItem', item.code))}
          aria-label=${t('court.must.tick', {item: name})} @click=${() => this.wish('TickItem', {item: item.code})}>
          ${sign}<span>${name}</span></button>`
        : html`<span class="item-text">${sign}<span>${name}${said}${item.state === 'waived'
          ? html`<small>${t('court.must.waived_because', {reason: item.reason})}</small>` : nothing}</span></span>`}
      ${waive ? html`<button type="button" class="item-waive" aria-label=${t('court.must.waive_name', {item: name})}
        @click=${() => this.ask('WaiveItem', {item: item.code})}>${t('court.must.waive')}</button>` : nothing}
    </li>`;
  }

  /** @param {State} state */
  steps(state) {
    const {view, words} = state;
    const {t} = words;
    if (may(view, 'OpenHearing')) {
      return html`<div class="step-on">${button(state, {
        label: t('court.open_hearing'), icon: 'gavel', kind: 'button-primary button-wide', command: 'OpenHearing',
        press: () => this.ask('OpenHearing'),
      })}</div>`;
    }
    if (desk(view) !== 'bench') return nothing;
    return html`<div class="step-on">
      ${may(view, 'Pronounce') ? button(state, {
        label: t('court.do.Pronounce.now'), icon: 'gavel', kind: 'button-primary button-wide', command: 'Pronounce',
        press: () => this.ask('Pronounce'),
      }) : nothing}
      ${repeat(view.next_phases, (next) => next.phase, (next, index) => {
      const name = words.phase(next.phase, view.hearing.procedure);
      const open = openCount(next);
      const back = view.phases.find((phase) => phase.code === next.phase)?.state === 'done';
      const label = t(back ? 'court.step.back' : 'court.step', {phase: name});
      if (view.allowed.EnterPhase && may(view, 'EnterPhase', next.phase)) {
        return button(state, {
          label, icon: back ? 'undo-2' : 'arrow-right', kind: back ? 'button-quiet button-wide' : 'button-primary button-wide',
          command: 'EnterPhase', target: next.phase, press: () => this.ask('EnterPhase', {phase: next.phase}),
        });
      }
      if (back) return nothing;
      const id = `step-why-${index}`;
      return html`<button type="button" class="button button-wide" aria-disabled="true" aria-describedby=${id}>
          ${icon('arrow-right', 18)}<span>${label}</span></button>
        <p class="why" id=${id}>${open ? t('court.step.open', {count: open}) : t('court.step.not_now')}</p>`;
    })}</div>`;
  }
}

customElements.define('must-happen', MustHappen);
