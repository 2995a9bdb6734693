/**
 * The log of the hearing and its composer, always at hand.
 * Rule: a note belongs to the person who types until the court has it; the time is that of the first key; nothing
 * moves the focus.
 */
import {html, live, nothing, repeat} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {may} from '../scene.js';
import {clockText, epoch} from '../time.js';
import {pointOf, shortRole} from '../words.js';

/** @typedef {import('../types.js').State} State */

/** Beginnings that a clerk types most: the word after the slash, with and without marks. */
const BEGINNINGS = ['ask', 'answer', 'objection', 'show', 'decision'];
/** What happened that belongs in the clerk's eyes between the notes; hands, floor and microphones do not. */
const SHOWN = [
  'SittingStarted', 'HearingOpened', 'PhaseEntered', 'ConnectionLost', 'WitnessCalled', 'WitnessReleased', 'Removed', 'IncidentHeld',
  'IncidentEnded', 'RecessStarted', 'RecessEnded', 'HearingSuspended', 'HearingResumed', 'AbsenceAccepted', 'TriedInAbsence', 'MediaLost',
  'AlarmRaised', 'RecordingStarted', 'RecordingStopped', 'VisibilityChanged', 'ModeChanged', 'JudgmentPronounced', 'SeatMoved', 'ItemWaived',
];
const ALARMING = ['ConnectionLost', 'IncidentHeld', 'MediaLost', 'Removed', 'AlarmRaised'];

/** @param {string} text */
const fold = (text) => text.toLowerCase().replaceAll('đ', 'd').normalize('NFD').replace(/\p{M}/gu, '');

export class CourtLog extends CourtElement {
  /** @type {{text: string, about: string, said: number | null}} */
  draft = {text: '', about: '', said: null};
  #bottom = true;
  #rows = 0;

  /** @param {State} state */
  template(state) {
    const {view, words: {t}} = state;
    const rows = logRows(state);
    const unsent = state.drafts.filter((draft) => draft.state === 'unsent').length;
    const newest = view.notes.reduce((time, note) => Math.max(time, note.t_ms), -1);
    const saved = state.drafts.some((draft) => draft.state === 'sending') ? html`${icon('loader-circle', 16)} ${t('court.log.saving')}`
      : unsent ? html`<span class="warn-text">${icon('cloud-off', 16)} ${t('court.log.unsent', {count: unsent})}</span>`
        : newest >= 0 ? html`<span class="ok-text">${icon('circle-check', 16)} ${t('court.log.saved', {time: clockText(state, newest, true)})}</span>` : nothing;
    return html`<section class="panel log" aria-label=${t('court.log')} data-region="log" tabindex="-1">
      <div class="panel-head">${icon('notebook-pen', 18)}<h2>${t('court.log')}</h2><span class="panel-end">${saved}</span></div>
      <div class="log-rows" tabindex="0" role="region" aria-label=${t('court.log.lines')}
        @scroll=${(/** @type {Event} */ event) => {
          const box = /** @type {HTMLElement} */ (event.target);
          this.#bottom = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
        }}>
        ${rows.length ? html`<ol>${repeat(rows, (row) => row.key, (row) => html`<li class="log-${row.kind}">
          <time>${row.time}</time><p>${row.kind === 'event' || row.kind === 'alarm'
            ? html`<span class="pill ${row.kind === 'alarm' ? 'pill-bad' : 'pill-info'}">${row.text}</span>`
            : html`${row.about ? html`<b>${row.about}</b> ` : nothing}${row.text}`}
            ${row.kind === 'unsent' ? html`<small class="warn-text">${t('court.log.kept')}</small>` : nothing}</p></li>`)}</ol>`
          : html`<p class="muted empty-log">${t('court.log.empty')}</p>`}
      </div>
      ${may(view, 'LogNote') ? this.composer(state) : nothing}
    </section>`;
  }

  /** @param {State} state */
  composer(state) {
    const {view, words: {t}} = state;
    const about = view.seats.filter((seat) => !['public', 'press'].includes(seat.role));
    return html`<form class="composer" aria-label=${t('court.log.compose')} @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      this.save();
    }}>
      <div class="composer-head">
        <span class="num" title=${t('court.log.time')}>${clockText(state, this.draft.said ?? new Date(state.now).toISOString(), true)}</span>
        <label class="visually-hidden" for="log-about">${t('court.log.about')}</label>
        <select id="log-about" .value=${live(this.draft.about)} @change=${(/** @type {Event} */ event) => {
          this.draft.about = /** @type {HTMLSelectElement} */ (event.target).value;
        }}>
          <option value="">${t('court.log.about.nobody')}</option>
          ${about.map((seat, index) => html`<option value=${seat.id} ?selected=${this.draft.about === seat.id}>${shortRole(state, seat.id)}${
            index < 9 ? ` · Alt+${index + 1}` : ''}</option>`)}
        </select>
        <span class="pill phase-pill">${state.words.phase(view.phase, view.hearing.procedure)}</span>
        <span class="composer-keys"><kbd>Ctrl</kbd> <kbd>Enter</kbd> ${t('court.log.save').toLowerCase()}</span>
      </div>
      <label class="visually-hidden" for="log-text">${t('court.log.text')}</label>
      <div class="composer-line"><textarea id="log-text" rows="2" .value=${live(this.draft.text)} placeholder=${t('court.log.placeholder')}
        aria-keyshortcuts="N" @input=${this.typed} @keydown=${this.keyed}></textarea>
        <button class="button button-primary composer-save" type="submit">${t('court.log.save')}</button></div>
      <div class="composer-begin">${BEGINNINGS.map((one) => html`<button type="button" class="slash"
        @click=${() => this.begin(one)}>/${t(`court.log.begin.${one}`)}</button>`)}</div>
    </form>`;
  }

