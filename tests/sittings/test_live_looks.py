"""A live hearing looked at while it is held: real server, real media, the pages of judge, clerk, defendant and witness.

Each state is looked at on a desk in Vietnamese and on a phone in English, without leaving the page; played views
(`tests/browser/test_court_looks.py`) are looked at in every language and width. The procurator is a robot that sends
camera and microphone; what each button does is shown elsewhere, so wishes are spoken to the page.
"""

import asyncio
import hashlib
import json
import os
import uuid
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.looks import DESK, PHONE, seen
from tests.support.product import Case, Product
from tests.support.window import Window, eventually
from web.demo.client import CourtClient
from web.demo.picture import draw
from web.demo.robot import Robot

pytestmark = pytest.mark.alone

# Only judge and procurator must be there: a busy machine that loses another line for a moment pauses no hearing.
PEOPLE = (
    ("tp1", "presiding_judge", True),
    ("ht1", "assessor", False),
    ("tk1", "clerk", False),
    ("ks1", "procurator", True),
    ("a_defendant", "defendant", False),
    ("a_counsel", "defence_counsel", False),
    ("a_witness", "witness", False),
)
ROBOT = "ks1"
LINES = ("ht1", "a_counsel")
NOTICE_MS = 8_000
PICTURES = os.environ.get("LOOKS", "")

WISH = """([command, args]) => document.body.dispatchEvent(
  new CustomEvent('wish', {detail: {command, args}, bubbles: true}))"""

# What the judge's page was told: the items to be ticked, and where the hearing may go now.
STEPS = """() => {
  const {allowed, checklist} = document.querySelector('court-dialog').state.view;
  const open = checklist.filter((item) => item.state === 'open').map((item) => item.code);
  const ticks = (allowed.TickItem ?? []).filter((item) => open.includes(item));
  return [ticks, [...(allowed.EnterPhase ?? []), ...('CloseHearing' in allowed ? ['closed'] : [])]];
}"""

ALLOWED = "(command) => command in document.querySelector('court-dialog').state.view.allowed"


class Hearing:
    """The people of the hearing and what was found wrong in their windows."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.windows: dict[str, Window] = {}
        self.robot: Robot | None = None
        self.found: dict[str, list[str]] = {}
        self.looked = 0

    async def come(self, browser: Browser) -> None:
        for key in ("tk1", "tp1", "a_defendant", "a_witness"):
            self.windows[key] = window = await Window.open(browser, self.case, key, by_code=key.startswith("a_"))
            window.page.set_default_timeout(20_000)
            await window.page.emulate_media(reduced_motion="reduce")
            await window.page.wait_for_selector("body[data-scene]")

    async def others_come(self) -> None:
        product = self.case.product
        client = CourtClient(product.origin, await product.token(ROBOT), self.case.hearing)
        loop = await asyncio.to_thread(draw, (95, 109, 100), (24, 26, 32))
        self.robot = Robot(person=ROBOT, role="procurator", seat=self.seat(ROBOT), client=client, loop=loop)
        await self.robot.open_devices()
        for key in LINES:
            await self.case.client(key)

    async def leave(self) -> None:
        if self.robot is not None:
            await self.robot.leave()
        await self.case.close()

    def seat(self, key: str) -> str:
        return self.case.seats[key]

    async def does(self, who: str, command: str, entry: str, **args: Any) -> None:
        """This person's page sends the wish, as its button would; returns when the court has written `entry`."""
        before, page = self.case.last_number(), self.windows[who].page
        await self.goes_on_after_a_loss(command)
        await page.wait_for_function(ALLOWED, arg=command)
        await page.evaluate(WISH, [command, args])
        try:
            await self.case.entry(entry, after=before, patience_s=30)
        except AssertionError as silent:
            said = await page.locator("court-notices").inner_text()
            kinds = [one.kind for one in self.case.entries()[-8:]]
            raise AssertionError(
                f"{command} of {who}: no {entry}; the page says {said!r}; the record {kinds}"
            ) from silent

    async def goes_on_after_a_loss(self, command: str) -> None:
        """A busy machine may lose a line for a moment; the court then pauses by itself, and the judge goes on."""
        judge = self.windows["tp1"].page
        if command != "ResumeAfterIncident" and await judge.evaluate(ALLOWED, "ResumeAfterIncident"):
            await self.does("tp1", "ResumeAfterIncident", "IncidentEnded")

    async def shown(self, state: str, *keys: str) -> None:
        """This state, in these windows, as it is read at a desk and as it is read on a phone."""
        for width, language in ((DESK, "vi"), (PHONE, "en")):
            wrong = await asyncio.gather(
                *(
                    seen(
                        self.windows[key].page,
                        f"{state}-{key}",
                        widths=[width],
                        languages=[language],
                        pictures=PICTURES,
                    )
                    for key in keys
                )
            )
            self.looked += len(keys)
            for one in wrong:
                self.found |= one

    async def goes_on(self, phase: str | None) -> None:
        """Tick what may be ticked until the phase may be entered, and enter it; without one, until closing is open."""
        page = self.windows["tp1"].page

        async def open_now() -> bool:
            ticks, steps = await page.evaluate(STEPS)
            for item in ticks:
                await page.evaluate(WISH, ["TickItem", {"item": item}])
            return not ticks and (phase or "closed") in steps

        await eventually(f"{phase} may be entered", open_now)
        if phase is not None:
            await self.does("tp1", "EnterPhase", "PhaseEntered", phase=phase)

    async def in_courtroom(self, *keys: str) -> None:
        for key in keys:
            await self.windows[key].page.wait_for_selector("body[data-scene=courtroom]", timeout=30_000)


