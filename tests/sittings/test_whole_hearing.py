"""One criminal hearing from the doors to the closing, held by pressing what people press, in the real product.

Clerk and presiding judge sit at desks, the defendant and the witness hold phones; procurator and counsel, whose pages
are like the others', are at the line only. Between the acts a page is loaded again, a line is cut, a second tab takes
a seat.
"""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, TimeoutError, expect

from tests.sittings.person import PATIENCE_MS, Person, enter
from tests.support.product import Case, Product

pytestmark = pytest.mark.alone

PEOPLE = (
    ("tp1", "presiding_judge", True),
    ("ht1", "assessor", True),
    ("tk1", "clerk", True),
    ("ks1", "procurator", True),
    ("a_defendant", "defendant", True),
    ("a_counsel", "defence_counsel", False),
    ("a_witness", "witness", False),
)
JUDGMENT = "Tuyên bố bị cáo phạm tội Trộm cắp tài sản."


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)


class Hearing:
    """The acts, in the order of the law."""

    def __init__(self, case: Case, clerk: Person, judge: Person, defendant: Person, witness: Person) -> None:
        self.case, self.clerk, self.judge, self.defendant, self.witness = case, clerk, judge, defendant, witness
        self.people: tuple[Person, ...] = (clerk, judge, defendant, witness)

    async def shows(self, name: str) -> None:
        """Nothing is cut off in any window."""
        for person in self.people:
            assert not (cut := await person.cut_off()), (name, person.key, cut)

    async def shows_in_both_languages(self, name: str) -> None:
        await self.shows(name)
        for person in (self.judge, self.defendant):
            await person.press("EN, English")
            await expect(person.button("EN, English")).to_have_attribute("aria-pressed", "true")
        await self.shows(f"{name}-en")
        for person in (self.judge, self.defendant):
            await person.press("VI, Tiếng Việt")
            await expect(person.button("VI, Tiếng Việt")).to_have_attribute("aria-pressed", "true")

    async def doors(self) -> None:
        case, clerk = self.case, self.clerk
        await clerk.press("Mở cửa phòng xử")
        await case.entry("SittingStarted")
        for key in ("ht1", "ks1", "a_counsel"):
            await case.client(key)
        await case.does("a_counsel", "AcceptDuties", version="1")
        await self.shows("doors")
        await clerk.press("Vào phòng xử án")
        await clerk.in_courtroom()
        for key in ("a_defendant", "a_counsel", "a_witness"):
            await clerk.about(key, "Kiểm tra giấy tờ…")
            await clerk.dialog.get_by_label("Bốn ký tự cuối").fill("0001")
            await clerk.confirm("Đã đối chiếu")
            await case.entry("PapersChecked", seat=case.seats[key])
        for key in ("tp1", "ht1", "ks1", "a_defendant", "a_counsel", "a_witness"):
            await clerk.about(key, "Điểm danh…")
            await clerk.confirm("Ghi")
            await case.entry("RollCalled", seat=case.seats[key])
        await self.shows("roll")
        await clerk.about("a_witness", "Đưa sang phòng người làm chứng")
        await case.entry("SentToWitnessRoom")
        await clerk.press("Cho 5 người vào phòng xử án")
        await case.entry("Admitted", seat=self.defendant.seat)
        for person in (self.judge, self.defendant):
            await person.in_courtroom()

    async def tick_all(self, step: Locator) -> None:
        """Tick what the court's own acts have not ticked, until this step is open."""
        tick = self.judge.button(re.compile("^Đánh dấu đã xong: "))
        open_step = step.and_(self.judge.page.locator(":not([aria-disabled=true])"))
        while True:
            await expect(tick.or_(open_step).first).to_be_visible()
            names = await tick.evaluate_all("all => all.map((one) => one.ariaLabel)")
            if not names:
                break
            one = self.judge.button(names[0], exact=True)
            with contextlib.suppress(TimeoutError):  # the court's own act has ticked it meanwhile
                await one.click(timeout=3_000)
            await expect(one).to_have_count(0)
        await expect(step).to_be_enabled()

    async def next_phase(self) -> None:
        step = self.judge.button("Chuyển sang ")
        await self.tick_all(step)
        before, name = self.case.last_number(), await step.inner_text()
        await step.click()
        await self.judge.confirm("Chuyển")
        await self.case.entry("PhaseEntered", after=before)
        await expect(self.judge.button(name.strip(), exact=True)).to_have_count(0)

    async def turn(self, key: str) -> None:
        before = self.case.last_number()
        await self.judge.about(key, "Mời phát biểu")
        if await self.judge.dialog.count():
            await self.judge.confirm("Mời")
        await self.case.entry("FloorGiven", after=before)
        await self.judge.press("Kết thúc lượt")
        await self.case.entry("TurnEnded", after=before)

    async def opens(self) -> None:
        judge, case = self.judge, self.case
        await self.clerk.press("Đánh dấu đã xong: ")  # the rules of the courtroom were read
        await case.entry("ItemTicked", item="rules_announced")
        await judge.press("Khai mạc phiên tòa")
        await judge.confirm("Khai mạc")
        await case.entry("HearingOpened")
        await expect(judge.page.get_by_text("Đang ghi", exact=False).first).to_be_visible()
        for key in ("a_defendant", "a_counsel"):
            await judge.about(key, "Xác nhận đã hỏi căn cước")
            await case.entry("IdentityConfirmed", seat=case.seats[key])
        # The keys alone: hand of the defendant's phone aside, the judge gives the floor and takes it back.
        await self.defendant.press("Xin phát biểu")
        await expect(judge.button("Mời Bị cáo Trần Văn Tạo phát biểu")).to_be_visible()
        await judge.page.locator("body").focus()
        await judge.page.keyboard.press("1")
        await case.entry("FloorGiven", seat=self.defendant.seat)
        await expect(self.defendant.page.get_by_text("Đến lượt").first).to_be_visible()
        await self.shows("floor")
        await judge.page.keyboard.press("e")
        await case.entry("TurnEnded")

    async def speaks_and_mutes(self) -> None:
        case, judge, defendant = self.case, self.judge, self.defendant
        await judge.about("ks1", "Tắt và khóa micro")
        await case.entry("Muted", seat=case.seats["ks1"], locked=True)
        await judge.about("ks1", "Bật micro")
        await case.entry("Unmuted", seat=case.seats["ks1"])
        before = case.last_number()
        await judge.page.keyboard.press("m")
        await case.entry("Muted", after=before, seat=judge.seat)
        await expect(judge.button("Micro đang tắt. Bật micro")).to_be_visible()
        await judge.page.keyboard.press("m")
        await case.entry("Unmuted", after=before, seat=judge.seat)
        await self.clerk.page.keyboard.press("n")
        await self.clerk.page.keyboard.type("/khai ")
        await self.clerk.page.keyboard.type("không biết chủ xe")
        await self.clerk.page.keyboard.press("Control+Enter")
        await case.entry("NoteLogged", text="khai: không biết chủ xe")
        # A page loaded again stands where it stood; so does one whose line was cut.
        await defendant.page.reload()
        await defendant.in_courtroom()
        before = case.last_number()
        await judge.page.context.set_offline(True)
        await judge.page.evaluate("window.dispatchEvent(new Event('offline'))")
        await case.entry("ConnectionLost", after=before, seat=judge.seat, patience_s=30)
        await judge.page.context.set_offline(False)
        await case.entry("Arrived", after=before, seat=judge.seat, patience_s=30)
        await expect(judge.page.locator("body")).to_have_attribute("data-alarm", "false")
        # Nobody may go on without the presiding judge: the court has paused by itself, and only the judge ends that.
        await case.entry("IncidentHeld", after=before)
        await judge.press("Tiếp tục phiên tòa")
        await judge.confirm("Tiếp tục")
        await case.entry("IncidentEnded", after=before)

    async def questions(self) -> None:
        case, judge = self.case, self.judge
        await self.next_phase()
        await self.next_phase()
        await self.turn("ks1")
        await self.next_phase()
        await self.turn("a_defendant")
        await judge.press("Gọi người làm chứng")
        await case.entry("Admitted", seat=self.witness.seat)
        await self.witness.in_courtroom()
        before = case.last_number()
        await judge.about("a_witness", "Mời phát biểu")
        await case.entry("FloorGiven", after=before, seat=self.witness.seat)
        await expect(self.witness.page.get_by_text("Đến lượt").first).to_be_visible()
        await self.shows("questioning")
        await judge.press("Kết thúc lượt")
        await judge.about("a_witness", "Cho người làm chứng thôi khai…")
        await judge.confirm("Xác nhận")
        await case.entry("WitnessReleased")

    async def pauses(self) -> None:
        case, judge = self.case, self.judge
        await judge.press("Nghỉ giải lao")
        await judge.dialog.get_by_label("Số phút nghỉ").fill("5")
        await judge.confirm("Bắt đầu nghỉ")
        await case.entry("RecessStarted")
        await self.shows("recess")
        await self.talks_privately()
        await judge.press("Tiếp tục phiên tòa")
        await judge.confirm("Tiếp tục")
        await case.entry("RecessEnded")
        await expect(judge.button("Tạm dừng kỹ thuật")).to_be_visible()
        before = case.last_number()
        await judge.page.keyboard.press("p")
        await judge.confirm("Tạm dừng", "Mất tiếng ở điểm cầu")
        await case.entry("IncidentHeld", after=before, automatic=False)
        await self.shows("incident")
        await judge.press("Tiếp tục phiên tòa")
        await judge.confirm("Tiếp tục")
        await case.entry("IncidentEnded", after=before)

    async def talks_privately(self) -> None:
        case, defendant = self.case, self.defendant
        await defendant.press("Xin nói riêng với luật sư")
        await defendant.confirm("Mở kênh riêng")
        await case.entry("ConfidentialChannelOpened")
        await expect(defendant.page.get_by_text("đang nói riêng với luật sư").first).to_be_visible()
        await self.shows("private")
        await defendant.press("Kết thúc kênh riêng")
        await case.entry("ConfidentialChannelClosed")

    async def debates(self) -> None:
        await self.next_phase()
        await self.turn("ks1")
        await self.turn("a_counsel")
        await self.next_phase()
        await self.turn("a_defendant")

    async def assessor_signs(self) -> None:
        """Every member signs, from a page of their own."""
        assessor = await enter(self.judge.page.context.browser, self.case, "ht1")  # type: ignore[arg-type]
        self.people = (*self.people, assessor)
        await assessor.press("Ký biên bản nghị án")
        await assessor.confirm("Ký")
        await self.case.entry("DeliberationMinutesSigned", seat=assessor.seat)

    async def judges(self) -> None:
        case, judge = self.case, self.judge
        await self.next_phase()
        await expect(judge.button("Chốt bản án…")).to_be_visible()
        await self.shows_in_both_languages("deliberation")
        await judge.press("Chốt bản án…")
        await judge.dialog.get_by_label("Toàn văn bản án").fill(JUDGMENT)
        await judge.confirm("Chốt bản án")
        frozen = await case.entry("JudgmentFrozen")
        assert frozen.body["sha256"] == hashlib.sha256(JUDGMENT.encode()).hexdigest()
        await judge.press("Ký biên bản nghị án")
        await judge.confirm("Ký")
        await case.entry("DeliberationMinutesSigned", seat=judge.seat)
        await self.assessor_signs()
        # A second tab takes the seat; the first one says so and takes it back when asked.
        second = await judge.page.context.new_page()
        await second.goto(judge.page.url)
        await judge.press("Chuyển sang máy này")
        await expect(second.get_by_role("button", name="Chuyển sang máy này")).to_be_visible()
        await second.close()
        back = judge.button("Trở lại phòng xử án để tuyên án")
        await expect(back).to_be_enabled()
        await self.shows("decided")
        before = case.last_number()
        await back.click()
        await judge.confirm("Chuyển")
        await case.entry("PhaseEntered", after=before, phase="pronouncement")
        await judge.in_courtroom()
        # Everybody sees everybody again: a picture runs in the tile, not only a name.
        for person, other in ((judge, self.defendant), (self.defendant, judge)):
            picture = person.page.locator(f"seat-tile[data-seat='{other.seat}'] video:not(.no-picture)")
            await expect(picture).to_be_visible()
        await self.shows_in_both_languages("pronouncement")
        await judge.press("Ghi nhận đã tuyên án")
        await judge.confirm("Ghi nhận đã tuyên án")
        await case.entry("JudgmentPronounced")
        await self.next_phase()
        close = judge.button("Kết thúc phiên tòa…")
        await self.tick_all(close)
        await self.shows("closing")
        await close.click()
        await judge.confirm("Kết thúc phiên tòa")
        await case.entry("HearingClosed")
        for person in self.people:
            await expect(person.page.get_by_role("heading", name="Phiên tòa đã kết thúc.")).to_be_visible()
        await self.shows_in_both_languages("over")
        for person in (self.clerk, judge):
            for link in ("Xem bản ghi", "Hồ sơ vụ án"):
                await expect(person.page.get_by_role("link", name=link)).to_be_visible()
        await expect(self.witness.page.get_by_role("link", name="Xem bản ghi")).to_have_count(0)


@pytest.mark.timeout(400)  # a minute alone; only what hangs is to be stopped
async def test_a_hearing_is_held_by_its_buttons(product: Product, browser: Browser, tmp_path: Path) -> None:
    case = await product.schedule("A", PEOPLE, procedure="criminal")
    clerk, judge, defendant, witness = await asyncio.gather(
        *(enter(browser, case, key, phone=key.startswith("a_")) for key in ("tk1", "tp1", "a_defendant", "a_witness"))
    )
    hearing = Hearing(case, clerk, judge, defendant, witness)
    try:
        await held(hearing)
    except BaseException as fault:
        for person in hearing.people:
            await person.page.screenshot(path=str(tmp_path / f"{person.key}.png"))
        fault.add_note(f"what the windows showed: {tmp_path}; the last on the record: {case.entries()[-12:]}")
        raise
    await case.close()
    for person in hearing.people:
        assert not person.faults, (person.key, person.faults)
        await person.page.context.close()


async def held(hearing: Hearing) -> None:
    await hearing.doors()
    await hearing.opens()
    await hearing.speaks_and_mutes()
    await hearing.questions()
    await hearing.pauses()
    await hearing.debates()
    await hearing.judges()
