"""A civil hearing in browser windows: what the court's people press, in the order in which they press it."""

import contextlib
import uuid
from dataclasses import dataclass, field

from playwright.async_api import Browser, TimeoutError

from tests.support.product import Case
from tests.support.window import Window, eventually

PEOPLE = (
    ("tp1", "presiding_judge", True),
    ("tk1", "clerk", True),
    ("b_plaintiff", "plaintiff", True),
    ("b_witness", "witness", False),
)


@dataclass
class Court:
    """The clerk works through the protocol's client, everybody else through pages."""

    case: Case
    windows: list[Window] = field(default_factory=list)

    async def opened(
        self, browser: Browser, *, witness: bool = True, elsewhere: tuple[Browser, str] | None = None
    ) -> tuple[Window, Window, Window]:
        """Doors open, duties accepted, papers checked; judge and clerk inside, the others waiting, devices open.

        `elsewhere`: the plaintiff's own browser, and the origin under which it reaches the court.
        """
        case = self.case
        await case.does("tk1", "StartSitting", sitting=str(uuid.uuid4()))
        judge = await Window.open(browser, case, "tp1")
        theirs, origin = elsewhere or (browser, "")
        plaintiff = await Window.open(theirs, case, "b_plaintiff", by_code=True, origin=origin)
        others = [plaintiff]
        if witness:
            others.append(await Window.open(browser, case, "b_witness", by_code=True))
        self.windows = [judge, *others]
        for window in self.windows:
            await window.in_waiting_room()
            await window.sends()
        for window in others:
            await case.does("tk1", "CheckPapers", seat=window.seat, document="identity_card", last4="0000")
        for key in ("tp1", "tk1", "b_plaintiff"):
            await case.does("tk1", "CallRoll", seat=case.seats[key], present=True)
        seat = case.seats["b_witness"]
        await case.does("tk1", "CallRoll", seat=seat, present=witness, reason="" if witness else "sick")
        if witness:
            await case.does("tk1", "SendToWitnessRoom", seat=seat)
        await case.does("tk1", "TickItem", item="rules_announced")
        await case.does("tk1", "Admit", seats=[case.seats["tp1"], case.seats["tk1"]])
        await judge.in_courtroom()
        return judge, plaintiff, others[-1]

    async def closed(self, *windows: Window) -> None:
        for window in windows:
            await window.close()

    # -- what the judge presses --------------------------------------------------------------------------------------

    async def admits(self, judge: Window, window: Window) -> None:
        await judge.page.get_by_role("button", name="Phòng chờ (1)").click()
        dialog = judge.page.get_by_role("dialog")
        row = dialog.get_by_role("listitem").filter(has_text=window.name)
        await row.get_by_role("button", name="Cho vào").click()
        await self.case.entry("Admitted", seat=window.seat)
        await judge.page.keyboard.press("Escape")

    async def about(self, judge: Window, window: Window, action: str) -> None:
        """One of the actions behind the three dots of this person's picture."""
        people = judge.page.get_by_role("list", name="Những người trong phòng xử án")
        await people.get_by_role("listitem").filter(has_text=window.name).get_by_role("button").click()
        await judge.page.get_by_role("dialog").get_by_role("button", name=action).first.click()

    async def sends_to_waiting_room(self, judge: Window, window: Window) -> None:
        before = self.case.last_number()
        await self.about(judge, window, "Đưa về phòng chờ…")
        dialog = judge.page.get_by_role("dialog")
        await dialog.get_by_label("Lý do (ghi vào biên bản)").fill("Chờ đến lượt")
        await dialog.get_by_role("button", name="Đưa về phòng chờ", exact=True).click()
        await self.case.entry("ReturnedToWaitingRoom", after=before, seat=window.seat)
        await window.in_waiting_room()

    async def opens(self, judge: Window) -> None:
        await judge.page.get_by_role("button", name="Khai mạc phiên tòa").click()
        await judge.page.get_by_role("dialog").get_by_role("button", name="Khai mạc", exact=True).click()
        await self.case.entry("HearingOpened")

    async def goes_on(self, judge: Window, *phases: str) -> None:
        """Do what this phase asks for, then go to the next."""
        for phase in phases:
            await self._step(judge, phase)

    async def _step(self, judge: Window, phase: str) -> None:
        step = judge.page.get_by_role("button", name=f"Chuyển sang {phase}")
        ticks = judge.page.get_by_role("button", name="Đánh dấu đã xong: ")

        async def done() -> bool:
            if await ticks.count():
                with contextlib.suppress(TimeoutError):  # the court itself ticked it a moment before
                    await ticks.first.click(timeout=1_000)
            return await step.count() > 0 and await step.is_enabled()

        await eventually(f"{phase} is next", done)
        before = self.case.last_number()
        await step.click()
        await judge.page.get_by_role("dialog").get_by_role("button", name="Chuyển", exact=True).click()
        await self.case.entry("PhaseEntered", after=before)

    async def speaks(self, judge: Window, window: Window) -> None:
        """A turn, from the invitation to its end."""
        await self.about(judge, window, "Mời phát biểu")
        await self.case.entry("FloorGiven", seat=window.seat)
        await judge.page.get_by_role("button", name="Kết thúc lượt").click()
        await self.case.entry("TurnEnded", seat=window.seat)
