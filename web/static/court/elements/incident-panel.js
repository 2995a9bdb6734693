/** When the hearing is paused: who must be present and is, and the presiding judge's choices. */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {desk, isPending, may} from '../scene.js';
import {clockText} from '../time.js';
import {nameOf, shortRole} from '../words.js';
import {panelHead, pill} from './parts.js';

/** @typedef {import('../types.js').State} State */

// Command, icon; a resumption that is refused now is shown with its reason, the others only when they are allowed.
const CHOICES = /** @type {const} */ ([
  ['ResumeAfterIncident', 'play'], ['EndRecess', 'play'], ['ResumeHearing', 'play'],
  ['ContinueWithout', 'circle-alert'], ['SuspendHearing', 'calendar-clock'], ['AdjournHearing', 'calendar-x'],
  ['EndWithoutJudgment', 'gavel'],
]);
const RESUMES = {incident_hold: 'ResumeAfterIncident', recess: 'EndRecess', suspension: 'ResumeHearing'};

export class IncidentPanel extends CourtElement {
  /** @param {State} state */
  template(state) {
    const {view, words: {t}} = state;
    if (!view.interruption || desk(view) === 'party') return nothing;
    const bench = view.seats.filter((seat) => seat.mandatory && seat.connected && ['presiding_judge', 'judge', 'assessor'].includes(seat.role));
    const required = view.seats.filter((seat) => seat.mandatory && !(bench.length > 1 && bench.includes(seat)));
    return html`
      <section class="panel" aria-label=${t('court.required')} data-region="floor" tabindex="-1">
        ${panelHead('users-round', t('court.required'))}
        <ul class="required">${bench.length > 1 ? html`<li><span>${t('court.panel')} (${bench.length})</span>
          ${pill('ok', 'check', t('court.required.here'))}</li>` : nothing}${required.map((seat) => html`<li>
          <span>${shortRole(state, seat.id)}${seat.connected ? nothing : html`<small>${nameOf(state, seat.id)}</small>`}</span>
          ${!seat.connected ? pill('bad', 'wifi-off', t('court.required.lost'))
            : ['courtroom', 'deliberation_room'].includes(seat.place) || view.interruption?.kind !== 'incident_hold'
              ? pill('ok', 'check', t('court.required.here')) : pill('warn', 'clock', t(`court.tile.away.${seat.place}`))}
        </li>`)}</ul>
      </section>
      ${this.choices(state)}`;
  }

  /** @param {State} state */
  choices(state) {
    const {view, words: {t}} = state;
    const kind = /** @type {keyof typeof RESUMES} */ (view.interruption?.kind ?? 'recess');
    const shown = CHOICES.filter(([command]) => may(view, command) || (command === RESUMES[kind] && desk(view) === 'bench'));
    if (!shown.length) return nothing;
    const until = clockText(state, view.interruption?.until);
    return html`<section class="panel" aria-label=${t('court.decisions')}>
      ${panelHead('gavel', t('court.decisions'), until ? t('court.until', {time: until}) : nothing)}
      <div class="choices-list">${shown.map(([command, name]) => {
        const open = may(view, command);
        return html`<button type="button" class="button choice-button" aria-disabled=${open ? nothing : 'true'}
          aria-busy=${String(isPending(state, command))} @click=${() => open && this.ask(command, {targets: view.allowed[command]})}>
          ${icon(name, 20)}<span><b>${t(`court.do.${command}`)}</b><small>${t(open ? `court.do.${command}.note`
            : 'court.do.resume.why')}</small></span></button>`;
      })}</div>
    </section>`;
  }
}

customElements.define('incident-panel', IncidentPanel);
