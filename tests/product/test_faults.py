"""Processes that die in the middle of a hearing: what is lost, for how long, and how it comes back."""

import asyncio
import time
import uuid
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from hearing.errors import Refused
from signaling.media.payload import VP8
from tests.support.court import Court
from tests.support.product import until
from tests.support.window import eventually
from tests.support.wire import Wire, longest_pause
from web.demo.client import Gone

pytestmark = pytest.mark.alone

LOST_AT_MOST_MS = 1_000
RECORDED_AGAIN_MS = 5_000
PAUSE_S = 0.2
AWAY = "Mất kết nối. Đang nối lại."


async def test_a_killed_media_process_costs_a_second_and_the_pages_come_back(browser: Browser, court: Court) -> None:
    judge, plaintiff, _ = await court.opened(browser, witness=False)
    case, product = court.case, court.case.product
    await court.admits(judge, plaintiff)
    await court.opens(judge)
    await until("four tracks", lambda: len(case.entries("TrackOpened")) >= 3)
    await asyncio.sleep(5)
    before = {one.track: one for one in case.recorded()}
    pid, killed = product.kill("media.0")
    now = await product.replaced("media.0", pid)
    at = case.clock_ms(killed)
    seen = await asyncio.gather(
        judge.painted(plaintiff.seat, after=killed + 0.5, patience_s=20),
        plaintiff.painted(judge.seat, after=killed + 0.5, patience_s=20),
    )
    await until("new tracks", lambda: len(case.entries("TrackOpened")) >= len(before) * 2, 20)
    await until("the loss in the record", lambda: len(case.entries("MediaLost")) >= len(before), 20)
    await asyncio.sleep(3)
    files = {one.track: one for one in case.recorded()}
    old, new = [files[track] for track in before], [one for track, one in files.items() if track not in before]
    ends = {f"{one.media} {one.track[-4:]}": at - max(one.blocks) for one in old}
    first = {f"{one.media} {one.track[-4:]}": min(one.blocks) - at for one in new}
    vouched = {
        track: max(e.body["t1_ms"] for e in case.entries("SegmentClosed") if e.body["track"] == track)
        for track in before
    }
    losses = [(e.body["t0_ms"] - at, e.body["t1_ms"] - at, e.body["reason"]) for e in case.entries("MediaLost")]
    print(
        f"\nmedia process {pid} -> {now}; files end {ends} ms before the kill, the record vouches up to "
        f"{ {track[-4:]: at - end for track, end in vouched.items()} } ms before it; first new block {first} ms "
        f"after it; lost by the record (t0, t1 from the kill) {losses}; painted again "
        f"{[round((one - killed) * 1000) for one, _ in seen]} ms after it"
    )
    assert now != pid
    assert all(end <= LOST_AT_MOST_MS for end in ends.values()), ends
    assert all(at - end <= LOST_AT_MOST_MS for end in vouched.values()), vouched
    assert len(new) >= len(old) and all(0 < start <= RECORDED_AGAIN_MS for start in first.values()), first
    gone = {e.body["source"] for e in case.entries("MediaLost") if e.body["t0_ms"] - at <= 0 < e.body["t1_ms"] - at}
    assert gone == {one.source for one in old}, "the gap of every track stands in the record"
    frames = await judge.frames(), await plaintiff.frames()

    async def going_on() -> bool:
        return await judge.frames() > frames[0] and await plaintiff.frames() > frames[1]

    await eventually("frames go on", going_on)
    await court.closed(judge, plaintiff)


