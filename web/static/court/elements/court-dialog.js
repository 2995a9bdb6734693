/**
 * The one dialog of the room. Rule: native `dialog`; focus on the safe choice for what cannot be undone and on the main
 * choice otherwise; Esc returns; focus goes back to the opener. What an open dialog offers keeps its place until it is
 * closed: the court's answers may close a choice or add one, but never put another under a finger that is on its way.
 */
import {html, nothing, repeat} from 'lit-html';
import {CourtElement} from '../element.js';
import {AT_ONCE, QUESTIONS, utcOf} from '../dialogs.js';
import {icon} from '../icons.js';
import {actsOn, asks, may, openCount} from '../scene.js';
import {nameOf, pointOf, roleOf} from '../words.js';
import {mark} from './parts.js';

/** @typedef {import('../types.js').State} State */
/** @typedef {import('../dialogs.js').Field} Field */

const KEYS = [
  ['M', 'mic'], ['V', 'camera'], ['H', 'hand'], ['C', 'captions'], ['G', 'floor'], ['1–9', 'invite'], ['E', 'end'],
  ['P', 'pause'], ['X', 'share'], ['K', 'checklist'], ['N', 'log'], ['Ctrl+Enter', 'save'], ['Alt+1–9', 'speaker'], ['F2', 'region'],
  ['?', 'keys'],
];

export class CourtDialog extends CourtElement {
  /** @type {{dialog: string, args: Record<string, unknown>} | null} */
  #open = null;
  /** @type {string} */
  #error = '';
  /** @type {HTMLElement | null} */
  #opener = null;
  /** @type {string[]} what this dialog has offered since it was opened */
  #offered = [];

  /**
   * @param {string} dialog
   * @param {Record<string, unknown>} [args]
   */
  show(dialog, args = {}) {
    const box = this.querySelector('dialog');
    if (!box?.open) this.#opener = /** @type {HTMLElement | null} */ (document.activeElement);
    this.#open = {dialog, args};
    this.#offered = [];
    this.#error = '';
    this.update();
    const opened = /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
    if (!opened.open) opened.showModal();
    const question = QUESTIONS[dialog];
    const wanted = ['select, textarea, input:not([type=hidden])', question?.danger || question?.final ? '.safe' : '.main', '.pick', '.safe'];
    const first = wanted.map((one) => opened.querySelector(one)).find(Boolean);
    /** @type {HTMLElement | undefined} */ (first)?.focus();
  }

  close() {
    this.querySelector('dialog')?.close();
  }

