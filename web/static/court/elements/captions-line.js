/** What a machine heard, as it is said. Rule: always marked as not the minutes; never announced by itself. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {roleOf} from '../words.js';

/** @typedef {import('../types.js').State} State */

export class CaptionsLine extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {captions, captionsOn, words: {t}} = state;
    if (!captionsOn || !captions.length) return nothing;
    return html`<section class="captions" aria-label=${t('court.captions')} role="log" aria-live="off">
      ${captions.slice(-2).map((line) => html`<p><b>${roleOf(state, line.speaker)}</b> ${line.text}</p>`)}
      <small>${t('court.captions.machine')}</small></section>`;
  }
}

customElements.define('captions-line', CaptionsLine);
