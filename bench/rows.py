"""The rows of the impairment table: each makes one fault, proves it and says what was left of the hearing.

A row is a function from a `Stage` in good order to its figures. Text figures are told, numbers are judged by `LIMITS`.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from bench.stage import BASE, FRAME_MS, Stage, fault, longest_gap
from tests.support.link import Conditions
from tests.support.network import CUT
from tests.support.window import Window

Figures = dict[str, Any]
Row = Callable[[Stage], Awaitable[Figures]]

SETTLES_S = 3.0
"""From the change of the line to the first moment that is measured."""
MEASURED_S = 20.0
SLOW_SETTLES_S = 12.0
"""A sender finds out in some seconds what a line can carry."""
GOOD = ("", "Tốt", "Good")
PATIENCE_S = 25.0
BESIDE_S = 3.0
"""The newest sound is not on disk yet: it waits for what may still be repaired, then for the writer."""


async def _kept(stage: Stage, begin: Any, end: Any) -> Figures:
    """Of the sound the party sent between two moments, what is missing on disk, and the longest hole, in seconds."""
    await asyncio.sleep(BESIDE_S)
    blocks = [at for at in stage.recorded("microphone") if begin.at <= at < end.at]
    frames = end.frames - begin.frames
    assert frames > 40 * (end.at - begin.at), f"the party sent only {frames} frames in {end.at - begin.at:.1f} s"
    return {
        "audio_missing_pct": round(100 * (1 - len(blocks) / frames), 2),
        "audio_hole_s": round(longest_gap(blocks, begin.at, end.at) - FRAME_MS / 1000, 2),
        "audio_sent": frames,
    }


async def _freezes(stage: Stage, begin: float, end: float) -> Figures:
    """The longest time without a new picture: of the party on the judge's page, of the judge on the party's."""
    return {
        name: round(longest_gap(await stage.noted(window, "pictures", begin), begin, end), 2)
        for name, window in (("freeze_s", stage.judge), ("freeze_back_s", stage.party))
    }


async def _concealed(window: Window, stage: Stage, begin: float, end: float) -> float:
    """Percent of the sound this page played that its browser had to make up."""
    rows = [one for one in await stage.noted(window, "sound", begin) if one["at"] < end]
    made_up = total = 0
    for ssrc in {one["ssrc"] for one in rows}:
        mine = [one for one in rows if one["ssrc"] == ssrc]
        made_up += mine[-1]["concealed"] - mine[0]["concealed"]
        total += mine[-1]["total"] - mine[0]["total"]
    return round(100 * made_up / total, 2) if total else 100.0


async def _through(stage: Stage, like: Conditions, seconds: float = MEASURED_S, settles: float = SETTLES_S) -> Figures:
    """What comes through a line of that kind."""
    before = stage.net.link.set(like)
    await asyncio.sleep(settles)
    begin = await stage.sent()
    await asyncio.sleep(seconds)
    end = await stage.sent()
    figures = {
        **await _freezes(stage, begin.at, end.at),
        "concealed_pct": await _concealed(stage.judge, stage, begin.at, end.at),
        "concealed_back_pct": await _concealed(stage.party, stage, begin.at, end.at),
    }
    after = stage.net.link.set(BASE)
    return {**await _kept(stage, begin, end), **figures, "fault": fault(before, after)}


async def loss(stage: Stage, percent: float) -> Figures:
    return await _through(stage, replace(BASE, loss_pct=percent))


async def far(stage: Stage) -> Figures:
    """300 ms round trip, 30 ms jitter, 1% loss; mouth to ear by beeps, from the one microphone to the other's ear."""
    began = time.time()
    figures = await _through(stage, Conditions(delay_ms=150, jitter_ms=30, loss_pct=1))
    window = began + SETTLES_S, began + SETTLES_S + MEASURED_S
    for name, mouth, ear in (
        ("mouth_to_ear_ms", stage.party, stage.judge),
        ("mouth_to_ear_back_ms", stage.judge, stage.party),
    ):
        said = [at for at in await stage.noted(mouth, "said", window[0]) if at < window[1]]
        heard = await stage.noted(ear, "beeps", window[0])
        late = [1000 * (found[0] - at) for at in said if (found := [one for one in heard if 0 < one - at < 0.9])]
        assert len(late) >= len(said) / 2 >= 5, f"{name}: of {len(said)} beeps {len(late)} were heard"
        figures[name] = round(statistics.median(late))
        figures[name.replace("_ms", "_worst_ms")] = round(max(late))
    return figures


