/**
 * Icons from the one sprite of the product. Rule: an icon never stands alone as the only sign.
 */
import {html} from 'lit-html';

const sprite = `${document.documentElement.dataset.static ?? '/static/'}vendor/icons.svg`;

/**
 * @param {string} name a Lucide name of `web/icons.txt`
 * @param {number} [size]
 */
export function icon(name, size = 20) {
  return html`<svg class="icon icon-${size}" width=${size} height=${size} aria-hidden="true" focusable="false"
    ><use href="${sprite}#${name}"></use></svg>`;
}
