/**
 * What is wrong with the own line or an own device for as long as it is wrong: what happened, what is safe, what to do.
 * Rule: it has a place of its own among the strips. What stays may cover nothing that is to be pressed.
 */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';

/** @typedef {import('../types.js').State} State */

/** A line may be bad for a moment; that is not worth a word. */
const PATIENCE_MS = 10_000;

/**
 * What is wrong with the own line and what to try, as the key of a sentence. While the court itself cannot be reached
 * the alarm bar says so, and nothing else does.
 * @param {State} state
 * @returns {string}
 */
function ownTrouble(state) {
  const {connection, media, noCapacity, view} = state;
  if (connection !== 'open' || !view) return '';
  if (noCapacity) return 'refused.no-capacity-for-person';
  if (media.blocked) return 'court.blocked';
  if (view.you.place !== 'courtroom') return '';
  if (media.failing) return 'court.line.unsent';
  return media.badSince && state.now - media.badSince > PATIENCE_MS ? 'court.line.bad.advice' : '';
}

export class StandingNotes extends CourtElement {
  /** The line is known to be weak: not again before it was well. */
  #read = false;

  #close() {
    this.#read = true;
    this.update();
  }

  /** @param {State} state */
  template(state) {
    const {media, words: {t}} = state;
    if (!media.limited) this.#read = false;
    const devices = {denied: 'mic-off', none: 'mic-off', busy: 'mic-off', insecure: 'lock', failed: 'circle-alert'};
    const device = devices[/** @type {keyof typeof devices} */ (media.devices)];
    const trouble = ownTrouble(state);
    return html`
      ${trouble ? html`<div class="note note-warn" role="status">${icon('triangle-alert', 20)}<p>${t(trouble)}</p>
        ${media.blocked || media.failing ? html`<a class="button button-small" href="/device-check#ways" target="_blank" rel="noopener">${t('court.blocked.try')}</a>` : nothing}</div>` : nothing}
      ${media.soundBlocked ? html`<div class="note note-warn" role="status">${icon('volume-off', 20)}<p>${t('court.sound.blocked')}</p>
        <button type="button" class="button button-small" @click=${() => this.send('sound')}>${t('court.sound.on')}</button></div>` : nothing}
      ${device ? html`<div class="note note-warn" role="status">${icon(device, 20)}<p>${t(`court.device.${media.devices}`)}</p>
        <button type="button" class="button button-small" @click=${() => this.send('devices')}>${t('court.device.again')}</button></div>` : nothing}
      ${media.limited === 'off' && !this.#read && state.connection === 'open' ? html`<div class="note note-warn" role="status">
        ${icon('wifi-low', 20)}<p>${t('court.limited')}</p>
        <button type="button" class="button button-small" @click=${() => this.#close()}>${t('court.note.close')}</button></div>` : nothing}
      ${state.connection === 'moved' ? html`<div class="note note-warn" role="alert">${icon('monitor', 20)}<p>${t('court.moved')}</p>
        <button type="button" class="button button-small" @click=${() => this.send('reconnect')}>${t('court.moved.here')}</button></div>` : nothing}
      ${state.connection === 'refused' ? html`<div class="note note-bad" role="alert">${icon('circle-alert', 20)}<p>${t('court.door')}</p>
        <a class="button button-small" href=${state.page.links.sign_in ?? '/sign-in'}>${t('court.door.sign_in')}</a></div>` : nothing}`;
  }
}

customElements.define('standing-notes', StandingNotes);