async def test_a_killed_web_process_loses_nothing_acknowledged_and_media_do_not_notice(
    browser: Browser, court: Court
) -> None:
    judge, plaintiff, _ = await court.opened(browser, witness=False)
    case, product = court.case, court.case.product
    await court.admits(judge, plaintiff)
    await court.opens(judge)
    clerk = await case.client("tk1")
    await until("tracks", lambda: len(case.entries("TrackOpened")) >= 3)
    stood = standing(clerk.view)
    acknowledged: list[tuple[str, int]] = []
    stop = asyncio.Event()

    async def writes() -> None:
        while not stop.is_set():
            op_id = str(uuid.uuid4())
            try:
                number = await clerk.command("LogNote", op_id=op_id, note=str(uuid.uuid4()), text="ghi chép")
            except (Gone, Refused):
                continue
            acknowledged.append((op_id, number))
            await asyncio.sleep(0.06)  # below what one line may send

    with Wire() as wire:
        writing = asyncio.ensure_future(writes())
        await asyncio.sleep(3)
        begin = time.time() - 2
        ports = {await judge.receiving_port(): "judge", await plaintiff.receiving_port(): "plaintiff"}
        before_kill = len(acknowledged)
        pid, killed = product.kill("web.0")
        now = await product.replaced("web.0", pid)
        await until("the pages answer", product.answers, 60)
        answers = time.time()
        await until("the clerk is back", lambda: clerk.welcomes > 0 and len(acknowledged) > before_kill + 5, 30)
        for window in (judge, plaintiff):
            await expect(window.page.get_by_role("alert").filter(has_text=AWAY)).to_have_count(0, timeout=15_000)
        await asyncio.sleep(2)
        end = time.time() - 0.3
        stop.set()
        await writing
    pauses = {}
    for port, who in ports.items():
        arrived = wire.to(port, after=begin, before=end)
        for ssrc in {packet.ssrc for packet in arrived if packet.payload_type != VP8.rtx_payload_type}:
            times = [packet.at for packet in wire.to(port, after=begin, before=end, ssrc=ssrc)]
            if len(times) > 50:
                pauses[f"{who} {ssrc}"] = longest_pause(times, begin, end)
    kept = {}
    for one in case.recorded(media="audio"):
        blocks = [at for at in one.blocks if case.clock_ms(begin) <= at <= case.clock_ms(end)]
        if blocks:
            kept[one.track[-4:]] = max(b - a for a, b in zip(blocks, blocks[1:], strict=False))
    record = {entry.op_id: entry.number for entry in case.entries()}
    lost = [op for op, number in acknowledged if record.get(op) != number]
    print(
        f"\nweb process {pid} -> {now}, answers again {1000 * (answers - killed):.0f} ms after the kill; "
        f"{len(acknowledged)} commands acknowledged ({before_kill} before the kill), {len(lost)} lost; "
        f"longest pause of packets { ({who: f'{1000 * pause:.0f} ms' for who, pause in pauses.items()}) }, "
        f"of recorded sound {kept} ms"
    )
    assert now != pid and before_kill > 10
    assert lost == []
    assert len(pauses) >= 3 and all(pause <= PAUSE_S for pause in pauses.values()), pauses
    assert kept and all(gap <= PAUSE_S * 1000 for gap in kept.values()), kept
    assert standing(clerk.view) == stood
    absent = [entry.kind for entry in case.entries("ConnectionLost", "IncidentHeld") if entry.at > killed]
    assert absent == [], "nobody was noted as lost"

    # The pages take part again by themselves: what the court does next is seen in them.
    await court.about(judge, plaintiff, "Bật micro")
    await case.entry("Unmuted", seat=plaintiff.seat)
    await expect(plaintiff.page.get_by_role("button", name="Micro đang bật. Tắt micro")).to_be_visible()
    await court.closed(judge, plaintiff)


def standing(view: dict[str, Any]) -> dict[str, Any]:
    """Where the hearing stands: everything that a restart must not move."""
    seats = [(one["id"], one["place"], one["microphone"], one["connected"]) for one in view["seats"]]
    return {name: view[name] for name in ("stage", "phase", "interruption", "floor", "checklist", "sources")} | {
        "seats": seats, "recording": view["recording"]["on"],
    }  # fmt: skip
