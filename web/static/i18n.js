/**
 * Words for our browser modules, from the same catalogue the pages use.
 * `<html lang data-catalogue="/i18n/<version>">` says which; `await ready` before the first `t()`.
 * Rule: no module holds a text of its own.
 */

/** @type {Map<string, Record<string, string>>} */
const loaded = new Map();
/** @type {Set<(language: string) => void>} */
const followers = new Set();

let language = document.documentElement.lang || 'vi';

/** The language now shown: "vi" or "en". */
export const lang = () => language;

/** @param {string} wanted */
async function load(wanted) {
  if (loaded.has(wanted)) return;
  const base = document.documentElement.dataset.catalogue;
  const answer = await fetch(`${base}/${wanted}.json`, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`catalogue ${wanted}: ${answer.status}`);
  loaded.set(wanted, await answer.json());
}

/** Resolves when the words of the page's language are here. */
export const ready = load(language);

/**
 * The sentence for `key`. `{name}` is replaced from `values`; with `count`, `<key>.one` or `<key>.other` is taken.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  const texts = loaded.get(language) ?? {};
  let found = key;
  if ('count' in values) {
    const form = `${key}.${values.count === 1 && language !== 'vi' ? 'one' : 'other'}`;
    if (form in texts) found = form;
  }
  return (texts[found] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @param {string} key */
export const has = (key) => key in (loaded.get(language) ?? {});

/**
 * Change the language without leaving the page (the live page); server pages simply follow the link.
 * @param {string} wanted
 */
export async function setLanguage(wanted) {
  await load(wanted);
  language = wanted;
  document.documentElement.lang = wanted;
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `lang=${wanted}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  for (const link of document.querySelectorAll('.languages a')) {
    link.setAttribute('aria-current', String(link.getAttribute('hreflang') === wanted));
  }
  for (const follower of followers) follower(wanted);
}

/**
 * Call back after each change of language; returns how to stop.
 * @param {(language: string) => void} follower
 */
export function onLanguage(follower) {
  followers.add(follower);
  return () => followers.delete(follower);
}

/** Let the VI · EN links of the header change the words in place instead of loading the page again. */
export function switchInPlace() {
  for (const link of document.querySelectorAll('.languages a')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      setLanguage(link.getAttribute('hreflang') ?? 'vi');
    });
  }
}

const locale = () => (language === 'vi' ? 'vi-VN' : 'en-GB');
const zone = () => document.documentElement.dataset.zone || undefined;

/**
 * HH:mm, or HH:mm:ss, in the court's time zone.
 * @param {Date | number | string} at
 * @param {{seconds?: boolean}} [options]
 */
export function time(at, { seconds = false } = {}) {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: seconds ? '2-digit' : undefined,
    hourCycle: 'h23',
    timeZone: zone(),
  }).format(new Date(at));
}

/**
 * dd/MM/yyyy in the court's time zone.
 * @param {Date | number | string} at
 */
export function date(at) {
  return new Intl.DateTimeFormat('en-GB', {
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    timeZone: zone(),
  }).format(new Date(at));
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export const number = (value, options) => new Intl.NumberFormat(locale(), options).format(value);

/**
 * A clock for turns and players: 0:07, 12:34, 1:02:03.
 * @param {number} ms
 */
export function clock(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