  #closed() {
    // The browser tells of the closing later: the next question may stand here by then.
    if (this.querySelector('dialog')?.open) return;
    this.#open = null;
    this.update();
    this.#opener?.focus();
    this.#opener = null;
  }

  /** @param {State} state */
  template(state) {
    const {t} = state.words;
    const open = this.#open;
    return html`<dialog aria-labelledby="dialog-title" @close=${() => this.#closed()}>
      ${open ? html`${this.body(state, open.dialog, open.args)}
        ${QUESTIONS[open.dialog] ? nothing : html`<div class="dialog-foot"><button type="button" class="button safe"
          @click=${() => this.close()}>${t('court.ask.back')}</button></div>`}` : html`<h2 id="dialog-title" hidden>–</h2>`}
    </dialog>`;
  }

  /**
   * @param {State} state
   * @param {string} dialog
   * @param {Record<string, unknown>} args
   */
  body(state, dialog, args) {
    if (QUESTIONS[dialog]) return this.question(state, dialog, args);
    const {t} = state.words;
    const title = (/** @type {string} */ text) => html`<h2 id="dialog-title">${text}</h2>`;
    if (dialog === 'seat') return html`${title(`${roleOf(state, String(args.seat))} · ${nameOf(state, String(args.seat))}`)}
      <div class="picks">${this.seatActions(state, String(args.seat))}</div>`;
    if (dialog === 'decisions') return html`${title(t('court.tool.other'))}<div class="picks">${
      /** @type {string[]} */ (args.commands).map((command) => this.pick(t(`court.do.${command}`), QUESTIONS[command]?.icon ?? 'gavel',
        () => (QUESTIONS[command] ? this.show(command, {targets: state.view.allowed[command]}) : this.#wish(command, {})),
        state.words.has(`court.do.${command}.note`) ? t(`court.do.${command}.note`) : ''))}</div>`;
    if (dialog === 'more') return html`${title(t('court.tool.more'))}<div class="picks">${this.more(state, /** @type {string[]} */ (args.commands))}</div>`;
    if (dialog === 'waiting') return html`${title(t('court.waiting.title'))}${this.waiting(state)}`;
    if (dialog === 'floor') return html`${title(t('court.floor.give'))}<div class="picks">${
      this.offer(state.view.allowed.GiveFloor ?? [], (id) => this.pick(roleOf(state, id), 'mic',
        () => (asks(state.view, id) ? this.show('GiveFloor', {seat: id, answering: state.view.floor?.answering ?? null})
          : this.#wish('GiveFloor', {seat: id})), nameOf(state, id), may(state.view, 'GiveFloor', id)))}</div>`;
    if (dialog === 'keys') return html`${title(t('court.keys'))}<dl class="keys">${KEYS.map(([key, name]) => html`
      <div><dt><kbd>${key}</kbd></dt><dd>${t(`court.keys.${name}`)}</dd></div>`)}</dl>`;
    return html`${title(t('court.help'))}<p>${t('court.help.text')}</p>
      <div class="picks">${state.view.allowed.RaiseHand?.includes('cannot_hear') ? this.pick(t('court.cannot_hear'), 'ear-off',
        () => this.#wish('RaiseHand', {reason: 'cannot_hear'}), t('court.help.cannot_hear')) : nothing}
        ${this.pick(t('court.help.media'), 'refresh-cw', () => { this.close(); this.send('devices'); }, t('court.help.media.note'))}
        ${this.pick(t('court.help.ways'), 'wifi', () => { this.close(); window.open('/device-check#ways', '_blank', 'noopener'); }, t('court.help.ways.note'))}
        ${this.pick(t('court.keys'), 'keyboard', () => this.show('keys'))}</div>`;
  }

  /**
   * @param {string} label
   * @param {string} name
   * @param {() => void} press
   * @param {string} [note]
   * @param {boolean} [open]  false: it was possible when the dialog was opened
   */
  pick(label, name, press, note = '', open = true) {
    const said = open ? note : /** @type {State} */ (this.state).words.t('court.ask.no_longer');
    return html`<button type="button" class="button choice-button pick" aria-disabled=${open ? nothing : 'true'} @click=${() => open && press()}>
      ${icon(name, 20)}<span><b>${label}</b>${said ? html`<small>${said}</small>` : nothing}</span></button>`;
  }

  /**
   * What is possible now, each where it stood before; what has become possible follows.
   * @param {string[]} now
   * @param {(one: string) => unknown} template
   */
  offer(now, template) {
    this.#offered = [...new Set([...this.#offered, ...now])];
    return repeat(this.#offered, (one) => one, template);
  }

  /** What may be done now, also when the court has answered meanwhile.
   * @param {State} state
   * @param {string} seat
   */
  seatActions(state, seat) {
    const {t} = state.words;
    const possible = actsOn(state.view, seat);
    return this.offer(possible, (command) => {
      const args = command === 'Admit' ? {seats: [seat]} : {seat};
      const icons = {Mute: 'mic-off', Unmute: 'mic', ConfirmIdentity: 'user-check', GiveFloor: 'mic', Admit: 'log-in'};
      const name = icons[/** @type {keyof typeof icons} */ (command)] ?? QUESTIONS[command]?.icon ?? 'circle';
      const main = this.pick(t(`court.do.${command}`), name, () => {
        if (command === 'GiveFloor' && !asks(state.view, seat)) this.#wish(command, args);
        else if (AT_ONCE.includes(command)) this.#wish(command, args);
        else this.show(command, {...args, targets: [seat]});
      }, '', possible.includes(command));
      return command === 'Mute' ? html`${main}${this.pick(t('court.do.MuteLocked'), 'lock', () => this.#wish('Mute', {seat, locked: true}),
        t('court.do.MuteLocked.note'), possible.includes('Mute'))}` : main;
    });
  }

  /** What the narrow bar has no room for.
   * @param {State} state
   * @param {string[]} commands */
  more(state, commands) {
    const {view, media, page, words: {t}} = state;
    const all = ['CallWitness', 'StartRecess', ...commands, 'CloseHearing'].filter((command) => may(view, command)
      && (command !== 'CallWitness' || view.allowed.CallWitness?.length));
    return html`${media.camera ? this.pick(t(media.cameraOn ? 'court.camera.stop' : 'court.camera.start'), media.cameraOn ? 'video-off' : 'video',
      () => { this.close(); this.send('camera'); }) : nothing}
      ${this.offer(all, (command) => this.pick(t(`court.do.${command}`), QUESTIONS[command]?.icon ?? 'gavel',
        () => (QUESTIONS[command] ? this.show(command, {targets: view.allowed[command]}) : this.#wish(command, {})), '', all.includes(command)))}
      ${page.links.case ? html`<a class="button choice-button" href=${page.links.case} target="_blank" rel="noopener">${icon('book-open', 20)}
        <b>${t('court.tool.case')}</b></a>` : nothing}`;
  }

  /** @param {State} state */
  waiting(state) {
    const {view, words: {t}} = state;
    const people = view.seats.filter((seat) => ['waiting_room', 'witness_room'].includes(seat.place) && seat.connected);
    const admit = view.allowed.Admit ?? [];
    const place = (/** @type {string} */ id) => {
      const seat = view.seats.find((one) => one.id === id);
      if (!seat?.connected) return t('court.roll.away');
      return seat.place === 'courtroom' ? pointOf(state, seat.point) : t(`court.tile.away.${seat.place}`);
    };
    return html`<ul class="people">${this.offer(people.map((seat) => seat.id), (id) => html`<li>${mark(state, id)}
        <span><b>${roleOf(state, id)}</b><small>${nameOf(state, id)}</small></span>
        ${admit.includes(id) ? html`<button type="button" class="button button-small pick"
          @click=${() => this.send('wish', {command: 'Admit', args: {seats: [id]}})}>${t('court.roll.admit')}</button>`
          : html`<small>${place(id)}</small>`}</li>`)}</ul>
      ${people.length ? nothing : html`<p class="muted">${t('court.waiting.nobody')}</p>`}
      ${admit.length > 1 ? html`<button type="button" class="button button-primary button-wide main"
        @click=${() => this.#wish('Admit', {seats: admit})}>${t('court.roll.admit_all', {count: admit.length})}</button>` : nothing}`;
  }

  /**
   * @param {State} state
   * @param {string} command
   * @param {Record<string, unknown>} args
   */
  question(state, command, args) {
    const {view, words} = state;
    const {t} = words;
    const {fields, danger, icon: name} = QUESTIONS[command];
    const next = command === 'EnterPhase' ? view.next_phases.find((one) => one.phase === args.phase) : null;
    const values = {
      phase: args.phase ? words.phase(String(args.phase), view.hearing.procedure) : '',
      item: args.item ? words.item(String(args.item)) : '',
      who: args.seat ? roleOf(state, String(args.seat)) : '', name: args.seat ? nameOf(state, String(args.seat)) : '',
      count: next ? openCount(next) : 0,
    };
    const key = view.hearing.procedure === 'criminal' && words.has(`court.ask.${command}.text.criminal`) ? '.criminal' : '';
    return html`<form method="dialog" @submit=${(/** @type {SubmitEvent} */ event) => this.#answer(event, command, args)}>
      <h2 id="dialog-title">${icon(name, 22)} ${t(`court.ask.${command}`, values)}</h2>
      ${args.seat ? html`<p class="about">${mark(state, String(args.seat))}<span><b>${values.who}</b><small>${values.name}</small></span></p>` : nothing}
      <p class="consequence">${words.first([`court.ask.${command}.text${key}`], values)}</p>
      ${this.#error ? html`<p class="error" role="alert">${icon('circle-alert', 18)}${this.#error}</p>` : nothing}
      ${fields.map((field) => this.field(state, field, args))}
      <div class="dialog-foot"><button type="button" class="button safe" @click=${() => this.close()}>${t('court.ask.back')}</button>
        <button type="submit" class="button main ${danger ? 'button-danger' : 'button-primary'}">${t(`court.do.${command}.now`)}</button></div>
    </form>`;
  }

  /**
   * @param {State} state
   * @param {Field} field
   * @param {Record<string, unknown>} args
   */
  field(state, field, args) {
    const {t} = state.words;
    const id = `ask-${field.name}`;
    const label = html`<label for=${id}>${t(`court.field.${field.name}`)}${field.optional ? html` <small>${t('court.field.optional')}</small>` : nothing}</label>`;
    const required = !field.optional;
    if (field.kind === 'seat') {
      const options = field.from?.(state, args) ?? [];
      if (field.name === 'seat' && args.seat) return html`<input type="hidden" name="seat" value=${String(args.seat)}>`;
      return html`<div class="field">${label}<select id=${id} name=${field.name} ?required=${required}>
        ${field.optional ? html`<option value="">${t('court.field.nobody')}</option>` : nothing}
        ${options.map((one) => html`<option value=${one.value} ?selected=${args[field.name] === one.value}>${one.label}</option>`)}</select></div>`;
    }
    if (field.kind === 'select') return html`<div class="field">${label}<select id=${id} name=${field.name} ?required=${required}>
      ${this.options(state, field).map((one) => html`<option value=${one}>${state.words.first([`court.option.${one}`, `${field.words}.${one}`])}</option>`)}</select></div>`;
    if (field.kind === 'yes') return html`<fieldset class="field yes"><legend>${t(`court.field.${field.name}`)}</legend>
      ${['true', 'false'].map((one, index) => html`<label class="check"><input type="radio" name=${field.name} value=${one}
        ?checked=${index === 0} id=${index ? `${id}-no` : id}><span>${t(`court.field.${field.name}.${one}`)}</span></label>`)}</fieldset>`;
    if (field.kind === 'reason') return html`<div class="field">${label}<textarea id=${id} name=${field.name} rows="3" ?required=${required}></textarea></div>`;
    if (field.kind === 'minutes') return html`<div class="field">${label}<input id=${id} name=${field.name} type="number" min="1" max="240"
      value="15" inputmode="numeric" required></div>`;
    // Typed, not the browser's own picker: that one follows the browser's language, and a court writes the day first.
    if (field.kind === 'time') return html`<fieldset class="field when"><legend>${t(`court.field.${field.name}`)}${field.optional
      ? html` <small>${t('court.field.optional')}</small>` : nothing}</legend>
      ${[['date', DATE, 10], ['time', TIME, 5]].map(([part, pattern, length]) => html`<div>
        <label for="${id}-${part}">${t(`court.field.${part}`)} <small>${t(`court.field.${part}.hint`)}</small></label>
        <input id="${id}-${part}" name="${field.name}-${part}" inputmode="numeric" autocomplete="off" maxlength=${length} pattern=${pattern}
          title=${t(`court.field.${part}.hint`)} ?required=${required}></div>`)}</fieldset>`;
    if (field.kind === 'digits') return html`<div class="field">${label}<input id=${id} name=${field.name} inputmode="numeric" pattern="[0-9A-Za-z]{4}"
      maxlength="4" autocomplete="off" required></div>`;
    if (field.kind === 'file') return html`<div class="field">${label}<p class="hint">${t('court.field.sha256.hint')}</p>
      <textarea id=${id} name=${field.name} rows="8" @input=${(/** @type {Event} */ event) => {
        // Either the text or the file: what is written wins, so the file is needed only while nothing is written.
        const area = /** @type {HTMLTextAreaElement} */ (event.target);
        /** @type {HTMLInputElement} */ (area.form?.elements.namedItem(`${field.name}-file`)).required = !area.value.trim();
      }}></textarea>
      <div class="file-field"><input id="${id}-file" name="${field.name}-file" type="file" required @change=${(/** @type {Event} */ event) => {
        const {files, form} = /** @type {HTMLInputElement} */ (event.target);
        /** @type {HTMLOutputElement} */ (form?.querySelector('output')).value = files?.[0]?.name ?? '';
      }}><label class="button button-small" for="${id}-file">${icon('file-text', 18)}<span>${t('court.field.sha256.file')}</span></label>
      <output></output></div></div>`;
    return html`<div class="field">${label}<input id=${id} name=${field.name} type="text" ?required=${required}></div>`;
  }

  /** What the court would accept of these options.
   * @param {State} state
   * @param {Field} field */
  options(state, field) {
    const open = state.view.allowed[this.#open?.dialog ?? ''] ?? [];
    return (field.options ?? []).filter((one) => !field.asked || open.includes(one));
  }

  /**
   * @param {SubmitEvent} event
   * @param {string} command
   * @param {Record<string, unknown>} given
   */
  async #answer(event, command, given) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const state = /** @type {State} */ (this.state);
    /** @type {Record<string, unknown>} */
    const args = {};
    for (const [key, value] of Object.entries(given)) if (key !== 'targets' && key !== 'answering') args[key] = value;
    for (const field of QUESTIONS[command].fields) {
      const value = field.kind === 'time' ? typed(form, field.name) : form.get(field.name);
      if (field.kind === 'time' && value === null) {
        this.#error = state.words.t('court.field.date.wrong');
        this.update();
        return;
      }
      if (field.kind === 'file') args[field.name] = await digest(String(value ?? '').trim(), form.get(`${field.name}-file`));
      else if (value === null || (value === '' && field.optional)) {
        if (field.kind === 'seat' || field.kind === 'time') continue;
        args[field.name] = '';
      } else if (field.kind === 'minutes') args[field.name] = Number(value);
      else if (field.kind === 'yes') args[field.name] = value === 'true';
      else if (field.kind === 'time') args[field.name] = utcOf(String(value), state.page.timezone);
      else args[field.name] = String(value).trim().normalize('NFC');
      if (!field.optional && args[field.name] === '') {
        this.#error = state.words.t('court.ask.reason_missing');
        this.update();
        return;
      }
    }
    if (command === 'GiveFloor' && args.answering) args.purpose = 'question';
    if (command === 'OpenConfidentialChannel') args.seats = [state.view.you.seat, ...(/** @type {string[]} */ (given.targets) ?? []).slice(0, 1)];
    this.#wish(command, args);
  }

  /**
   * @param {string} command
   * @param {Record<string, unknown>} args
   */
  #wish(command, args) {
    this.close();
    this.wish(command, args);
  }
}

const DATE = '(0?[1-9]|[12]\\d|3[01])/(0?[1-9]|1[0-2])/\\d{4}';
const TIME = '([01]?\\d|2[0-3]):[0-5]\\d';

/**
 * `2026-06-12T08:30` of a date typed day first and a time (the courts' first hour when none is given); '' when nothing
 * was typed, null when it is no day of the calendar.
 * @param {FormData} form
 * @param {string} name
 */
function typed(form, name) {
  const [date, time] = ['date', 'time'].map((part) => String(form.get(`${name}-${part}`) ?? '').trim());
  if (!date && !time) return '';
  const [day, month, year] = date.split('/');
  const [hour, minute] = (time || '08:00').split(':');
  const text = `${year}-${month?.padStart(2, '0')}-${day.padStart(2, '0')}T${hour.padStart(2, '0')}:${minute}`;
  const at = new Date(`${text}:00Z`);
  return Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text) ? null : text;
}

/**
 * The hash of a text or else of a file: the judgment itself never leaves this device here, only its hash does.
 * @param {string} text
 * @param {FormDataEntryValue | null} file
 */
async function digest(text, file) {
  // Lines as they are written on paper and in Unicode's one form: the same words give the same hash everywhere.
  const bytes = text || !(file instanceof File) ? new TextEncoder().encode(text.replaceAll('\r\n', '\n').normalize('NFC')) : await file.arrayBuffer();
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

customElements.define('court-dialog', CourtDialog);