@pytest.mark.timeout(500)
async def test_a_live_hearing_has_no_barrier_and_nothing_is_cut_off(product: Product, browser: Browser) -> None:
    hearing = Hearing(await product.schedule("A", PEOPLE, procedure="criminal", notice_ms=NOTICE_MS))
    try:
        await hearing.come(browser)
        await doors(hearing)
        await opening(hearing)
        await floor(hearing)
        await witness(hearing)
        await pauses(hearing)
        await judgment(hearing)
    finally:
        await hearing.leave()
    print(f"\n{hearing.looked} looks at the live hearing")
    assert hearing.found == {}, json.dumps(hearing.found, ensure_ascii=False, indent=1)
    for window in hearing.windows.values():
        await window.close()


async def doors(hearing: Hearing) -> None:
    await hearing.shown("doors-closed", "tp1", "a_defendant")
    await hearing.does("tk1", "StartSitting", "SittingStarted", sitting=str(uuid.uuid4()))
    await hearing.others_come()
    await hearing.case.does("a_counsel", "AcceptDuties", version="1")
    for key in ("a_defendant", "a_counsel", "a_witness"):
        papers = {"document": "citizen_id", "last4": "0000"}
        await hearing.does("tk1", "CheckPapers", "PapersChecked", seat=hearing.seat(key), **papers)
    for key, _, _ in PEOPLE:
        await hearing.does("tk1", "CallRoll", "RollCalled", seat=hearing.seat(key), present=True, reason="")
    await hearing.does("tk1", "SendToWitnessRoom", "SentToWitnessRoom", seat=hearing.seat("a_witness"))
    await hearing.does("tk1", "TickItem", "ItemTicked", item="rules_announced")
    await hearing.shown("waiting", "tk1", "a_defendant", "a_witness")
    inside = [hearing.seat(key) for key, _, _ in PEOPLE if key != "a_witness"]
    await hearing.does("tk1", "Admit", "AdmissionAnnounced", seats=inside)
    await expect(hearing.windows["a_defendant"].page.locator(".waiting-called")).to_be_visible()
    await hearing.shown("called", "a_defendant")
    await hearing.in_courtroom("tk1", "tp1", "a_defendant")


async def opening(hearing: Hearing) -> None:
    for key in ("tk1", "tp1", "a_defendant"):
        picture = hearing.windows[key].page.locator(
            f"seat-tile[data-seat='{hearing.seat('ks1')}'] video:not(.no-picture)"
        )
        await expect(picture).to_be_attached(timeout=20_000)
    await hearing.shown("prep", "tk1")
    await hearing.does("tp1", "OpenHearing", "HearingOpened")
    for key in ("a_defendant", "a_counsel"):
        await hearing.does("tp1", "ConfirmIdentity", "IdentityConfirmed", seat=hearing.seat(key))


async def floor(hearing: Hearing) -> None:
    await hearing.does("a_defendant", "RaiseHand", "HandRaised", reason="speak")
    await hearing.case.does("a_counsel", "RaiseHand", reason="objection", text="")
    await hearing.does("tp1", "Mute", "Muted", seat=hearing.seat("ks1"), locked=True)
    note = "khai: không biết chủ xe là ai, khoảng 21 giờ, tại bãi xe chợ Bình Nguyên"
    await hearing.does(
        "tk1", "LogNote", "NoteLogged", note=str(uuid.uuid4()), text=note, about=hearing.seat("a_defendant")
    )
    await hearing.shown("hands-and-locked", "tk1", "tp1", "a_defendant")
    await hearing.does("tp1", "GiveFloor", "FloorGiven", seat=hearing.seat("a_defendant"))
    await hearing.shown("floor", "tp1", "a_defendant")
    await hearing.does("tp1", "EndTurn", "TurnEnded")
    await hearing.does("tp1", "LowerAllHands", "HandLowered")
    await hearing.does("tp1", "Unmute", "Unmuted", seat=hearing.seat("ks1"))


