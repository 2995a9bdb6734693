/**
 * Single keys of the live page. A control names its own key (`aria-keyshortcuts`), this only presses it.
 * Rule: never while a text field has the focus or an input method composes; never Ctrl+Shift or Alt+Shift, which belong
 * to input programs.
 */

const REGIONS = ['guide', 'stage', 'floor', 'checklist', 'log', 'roll', 'recorder', 'controls'];

/** @param {EventTarget | null} target */
function writes(target) {
  return target instanceof HTMLElement && Boolean(target.closest('input, textarea, select, [contenteditable], dialog'));
}

/**
 * @param {HTMLElement} element
 */
function visible(element) {
  return element.getClientRects().length > 0;
}

/** @param {boolean} back */
function region(back) {
  const present = REGIONS.flatMap((name) => [...document.querySelectorAll(`[data-region="${name}"]`)])
    .filter((one) => one instanceof HTMLElement && visible(one));
  const now = present.findIndex((one) => one.contains(document.activeElement));
  const next = present[(now + (back ? -1 : 1) + present.length) % present.length];
  if (next instanceof HTMLElement) next.focus();
}

/**
 * @param {{ask: (dialog: string) => void, log: () => (HTMLElement & {compose(): void, speaker(index: number): void}) | null,
 *   enabled: () => boolean}} room
 */
export function listen(room) {
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === 'F2') {
      event.preventDefault();
      region(event.shiftKey);
      return;
    }
    if (event.altKey) {
      const digit = event.shiftKey ? null : event.code.match(/^Digit([1-9])$/);
      if (digit && room.log()) {
        event.preventDefault();
        room.log()?.speaker(Number(digit[1]) - 1);
      }
      return;
    }
    if (event.repeat || writes(event.target) || !room.enabled()) return;
    if (event.key === '?') {
      room.ask('keys');
      return;
    }
    const key = event.key.length === 1 ? event.key.toUpperCase() : '';
    if (!key) return;
    const log = room.log();
    if (key === 'N' && log) {
      event.preventDefault();
      log.compose();
      return;
    }
    if (key === 'K') {
      /** @type {HTMLElement | null} */ (document.querySelector('[data-region="checklist"]'))?.focus();
      return;
    }
    const wanted = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key)}"]`)]
      .find((one) => one instanceof HTMLButtonElement && visible(one));
    if (wanted instanceof HTMLButtonElement) {
      event.preventDefault();
      wanted.click();
    }
  });
}
