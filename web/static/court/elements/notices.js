/** The short note after an act that worked, and what an act was refused with: a sentence, never a code. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';

/** @typedef {import('../types.js').State} State */

export class CourtNotices extends CourtElement {
  /** @type {{text: string, kind: 'bad' | 'ok', language: string} | null} */
  note = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} text
   * @param {'bad' | 'ok'} [kind]
   */
  show(text, kind = 'bad') {
    this.note = {text, kind, language: this.state?.words.language ?? ''};
    clearTimeout(this.#timer);
    if (kind === 'ok') this.#timer = setTimeout(() => this.hide(), 6000);
    this.update();
  }

  hide() {
    this.note = null;
    this.update();
  }

  /** @param {State} state */
  template({words: {t, language}}) {
    // A sentence was made in the language of its moment; in another language it would be out of place.
    if (this.note && this.note.language !== language) this.note = null;
    return this.note ? html`<div class="note note-${this.note.kind}" role=${this.note.kind === 'bad' ? 'alert' : 'status'}>
      ${icon(this.note.kind === 'bad' ? 'circle-alert' : 'circle-check', 20)}<p>${this.note.text}</p>
      <button type="button" class="button button-small" @click=${() => this.hide()}>${t('court.note.close')}</button></div>` : nothing;
  }
}

customElements.define('court-notices', CourtNotices);
