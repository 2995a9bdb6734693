"""What is wrong with the look of a page: axe's barriers, and whatever is cut off, covered, too small or not translated.

Rule: a page is looked at as it stands; what scrolls may be scrolled out of sight, everything else must be seen whole.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, ViewportSize

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 320, "height": 640}
LANGUAGES = ("vi", "en")

LOCALE = Path(__file__).parents[2] / "web" / "locale"

BARRIERS = """async (within) => {
  const found = await axe.run(within || document, {resultTypes: ['violations']});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 140)}`));
}"""

FAULTS = Path(__file__).with_name("looks.js").read_text("utf-8").partition("*/")[2]


def only_in(language: str) -> list[str]:
    """Whole sentences of this language's catalogue that are no sentence of the other one."""
    words: dict[str, set[str]] = {one: set() for one in LANGUAGES}
    for one in LANGUAGES:
        for path in (LOCALE / one).glob("*.json"):
            words[one] |= set(json.loads(path.read_text("utf-8")).values())
    other = next(one for one in LANGUAGES if one != language)
    return sorted(text for text in words[language] - words[other] if "{" not in text)


FOREIGN = {"vi": only_in("en"), "en": only_in("vi")}


async def faults_of(page: Page, *, within: str = "", axe: bool = True) -> list[str]:
    """Everything wrong with this page, or with what the selector names; an empty list for a good one."""
    language = await page.evaluate("document.documentElement.lang")
    about = {"within": within, "foreign": FOREIGN[language], "english": language == "vi"}
    found: list[str] = await page.evaluate(FAULTS, about)
    if axe:
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE_SCRIPT)
        found += await page.evaluate(BARRIERS, within)
    return found


async def speak(page: Page, language: str) -> None:
    """Change the language as a person does, without leaving the page."""
    name = {"vi": "VI, Tiếng Việt", "en": "EN, English"}[language]
    if await page.evaluate("document.documentElement.lang") == language:
        return
    # A modal dialog keeps the switch out of reach of the mouse, not of this.
    await page.locator(f"button.language[aria-label='{name}']:visible").first.dispatch_event("click")
    await page.wait_for_function("(wanted) => document.documentElement.lang === wanted", arg=language)
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def seen(
    page: Page,
    name: str,
    *,
    within: str = "",
    widths: Sequence[ViewportSize] = (DESK, PHONE),
    languages: Sequence[str] = LANGUAGES,
    pictures: str = "",
    again: str = "",
) -> dict[str, list[str]]:
    """Look at this state in these languages at these widths; what is wrong, by state, language and width.

    What axe judges, no width below the phone's changes: there only what is cut off is looked for.

    `again`: what brings back a sentence that goes with the language it was said in.
    """
    found: dict[str, list[str]] = {}
    for size in widths:
        await page.set_viewport_size(size)
        for language in languages:
            await speak(page, language)
            if again:
                await page.evaluate(again)
            await page.evaluate("document.fonts.ready.then(() => null)")
            label = f"{name}-{size['width']}-{language}"
            if pictures:
                await page.screenshot(path=f"{pictures}/{label}.png")
            if wrong := await faults_of(page, within=within, axe=size is not NARROW):
                found[label] = wrong
    await page.set_viewport_size(widths[0])
    await speak(page, LANGUAGES[0])
    return found
