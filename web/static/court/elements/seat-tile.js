/**
 * One person (or one room camera) on the stage: picture, role, name, point, microphone.
 * Rule: the video node is made once and stays; never a frozen face of someone who is gone; every sign has its word.
 */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {duration, elapsed} from '../time.js';
import {addressOf, initials, nameOf, pointOf, roleOf, seatOf, shortRole} from '../words.js';
import {actsOn} from '../scene.js';
import {markFrame} from '../times.js';

/** @typedef {import('../types.js').State} State */
/** @typedef {import('../types.js').Seat} Seat */
/** @typedef {import('../layout.js').Cell} Cell */

export class SeatTile extends CourtElement {
  /** @type {Cell | null} */
  #cell = null;
  /** @type {MediaStream | null} */
  #stream = null;
  speaking = false;
  weak = false;
  /** What the line leaves of the picture: `small`, `held` (off because of the line), `off` (not asked for), or all. */
  flow = '';
  /** @type {number | undefined} CSS pixels, 0 where it is not seen; undefined until the browser has told it */
  width;
  /** A screen is seen whole, a face fills the tile. */
  whole = false;

  /** @param {Cell} cell */
  set cell(cell) {
    this.#cell = cell;
  }

  get cell() {
    return /** @type {Cell} */ (this.#cell);
  }

  get stream() {
    return this.#stream;
  }

  set stream(stream) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.update();
  }

  update() {
    if (!this.hidden) super.update(); // of twenty people a phone shows six: the others are drawn when they are seen
    const video = this.querySelector('video');
    if (!video || video.srcObject === this.#stream) return;
    video.srcObject = this.#stream;
    if (!this.#stream) return;
    const [seat, stream] = [this.cell.seat, this.#stream];
    video.play().catch(() => undefined); // muted video may always play; a stream that ends at once may not
    video.requestVideoFrameCallback?.(() => markFrame(seat, stream.id));
  }

  /** @param {State} state */
  template(state) {
    const {seats, seat: id} = this.cell;
    const seat = seatOf(state, id);
    if (!seat) return nothing;
    const {t} = state.words;
    const gone = !seat.connected && seat.place === 'courtroom';
    const away = seat.place !== 'courtroom' && seat.place !== 'confidential_channel';
    const own = id === state.view.you.seat;
    const picture = Boolean(this.#stream) && !gone && !away && this.flow !== 'off' && this.flow !== 'held';
    const role = seats.length > 1 ? t(this.cell.size === 'mini' ? 'court.panel.mini' : 'court.panel') : own ? t('court.you_tile', {you: addressOf(state)}) : (this.cell.size === 'mini' && state.words.first([`court.role_mini.${seat.role}`])) || shortRole(state, id);
    const names = seats.map((one) => nameOf(state, one) + (seats.length > 1 && seatOf(state, one)?.role === 'presiding_judge'
      ? ` (${t('court.presiding')})` : '')).join(' · ');
    const sign = away || gone ? null : this.sign(state, seat);
    const point = pointOf(state, seat.point);
    const spoken = [role, names, point, gone ? t('court.tile.lost') : away ? t(`court.tile.away.${seat.place}`) : sign?.word]
      .filter(Boolean).join(', ');
    return html`
      <div class="tile ${this.speaking && !gone ? 'tile-speaking' : ''} ${gone ? 'tile-lost' : ''} ${away ? 'tile-away' : ''}
        tile-${this.cell.size} ${own ? 'tile-own' : ''}">
        <span class="visually-hidden">${spoken}</span>
        <video class="${picture ? '' : 'no-picture'} ${this.whole ? 'whole' : ''}" playsinline autoplay .muted=${true} aria-hidden="true" tabindex="-1"></video>
        ${picture ? nothing : html`<span class="face" aria-hidden="true">${initials(nameOf(state, id))}</span>`}
        <span class="tile-point" aria-hidden="true">${icon('map-pin', 16)}<span>${point}</span></span>
        ${seat.hand ? html`<span class="tile-hand" aria-hidden="true">${icon('hand', 18)}</span>` : nothing}
        ${gone ? this.lost(state, seat, role) : nothing}
        ${gone ? nothing : html`<div class="tile-foot" aria-hidden="true">
          <span class="tile-who"><b>${role}</b><span>${away ? t(`court.tile.away.${seat.place}`) : names}</span></span>
          ${sign ? html`<span class="sign-mic sign-${sign.kind}">${sign.icons.map((one) => one === 'bars'
            ? html`<i class="bars"><i></i><i></i><i></i></i>` : icon(one, 16))}
            ${sign.shown ? html`<span class="sign-word">${sign.shown}</span>` : nothing}</span>` : nothing}
        </div>`}
        ${this.cell.size !== 'mini' && actsOn(state.view, id).length ? html`<button type="button" class="tile-more"
          aria-label=${t('court.tile.actions', {who: roleOf(state, id), name: nameOf(state, id)})}
          @click=${() => this.ask('seat', {seat: id})}>${icon('ellipsis', 20)}</button>` : nothing}
      </div>`;
  }

  /**
   * Why nobody is seen here, and since when.
   * @param {State} state
   * @param {Seat} seat
   * @param {string} role
   */
  lost(state, seat, role) {
    const {t} = state.words;
    return html`<div class="tile-gone" aria-hidden="true">${icon('wifi-off', 32)}
      <b>${t('court.tile.lost')} <span class="nowrap">${duration(elapsed(state, seat.since))}</span></b>
      <span>${role} · ${nameOf(state, seat.id)}</span><span>${t('court.tile.returning')}</span></div>`;
  }

  /**
   * What the microphone's sign is: kind, icons, the word shown and the word read aloud.
   * @param {State} state
   * @param {Seat} seat
   */
  sign(state, seat) {
    const {t} = state.words;
    if (this.weak) return {kind: 'warn', icons: ['wifi-low'], shown: t('court.tile.weak'), word: t('court.tile.weak')};
    const privately = seat.place === 'confidential_channel' && seat.microphone !== 'self_muted';
    const microphone = privately ? 'open' : seat.microphone;
    const speaking = this.speaking && microphone === 'open';
    if (speaking) return {kind: 'speaking', icons: ['bars'], shown: t('court.tile.speaking'), word: t('court.tile.speaking')};
    if (this.flow === 'held' || this.flow === 'small') {
      return {
        kind: 'warn', icons: ['wifi-low'], shown: this.cell.size === 'mini' ? '' : t(`court.tile.${this.flow}`),
        word: t(`court.tile.${this.flow}.why`),
      };
    }
    if (!microphone) return null;
    const icons = {open: ['mic'], self_muted: ['mic-off'], court_muted: ['lock', 'mic-off'], locked: ['lock', 'mic-off']};
    const held = microphone === 'locked' || microphone === 'court_muted';
    return {
      kind: held ? 'held' : 'quiet', icons: icons[microphone] ?? ['mic-off'],
      shown: '', word: t(`court.tile.mic.${microphone}`),
    };
  }

  /**
   * Levels come ten times a second: they change one class, nothing is announced.
   * @param {boolean} speaking
   */
  hear(speaking) {
    if (speaking === this.speaking) return;
    this.speaking = speaking;
    this.update();
  }
}

customElements.define('seat-tile', SeatTile);
