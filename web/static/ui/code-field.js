/**
 * The code field: takes a code from the address's fragment (it never reaches the server by itself) and writes typed
 * codes in two groups of four. Without this script the field works as it is.
 */

const form = document.querySelector('[data-code-form]');
const input = /** @type {HTMLInputElement | null} */ (form?.querySelector('input[name=code]'));

if (form && input) {
  const printed = decodeURIComponent(location.hash.slice(1));
  if (form.hasAttribute('data-from-fragment') && printed) {
    input.value = printed;
    const found = form.querySelector('[data-found]');
    if (found) found.removeAttribute('hidden');
    input.closest('.field')?.setAttribute('hidden', '');
    // Out of the address bar and the history, so that a later look at this screen does not show it.
    history.replaceState(null, '', location.pathname + location.search);
    /** @type {HTMLElement | null} */ (form.querySelector('button'))?.focus();
  }
  input.addEventListener('input', (event) => {
    const typed = /** @type {InputEvent} */ (event);
    if (typed.isComposing || typed.inputType?.startsWith('delete') || input.value.length > 12) return;
    const letters = input.value.toUpperCase().replace(/[^A-Z0-9]/g, '');
    input.value = letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
  });
}
