"""A process is emptied and started again while a hearing runs in it: real processes, real Chromium, real files."""

import asyncio
import re
import sys
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from hearing.errors import Refused
from tests.support.court import PEOPLE, Court
from tests.support.product import ROOT, Product, served, until
from web.demo.client import Gone

pytestmark = pytest.mark.alone

BACK_WITHIN_S = 5.0
HOLE_AT_MOST_MS = 5_000


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Product]:
    with served(tmp_path, HEARING_MEDIA_PROCESSES="2", HEARING_ASR="none:") as running:
        yield running


@pytest.fixture
async def court(two: Product) -> AsyncIterator[Court]:
    found = Court(await two.schedule("B", PEOPLE))
    yield found
    await found.case.close()


async def hearing(product: Product, *command: str) -> tuple[int, str]:
    """The command `hearing`, as a person runs it."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "web.cli", *command, "--data", str(product.data), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await asyncio.wait_for(started.communicate(), 120)
    assert started.returncode is not None
    return started.returncode, printed.decode()


def figures(product: Product, name: str) -> dict[str, float]:
    """One family of `GET /metrics`, by process."""
    with urllib.request.urlopen(f"{product.origin}/metrics", timeout=5) as got:
        text = got.read().decode()
    return {process: float(figure) for process, figure in re.findall(rf'^{name}{{process="(.+?)"}} (\S+)$', text, re.M)}


async def place(product: Product) -> str:
    await until("one place for the sitting", lambda: sum(figures(product, "hearing_media_sittings").values()) == 1)
    return next(name for name, count in figures(product, "hearing_media_sittings").items() if count)


async def test_a_sitting_leaves_its_process_and_nothing_that_was_answered_is_lost(
    browser: Browser, court: Court
) -> None:
    judge, plaintiff, _ = await court.opened(browser, witness=False)
    case, product = court.case, court.case.product
    await court.admits(judge, plaintiff)
    await court.opens(judge)
    clerk = await case.client("tk1")
    await until("tracks", lambda: len(case.entries("TrackOpened")) >= 3)
    await asyncio.sleep(4)
    before = {one.track: one for one in case.recorded()}
    acknowledged: list[tuple[str, int]] = []
    stop = asyncio.Event()

    async def writes() -> None:
        while not stop.is_set():
            op_id = str(uuid.uuid4())
            try:
                number = await clerk.command("LogNote", op_id=op_id, note=str(uuid.uuid4()), text="ghi chép")
            except (Gone, Refused):
                await asyncio.sleep(0.1)
                continue
            acknowledged.append((op_id, number))
            await asyncio.sleep(0.06)  # below what one line may send

    async def painted_again() -> tuple[float, list[float]]:
        """When the room opened in its new place, and how long after that each page painted the other one again."""
        await until("the room in its new place", lambda: len(case.entries("ClockAnchored")) > 1, 60, 0.05)
        opened = case.entries("ClockAnchored")[-1].at  # a page notes the first frame of each new stream, no other
        seen = await asyncio.gather(
            judge.painted(plaintiff.seat, after=opened, patience_s=20),
            plaintiff.painted(judge.seat, after=opened, patience_s=20),
        )
        return opened, [one - opened for one, _ in seen]

    writing = asyncio.ensure_future(writes())
    watching = asyncio.ensure_future(painted_again())
    try:
        here = await place(product)
        pid = product.pid(here)
        assert pid is not None and product.pid("media.1") is not None
        began = time.time()
        code, printed = await hearing(product, "drain", here, "--move", "--wait")
        replaced = time.time()
        assert code == 0 and "has been started again" in printed, printed
        assert product.pid(here) not in (None, pid)
        opened, back = await watching
        assert opened > began
        await until("the tracks of the new place", lambda: len(case.entries("TrackOpened")) >= 2 * len(before), 20)
        await until("commands are answered in the new place", lambda: len(acknowledged) > 20, 20)
        await asyncio.sleep(2)
    finally:
        stop.set()
        watching.cancel()
        await writing
    there = await place(product)
    assert there != here
    await until("the old files are closed in the record", lambda: len(case.entries("TrackClosed")) >= len(before), 20)
    recorded = case.recorded()
    holes = {}
    for old in before.values():
        old = next(one for one in recorded if one.track == old.track)
        new = [one for one in recorded if one.source == old.source and one.track not in before]
        assert len(new) == 1, "each source goes on in one new track"
        holes[f"{old.media} {old.source[-4:]}"] = min(new[0].blocks) - max(old.blocks)
    reasons = {entry.body["reason"] for entry in case.entries("TrackClosed")}
    vouched = {
        track: max(entry.body["t1_ms"] for entry in case.entries("SegmentClosed") if entry.body["track"] == track)
        for track in before
    }
    unvouched = {one.track[-4:]: max(one.blocks) - vouched[one.track] for one in recorded if one.track in before}
    record = {entry.op_id: entry.number for entry in case.entries()}
    lost = [op for op, number in acknowledged if record.get(op) != number]
    print(
        f"\n{here} (pid {pid}) gave its sitting to {there} and was replaced after {1000 * (replaced - began):.0f} ms; "
        f"painted again {[round(1000 * one) for one in back]} ms after it opened there; hole of each track {holes} ms; "
        f"behind the last durable segment {unvouched} ms; {len(acknowledged)} commands acknowledged, {len(lost)} lost"
    )
    assert len(acknowledged) > 20 and lost == []
    assert all(one <= BACK_WITHIN_S for one in back), back
    assert all(0 < hole <= HOLE_AT_MOST_MS for hole in holes.values()), holes
    assert all(tail <= 0 for tail in unvouched.values()), "what was taken was made durable before the process ended"
    assert reasons == {"closed"}, "nothing had to be repaired"
    assert case.entries("ConnectionLost", "IncidentHeld", "MediaLost") == []
    code, printed = await hearing(product, "verify")
    assert code == 0, printed
    await court.closed(judge, plaintiff)


async def test_the_web_process_ends_in_order_and_is_started_again(two: Product) -> None:
    pid = two.pid("web.0")
    code, printed = await hearing(two, "drain", "web.0", "--wait")
    assert code == 0 and two.pid("web.0") not in (None, pid), printed
    await until("the pages answer", two.answers, 60)
    code, printed = await hearing(two, "drain", "media.7")
    assert code == 1 and "media.0" in printed, "it names the processes there are"
