/** The guide strip, always in the same place: where we are, what I may do. */
import {html} from 'lit-html';
import {CourtElement} from '../element.js';
import {guide} from '../guide.js';
import {icon} from '../icons.js';

/** @typedef {import('../types.js').State} State */

export class GuideStrip extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {tone, icon: name, lead, rest} = guide(state);
    return html`<section class="guide guide-${tone}" aria-label=${state.words.t('court.guide')} tabindex="-1" data-region="guide">
      ${icon(name, 24)}<p><b>${lead}</b> <span>${rest}</span></p>
    </section>`;
  }
}

customElements.define('guide-strip', GuideStrip);
