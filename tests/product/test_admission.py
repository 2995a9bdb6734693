"""Three windows on one civil hearing: how soon people see each other, what the waiting get and the muted give.

Times are the machine's one wall clock: the record's for the court's acts, the page's for painting, the kernel's for
packets.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, expect

from tests.support.court import Court
from tests.support.product import Entry
from tests.support.window import Window, eventually
from tests.support.wire import Wire

pytestmark = pytest.mark.alone

ADMISSIONS = 10
MEDIAN_S, WORST_S = 1.0, 3.0
MUTED_WITHIN_S = 0.2
LISTENS_S = 3.0


async def test_people_see_each_other_at_once_and_the_witness_gets_nothing_until_called(
    browser: Browser, court: Court
) -> None:
    with Wire() as wire:
        judge, plaintiff, witness = await court.opened(browser)
        case = court.case
        await witness.sends()
        delays: list[float] = []
        for number in range(ADMISSIONS):
            if number:
                await court.sends_to_waiting_room(judge, plaintiff)
            delays.append(await admission(court, judge, plaintiff))
        told = ", ".join(f"{delay * 1000:.0f}" for delay in delays)
        print(f"\nAdmitted -> painted on both pages, ms: {told}; median {statistics.median(delays) * 1000:.0f}")

        waited = await case.traffic()
        async with asyncio.timeout(30):  # the quicker the ten admissions, the less has flowed to the others
            while max(flow["packets"] for flow in waited["egress"].values()) <= 500:
                await asyncio.sleep(0.5)
                waited = await case.traffic()
        received = await witness.inbound()
        port = await witness.receiving_port()
        arrived = [packet for one in await witness.ports() for packet in wire.to(one)]
        sent = waited["sources"]
        mine = sum(one["packets"] for one in sent if one["seat"] == witness.seat)
        others = {seat: flow["packets"] for seat, flow in waited["egress"].items() if seat != witness.seat}
        print(f"waiting witness: sent {mine} packets, egress {waited['egress'][witness.seat]}, others got {others}; "
              f"RTP rows in its browser {received}, RTP on the wire to it {len(arrived)}")  # fmt: skip
        assert mine > 100 and max(others.values()) > 500, "nothing flowed, so nothing was proved"
        assert waited["egress"][witness.seat] == {"packets": 0, "bytes": 0}
        assert sum(row["bytes"] for row in received) == 0
        assert arrived == []

        await court.opens(judge)
        await court.goes_on(judge, "Giải quyết đề nghị thay đổi", "Hỏi về yêu cầu và thỏa thuận", "Trình bày")
        await court.speaks(judge, plaintiff)
        await court.goes_on(judge, "Xét hỏi")
        assert (await case.traffic())["egress"][witness.seat]["packets"] == 0
        called = time.time()
        await judge.page.get_by_role("button", name="Gọi người làm chứng", exact=True).click()
        await judge.page.get_by_role("dialog").get_by_role("button", name="Gọi vào").click()
        entry = await case.entry("Admitted", seat=witness.seat)
        await witness.in_courtroom()
        painted, _ = await witness.painted(judge.seat, after=entry.at)
        first = min(packet.at for one in await witness.ports() for packet in wire.to(one))
        flown = (await case.traffic())["egress"][witness.seat]
        print(f"called: first RTP {1000 * (first - entry.at):.0f} ms, painted {1000 * (painted - entry.at):.0f} ms "
              f"after the entry; egress now {flown} at port {port}")  # fmt: skip
        assert first >= entry.at > called and flown["packets"] > 0

    assert statistics.median(delays) <= MEDIAN_S, f"median {statistics.median(delays):.3f} s of {told} ms"
    assert max(delays) <= WORST_S, f"worst {max(delays):.3f} s of {told} ms"
    await court.closed(judge, plaintiff, witness)


async def admission(court: Court, judge: Window, plaintiff: Window) -> float:
    """The judge lets the plaintiff in; seconds from the entry to the later of the two first painted frames."""
    case, before = court.case, court.case.last_number()
    await judge.page.get_by_role("button", name="Phòng chờ (1)").click()
    dialog = judge.page.get_by_role("dialog")
    await dialog.get_by_role("listitem").filter(has_text=plaintiff.name).get_by_role("button", name="Cho vào").click()
    entry = await case.entry("Admitted", after=before, seat=plaintiff.seat)
    seen, got = zip(
        *await asyncio.gather(
            judge.painted(plaintiff.seat, after=entry.at), plaintiff.painted(judge.seat, after=entry.at)
        ),
        strict=True,
    )
    early = [round(1000 * (received - entry.at)) for received in got if received <= entry.at]
    assert not early, f"frames received {early} ms after the admission, that is before it, were taken for new ones"
    if await dialog.is_visible():
        await judge.page.keyboard.press("Escape")
    return max(seen) - entry.at


async def test_a_muted_source_goes_nowhere_although_its_browser_keeps_sending(browser: Browser, court: Court) -> None:
    judge, plaintiff, _ = await court.opened(browser, witness=False)
    case = court.case
    await admission(court, judge, plaintiff)
    await court.opens(judge)
    await court.about(judge, plaintiff, "Bật micro")
    await case.entry("Unmuted", seat=plaintiff.seat)
    microphone = case.sources("b_plaintiff")["microphone"]

    async def heard() -> int:
        edges = (await case.traffic())["edges"]
        return sum(one["packets"] for one in edges if one["source"] == microphone and one["listener"] == judge.seat)

    async def flows() -> bool:
        return await heard() > 50

    await eventually("the plaintiff is heard", flows)
    with Wire() as wire:
        await asyncio.sleep(1)
        rows = {row["ssrc"]: row["packets"] for row in await judge.inbound() if row["kind"] == "audio"}
        sent_before = (await plaintiff.outbound("audio"))["packets"]
        port = await judge.receiving_port()
        await court.about(judge, plaintiff, "Tắt và khóa micro")
        muted = await case.entry("Muted", seat=plaintiff.seat)
        # A page that does not obey: it goes on sending sound.
        await plaintiff.page.evaluate("captured.at(-1).getAudioTracks().forEach((one) => { one.enabled = true; })")
        counts = await counted(heard, LISTENS_S)
        after = {row["ssrc"]: row["packets"] for row in await judge.inbound() if row["kind"] == "audio"}
        sent = (await plaintiff.outbound("audio"))["packets"] - sent_before
        late = last_of_stopped(wire, port, muted)
    grown = max((at for (_, one), (at, now) in zip(counts, counts[1:], strict=False) if now > one), default=muted.at)
    print(
        f"\nmuted: the browser sent {sent} audio packets more; last one forwarded {late * 1000:.0f} ms after the entry "
        f"(wire); the edge's counter last grew {(grown - muted.at) * 1000:.0f} ms after it; received by the judge's "
        f"browser {rows} -> {after}"
    )
    assert sent > 100, "the browser did not keep sending"
    assert late <= MUTED_WITHIN_S, f"forwarded {late:.3f} s after the entry"
    assert counts[-1][1] == counts[len(counts) // 2][1], "the edge's counter still grows"

    await asyncio.sleep(5)  # the recorder's reordering and its last segment
    limit = case.clock_ms(muted.at) + MUTED_WITHIN_S * 1000
    kept = [block for one in case.recorded(source=microphone) for block in one.blocks]
    tracks = {one.track for one in case.recorded(source=microphone)}
    ends = [one.body["t1_ms"] for one in case.entries("SegmentClosed") if one.body["track"] in tracks]
    print(f"recorded: last block {max(kept) - case.clock_ms(muted.at)} ms and last segment end "
          f"{max(ends) - case.clock_ms(muted.at)} ms after the entry, of {len(kept)} blocks")  # fmt: skip
    assert max(kept) <= limit and max(ends) <= limit
    await expect(plaintiff.page.get_by_role("contentinfo")).to_be_visible()
    await court.closed(judge, plaintiff)


async def counted(count: Callable[[], Awaitable[int]], seconds: float) -> list[tuple[float, int]]:
    """(unix time, count) again and again."""
    found = []
    until = time.time() + seconds
    while time.time() < until:
        value = await count()
        found.append((time.time(), value))
        await asyncio.sleep(0.02)
    return found


def last_of_stopped(wire: Wire, port: int, muted: Entry) -> float:
    """How long after the entry the last packet of the stream that stopped there went to this port."""
    spans = {
        ssrc: [packet.at - muted.at for packet in wire.to(port, ssrc=ssrc)]
        for ssrc in {packet.ssrc for packet in wire.to(port, before=muted.at)}
    }
    ended = [times[-1] for times in spans.values() if len(times) > 20 and times[-1] < LISTENS_S - 1]
    told = {ssrc: (len(times), round(times[0], 3), round(times[-1], 3)) for ssrc, times in spans.items()}
    assert len(ended) == 1, f"{len(ended)} streams stopped, not one: (packets, first, last from the entry) {told}"
    return ended[0]
