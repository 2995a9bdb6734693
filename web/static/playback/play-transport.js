/** Play, jump, speed: the keys of the player, with the time of day large and the time of the recording beside it. */
import {html} from 'lit-html';
import {CourtElement} from '../court/element.js';
import {icon} from '../court/icons.js';
import {duration} from '../court/time.js';
import {phases} from './index.js';
import {clockAt} from './shown.js';

/** @typedef {import('./shown.js').Playing} Playing */

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2];

export class PlayTransport extends CourtElement {
  /** @param {Playing} state */
  template(state) {
    const {words: {t, language}} = state;
    const phase = phases(state.data.chapters, state.length).find((one) => one.t_ms <= state.ms && state.ms < one.end_ms);
    const key = (/** @type {string} */ name, /** @type {string} */ symbol, /** @type {string} */ type, /** @type {unknown} */ detail) => html`
      <button type="button" class="play-key" aria-label=${t(`playback.${name}`)} title=${t(`playback.${name}`)}
        @click=${() => this.send(type, detail)}>${icon(symbol, 24)}</button>`;
    return html`<div class="transport" role="group" aria-label=${t('playback.transport')}>
      <div class="times"><b class="num">${clockAt(state, state.ms)}</b>
        <span class="num">${duration(state.ms, true)} / ${duration(state.length, true)}</span>
        <span class="phase-name">${phase ? state.words.shortPhase(phase.phase) : ''}</span></div>
      <div class="play-keys">
        ${key('previous', 'skip-back', 'chapter', -1)}
        ${key('back', 'rotate-ccw', 'step', -10000)}
        <button type="button" class="play-main" aria-label=${t(state.playing ? 'playback.pause' : 'playback.play')}
          aria-busy=${String(state.held)} @click=${() => this.send('toggle')}>${icon(state.playing ? 'pause' : 'play', 24)}</button>
        ${key('forward', 'rotate-cw', 'step', 10000)}
        ${key('next', 'skip-forward', 'chapter', 1)}
      </div>
      <label class="speed"><span class="visually-hidden">${t('playback.speed')}</span>
        <select aria-label=${t('playback.speed')} .value=${String(state.rate)} @change=${(/** @type {Event} */ event) => this.send(
          'rate', Number(/** @type {HTMLSelectElement} */ (event.target).value))}>${RATES.map((rate) => html`
          <option value=${rate} ?selected=${rate === state.rate}>${rate.toLocaleString(language)}×</option>`)}</select></label>
    </div>`;
  }
}

customElements.define('play-transport', PlayTransport);