  /** @param {InputEvent} event */
  typed = (event) => {
    const area = /** @type {HTMLTextAreaElement} */ (event.target);
    this.draft.text = area.value;
    if (!area.value) this.draft.said = null;
    else if (this.draft.said === null) this.draft.said = this.#nowMs();
    if (event.isComposing) return;
    const {t} = /** @type {State} */ (this.state).words;
    const typed = fold(area.value).match(/^\/(.+) $/);
    const found = typed && BEGINNINGS.find((one) => fold(t(`court.log.begin.${one}`)) === typed[1]);
    if (found) this.begin(found);
    else this.update();
  };

  /** @param {KeyboardEvent} event */
  keyed = (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.save();
    }
  };

  /** @param {string} beginning */
  begin(beginning) {
    const {t} = /** @type {State} */ (this.state).words;
    const rest = this.draft.text.startsWith('/') ? '' : this.draft.text;
    this.draft.text = `${t(`court.log.begin.${beginning}.text`)} ${rest}`;
    this.draft.said ??= this.#nowMs();
    this.update();
    this.compose();
  }

  /** @param {number} index the n-th person of the list, from 0 */
  speaker(index) {
    const select = /** @type {HTMLSelectElement | null} */ (this.querySelector('#log-about'));
    if (!select || index + 1 >= select.options.length) return;
    this.draft.about = select.options[index + 1].value;
    this.update();
  }

  compose() {
    /** @type {HTMLTextAreaElement | null} */ (this.querySelector('#log-text'))?.focus();
  }

  save() {
    const text = this.draft.text.trim().normalize('NFC');
    if (!text) return;
    this.send('note', {text, about: this.draft.about || null, said_at_ms: this.draft.said});
    this.draft = {text: '', about: this.draft.about, said: null};
    this.#bottom = true;
    this.update();
  }

  #nowMs() {
    const state = /** @type {State} */ (this.state);
    const zero = epoch(state.clock);
    return zero === null ? null : Math.max(0, Math.round(state.now - zero));
  }

  update() {
    super.update();
    const box = this.querySelector('.log-rows');
    const rows = this.querySelectorAll('.log-rows li').length;
    if (box && this.#bottom && rows !== this.#rows) box.scrollTop = box.scrollHeight;
    this.#rows = rows;
  }
}

/**
 * Notes, drafts and what happened, in the order of their times.
 * @param {State} state
 */
export function logRows(state) {
  const {view, words} = state;
  const known = new Set(view.notes.map((note) => note.id));
  const said = (/** @type {string | null} */ about) => (about ? shortRole(state, about) : '');
  const rows = [
    ...view.notes.map((note) => ({
      key: note.id, kind: 'note', t: note.t_ms, about: said(note.about), text: note.text, time: clockText(state, note.t_ms, true),
    })),
    ...state.drafts.filter((draft) => !known.has(draft.note)).map((draft) => ({
      key: draft.note, kind: draft.state === 'unsent' ? 'unsent' : 'sending', t: draft.said_at_ms ?? Infinity,
      about: said(draft.about), text: draft.text, time: clockText(state, draft.said_at_ms, true),
    })),
    ...state.log.filter((entry) => SHOWN.includes(entry.kind)).map((entry, index) => ({
      key: `entry-${entry.t_ms}-${entry.kind}-${index}`, kind: ALARMING.includes(entry.kind) ? 'alarm' : 'event', t: entry.t_ms,
      about: '', time: clockText(state, entry.t_ms, true), text: eventText(state, entry),
    })),
  ];
  return rows.sort((a, b) => a.t - b.t);
}

/**
 * @param {State} state
 * @param {State['log'][number]} entry
 */
function eventText(state, entry) {
  const {words, view} = state;
  /** @type {Record<string, string>} */
  const values = {};
  for (const [name, value] of Object.entries(entry.body)) {
    const text = String(value ?? '');
    if (name === 'seat' || name === 'by_seat') values[name] = shortRole(state, text);
    else if (name === 'phase') values[name] = words.phase(text, view.hearing.procedure);
    else if (name === 'item') values[name] = words.item(text);
    else if (name === 'point') values[name] = pointOf(state, text);
    else values[name] = words.first([`${name}.${text}`, `court.${name}.${text}`, `alarm.${text}`]) || text;
  }
  return words.t(`event.${entry.kind}`, values);
}

customElements.define('court-log', CourtLog);
