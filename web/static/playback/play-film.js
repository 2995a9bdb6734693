/** The composed film: asked for, being made, ready, failed; a long job one may leave alone. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../court/element.js';
import {icon} from '../court/icons.js';

/** @typedef {import('./shown.js').Playing} Playing */

export class PlayFilm extends CourtElement {
  /** @param {Playing} state */
  template(state) {
    const {film} = state.data;
    const {t} = state.words;
    if (film.status === 'done' && film.url) {
      return html`<a class="button button-small" href=${film.url} download>${icon('film', 18)}<span>${t('playback.film.get')}</span></a>`;
    }
    if (film.status === 'waiting' || film.status === 'running' || state.asking) {
      return html`<div class="film-job" role="status"><span>${t('playback.film.running', {percent: Math.round(film.progress ?? 0)})}</span>
        <progress max="100" value=${film.progress ?? 0} aria-label=${t('playback.film')}></progress>
        <small>${t('playback.film.leave')}</small></div>`;
    }
    return html`${film.status === 'failed' ? html`<span class="sign sign-bad">${icon('circle-alert', 18)}${t('playback.film.failed')}</span>` : nothing}
      <button type="button" class="button button-small" @click=${() => this.send('film')}>${icon('film', 18)}
        <span>${t(film.status === 'failed' ? 'playback.film.again' : 'playback.film.ask')}</span></button>`;
  }
}

customElements.define('play-film', PlayFilm);