async def witness(hearing: Hearing) -> None:
    await hearing.goes_on("challenges")
    await hearing.goes_on("indictment")
    await hearing.does("tp1", "GiveFloor", "FloorGiven", seat=hearing.seat("ks1"))
    await hearing.does("tp1", "EndTurn", "TurnEnded")
    await hearing.goes_on("questioning")
    await hearing.does("tp1", "CallWitness", "AdmissionAnnounced", seat=hearing.seat("a_witness"))
    await hearing.shown("witness-called", "a_witness")
    await hearing.in_courtroom("a_witness")
    asking = {"seat": hearing.seat("ks1"), "answering": hearing.seat("a_witness"), "purpose": "question"}
    await hearing.does("tp1", "GiveFloor", "FloorGiven", **asking)
    await hearing.shown("witness-answers", "tk1", "tp1", "a_defendant", "a_witness")
    await hearing.does("tp1", "EndTurn", "TurnEnded")
    await hearing.does("tp1", "GiveFloor", "FloorGiven", seat=hearing.seat("a_defendant"))
    await hearing.does("tp1", "EndTurn", "TurnEnded")
    await hearing.does("tp1", "ReleaseWitness", "WitnessReleased", seat=hearing.seat("a_witness"), stays=False)


async def pauses(hearing: Hearing) -> None:
    await hearing.does("tp1", "StartRecess", "RecessStarted", minutes=10, reason="")
    await hearing.does(
        "a_defendant", "OpenConfidentialChannel", "ConfidentialChannelOpened",
        seats=[hearing.seat("a_defendant"), hearing.seat("a_counsel")],
    )  # fmt: skip
    await hearing.shown("recess", "tk1", "tp1", "a_defendant")
    await hearing.does("a_defendant", "CloseConfidentialChannel", "ConfidentialChannelClosed")
    await hearing.does("tp1", "EndRecess", "RecessEnded")
    await hearing.does("tp1", "HoldForIncident", "IncidentHeld", reason="Mất điện ở điểm cầu thành phần")
    await hearing.shown("incident", "tk1", "tp1", "a_defendant")
    # The defendant's own page loses its line meanwhile.
    page = hearing.windows["a_defendant"].page
    await page.context.set_offline(True)
    await expect(page.locator("body")).to_have_attribute("data-alarm", "true", timeout=20_000)
    await hearing.shown("reconnecting", "a_defendant")
    await page.context.set_offline(False)
    await expect(page.locator("body")).not_to_have_attribute("data-alarm", "true", timeout=20_000)
    await hearing.does("tp1", "ResumeAfterIncident", "IncidentEnded")


async def judgment(hearing: Hearing) -> None:
    await hearing.goes_on("debate")
    for key in ("ks1", "a_counsel"):
        await hearing.does("tp1", "GiveFloor", "FloorGiven", seat=hearing.seat(key))
        await hearing.does("tp1", "EndTurn", "TurnEnded")
    await hearing.goes_on("last_words")
    await hearing.does("tp1", "GiveFloor", "FloorGiven", seat=hearing.seat("a_defendant"))
    await hearing.does("tp1", "EndTurn", "TurnEnded")
    await hearing.goes_on("deliberation")
    await hearing.windows["tp1"].page.wait_for_selector("body[data-scene=deliberation]")
    await hearing.shown("deliberation", "tk1", "tp1", "a_defendant")
    await hearing.does("tp1", "FreezeJudgment", "JudgmentFrozen", sha256=hashlib.sha256(b"judgment").hexdigest())
    await hearing.does("tp1", "SignDeliberationMinutes", "DeliberationMinutesSigned")
    await hearing.case.does("ht1", "SignDeliberationMinutes")
    await hearing.goes_on("pronouncement")
    await hearing.in_courtroom("tp1", "tk1", "a_defendant")
    await hearing.shown("pronouncement", "tk1", "a_defendant")
    await hearing.does("tp1", "Pronounce", "JudgmentPronounced")
    await hearing.goes_on("closing")
    await hearing.goes_on(None)
    await hearing.does("tp1", "CloseHearing", "HearingClosed")
    for key in ("tk1", "tp1", "a_defendant"):
        await hearing.windows[key].page.wait_for_selector("body[data-scene=over]")
    await hearing.shown("closed", "tk1", "tp1", "a_defendant")
