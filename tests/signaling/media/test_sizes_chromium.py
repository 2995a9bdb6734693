"""Chromium sends its camera in several sizes; another Chromium gets the one its screen needs, and sees no break."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import async_playwright

from recording.depacketise import vp8_key_size, vp8_picture
from signaling.media.subscriber import Subscriber
from signaling.sizes import Flow, SetView
from tests.signaling.media.court import Court, court, until
from tests.signaling.media.test_chromium import ARGUMENTS, Window, edges

SMALL = {"rid": "s", "scaleResolutionDownBy": 3, "maxBitrate": 110_000, "maxFramerate": 12}
LARGE = {"rid": "l", "maxBitrate": 800_000, "maxFramerate": 30}
SIZES = [SMALL, LARGE]
CAMERA = "judge-cam"


@asynccontextmanager
async def meeting(tmp_path: Path, sizes: list[dict[str, object]] | None) -> AsyncIterator[tuple[Court, Window, Window]]:
    """The witness sees the judge, whose camera comes in `sizes`; everything flows."""
    async with async_playwright() as playwright, court(tmp_path) as room:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        judge, witness = [await Window.open(room, chromium, seat) for seat in ("judge", "witness")]
        await room.plan(*(edge for edge in edges("judge", "witness") if edge[0].startswith("judge")))
        await judge.publish(sizes)
        await until(lambda: CAMERA in room.node.rooms["room"]._sources, what="the camera")
        camera = room.node.rooms["room"]._sources[CAMERA]
        await until(lambda: all(camera._steady) or len(camera.streams) == 1, what="every size flows")
        await witness.wait(lambda found: found["decoded"].get(CAMERA, 0) > 10)
        yield room, judge, witness
        await chromium.close()


def told(room: Court) -> list[Flow]:
    return [one for one in room.news if isinstance(one, Flow)]


async def show(room: Court, width: int | None) -> None:
    await room.ask(SetView(peer="witness-sub", sizes={} if width is None else {CAMERA: width}))


async def test_a_page_gets_the_size_it_shows_and_nothing_of_what_it_does_not(tmp_path: Path) -> None:
    async with meeting(tmp_path, SIZES) as (room, _, witness):
        for width in (200, 900, 200):
            await show(room, width)
            await witness.wait(lambda found, width=width: (found["width"][CAMERA] < 300) is (width < 300))
        before = (await witness.figures())["decoded"][CAMERA]
        found = await witness.wait(lambda found: found["decoded"][CAMERA] > before + 20)
        assert found["width"][CAMERA] < 300
        assert told(room)[-1].sources == {CAMERA: "thumbnail"} and told(room)[-1].limited == ()

        await show(room, None)
        outlet = next(one.outlet for one in subscriber(room)._places if one.codec.kind == "video")
        assert outlet is not None
        sent = outlet.meter.packets
        await room.flows(20)
        assert outlet.meter.packets == sent, "what is not shown is not sent"
        assert told(room)[-1].sources == {CAMERA: "off"} and told(room)[-1].limited == ()

        await show(room, 900)
        await witness.wait(lambda found: found["decoded"][CAMERA] > before + 60 and found["width"][CAMERA] > 400)


async def test_the_record_is_one_run_of_numbers_in_the_largest_size(tmp_path: Path) -> None:
    async with meeting(tmp_path, SIZES) as (room, _, _):
        camera = room.node.rooms["room"]._sources[CAMERA]
        await until(lambda: camera.recorded is camera.streams[1], what="the recorder takes the large one")
        await room.flows(200)
        (kept,) = [one for one in room.sink.tracks if one.track.kind == "video"]
        numbers = [packet[0] for packet in kept.packets]
        steps = {(after - before) & 0xFFFF for before, after in zip(numbers, numbers[1:], strict=False)}
        assert steps == {1}
        sizes = []
        for packet in kept.packets:
            picture = vp8_picture(packet[3])
            if picture is not None and picture[0] and (size := vp8_key_size(picture[1])) is not None:
                sizes.append(size[0])
        assert sizes == sorted(sizes) and sizes[0] < 300 < sizes[-1], sizes
        for packet in kept.packets:
            assert abs(packet[4] - kept.packets[0][4] - seconds(packet[1] - kept.packets[0][1])) < 2.0


def seconds(timestamps: int) -> float:
    return ((timestamps + (1 << 31) & 0xFFFFFFFF) - (1 << 31)) / 90_000


async def test_changing_size_is_no_break_for_whoever_looks(tmp_path: Path) -> None:
    async with meeting(tmp_path, SIZES) as (room, _, witness):
        outlet = next(one.outlet for one in subscriber(room)._places if one.codec.kind == "video")
        assert outlet is not None
        for round_ in range(6):
            width, size = ((900, "large"), (200, "thumbnail"))[round_ % 2]
            await show(room, width)
            await until(
                lambda size=size: told(room)[-1].sources[CAMERA] == size and outlet.target is None,
                what="the other size flows",
            )
            before = (await witness.figures())["decoded"][CAMERA]
            await witness.wait(lambda found, before=before: found["decoded"][CAMERA] > before + 15)
        found = await witness.figures()
        assert found["lost"] == 0, "no number is missing in what the page got"
        assert found["keys"][CAMERA] >= 4


async def test_the_round_trip_is_measured_in_both_directions(tmp_path: Path) -> None:
    async with meeting(tmp_path, None) as (room, _, _):
        peers = room.node.peers
        for name in ("judge-pub", "witness-sub"):
            await until(lambda name=name: peers[name].round_trip > 0, what=f"the round trip of {name}")
            assert peers[name].round_trip < 0.5


async def test_sizes_the_browser_stops_to_send_are_replaced(tmp_path: Path) -> None:
    async with meeting(tmp_path, SIZES) as (room, judge, witness):
        await show(room, 900)
        await witness.wait(lambda found: found["width"][CAMERA] > 400)
        await judge.page.evaluate("activate({l: false})")
        found = await witness.wait(lambda found: found["width"][CAMERA] < 300)
        count = found["decoded"][CAMERA]
        await witness.wait(lambda found: found["decoded"][CAMERA] > count + 15)
        assert told(room)[-1].sources == {CAMERA: "thumbnail"} and told(room)[-1].limited == (), "not the page's line"
        await judge.page.evaluate("activate({l: true})")
        await witness.wait(lambda found: found["width"][CAMERA] > 400)


def subscriber(room: Court) -> Subscriber:
    found = room.node.peers["witness-sub"]
    assert isinstance(found, Subscriber)
    return found
