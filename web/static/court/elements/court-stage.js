/**
 * The stage: everybody in their seat. Rule: one tile per person, made once, never moved in the document; only the
 * grid area changes, because a playing video that is moved stops.
 */
import {CourtElement} from '../element.js';
import {layout} from '../layout.js';
import {desk, scene} from '../scene.js';
import {chosen, PICTURES} from '../shown.js';
import {SeatTile} from './seat-tile.js';
import './witness-room.js';

/** @typedef {import('../types.js').State} State */

// Quieter than this is breathing and paper (dBov); a voice is held for a moment so that the ring does not flicker.
const VOICE_DBOV = -50;
const HOLD_MS = 500;
// What is shown is told this long after it changed: changes come in bursts, and to measure tiles costs a phone much.
const SOON_MS = 100;

export class CourtStage extends CourtElement {
  /** @type {Map<string, SeatTile>} */
  #tiles = new Map();
  /** @type {Map<string, MediaStream>} source -> what arrives from it */
  #streams = new Map();
  /** @type {MediaStream | null} */
  #own = null;
  /** @type {Map<string, number>} source -> last time it was loud */
  #loud = new Map();
  #phone = window.matchMedia('(max-width: 700px)');
  /** @type {{sources: Record<string, string>, limited: string[]}} */
  #flow = {sources: {}, limited: []};
  /** @type {State | null} what the tiles were drawn by */
  #drawn = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #telling;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #quiet;
  /** Tells the widths; asked for at a moment of our own, the page would be laid out once more each time. */
  #resized = new ResizeObserver((rows) => {
    for (const {target, borderBoxSize: [box]} of rows) /** @type {SeatTile} */ (target).width = box.inlineSize;
    this.#tellShown();
  });

  connectedCallback() {
    this.setAttribute('role', 'list');
    this.#phone.addEventListener('change', () => this.update());
    super.connectedCallback();
  }

  /** @param {MediaStream | null} stream */
  set own(stream) {
    this.#own = stream;
    this.update();
  }

  /**
   * @param {string} source
   * @param {MediaStream | null} stream
   */
  attach(source, stream) {
    if (stream) this.#streams.set(source, stream);
    else this.#streams.delete(source);
    this.update();
  }

  /** @param {{sources: Record<string, string>, limited: string[]}} flow which size of each picture comes */
  set flow(flow) {
    this.#flow = flow;
    for (const tile of this.#tiles.values()) this.#showFlow(tile);
  }

  /** @param {SeatTile} tile */
  #showFlow(tile) {
    const source = this.#source(tile.cell.seats)?.id ?? '';
    const off = this.#flow.sources[source] === 'off';
    const limited = this.#flow.limited.includes(source);
    const flow = off ? limited ? 'held' : 'off' : limited ? 'small' : '';
    if (tile.flow === flow) return;
    tile.flow = flow;
    tile.update();
  }

  #tellShown() {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#tellNow();
    }, SOON_MS);
  }

  /** The court learns what is shown here, and how large. */
  #tellNow() {
    const view = this.state?.view;
    if (!view) return;
    const candidates = [...this.#tiles.values()].flatMap((tile) => {
      const source = this.#source(tile.cell.seats);
      if (!source || tile.cell.seat === view.you.seat || scene(view) !== 'courtroom') return [];
      const voices = view.sources.filter((one) => one.kind === 'microphone' && one.seats.some((id) => tile.cell.seats.includes(id)));
      const heard = Math.max(0, ...voices.map((one) => this.#loud.get(one.id) ?? 0));
      return [{source: source.id, width: tile.width ?? tile.offsetWidth, stand: tile.cell.size === 'stand', heard}];
    });
    // While there is room for all it does not matter who spoke last.
    if (candidates.length <= PICTURES) for (const one of candidates) one.heard = 0;
    this.send('shown', chosen(candidates));
  }

  /** @param {string[]} sources whose picture hardly moves now */
  set weak(sources) {
    for (const tile of this.#tiles.values()) {
      const weak = this.state?.view.sources.some((one) => sources.includes(one.id)
        && one.seats.some((seat) => tile.cell.seats.includes(seat))) ?? false;
      if (tile.weak !== weak) {
        tile.weak = weak;
        tile.update();
      }
    }
  }

  /** @param {Record<string, number>} levels */
  hear(levels) {
    const now = performance.now();
    let begins = false;
    for (const [source, level] of Object.entries(levels)) {
      if (-Math.abs(level) <= VOICE_DBOV) continue;
      begins ||= now - (this.#loud.get(source) ?? -HOLD_MS) >= HOLD_MS;
      this.#loud.set(source, now);
    }
    this.#showVoices();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#showVoices(), HOLD_MS); // in case nothing more is heard of anybody
    if (begins && this.#tiles.size > PICTURES) this.#tellShown(); // who goes on speaking is seen already
  }

  #showVoices() {
    if (!this.state) return;
    const now = performance.now();
    const speaking = new Set();
    for (const source of this.state.view.sources) {
      if (source.kind !== 'microphone') continue;
      if (now - (this.#loud.get(source.id) ?? -HOLD_MS) < HOLD_MS) for (const seat of source.seats) speaking.add(seat);
    }
    const {you: {seat: me, microphone, place}, interruption} = this.state.view;
    const privately = place === 'confidential_channel';
    if ((microphone === 'open' || privately) && now - (this.#loud.get('#own') ?? -HOLD_MS) < HOLD_MS) speaking.add(me);
    if (interruption && !privately) speaking.clear(); // nobody is heard in a pause, whatever still comes in
    for (const tile of this.#tiles.values()) tile.hear(tile.cell.seats.some((seat) => speaking.has(seat)));
  }

  /** @returns {import('../layout.js').Form} */
  #form() {
    const who = desk(/** @type {State} */ (this.state).view);
    if (this.#phone.matches) return who === 'clerk' ? 'phone-clerk' : who === 'party' ? 'phone-party' : 'phone-bench';
    return who === 'clerk' ? 'desk' : 'room';
  }

  /** @param {State} state */
  draw(state) {
    this.setAttribute('aria-label', state.words.t('court.people'));
    if (scene(state.view) !== 'courtroom') {
      for (const tile of this.#tiles.values()) tile.stream = null;
      this.#tellShown();
      return;
    }
    const known = state === this.#drawn;
    this.#drawn = state;
    const form = this.#form();
    this.dataset.form = form;
    const cells = layout(state.view, form);
    const kept = new Set(cells.map((cell) => cell.key));
    for (const [key, tile] of this.#tiles) {
      if (kept.has(key)) continue;
      this.#resized.unobserve(tile);
      tile.remove();
      this.#tiles.delete(key);
    }
    this.#cards(cells);
    for (const cell of cells.filter((one) => one.kind === 'seat')) {
      let tile = this.#tiles.get(cell.key);
      if (!tile) {
        tile = new SeatTile();
        tile.setAttribute('role', 'listitem');
        this.#tiles.set(cell.key, tile);
        this.append(tile);
        this.#resized.observe(tile);
      }
      tile.cell = cell;
      const appears = tile.hidden && Boolean(cell.area);
      if (tile.hidden === Boolean(cell.area)) tile.hidden = !cell.area; // said again, it is worked out again
      tile.style.gridArea = cell.area;
      tile.dataset.seat = cell.seat;
      tile.dataset.size = cell.size;
      const mine = cell.seat === state.view.you.seat;
      tile.whole = !mine && this.#source(cell.seats)?.kind === 'screen';
      tile.stream = mine ? this.#own : this.#picture(cell.seats);
      tile.state = state;
      if (known || appears) tile.update(); // what was hidden has not been drawn for this state, however little is new
      this.#showFlow(tile);
    }
    this.#showVoices();
    this.#tellShown();
  }

  /** @param {import('../layout.js').Cell[]} cells */
  #cards(cells) {
    const wanted = cells.find((cell) => cell.kind === 'witnesses');
    let card = /** @type {CourtElement | null} */ (this.querySelector('witness-room'));
    if (!wanted) card?.remove();
    else {
      if (!card) {
        card = /** @type {CourtElement} */ (document.createElement('witness-room'));
        card.setAttribute('role', 'listitem');
        this.append(card);
      }
      card.style.gridArea = wanted.area;
      card.state = this.state;
    }
    const place = cells.find((cell) => cell.kind === 'ghost');
    let ghost = /** @type {HTMLElement | null} */ (this.querySelector('.ghost'));
    if (!place) ghost?.remove();
    else {
      if (!ghost) {
        ghost = document.createElement('div');
        ghost.className = 'ghost';
        ghost.setAttribute('aria-hidden', 'true');
        this.append(ghost);
      }
      ghost.style.gridArea = place.area;
      const {words, view} = /** @type {State} */ (this.state);
      const role = view.seats.find((seat) => seat.id === place.seat)?.role ?? '';
      ghost.textContent = words.t('court.tile.at_stand', {who: words.role(role)});
    }
  }

  /**
   * What is seen in a cell: a screen that is shown goes before the face of who shows it.
   * @param {string[]} seats
   */
  #source(seats) {
    const sources = /** @type {State} */ (this.state).view.sources.filter((one) => one.seats.some((seat) => seats.includes(seat)));
    const screen = sources.find((one) => one.kind === 'screen' && this.#streams.has(one.id));
    return screen ?? sources.find((one) => one.kind === 'camera');
  }

  /** @param {string[]} seats */
  #picture(seats) {
    const source = this.#source(seats);
    return (source && this.#streams.get(source.id)) ?? null;
  }
}

customElements.define('court-stage', CourtStage);
