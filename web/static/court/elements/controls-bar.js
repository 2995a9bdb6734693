/**
 * The bar at the bottom. Rule: staff see the acts the court allows now; a party sees at most four large buttons, all of
 * which work. The microphone shows what the court confirmed, never what was only pressed.
 */
import {html, nothing} from 'lit-html';
import {CourtElement} from '../element.js';
import {icon} from '../icons.js';
import {desk, may, shows} from '../scene.js';
import {button, tool} from './parts.js';

/** @typedef {import('../types.js').State} State */

const MIC = {open: 'mic', self_muted: 'mic-off', court_muted: 'lock', locked: 'lock'};
/** Decisions behind "Quyết định khác". */
const OTHER = [
  'SuspendHearing', 'AdjournHearing', 'EndWithoutJudgment', 'ChangeVisibility', 'ChangeMode', 'ReplaceMember',
  'ContinueWithout', 'TryInAbsence', 'ReleaseWitness', 'SendToWitnessRoom', 'StartRecording', 'StopRecording',
  'EndSitting',
];

export class ControlsBar extends CourtElement {
  connectedCallback() {
    super.connectedCallback();
    // Labels wrap with the language and the size of the text: what stands above the bar must know how high it is now.
    new ResizeObserver(() => document.documentElement.style.setProperty('--foot', `${this.offsetHeight}px`)).observe(this);
  }

  /** @param {State} state */
  template(state) {
    const {t} = state.words;
    const party = desk(state.view) === 'party';
    return html`<div class="controls ${party ? 'controls-party' : ''}" role="group" aria-label=${t('court.controls')}
      data-region="controls" tabindex="-1">${party ? this.party(state) : this.staff(state)}</div>`;
  }

  /** @param {State} state */
  microphone(state) {
    const {view, media, words: {t}} = state;
    const {microphone, seat} = view.you;
    const muted = microphone !== 'open';
    const command = muted ? 'Unmute' : 'Mute';
    if (!media.microphone) return nothing;
    const able = view.allowed[command]?.includes(seat);
    if (!able) {
      return desk(view) === 'party' ? nothing : html`<span class="tool tool-held">${icon(MIC[microphone] ?? 'lock', 22)}
        <span>${t(`court.mic.${microphone}`)}</span></span>`;
    }
    return tool(state, {
      label: t(`court.mic.${microphone}`), going: t(muted ? 'court.mic.opening' : 'court.mic.closing'),
      icon: MIC[microphone] ?? 'mic-off', kind: muted ? 'tool-framed' : 'tool-open', command, target: seat, keys: 'M',
      name: t(muted ? 'court.mic.unmute' : 'court.mic.mute'), press: () => this.send('microphone'),
    });
  }

  /** @param {State} state */
  camera(state) {
    const {media, words: {t}} = state;
    if (!media.camera) return nothing;
    return tool(state, {
      label: t(media.cameraOn ? 'court.camera' : 'court.camera.off'), icon: media.cameraOn ? 'video' : 'video-off',
      kind: 'tool-framed', keys: 'V', name: t(media.cameraOn ? 'court.camera.stop' : 'court.camera.start'),
      press: () => this.send('camera'),
    });
  }

  /** @param {State} state */
  staff(state) {
    const {view, media, captions, captionsOn, words: {t}} = state;
    const clerk = desk(view) === 'clerk';
    const waiting = view.allowed.Admit ?? [];
    const other = OTHER.filter((command) => may(view, command));
    const muteOthers = may(view, 'MuteAll');
    return html`
      ${this.microphone(state)} ${this.camera(state)}
      <span class="rule" aria-hidden="true"></span>
      ${view.allowed.Admit ? tool(state, {
        label: t('court.tool.waiting', {count: waiting.length}), icon: 'users', press: () => this.ask('waiting'),
      }) : nothing}
      ${muteOthers ? tool(state, {
        label: t('court.tool.mute_all'), icon: 'mic-off', command: 'MuteAll', press: () => this.wish('MuteAll'),
      }) : nothing}
      ${view.you.role !== 'presiding_judge' && may(view, 'RaiseHand', 'speak') && view.allowed.RaiseHand?.length || view.you.hand ? this.hand(state, 'tool') : nothing}
      <span class="wide-tools">
      ${media.sharing || shows(view) && this.canShare() ? tool(state, {
        label: t(media.sharing ? 'court.tool.unshare' : 'court.tool.share'), icon: 'file-search', keys: 'X',
        on: media.sharing, press: () => this.send('share'),
      }) : nothing}
      ${view.allowed.CallWitness?.length ? tool(state, {
        label: t('court.tool.witness'), icon: 'log-in', press: () => this.ask('CallWitness', {targets: view.allowed.CallWitness}),
      }) : nothing}
      ${captions.length ? tool(state, {
        label: t('court.captions'), icon: 'captions', on: captionsOn, keys: 'C', press: () => this.send('captions'),
      }) : nothing}
      ${state.page.links.case ? html`<a class="tool" href=${state.page.links.case} target="_blank" rel="noopener">
        ${icon('book-open', 22)}<span>${t('court.tool.case')}</span></a>` : nothing}
      ${may(view, 'CloseConfidentialChannel') ? this.private(state, 'tool') : nothing}
      </span><span class="spring"></span>
      ${clerk ? html`<p class="bar-note">${t('court.recorder.note')}</p>` : nothing}
      ${may(view, 'HoldForIncident') ? tool(state, {
        label: t('court.do.HoldForIncident'), icon: 'pause', kind: 'tool-warn', keys: 'P', command: 'HoldForIncident',
        press: () => this.ask('HoldForIncident'),
      }) : nothing}
      <span class="wide-tools">
      ${may(view, 'StartRecess') ? tool(state, {
        label: t('court.do.StartRecess'), icon: 'coffee', press: () => this.ask('StartRecess'),
      }) : nothing}
      ${other.length ? tool(state, {
        label: t('court.tool.other'), icon: 'ellipsis', press: () => this.ask('decisions', {commands: other}),
      }) : nothing}
      ${may(view, 'CloseHearing') ? html`<button type="button" class="button button-danger close-hearing"
        @click=${() => this.ask('CloseHearing')}>${t('court.do.CloseHearing')}</button>` : nothing}</span>
      <span class="narrow-tools">${tool(state, {label: t('court.tool.more'), icon: 'ellipsis', press: () => this.ask('more', {commands: other})})}</span>`;
  }

