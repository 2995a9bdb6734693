/**
 * The waiting room: what comes next, that nobody sees or hears the person yet, the own picture, who is here.
 * Rule: light and calm; one sentence first; ten seconds of notice before anybody is live.
 */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {desk, may} from '../scene.js';
import {clockText, instant} from '../time.js';
import {addressOf, nameOf, pointOf, roleWithin} from '../words.js';
import {languages} from './court-header.js';
import {button, pill} from './parts.js';

/** @typedef {import('../types.js').State} State */

/**
 * The sentence of the waiting room, from what the court has decided and what time it is.
 * @param {State} state
 * @returns {{key: string, values: Record<string, string | number>, calm: string}}
 */
export function waitingSentence(state) {
  const {view} = state;
  const you = addressOf(state);
  const starts = Date.parse(view.hearing.starts_at);
  const time = clockText(state, view.hearing.starts_at);
  const enters = view.you.enters_at_ms === null ? null : instant(state, view.you.enters_at_ms);
  if (enters !== null) {
    return {key: 'court.waiting.called', values: {you, seconds: Math.max(0, Math.ceil((enters - state.now) / 1000))}, calm: ''};
  }
  if (view.you.place === 'witness_room') return {key: 'court.waiting.witness', values: {you}, calm: ''};
  if (view.interruption) {
    const until = clockText(state, view.interruption.until);
    return {key: `court.waiting.${view.interruption.kind}`, values: {you}, calm: until ? state.words.t('court.guide.until', {time: until}) : ''};
  }
  if (view.phase === 'deliberation') return {key: 'court.waiting.deliberation', values: {you}, calm: ''};
  if (view.stage === 'in_session') return {key: 'court.waiting.in_session', values: {you}, calm: ''};
  // Whoever keeps the doors or sits on the bench is told what the court does, not what is asked of those who wait for it.
  const at = desk(view);
  if (at === 'clerk') return {key: `court.waiting.clerk.${view.stage === 'scheduled' ? 'closed' : 'open'}`, values: {you}, calm: ''};
  if (at !== 'party' && view.stage === 'doors_open') return {key: 'court.waiting.bench', values: {you}, calm: ''};
  const minutes = Math.round((starts - state.now) / 60000);
  if (minutes > 0) return {key: 'court.waiting.on_time', values: {time, you}, calm: left(state, minutes)};
  if (minutes > -10) return {key: 'court.waiting.starting', values: {you}, calm: ''};
  return {key: 'court.waiting.late', values: {you, time}, calm: ''};
}

/**
 * @param {State} state
 * @param {number} minutes
 */
function left(state, minutes) {
  const {t} = state.words;
  if (minutes < 90) return t('court.waiting.minutes', {count: minutes});
  if (minutes < 48 * 60) return t('court.waiting.hours', {count: Math.round(minutes / 60)});
  return t('court.waiting.days', {count: Math.round(minutes / 1440)});
}

export class WaitingRoom extends CourtElement {
  /** @type {MediaStream | null} */
  #own = null;
  /** @type {Map<string, number>} */
  #told = new Map();

  /** @param {MediaStream | null} stream */
  set own(stream) {
    this.#own = stream;
    this.update();
  }

  /** @param {number} level 0..1 of the own microphone */
  hear(level) {
    this.style.setProperty('--own-level', String(level));
  }

  update() {
    super.update();
    const video = this.querySelector('video');
    if (video && video.srcObject !== this.#own) {
      video.srcObject = this.#own;
      video.play().catch(() => undefined); // a stream that ends at once is replaced by the next one
    }
  }

  /** @param {State} state */
  template(state) {
    const {view, page, words} = state;
    const {t} = words;
    const you = addressOf(state);
    const sentence = waitingSentence(state);
    const now = clockText(state, new Date(state.now).toISOString());
    const called = view.you.enters_at_ms !== null;
    const closed = view.hearing.visibility !== 'public';
    const about = [page.number, page.title].filter(Boolean).join(' · '); // a witness is not told what the case is called
    return html`<div class="waiting ${called ? 'waiting-called' : ''}">
      <div class="waiting-top">
        <span class="mark" aria-hidden="true">${icon('scale', 20)}</span>
        <div><b class="brand-name">${t(view.you.place === 'witness_room' ? 'court.witness_room' : 'court.waiting')}</b>
          <span class="brand-sub wide">${page.court}</span><span class="brand-sub narrow">${about}</span></div>
        <div class="end"><span class="wide">${about}</span>
          <span class="pill ${closed ? 'pill-private' : 'pill-line'} wide">${icon(closed ? 'lock' : 'eye', 16)}
            <span>${t(`court.visibility.${view.hearing.visibility}`)}</span></span>
          <time class="now wide">${now}</time>${languages(state)}</div>
      </div>
      <div class="waiting-page">
        <div class="waiting-words">
          <h1>${t(sentence.key, sentence.values)}</h1>
          <p class="calm">${[sentence.calm, t('court.waiting.hello', {
            you: words.language === 'vi' ? you : '', name: nameOf(state, view.you.seat), role: roleWithin(state, view.you.seat),
          }).replace('  ', ' ')].filter(Boolean).join(' ')}</p>
          ${this.ready(state, you)}
          ${this.acts(state)}
          ${this.next(state, you)}
        </div>
        <div class="waiting-side">
          <div class="own-picture">
            <video playsinline autoplay .muted=${true} class=${this.#own ? '' : 'no-picture'} aria-label=${t('court.own_picture')}></video>
            ${this.#own ? nothing : html`<span class="face" aria-hidden="true">${icon('user-round', 48)}</span>`}
            <span class="own-name">${words.language === 'vi' ? you : t('court.you')}</span>
            ${state.media.microphone ? html`<span class="own-mic"><span class="own-level" aria-hidden="true"><i></i></span>${icon('mic', 16)}
              <span class="wide">${t('court.mic.good')}</span></span>` : nothing}
          </div>
          <div class="waiting-buttons">
            ${button(state, {label: t('court.waiting.devices'), icon: 'settings-2', press: () => this.send('devices')})}
            ${button(state, {label: t('court.waiting.help'), icon: 'life-buoy', press: () => this.ask('help')})}
          </div>
          ${this.present(state)}
          <p class="only-court">${icon('video-off', 18)}<span>${t('court.waiting.only_court')}</span></p>
        </div>
      </div></div>`;
  }