async def slow(stage: Stage) -> Figures:
    """250 kbit/s each way with a queue of about half a second; and what the party's page says of its line."""
    said: list[str] = []

    async def look() -> None:
        await asyncio.sleep(SLOW_SETTLES_S + MEASURED_S / 2)
        said.append(" ".join((await stage.party.page.locator("court-header .line").inner_text()).split()))

    like = Conditions(delay_ms=20, rate_kbps=250, limit=24)
    figures, _ = await asyncio.gather(_through(stage, like, settles=SLOW_SETTLES_S), look())
    return {**figures, "page_says": said[0], "silent_about_it": int(said[0] in GOOD)}


async def _back(stage: Stage, since: float, patience_s: float = PATIENCE_S) -> Figures:
    """When sound and picture were there again after the moment `since`, both ways, on disk and in the pages."""
    windows = (stage.judge, stage.party)

    async def pictures() -> bool:
        return all([await stage.noted(one, "pictures", since) for one in windows])

    async def flows() -> bool:
        return await pictures() and all([await _arrived(stage, one, since) for one in windows])

    await stage.until(flows, patience_s)
    await asyncio.sleep(BESIDE_S)
    video = {f"picture on {one.key}": await stage.noted(one, "pictures", since) for one in windows}
    audio = {f"sound on {one.key}": await _arrived(stage, one, since) for one in windows}
    video["camera on disk"] = [at for at in stage.recorded("camera") if at > since]
    audio["microphone on disk"] = [at for at in stage.recorded("microphone") if at > since]
    each = {name: round(min(found, default=since + 99) - since, 2) for name, found in {**audio, **video}.items()}
    return {
        "audio_back_s": max(each[name] for name in audio),
        "video_back_s": max(each[name] for name in video),
        "each": each,
    }


async def _arrived(stage: Stage, window: Window, since: float) -> list[float]:
    """When packets of sound had arrived, by each note behind `since` that shows more than the one before it."""
    rows = await stage.noted(window, "sound", since - 0.3)
    found = []
    for ssrc in {one["ssrc"] for one in rows}:
        mine = [one for one in rows if one["ssrc"] == ssrc]
        found += [now["at"] for was, now in zip(mine, mine[1:], strict=False) if now["packets"] > was["packets"]]
        if mine[0]["at"] > since and mine[0]["packets"]:
            found.append(mine[0]["at"])  # a connection that did not exist before
    return [at for at in sorted(found) if at > since]


async def outage(stage: Stage, seconds: float) -> Figures:
    before = stage.net.link.set(CUT)
    await asyncio.sleep(seconds)
    after = stage.net.link.set(BASE)
    returned = time.time()
    seat = asyncio.ensure_future(_seated(stage, returned))
    figures = await _back(stage, returned)
    seated = await seat
    passed = fault(before, after)
    assert all("cut" in one for one in passed.values()), passed
    figures["seat_back_s"] = max(seated, figures["audio_back_s"], figures["video_back_s"])
    return {**figures, "line_open_s": seated, "fault": passed}


async def _seated(stage: Stage, since: float) -> float:
    """Seconds until the party's page has its line to the court and shows no alarm about it."""

    async def open_again() -> bool:
        return bool(await stage.party.page.evaluate("document.body.dataset.alarm !== 'true'"))

    await stage.until(open_again, PATIENCE_S)
    return round(time.time() - since, 2)


