/**
 * Everything on this page, or within a selector, that a person could not read, see whole or press. Answers a list of
 * sentences. `foreign`: what may not be said in this language; `english`: English words are foreign as well.
 */
({within, foreign, english}) => {
  const found = new Set();
  const root = within ? document.querySelector(within) : document.body;
  const name = (node) => `${node.tagName.toLowerCase()}.${node.getAttribute('class') ?? ''} ${
    (node.getAttribute('aria-label') ?? node.textContent).trim().replace(/\s+/g, ' ').slice(0, 50)}`;
  const styles = new Map();
  const style = (node) => {
    if (!styles.has(node)) styles.set(node, getComputedStyle(node));
    return styles.get(node);
  };
  const shown = (node) => node.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && !node.closest('.visually-hidden, [inert]');
  const scrolls = (value) => value === 'auto' || value === 'scroll';
  // The part of the window in which this node may be seen: its clipping ancestors; null when one of them scrolls there.
  const clip = (node, axis) => {
    for (let up = node.parentElement; up; up = up.parentElement) {
      const value = style(up)[`overflow${axis}`];
      if (scrolls(value) && up !== document.documentElement) return null;
      if (value === 'hidden' || value === 'clip') return up;
      if (style(up).position === 'fixed' || up.tagName === 'DIALOG') break;
    }
    return document.documentElement;
  };
  if (document.documentElement.scrollWidth > innerWidth) found.add(`page: ${document.documentElement.scrollWidth} wide`);
  const scrolledAway = (node, x, y) => {
    for (let up = node.parentElement; up; up = up.parentElement) {
      if (!scrolls(style(up).overflowX) && !scrolls(style(up).overflowY)) continue;
      const edge = up.getBoundingClientRect();
      if (up !== document.documentElement && (x < edge.left || x > edge.right || y < edge.top || y > edge.bottom)) return true;
    }
    return false;
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const said = text.data.trim();
    const node = text.parentElement;
    if (!said || !node || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION'].includes(node.tagName)) continue;
    if (/^[a-z_]+(\.[A-Za-z0-9_-]+)+$/.test(said)) found.add(`key: ${said}`);
    if (/\{\w+\}/.test(said)) found.add(`placeholder: ${said}`);
    if (!shown(node) || node.closest('svg')) continue;
    if (parseFloat(style(node).fontSize) < 12) found.add(`small: ${name(node)}`);
    if (foreign.includes(said) && node.tagName !== 'KBD') found.add(`language: ${said}`);
    if (english && /\b(the|and|your|you|please|hearing|court|judge)\b/i.test(said)) found.add(`english: ${said}`);
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (!box.width) continue;
      const across = clip(node, 'X');
      if (across) {
        const edge = across === document.documentElement ? {left: 0, right: innerWidth} : across.getBoundingClientRect();
        if (box.right > edge.right + 1 || box.left < edge.left - 1) found.add(`cut across: ${name(node)}`);
      }
      const down = clip(node, 'Y');
      if (down && down !== document.documentElement) {
        const edge = down.getBoundingClientRect();
        if (box.bottom > edge.bottom + 1 || box.top < edge.top - 1) found.add(`cut below: ${name(node)}`);
      }
    }
    // A line that ends in dots, or is wider than its box.
    if (node.scrollWidth > node.clientWidth + 1 && style(node).textOverflow === 'ellipsis') found.add(`dots: ${name(node)}`);
  }
  for (const node of root.querySelectorAll('button, a, input, select, textarea, summary, [role=button]')) {
    if (!shown(node)) continue;
    const label = node.getAttribute('aria-label') ?? '';
    if (foreign.includes(label)) found.add(`language: ${label}`);
    if (/\{\w+\}/.test(label) || /^[a-z_]+(\.[A-Za-z0-9_-]+)+$/.test(label)) found.add(`label: ${label}`);
    const box = node.getBoundingClientRect();
    if (!box.width) continue;
    if (clip(node, 'X') && (box.right > innerWidth + 1 || box.left < -1)) found.add(`outside: ${name(node)}`);
    if (box.height < 24 && !node.matches('p a, input[type=radio], input[type=checkbox]')) found.add(`flat: ${name(node)}`);
    const words = [...node.querySelectorAll('span, b, small')].filter((one) => !one.closest('.visually-hidden'));
    for (const one of words) {
      const inner = one.getBoundingClientRect();
      if (inner.width && (inner.right > box.right + 1 || inner.left < box.left - 1 || inner.bottom > box.bottom + 1)) {
        found.add(`over its edge: ${name(node)}`);
      }
    }
    // Nothing lies over a button, unless it can be scrolled from under it.
    const over = () => {
      const now = node.getBoundingClientRect();
      const [x, y] = [now.x + now.width / 2, now.y + now.height / 2];
      if (x < 0 || y < 0 || x > innerWidth || y > innerHeight || scrolledAway(node, x, y)) return null;
      const top = document.elementFromPoint(x, y);
      return top && !node.contains(top) && !top.contains(node) && top.closest('label')?.control !== node ? top : null;
    };
    if (!over() || node.closest('court-stage') && over().closest('court-notices')) continue; // a note can be closed
    const at = [scrollX, scrollY];
    node.scrollIntoView({block: 'center', behavior: 'instant'});
    if (over()) found.add(`covered: ${name(node)} by ${name(over())}`);
    scrollTo({left: at[0], top: at[1], behavior: 'instant'});
  }
  // Signs on one picture do not lie over each other.
  for (const tile of root.querySelectorAll('.tile')) {
    const parts = [...tile.querySelectorAll('.tile-point, .tile-hand, .tile-more, .tile-who > *, .sign-mic, .tile-gone > *')]
      .filter((one) => one.getBoundingClientRect().width && one.checkVisibility());
    const frame = tile.getBoundingClientRect();
    for (const [index, one] of parts.entries()) {
      const a = one.getBoundingClientRect();
      if (a.top < frame.top - 1 || a.bottom > frame.bottom + 1 || a.right > frame.right + 1) found.add(`off its tile: ${name(one)}`);
      for (const other of parts.slice(index + 1)) {
        const b = other.getBoundingClientRect();
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) {
          found.add(`overlap: ${name(one)} / ${name(other)}`);
        }
      }
    }
  }
  return [...found];
}