  /**
   * @param {State} state
   * @param {string} you
   */
  ready(state, you) {
    const {view, media, words: {t}} = state;
    const called = view.you.enters_at_ms !== null;
    if (called) return html`<div class="ready ready-called">${icon('log-in', 24)}<p><b>${t('court.waiting.about')}</b>
      <span>${t('court.waiting.about.text', {you})}</span></p></div>`;
    if (['denied', 'none', 'busy', 'failed', 'insecure'].includes(media.devices)) return nothing;
    // Whoever conducts the proceedings is not asked for the duties of those who take part from afar.
    const asked = view.seats.find((seat) => seat.id === view.you.seat)?.duties === false;
    if (asked && !view.you.duties_accepted && may(view, 'AcceptDuties')) return html`<div class="ready ready-warn">${icon('circle-alert', 24)}
      <p><b>${t('court.waiting.duties', {you})}</b> <a href=${state.page.links.duties ?? '/duties'}>${t('court.waiting.duties.open')}</a></p></div>`;
    const staff = may(view, 'StartSitting') || may(view, 'Admit');
    if (staff) return nothing;
    return html`<div class="ready">${icon('circle-check', 24)}<p><b>${t('court.waiting.ready', {you})}</b>
      <span>${t('court.waiting.unseen', {you})}</span></p></div>`;
  }

  /** What those who keep the doors may do from here.
   * @param {State} state */
  acts(state) {
    const {view, words: {t}} = state;
    const acts = ['StartSitting', 'ResumeHearing', 'EndRecess'].filter((command) => may(view, command));
    const admit = view.allowed.Admit ?? [];
    const own = view.you.seat;
    return html`${admit.includes(own) ? button(state, {
      label: t('court.enter'), icon: 'log-in', kind: 'button-primary button-large', command: 'Admit', target: own,
      press: () => this.wish('Admit', {seats: [own]}),
    }) : nothing}${acts.map((command) => button(state, {
      label: t(`court.do.${command}`), icon: 'door-open', kind: 'button-primary button-large', command,
      press: () => this.wish(command),
    }))}${admit.length ? button(state, {
      label: t('court.tool.waiting', {count: admit.length}), icon: 'users', kind: 'button-large', press: () => this.ask('waiting'),
    }) : nothing}`;
  }

  /**
   * @param {State} state
   * @param {string} you
   */
  next(state, you) {
    const {view, words} = state;
    const witness = view.you.role === 'witness';
    const opened = ['in_session', 'interrupted'].includes(view.stage);
    const at = desk(view);
    const steps = at !== 'party' && !opened ? ['1', '2', '3'].map((step) => `${at === 'clerk' ? 'clerk' : 'bench'}.${step}`) : witness ? ['witness.1', 'witness.2', 'witness.3'] : opened ? ['late.1', 'late.2'] : ['1', '2', '3'];
    return html`<section class="coming"><h2>${words.t('court.waiting.coming')}</h2>
      <ol>${steps.map((step, index) => html`<li><span aria-hidden="true">${index + 1}</span>${words.t(`court.waiting.step.${step}`, {you})}</li>`)}</ol></section>`;
  }

  /** @param {State} state */
  present(state) {
    const {view, words: {t}} = state;
    const clerk = view.seats.find((seat) => seat.role === 'clerk');
    const points = view.points.filter((point) => point.kind !== 'central');
    const people = (/** @type {string} */ point) => view.seats.filter((seat) => seat.point === point && seat.role !== 'witness');
    const state_of = (/** @type {boolean} */ here) => (here ? pill('ok', 'check', t('court.present.ready')) : pill('line', 'clock', t('court.present.not_yet')));
    const mine = view.you.point;
    return html`<section class="card present"><h2>${t('court.present')}</h2><ul>
      <li><span class="initials" aria-hidden="true">${icon('landmark', 18)}</span>
        <span><b>${view.hearing.courtroom || t('court.point.central')}</b><small>${t('court.present.clerk')}</small></span>
        ${state_of(Boolean(clerk?.connected))}</li>
      ${points.map((point) => {
        const own = mine === point.id;
        return html`<li><span class="initials" aria-hidden="true">${icon('map-pin', 18)}</span>
          <span><b>${pointOf(state, point.id)}${own ? ` · ${t('court.present.you', {you: addressOf(state)})}` : ''}</b>
            <small>${point.place_text || point.host}</small></span>
          ${state_of(people(point.id).some((seat) => seat.connected))}</li>`;
      })}</ul></section>`;
  }
}

customElements.define('waiting-room', WaitingRoom);