async def address(stage: Stage) -> Figures:
    """The party's machine gets another address, as a phone that goes from one network to another."""
    before, old = stage.net.link.counters(), stage.net.there
    await asyncio.to_thread(stage.net.move)
    moved = time.time()
    away = await stage.until(_alarmed(stage), 8.0)
    seat = asyncio.ensure_future(_seated(stage, moved))
    figures = await _back(stage, moved + 0.3)  # a packet of the old address may still have been under way
    seated = await seat if away else 0.0
    passed = fault(before, stage.net.link.counters())
    figures["seat_back_s"] = round(max(seated, figures["audio_back_s"] + 0.3, figures["video_back_s"] + 0.3), 2)
    return {**figures, "line_open_s": seated, "fault": {**passed, "address": f"{old} -> {stage.net.there}"}}


def _alarmed(stage: Stage) -> Callable[[], Awaitable[bool]]:
    async def away() -> bool:
        return bool(await stage.party.page.evaluate("document.body.dataset.alarm === 'true'"))

    return away


async def restart(stage: Stage) -> Figures:
    """Three ICE restarts of the party's sending connection, as after a hint of the browser that its network changed."""
    before = stage.net.link.counters()
    names = [await _fragment(stage)]
    begin = await stage.sent()
    for _ in range(3):
        await asyncio.sleep(2)
        await stage.party.page.evaluate("window.dispatchEvent(new Event('online'))")
        await asyncio.sleep(2)
        names.append(await _fragment(stage))
    end = await stage.sent()
    assert len(set(names)) == 4, f"the connection was not restarted each time: {names}"
    figures = await _kept(stage, begin, end)
    # A frame at each end may lie on either side of the moment at which the browser counted.
    figures["packets_lost"] = max(0, round(figures["audio_missing_pct"] * figures["audio_sent"] / 100) - 2)
    figures.update(await _freezes(stage, begin.at, end.at))
    return {**figures, "fault": {**fault(before, stage.net.link.counters()), "fragments": " ".join(names)}}


async def _fragment(stage: Stage) -> str:
    """The ICE user name fragment of the party's sending connection, once no negotiation is under way."""
    found: str = await stage.party.page.evaluate(
        """() => connections
          .filter((one) => one.connectionState === 'connected' && one.getSenders().some((sender) => sender.track))
          .map((one) => /a=ice-ufrag:(\\S+)/.exec(one.currentLocalDescription.sdp)[1]).join()"""
    )
    return found


ROWS: dict[str, Row] = {
    "loss-5": partial(loss, percent=5),
    "loss-10": partial(loss, percent=10),
    "loss-20": partial(loss, percent=20),
    "far": far,
    "slow": slow,
    "restart": restart,
    "outage-1": partial(outage, seconds=1),
    "outage-3": partial(outage, seconds=3),
    "outage-5": partial(outage, seconds=5),
    "outage-10": partial(outage, seconds=10),
    "outage-20": partial(outage, seconds=20),
    "outage-30": partial(outage, seconds=30),
    "address": address,
}

_SHORT = {"audio_back_s": 1.0, "video_back_s": 2.0}
LIMITS: dict[str, dict[str, float]] = {
    "loss-5": {"audio_missing_pct": 1, "freeze_s": 1, "freeze_back_s": 1},
    "loss-10": {"audio_missing_pct": 3, "freeze_s": 2, "freeze_back_s": 2},
    "loss-20": {"audio_missing_pct": 8, "freeze_s": 5, "freeze_back_s": 5},
    "far": {"mouth_to_ear_ms": 450, "mouth_to_ear_back_ms": 450},
    "slow": {"audio_missing_pct": 1, "audio_hole_s": 0.2, "concealed_back_pct": 5, "silent_about_it": 0},
    "restart": {"packets_lost": 0},
    "outage-1": _SHORT,
    "outage-3": _SHORT,
    "outage-5": _SHORT,
    "outage-10": _SHORT,
    "outage-20": {"seat_back_s": 5},
    "outage-30": {"seat_back_s": 5},
    "address": {"seat_back_s": 5},
}
"""At most, by the median of the runs."""
