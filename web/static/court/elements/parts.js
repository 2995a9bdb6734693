/**
 * Small pieces that several elements show: the button of a wish, a badge, a person's mark.
 * Rule: a button exists when the court would hear it; while a wish is on its way it says so and ignores a second press.
 */
import {html, nothing} from 'lit-html';
import {icon} from '../icons.js';
import {initials, nameOf} from '../words.js';
import {isPending} from '../scene.js';

/** @typedef {import('../types.js').State} State */

/**
 * @typedef {object} Act
 * @property {string} label
 * @property {string} [icon]
 * @property {string} [kind]     extra classes: button-primary, button-small ...
 * @property {string} [name]     accessible name when the label alone does not say what it is about
 * @property {() => void} press
 * @property {string} [command]  with `target`: shows that this wish is on its way
 * @property {string} [target]
 * @property {string} [going]    what it says meanwhile, if not that it is being sent
 * @property {string} [keys]     aria-keyshortcuts
 */

/**
 * @param {State} state
 * @param {Act} act
 */
export function button(state, act) {
  const busy = act.command ? isPending(state, act.command, act.target) : false;
  return html`<button type="button" class="button ${act.kind ?? ''}" aria-busy=${busy ? 'true' : 'false'}
    aria-label=${act.name ?? nothing} aria-keyshortcuts=${act.keys ?? nothing}
    @click=${() => busy || act.press()}
    >${act.icon ? icon(busy ? 'loader-circle' : act.icon, 18) : nothing}${worded(state, act, busy)}</button>`;
}

/**
 * A tool of the bar at the bottom: icon above its word.
 * @param {State} state
 * @param {Act & {on?: boolean}} act
 */
export function tool(state, act) {
  const busy = act.command ? isPending(state, act.command, act.target) : false;
  return html`<button type="button" class="tool ${act.kind ?? ''}" aria-busy=${busy ? 'true' : 'false'}
    aria-pressed=${act.on === undefined ? nothing : String(act.on)} aria-label=${act.name ?? nothing}
    aria-keyshortcuts=${act.keys ?? nothing}
    @click=${() => busy || act.press()}
    >${icon(busy ? 'loader-circle' : act.icon ?? 'circle', 22)}${worded(state, act, busy)}</button>`;
}

/**
 * What stands on a button. On its way it says so at once, in the place of its label, long before the court has answered;
 * without an icon the turning sign stands there, and the words are for the ear.
 * @param {State} state
 * @param {Act} act
 * @param {boolean} busy
 */
function worded(state, act, busy) {
  if (!busy) return html`<span>${act.label}</span>`;
  const going = act.going ?? state.words.t('court.going');
  return html`<span class="going"><span aria-hidden="true">${act.label}</span>${act.icon ? html`<span>${going}</span>`
    : html`<span>${icon('loader-circle', 18)}<span class="visually-hidden">${going}</span></span>`}</span>`;
}

/**
 * Initials in a circle: there are no photographs of people in the product.
 * @param {State} state
 * @param {string} seat
 */
export function mark(state, seat) {
  return html`<span class="initials" aria-hidden="true">${initials(nameOf(state, seat))}</span>`;
}

/**
 * @param {string} kind ok | warn | bad | private | info | line
 * @param {string} name
 * @param {unknown} text
 */
export function pill(kind, name, text) {
  return html`<span class="pill pill-${kind}">${icon(name, 16)}<span>${text}</span></span>`;
}

/**
 * The head of a panel.
 * @param {string} name
 * @param {string} title
 * @param {unknown} [end]
 */
export function panelHead(name, title, end = nothing) {
  return html`<div class="panel-head">${icon(name, 18)}<h2>${title}</h2><span class="panel-end">${end}</span></div>`;
}
