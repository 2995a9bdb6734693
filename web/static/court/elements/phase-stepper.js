/** The phases of this procedure: done, now, later. Not clickable: the phase moves in the checklist only. */
import {html} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {nameOf} from '../words.js';

/** @typedef {import('../types.js').State} State */

export class PhaseStepper extends CourtElement {
  /** @param {State} state */
  template({view, words, people}) {
    const {t} = words;
    const name = (/** @type {string} */ code) => words.phase(code, view.hearing.procedure);
    const index = Math.max(0, view.phases.findIndex((phase) => phase.state === 'now'));
    const now = view.phases[index];
    return html`<nav aria-label=${t('court.phases')}>
      <ol class="steps">${view.phases.map((phase, n) => html`
        <li class="step step-${phase.state}" aria-current=${phase.state === 'now' ? 'step' : 'false'}
          title=${[name(phase.code), phase.article && t('court.article', {article: phase.article})].filter(Boolean).join(' · ')}>
          ${phase.state === 'done' ? icon('check', 18) : html`<span class="disc" aria-hidden="true">${n + 1}</span>`}
          <span>${words.shortPhase(phase.code)}</span>
          ${phase.state === 'done' ? html`<span class="visually-hidden">${t('court.phase.done')}</span>` : ''}
        </li>`)}</ol>
      <p class="steps-short" aria-hidden="true">
        <span>${t('court.phase.of', {number: index + 1, count: view.phases.length})} ·
          <b>${now ? words.shortPhase(now.code) : ''}</b></span>
        <span class="steps-me">${nameOf({people}, view.you.seat)} · ${words.role(view.you.role, true)}</span>
      </p>
      <div class="steps-bars" aria-hidden="true">${view.phases.map((phase) => html`<i class="step-${phase.state}"></i>`)}</div>
    </nav>`;
  }
}

customElements.define('phase-stepper', PhaseStepper);
