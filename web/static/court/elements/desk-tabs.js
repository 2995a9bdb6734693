/** On a phone the clerk's desk is one thing at a time: log, roll call, recorder, connections, help. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';

/** @typedef {import('../types.js').State} State */

export const PANELS = ['log', 'roll', 'recorder', 'lines', 'help'];

export class DeskTabs extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, panel, words: {t}} = state;
    const calls = view.hands.length;
    return html`<nav aria-label=${t('court.tabs')}><div class="desk-tabs" role="tablist" aria-label=${t('court.tabs')} @keydown=${this.keyed}>${PANELS.map((name) => html`
      <button type="button" role="tab" aria-selected=${String(panel === name)} tabindex=${panel === name ? 0 : -1} data-panel=${name}
        @click=${() => this.send('panel', name)}>${t(`court.tab.${name}`)}${name === 'help' && calls ? html` <b>${calls}</b>` : nothing}</button>`)}</div></nav>`;
  }

  /** @param {KeyboardEvent} event */
  keyed = (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step || !this.state) return;
    const next = PANELS[(PANELS.indexOf(this.state.panel) + step + PANELS.length) % PANELS.length];
    this.send('panel', next);
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (this.querySelector(`[data-panel=${next}]`))?.focus());
  };
}

customElements.define('desk-tabs', DeskTabs);
