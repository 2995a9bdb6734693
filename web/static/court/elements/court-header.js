/** The bar on top of the courtroom: case, who may watch, recorder, line, time, language, who I am. */
import {html, nothing} from 'lit-html';
import {setLanguage} from 'i18n';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {recorder} from '../recorder.js';
import {scene} from '../scene.js';
import {timeOfDay} from '../time.js';
import {addressOf, nameOf, pointOf} from '../words.js';

/** @typedef {import('../types.js').State} State */

export class CourtHeader extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, page, words} = state;
    const {t} = words;
    const now = timeOfDay(state.now, page.timezone);
    const me = view.you.seat;
    return html`
      <div class="bar">
        <span class="mark" aria-hidden="true">${icon('scale', 20)}</span>
        <div class="case">
          <b class="number">${page.number}</b>
          <span class="title">${page.title}</span>
        </div>
        ${this.visibility(state)}
        <div class="end">
          ${recorderLight(state)}
          ${line(state)}
          <time class="now" aria-label=${t('court.time', {time: now})}>${now}</time>
          ${languages(state)}
          <span class="me"><span class="initials" aria-hidden="true">${icon('user-round', 16)}</span>
            <span class="me-role">${words.role(view.you.role, true)}</span><span class="me-name">${who(state, me)}</span></span>
        </div>
      </div>`;
  }

  /** @param {State} state */
  visibility({view, words: {t}}) {
    if (scene(view) === 'deliberation') return nothing;
    const closed = view.hearing.visibility !== 'public';
    return html`<span class="pill ${closed ? 'pill-private' : 'pill-line'} visibility">
      ${icon(closed ? 'lock' : 'eye', 16)}<span>${t(`court.visibility.${view.hearing.visibility}`)}</span></span>`;
  }
}

/**
 * @param {State} state
 * @param {string} me
 */
function who(state, me) {
  const title = state.words.language === 'vi' && state.people[me]?.title ? `${addressOf(state)} ` : '';
  const point = pointOf(state, state.view.you.point);
  return [title + nameOf(state, me), point].filter(Boolean).join(' · ');
}

/** The same light for everyone in the room.
 * @param {State} state */
export function recorderLight(state) {
  const light = recorder(state);
  return html`<span class="recorder recorder-${light.kind}">
    ${light.kind === 'on' ? html`<span class="dot" aria-hidden="true"></span>` : icon(light.icon, 16)}
    <span>${light.text}<span class="recorder-more">${light.more}</span></span></span>`;
}

/** @param {State} state */
function line(state) {
  const {t} = state.words;
  if (state.connection !== 'open') {
    return html`<span class="line line-bad">${icon('wifi-off', 16)}<span>${t('court.line.lost')}</span></span>`;
  }
  if (state.media.failing) {
    return html`<span class="line line-bad">${icon('wifi-off', 16)}<span>${t('court.line.again')}</span></span>`;
  }
  const {quality: measured, limited} = state.media;
  const quality = limited && measured !== 'bad' ? 'weak' : measured; // whatever the figures say: it carries too little
  if (!quality) return nothing;
  const name = {good: 'wifi', weak: 'wifi-low', bad: 'wifi-low'}[quality];
  return html`<span class="line line-${quality}">${icon(name, 16)}<span>${t(`court.line.${quality}`)}</span></span>`;
}

/** @param {State} state */
export function languages({words}) {
  const one = (/** @type {string} */ code, /** @type {string} */ name) => html`<button type="button" class="language"
    lang=${code} aria-label="${code.toUpperCase()}, ${name}" aria-pressed=${String(words.language === code)}
    @click=${() => setLanguage(code)}>${code.toUpperCase()}</button>`;
  return html`<span class="language-switch" role="group" aria-label=${words.t('layout.language')}>
    ${one('vi', 'Tiếng Việt')}<span aria-hidden="true">·</span>${one('en', 'English')}</span>`;
}

customElements.define('court-header', CourtHeader);
