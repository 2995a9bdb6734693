/**
 * The timeline: chapters, marks, one lane per voice with what was lost, one play head over all.
 * Rule: `.style` and never a style attribute, which the content policy forbids. Silence is drawn as recorded, loss is red and named in seconds, what was off the record is a gap one can see.
 */
import {guard, html, nothing} from 'lit-html';
import {CourtElement} from '../court/element.js';
import {icon} from '../court/icons.js';
import {isPhase, offRecord, phases, stretches} from './index.js';
import {clockAt, shortRole} from './shown.js';

/** @typedef {import('./shown.js').Playing} Playing */

const STEPS = [60, 300, 600, 900, 1800, 3600, 7200].map((seconds) => seconds * 1000);

export class PlayLanes extends CourtElement {
  /** @param {Playing} state */
  template(state) {
    const {data, words: {t}, length} = state;
    const share = (/** @type {number} */ ms) => `${(100 * ms) / length}%`;
    const off = offRecord(data.tracks, length);
    const spans = phases(data.chapters, length);
    const marks = data.chapters.filter((mark) => !isPhase(mark));
    const lanes = data.seats.map((seat) => ({
      seat, tracks: data.tracks.filter((track) => track.kind === 'audio' && track.seats.includes(seat.id)),
    })).filter((lane) => lane.tracks.length);
    return html`<section class="lanes" aria-label=${t('playback.timeline')}>
      <div class="lane-names"><span class="lane-space" aria-hidden="true"></span>${lanes.map(({seat}) => html`<div class="lane-name">
        <span>${icon('user-round', 16)}${shortRole(state, seat)}</span>
        <button type="button" class="lane-key" aria-pressed=${String(state.solo.has(seat.id))} aria-label=${t('playback.solo', {who: seat.name || seat.role_name})}
          @click=${() => this.send('solo', seat.id)}>S</button>
        <button type="button" class="lane-key" aria-pressed=${String(state.muted.has(seat.id))} aria-label=${t('playback.mute', {who: seat.name || seat.role_name})}
          @click=${() => this.send('silence', seat.id)}>M</button></div>`)}</div>
      <div class="lane-times">
        <div class="chapters" role="group" aria-label=${t('playback.chapters')}>${spans.map((span) => {
          const now = span.t_ms <= state.ms && state.ms < span.end_ms;
          const name = state.words.shortPhase(span.phase) || span.label;
          return html`<button type="button" class="chapter ${now ? 'chapter-now' : ''} ${span.phase === 'deliberation' ? 'chapter-sealed' : ''}"
            .style=${`left:${share(span.t_ms)};width:${share(span.end_ms - span.t_ms)}`} aria-label=${t('playback.to_chapter', {name, time: clockAt(state, span.t_ms)})}
            title=${name} @click=${() => this.send('seek', span.t_ms)}><span>${name}</span></button>`;
        })}</div>
        <div class="marks">${marks.map((mark) => html`<button type="button" class="mark-button" .style=${`left:${share(mark.t_ms)}`}
          aria-label="${clockAt(state, mark.t_ms)}, ${mark.label}" title="${clockAt(state, mark.t_ms)} · ${mark.label}"
          @click=${() => this.send('seek', mark.t_ms)}>${icon('bookmark', 16)}</button>`)}</div>
        <div class="lane-rows" @click=${(/** @type {MouseEvent} */ event) => this.point(event, length)}>
          ${guard([data, state.spoken, state.solo, state.muted, state.words], () => lanes.map(
            ({seat, tracks}) => this.lane(state, seat, tracks, share),
          ))}
          ${off.map(([from, to]) => html`<div class="off-record" .style=${`left:${share(from)};width:${share(to - from)}`}></div>`)}
        </div>
        <input class="scrub" type="range" min="0" max=${length} step="100" .value=${String(Math.round(state.ms))}
          aria-label=${t('playback.position')} aria-valuetext=${clockAt(state, state.ms, true)}
          @input=${(/** @type {Event} */ event) => this.send('seek', Number(/** @type {HTMLInputElement} */ (event.target).value))}>
        <div class="play-head" .style=${`left:${share(state.ms)}`} aria-hidden="true"></div>
        <div class="axis" aria-hidden="true">${this.axis(state, length).map((ms) => html`<span .style=${`left:clamp(2.5ch, ${share(ms)}, 100% - 2.5ch)`}>${clockAt(state, ms, false)}</span>`)}</div>
      </div>
      ${this.legend(state, off)}
    </section>`;
  }

  /**
   * @param {Playing} state
   * @param {Playing['data']['seats'][number]} seat
   * @param {Playing['data']['tracks']} tracks
   * @param {(ms: number) => string} share
   */
  lane(state, seat, tracks, share) {
    const lost = state.data.gaps.filter((gap) => tracks.some((track) => track.id === gap.track));
    const silent = state.muted.has(seat.id) || (state.solo.size > 0 && !state.solo.has(seat.id));
    const spoken = state.spoken.get(seat.id) ?? [];
    return html`<div class="lane ${silent ? 'lane-silent' : ''}"><span class="lane-inner" aria-hidden="true">${shortRole(state, seat)}</span>
      ${tracks.flatMap((track) => stretches(track.segments)).map(([from, to]) => html`<i class="kept" .style=${`left:${share(from)};width:${share(to - from)}`}></i>`)}
      ${spoken.map(([from, to]) => html`<i class="spoken" .style=${`left:${share(from)};width:${share(to - from)}`}></i>`)}
      ${lost.map((gap) => html`<i class="lost-sound" .style=${`left:${share(gap.t0_ms)};width:max(3px,${share(gap.t1_ms - gap.t0_ms)})`}></i>`)}</div>`;
  }

  /**
   * @param {Playing} state
   * @param {[number, number][]} off
   */
  legend(state, off) {
    const {data, words: {t}} = state;
    const names = data.gaps.map((gap) => {
      const track = data.tracks.find((one) => one.id === gap.track);
      const seat = data.seats.find((one) => one.id === track?.seats[0]);
      return t('playback.gap', {
        seconds: ((gap.t1_ms - gap.t0_ms) / 1000).toLocaleString(state.words.language, {maximumFractionDigits: 1}),
        who: seat ? shortRole(state, seat) : '', time: clockAt(state, gap.t0_ms),
        what: t(`playback.gap.${track?.kind ?? 'audio'}`),
      });
    });
    return html`<ul class="legend">
      ${names.length ? html`<li><i class="key-lost" aria-hidden="true"></i>${t('playback.lost', {list: names.join(', ')})}</li>`
        : html`<li><i class="key-kept" aria-hidden="true"></i>${t('playback.nothing_lost')}</li>`}
      ${off.length ? html`<li><i class="key-off" aria-hidden="true"></i>${t('playback.off_record', {
        list: off.map(([from, to]) => `${clockAt(state, from)}–${clockAt(state, to)}`).join(', '),
      })}</li>` : nothing}</ul>`;
  }

  /**
   * @param {Playing} state
   * @param {number} length
   */
  axis(state, length) {
    const step = STEPS.find((one) => length / one <= 8) ?? length;
    const zero = state.start;
    const first = zero === null ? step : Math.ceil(zero / step) * step - zero;
    return Array.from({length: Math.max(0, Math.floor((length - first) / step) + 1)}, (_, n) => first + n * step);
  }

  /**
   * @param {MouseEvent} event
   * @param {number} length
   */
  point(event, length) {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    this.send('seek', (length * (event.clientX - box.left)) / box.width);
  }
}

customElements.define('play-lanes', PlayLanes);