  canShare() {
    return Boolean(navigator.mediaDevices?.getDisplayMedia) && !window.matchMedia('(max-width: 700px)').matches;
  }

  /**
   * @param {State} state
   * @param {'tool' | 'button'} form
   */
  hand(state, form) {
    const {view, words: {t}} = state;
    const {seat} = view.you;
    const up = view.you.hand !== null && view.you.hand !== undefined;
    const place = view.hands.findIndex((hand) => hand.seat === seat) + 1;
    const act = {
      label: t(up ? 'court.hand.down' : 'court.hand.up'), icon: 'hand', keys: 'H',
      name: up && place ? t('court.hand.down_place', {number: place}) : undefined,
      command: up ? 'LowerHand' : 'RaiseHand', target: up ? seat : '',
      press: () => (up ? this.wish('LowerHand', {seat}) : this.raise(state)),
    };
    return form === 'tool' ? tool(state, {...act, on: up})
      : button(state, {...act, kind: `button-large ${up ? 'button-on' : ''}`});
  }

  /** Staff are asked for the reason of a hand; a party's hand means: I want to speak.
   * @param {State} state */
  raise(state) {
    if (desk(state.view) === 'party' && !['defence_counsel', 'rights_protector'].includes(state.view.you.role)) {
      this.wish('RaiseHand', {reason: 'speak'});
    } else this.ask('RaiseHand');
  }

  /**
   * @param {State} state
   * @param {'tool' | 'button'} form
   */
  private(state, form) {
    const {view, words: {t}} = state;
    const open = may(view, 'CloseConfidentialChannel');
    const command = open ? 'CloseConfidentialChannel' : 'OpenConfidentialChannel';
    const mine = view.you.role === 'defendant' ? 'counsel' : 'client';
    const label = t(open ? 'court.private.close' : `court.private.open.${mine}`);
    const press = () => (open ? this.wish(command) : this.ask(command, {targets: view.allowed[command]}));
    return form === 'tool' ? tool(state, {label, icon: 'lock', kind: 'tool-private', command, press})
      : button(state, {label, icon: 'lock', kind: 'button-large button-private', command, press});
  }

  /** @param {State} state */
  party(state) {
    const {view, words: {t}} = state;
    const privately = may(view, 'OpenConfidentialChannel') || may(view, 'CloseConfidentialChannel');
    return html`
      ${privately ? html`<div class="party-private">${this.private(state, 'button')}
        <small>${t('court.private.note')}</small></div>` : nothing}
      <div class="party-buttons">
      ${this.microphone(state)}
      ${view.allowed.RaiseHand?.includes('speak') || view.you.hand ? this.hand(state, 'button') : nothing}
      ${view.allowed.RaiseHand?.includes('cannot_hear') ? button(state, {
        label: t('court.cannot_hear'), icon: 'ear-off', kind: 'button-large', command: 'RaiseHand', target: 'cannot_hear',
        press: () => this.wish('RaiseHand', {reason: 'cannot_hear'}),
      }) : nothing}
      ${button(state, {label: t('court.help'), icon: 'life-buoy', kind: 'button-large', press: () => this.ask('help')})}
      </div>`;
  }
}

customElements.define('controls-bar', ControlsBar);
