/** The recorder for the clerk: one line per sound that is recorded, with its level, and what is missing, in words. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {recorder, recorderAlarms} from '../recorder.js';
import {clockText} from '../time.js';
import {shortRole} from '../words.js';
import {panelHead, pill} from './parts.js';

/** @typedef {import('../types.js').State} State */

export class RecorderPanel extends CourtElement {
  /** @type {Record<string, number>} */
  #levels = {};

  /** @param {Record<string, number>} levels */
  hear(levels) {
    this.#levels = levels;
    for (const meter of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll('.level'))) {
      meter.style.setProperty('--level', String(this.#width(meter.dataset.source ?? '')));
    }
  }

  /** @param {string} source */
  #width(source) {
    const level = this.#levels[source];
    return level === undefined ? 0 : Math.max(0, Math.min(1, (60 - Math.abs(level)) / 50));
  }

  /** @param {State} state */
  template(state) {
    const {view, words: {t}} = state;
    const light = recorder(state);
    const sounds = view.sources.filter((source) => source.kind === 'microphone');
    const kind = {on: 'ok', gap: 'warn', stopped: 'bad', off: 'line'}[light.kind];
    return html`<section class="panel recorder-panel" aria-label=${t('court.recorder')} data-region="recorder" tabindex="-1">
      ${panelHead('disc', t('court.recorder'), pill(kind, light.icon, light.text))}
      <ul>${sounds.map((source) => html`<li><span>${shortRole(state, source.seats[0])}</span>
        <span class="level" data-source=${source.id} aria-hidden="true"><i></i></span>
        <small>${view.recording.on && !view.interruption ? t('court.recorder.written') : t('court.recorder.not_written')}</small></li>`)}</ul>
      ${recorderAlarms(state).map((alarm) => html`<p class="lost">${state.words.first([`alarm.${alarm.reason}`]) || alarm.reason}
        · ${clockText(state, alarm.since, true)}</p>`)}
      ${this.acts(state)}
    </section>`;
  }

  /** @param {State} state */
  acts({view, words: {t}}) {
    const command = ['StartRecording', 'StopRecording'].find((one) => view.allowed[one]);
    return command ? html`<button type="button" class="button button-small button-wide"
      @click=${() => (command === 'StartRecording' ? this.wish(command) : this.ask(command))}>${t(`court.do.${command}`)}</button>` : nothing;
  }
}

customElements.define('recorder-panel', RecorderPanel);
