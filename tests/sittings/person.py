"""One person at the live page, who does what people do there: reads words, presses buttons.

Rule: nothing is found by CSS that a person finds by its name, and nobody waits for a time, only for what is to be seen.
"""

import re

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.support.product import Case

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
REASON = "Lý do (ghi vào biên bản)"
PATIENCE_MS = 20_000
"""How soon something is to be seen is no matter of these windows: they share two cores with the whole product."""


class Person:
    """A window of the hearing and what its owner does in it, by the words on the screen."""

    def __init__(self, page: Page, case: Case, key: str) -> None:
        self.page, self.case, self.key = page, case, key
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._said)

    def _said(self, line: ConsoleMessage) -> None:
        if (
            line.type == "error" and "ERR_INTERNET_DISCONNECTED" not in line.text
        ):  # the cut line is the test's own doing
            self.faults.append(line.text)

    @property
    def seat(self) -> str:
        return self.case.seats[self.key]

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def button(self, name: str | re.Pattern[str], *, exact: bool = False) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact).first

    async def press(self, name: str, *, exact: bool = False) -> None:
        await self.button(name, exact=exact).click()

    async def confirm(self, name: str, reason: str = "") -> None:
        if reason:
            await self.dialog.get_by_label(REASON).fill(reason)
        await self.dialog.get_by_role("button", name=name, exact=True).click()
        await expect(self.dialog).to_have_count(0)

    async def about(self, key: str, action: str) -> None:
        """One of the acts behind the three dots of this person, in the roll or on the stage."""
        name = self.case.product.seeded.people[key].name
        await self.page.get_by_role("button", name=re.compile(f"^Việc với .*{name}$")).first.click()
        await self.dialog.get_by_role("button", name=re.compile(f"^{re.escape(action)}")).first.click()

    async def in_courtroom(self) -> None:
        await expect(self.page.get_by_role("list", name="Những người trong phòng xử án")).to_be_visible()

    async def cut_off(self) -> list[str]:
        """What does not fit: the page sideways, or a word behind the edge of its button."""
        found: list[str] = await self.page.evaluate(
            """() => {
              const found = [];
              const root = document.documentElement;
              if (root.scrollWidth > root.clientWidth + 1) found.push(`page ${root.scrollWidth} wide`);
              const skipped = '.visually-hidden, .roll-scroll';
              const out = (box) => box.right > root.clientWidth + 1 || box.left < -1;
              for (const one of document.querySelectorAll('button, a, h1, h2, .pill, .number, .recorder')) {
                const [box, style] = [one.getBoundingClientRect(), getComputedStyle(one)];
                if (!box.width || style.visibility === 'hidden' || one.closest(skipped)) continue;
                const words = one.textContent.trim().slice(0, 40);
                if (one.scrollWidth > one.clientWidth + 2 && style.overflow !== 'visible') found.push(`cut: ${words}`);
                if (out(box)) found.push(`out: ${words}`);
              }
              return found;
            }"""
        )
        return found


async def enter(browser: Browser, case: Case, key: str, *, phone: bool = False) -> Person:
    size = PHONE if phone else DESK
    context = await browser.new_context(viewport=size, has_touch=phone, locale="vi-VN")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    person = Person(page, case, key)
    await page.goto(f"{case.product.origin}/sign-in")
    if key.startswith("a_"):
        await page.get_by_label("Mã tham gia").fill(case.codes[key])
        await person.press("Tiếp tục")
        await page.wait_for_url(re.compile("/hearings/"))
        await page.goto(f"{case.product.origin}/hearings/{case.hearing}/duties")
        await page.get_by_role("checkbox", name="Tôi đã đọc").check()
        await person.press("Đồng ý và tiếp tục")
        await page.wait_for_url("**/invitation")
    else:
        account = case.product.account(key)
        await page.get_by_label("Tên đăng nhập").fill(account.name)
        await page.get_by_label("Mật khẩu").fill(account.password)
        await person.press("Đăng nhập", exact=True)
        await page.wait_for_url("**/today")
    await page.goto(f"{case.product.origin}/hearings/{case.hearing}/live")
    await page.wait_for_selector("body[data-scene]")
    return person
