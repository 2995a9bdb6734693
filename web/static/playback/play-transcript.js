/**
 * What was said, as a machine heard it: a press plays the words.
 * Rule: always marked as machine text; what no engine could read is said in words and in seconds.
 */
import {guard, html, nothing, repeat} from 'lit-html';
import {CourtElement} from '../court/element.js';
import {icon} from '../court/icons.js';
import {fold} from './index.js';
import {lineAt, seatOfLine} from './speech.js';
import {clockAt, shortRole} from './shown.js';

/** @typedef {import('./shown.js').Playing} Playing */
/** @typedef {import('./speech.js').Line} Line */

export class PlayTranscript extends CourtElement {
  #shown = '';
  #touched = 0;

  /** @param {Playing} state */
  template(state) {
    const {transcript, search, words: {t}} = state;
    const lines = transcript?.segments ?? [];
    const wanted = fold(search.trim());
    const found = wanted ? lines.filter((line) => fold(line.text).includes(wanted)) : lines;
    const now = lines[lineAt(lines, state.ms)];
    return html`<section class="transcript" aria-label=${t('playback.words')}>
      <div class="panel-head">${icon('text-search', 20)}<h2>${t('playback.words')}</h2>
        ${lines.length ? html`<span class="pill pill-warn">${t('playback.machine')}</span>` : nothing}</div>
      <div class="searchbox">${icon('search', 20)}<label class="visually-hidden" for="find-words">${t('playback.search')}</label>
        <input id="find-words" type="search" placeholder=${t('playback.search')} aria-keyshortcuts="/" .value=${search}
          @input=${(/** @type {Event} */ event) => this.send('search', /** @type {HTMLInputElement} */ (event.target).value)}></div>
      <div class="lines-box" tabindex="0" role="region" aria-label=${t('playback.lines')} @wheel=${this.touch} @touchmove=${this.touch} @keydown=${this.touch}>
        ${this.notice(state, lines.length)}
        ${wanted && !found.length ? html`<p class="muted">${t('playback.found_none')}</p>` : nothing}
        <ol class="spoken-lines">${repeat(found, (line) => line.id, (line) => {
          const spoken = line === now;
          return guard([line, spoken && state.ms, state.words], () => this.line(state, line, spoken));
        })}</ol>
      </div>
    </section>`;
  }

  /**
   * @param {Playing} state
   * @param {Line} line
   * @param {boolean} now
   */
  line(state, line, now) {
    const {t} = state.words;
    const seat = state.data.seats.find((one) => one.id === seatOfLine(line, state.data.tracks));
    const time = clockAt(state, line.t0_ms);
    const words = line.words?.length ? line.words : [[line.text, line.t0_ms, line.t1_ms]];
    return html`<li class=${now ? 'line-now' : ''} data-line=${line.id} aria-current=${now ? 'true' : 'false'}>
      <button type="button" class="line-time" aria-label=${t('playback.play_from', {time})} @click=${() => this.send('listen', line.t0_ms)}>${time}</button>
      <div><b>${seat ? shortRole(state, seat) : ''}</b>
        ${line.overlap?.length ? html`<small>${t('playback.overlapping')}</small>` : nothing}
        <p lang=${line.lang ?? nothing} @click=${this.press}>${words.map(([word, from, to]) => html`<span data-ms=${from}
          class=${now && Number(from) <= state.ms && state.ms < Number(to) ? 'word-now' : ''}>${word}</span> `)}</p></div></li>`;
  }

  /** @param {MouseEvent} event */
  press = (event) => {
    const word = event.target instanceof HTMLElement ? event.target.closest('[data-ms]') : null;
    if (word instanceof HTMLElement) this.send('listen', Number(word.dataset.ms));
  };

  touch = () => {
    this.#touched = performance.now();
  };

  /**
   * @param {Playing} state
   * @param {number} count
   */
  notice(state, count) {
    const {transcript, reading, data, words: {t}} = state;
    const unread = (transcript?.untranscribed ?? []).filter((one) => one.reason === 'no_engine');
    const languages = [...new Set(unread.map((one) => one.language))];
    const minutes = Math.max(1, Math.round(unread.reduce((sum, one) => sum + one.speech_ms, 0) / 60000));
    return html`
      ${reading === 'waiting' ? html`<p class="notice">${icon('clock', 22)}<span>${t('playback.transcript.waiting')}</span></p>` : nothing}
      ${reading === 'growing' ? html`<p class="notice" role="status">${icon('loader-circle', 22)}<span>${t('playback.transcript.growing', {
        percent: Math.round(data.transcript.progress ?? 0),
      })}</span></p>` : nothing}
      ${reading === 'failed' ? html`<p class="notice notice-bad">${icon('circle-alert', 22)}<span>${t('playback.transcript.failed.page')}</span></p>` : nothing}
      ${reading === 'none' ? html`<p class="notice">${icon('info', 22)}<span>${t('playback.transcript.none')}</span></p>` : nothing}
      ${languages.map((language) => html`<p class="notice notice-warn">${icon('ear-off', 22)}<span>${t('playback.transcript.no_engine.page', {
        language: t(`playback.language.${language}`), count: minutes,
      })}</span></p>`)}
      ${reading === 'done' && !count && !languages.length ? html`<p class="muted">${t('playback.transcript.empty')}</p>` : nothing}
      ${count ? html`<p class="muted machine-note">${t('playback.machine.note')}</p>` : nothing}`;
  }

  update() {
    super.update();
    const now = this.querySelector('.line-now');
    const id = now instanceof HTMLElement ? now.dataset.line ?? '' : '';
    const playing = /** @type {Playing | null} */ (/** @type {unknown} */ (this.state))?.playing;
    if (id === this.#shown || !playing || performance.now() - this.#touched < 6000) return;
    this.#shown = id;
    const box = this.querySelector('.lines-box');
    if (!(box instanceof HTMLElement) || !(now instanceof HTMLElement) || box.scrollHeight <= box.clientHeight) return;
    box.scrollTop = now.offsetTop - box.offsetTop - box.clientHeight / 3;
  }
}

customElements.define('play-transcript', PlayTranscript);
