/** After the hearing: how it ended, what happens now, where to go. Light and calm like the waiting room. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {desk} from '../scene.js';
import {addressOf} from '../words.js';
import {languages} from './court-header.js';

/** @typedef {import('../types.js').State} State */

export class OverPage extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, page, words: {t}} = state;
    const you = addressOf(state);
    const party = desk(view) === 'party';
    return html`<div class="waiting">
      <div class="waiting-top"><span class="mark" aria-hidden="true">${icon('scale', 20)}</span>
        <div><b class="brand-name">${page.number}</b><span class="brand-sub">${page.title}</span></div>
        <div class="end">${languages(state)}</div></div>
      <div class="over-page">
        <h1>${t(`court.over.${view.stage}`)}</h1>
        <p class="calm">${t(`court.over.${view.stage}.${party ? 'party' : 'staff'}`, {you})}</p>
        <div class="ready">${icon('circle-check', 24)}<p><b>${t('court.over.off')}</b><span>${t('court.over.off.text', {you})}</span></p></div>
        <div class="over-links">
          ${page.links.playback ? html`<a class="button button-primary" href=${page.links.playback}>${icon('circle-play', 20)}<span>${t('court.over.playback')}</span></a>` : nothing}
          ${page.links.case ? html`<a class="button" href=${page.links.case}>${icon('folder-open', 20)}<span>${t('court.over.case')}</span></a>` : nothing}
          <a class="button" href=${page.links.home ?? '/today'}>${icon('house', 20)}<span>${t('court.over.home')}</span></a>
        </div>
      </div></div>`;
  }
}

customElements.define('over-page', OverPage);
