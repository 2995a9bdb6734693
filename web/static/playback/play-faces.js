/**
 * The faces, seated as in the courtroom. Rule: a picture is shown only for a moment in which it was recorded; otherwise
 * the person's mark and the reason stand there.
 */
import {CourtElement} from '../court/element.js';
import {icon} from '../court/icons.js';
import {html, render} from 'lit-html';
import {layout} from '../court/layout.js';
import {initials} from '../court/words.js';
import {shortRole} from './shown.js';

/** @typedef {import('./shown.js').Playing} Playing */
/** @typedef {import('./track-player.js').TrackPlayer} TrackPlayer */

// The stand changes hands only after somebody has spoken for a moment: nothing jumps for a cough.
const SETTLE_MS = 1500;

export class PlayFaces extends CourtElement {
  /** @type {Map<string, HTMLElement>} */
  #tiles = new Map();
  /** @type {TrackPlayer[]} */
  pictures = [];
  #stand = '';
  #wish = '';
  #wished = 0;
  #phone = window.matchMedia('(max-width: 700px)');

  connectedCallback() {
    this.setAttribute('role', 'list');
    this.#phone.addEventListener('change', () => this.update());
    super.connectedCallback();
  }

  /** Seats whose picture can be seen now. */
  get visible() {
    return new Set([...this.#tiles].filter(([, tile]) => !tile.hidden).map(([seat]) => seat));
  }

  update() {
    const state = /** @type {Playing | null} */ (/** @type {unknown} */ (this.state));
    if (!state || !this.isConnected) return;
    this.setAttribute('aria-label', state.words.t('playback.faces'));
    const kept = new Set(state.data.tracks.flatMap((track) => track.seats));
    const seats = state.data.seats.filter((seat) => kept.has(seat.id));
    this.#settle(state);
    const view = /** @type {import('../court/types.js').View} */ (/** @type {unknown} */ ({
      you: {seat: '', role: ''}, hearing: {procedure: seats.some((seat) => seat.role === 'defendant') ? 'criminal' : 'civil'},
      seats: seats.map((seat) => ({...seat, place: 'courtroom', connected: true})), points: [], sources: this.#shared(state),
      floor: this.#stand ? {seat: this.#stand, answering: null} : null,
    }));
    const cells = layout(view, this.#phone.matches ? 'phone-party' : 'room').filter((cell) => cell.kind === 'seat');
    this.dataset.form = this.#phone.matches ? 'phone-party' : 'room';
    for (const [seat, tile] of this.#tiles) {
      if (cells.some((cell) => cell.seat === seat)) continue;
      tile.remove();
      this.#tiles.delete(seat);
    }
    for (const cell of cells) this.#tile(state, cell);
  }

  /** Room cameras: one picture of several people.
   * @param {Playing} state */
  #shared(state) {
    return state.data.tracks.filter((track) => track.kind === 'video' && track.seats.length > 1)
      .map((track) => ({id: track.source, seats: track.seats, kind: 'camera', point: ''}));
  }

  /** @param {Playing} state */
  #settle(state) {
    const [speaker = ''] = state.voices;
    if (speaker !== this.#wish) [this.#wish, this.#wished] = [speaker, performance.now()];
    if (speaker && speaker !== this.#stand && performance.now() - this.#wished > SETTLE_MS) this.#stand = speaker;
  }

  /**
   * @param {Playing} state
   * @param {import('../court/layout.js').Cell} cell
   */
  #tile(state, cell) {
    let tile = this.#tiles.get(cell.seat);
    if (!tile) {
      tile = document.createElement('div');
      tile.setAttribute('role', 'listitem');
      render(html`<div class="tile"><div class="tile-pictures"></div><div class="tile-words"></div></div>`, tile);
      this.#tiles.set(cell.seat, tile);
      this.append(tile);
    }
    tile.hidden = !cell.area;
    tile.style.gridArea = cell.area;
    const box = /** @type {HTMLElement} */ (tile.querySelector('.tile-pictures'));
    const mine = this.pictures.filter((one) => one.track.use !== 'screen' && one.track.seats.includes(cell.seat));
    let shown = false;
    for (const picture of mine) {
      if (picture.element.parentElement !== box) box.append(picture.element);
      const now = !shown && picture.ready(state.ms);
      picture.element.hidden = !now;
      shown ||= now;
    }
    const {t} = state.words;
    const speaks = cell.seats.some((seat) => state.voices.has(seat));
    /** @type {HTMLElement} */ (tile.firstElementChild).className = `tile tile-${cell.size} ${speaks ? 'tile-speaking' : ''}`;
    const people = state.data.seats.filter((seat) => cell.seats.includes(seat.id));
    const role = people.length > 1 ? t('court.panel') : people[0] ? shortRole(state, people[0]) : '';
    const names = people.map((seat) => seat.name).join(' · ');
    render(html`${shown ? '' : html`<span class="face" aria-hidden="true">${initials(people[0]?.name ?? '')}</span>`}
      <div class="tile-foot"><span class="tile-who"><b>${role}</b><span>${names}</span></span>
      ${speaks ? html`<span class="sign-mic sign-speaking"><i class="bars"><i></i><i></i><i></i></i><span class="sign-word">${t('court.tile.speaking')}</span></span>`
        : shown ? '' : html`<span class="sign-mic">${icon('video-off', 16)}<span class="sign-word">${t('playback.no_picture')}</span></span>`}</div>`,
    /** @type {HTMLElement} */ (tile.querySelector('.tile-words')));
  }
}

customElements.define('play-faces', PlayFaces);
