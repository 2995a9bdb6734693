/** Everybody's connection: who has trouble, in words; the figures behind it when they are asked for. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {linesOf} from '../lines.js';
import {nameOf, shortRole} from '../words.js';
import {panelHead, pill} from './parts.js';

/** @typedef {import('../types.js').State} State */
/** @typedef {import('../lines.js').Row} Row */

const ICONS = {lost: 'wifi-off', waiting: 'clock', bad: 'triangle-alert', weak: 'signal-low', unknown: 'minus', good: 'wifi'};
const TROUBLE = ['lost', 'bad', 'waiting', 'weak'];

export class LinePanel extends CourtElement {
  open = false;

  /** @param {State} state */
  template(state) {
    const rows = linesOf(state);
    if (!rows) return nothing;
    const {t} = state.words;
    const trouble = rows.filter((row) => TROUBLE.includes(row.grade));
    const grave = trouble.some((row) => row.grade === 'lost' || row.grade === 'bad');
    const end = trouble.length
      ? pill(grave ? 'bad' : 'warn', 'triangle-alert', t('court.lines.trouble', {count: trouble.length}))
      : pill('ok', 'wifi', t('court.lines.fine'));
    return html`<section class="panel line-panel" aria-label=${t('court.lines')} data-region="lines" tabindex="-1">
      ${panelHead('signal', t('court.lines'), end)}
      ${trouble.length ? html`<ul>${trouble.map((row) => this.row(state, row))}</ul>` : nothing}
      ${rows.length ? html`<details ?open=${this.open} @toggle=${(/** @type {Event} */ event) => {
        this.open = /** @type {HTMLDetailsElement} */ (event.currentTarget).open;
      }}><summary>${t('court.lines.figures')}</summary>${this.table(state, rows)}</details>`
        : html`<p class="empty">${t('court.lines.nobody')}</p>`}
    </section>`;
  }

  /**
   * @param {State} state
   * @param {Row} row
   */
  row(state, {seat, grade}) {
    const {t} = state.words;
    return html`<li class="line-${grade}">${icon(ICONS[grade], 18)}<span><b>${shortRole(state, seat)}</b> ${nameOf(state, seat)}
      <small>${t(`court.lines.${grade}.text`)}</small></span><span class="grade">${t(`court.lines.${grade}`)}</span></li>`;
  }

  /**
   * @param {State} state
   * @param {Row[]} rows
   */
  table(state, rows) {
    const {t, language} = state.words;
    const number = (/** @type {number | undefined} */ value, digits = 0) => (value === undefined ? '–'
      : value.toLocaleString(language, {minimumFractionDigits: digits, maximumFractionDigits: digits}));
    const kbit = (/** @type {number | undefined} */ value) => number(value === undefined ? value : value / 1000);
    const percent = (/** @type {number | undefined} */ value) => number(value === undefined ? value : value * 100, 1);
    return html`<div class="line-scroll" tabindex="0" role="region" aria-label=${t('court.lines.table')}>
      <table><thead><tr><th scope="col">${t('court.roll.person')}</th><th scope="col">${t('court.lines.grade')}</th>
        <th scope="col">${t('court.lines.loss')}</th><th scope="col">${t('court.lines.rtt')}</th>
        <th scope="col">${t('court.lines.sends')}</th><th scope="col">${t('court.lines.receives')}</th></tr></thead>
      <tbody>${rows.map(({seat, grade, figures}) => html`<tr><th scope="row">${shortRole(state, seat)}</th>
        <td>${t(`court.lines.${grade}`)}</td><td>${percent(figures.loss)}</td><td>${number(figures.rtt_ms)}</td>
        <td>${kbit(figures.sending_bps)}</td><td>${kbit(figures.receiving_bps)}</td></tr>`)}</tbody></table></div>`;
  }
}

customElements.define('line-panel', LinePanel);
