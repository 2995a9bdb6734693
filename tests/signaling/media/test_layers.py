"""A camera in several sizes: who gets which, and that a change of size is a break for nobody."""

from collections.abc import Iterator

import pytest

from signaling.media import rtcp
from signaling.media.layers import RECORDED, SILENT, STEADY, Layers
from signaling.media.outlet import Meter, Outlet, Tap
from signaling.media.payload import OPUS, VP8
from signaling.media.sink import KeptTrack
from signaling.media.source import Source
from tests.signaling.media.test_outlet import DELTA, KEY, track
from tests.signaling.media.wire import Feed, Wire, give

SMALL, LARGE = b"small", b"large"


class Camera:
    """Two sizes with numbers and times of their own; `now` is the test's clock, a picture a tenth of a second."""

    def __init__(self, wire: Wire, sizes: int = 2) -> None:
        self.wire, self.now = wire, 10.0
        self.feed = Feed()
        self.layers = Layers([Source("cam", "seat", VP8, "1", (100, 101), self.feed, f"r{n}") for n in range(sizes)])
        for rank, stream in enumerate(self.layers.streams):
            stream.speaks_as(5 + rank)
        self.seqs = [60_000, 100, 30_000][:sizes]
        self.kept = KeptTrack(track())
        self.layers.open_tap(Tap(self.kept, Meter(), print))

    def picture(self, *ranks: int, key: bool = False) -> bool:
        """One picture of these sizes, then a tick: has it changed what flows?"""
        self.now += 0.1
        for rank in ranks:
            start = KEY if key else DELTA
            payload = start + (SMALL, LARGE, b"largest")[rank]
            timestamp = (int(self.now * 90_000) + rank * 1_000_000_000) & 0xFFFFFFFF
            give(self.layers.streams[rank], self.wire, self.seqs[rank], payload, timestamp=timestamp, now=self.now)
            self.seqs[rank] = (self.seqs[rank] + 1) & 0xFFFF
        return self.layers.tick(self.now)

    def report(self) -> None:
        """The publisher tells the times of both sizes by one clock."""
        for rank, stream in enumerate(self.layers.streams):
            ntp, rtp = int(self.now * (1 << 32)), int(self.now * 90_000) + rank * 1_000_000_000
            stream.report(rtcp.SenderReport(5 + rank, ntp, rtp & 0xFFFFFFFF), self.now)

    def settle(self, *ranks: int) -> None:
        for _ in range(int((RECORDED + STEADY) * 10) + 2):
            self.picture(*ranks)


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()
    yield found
    found.close()


@pytest.fixture
def camera(wire: Wire) -> Iterator[Camera]:
    made = Camera(wire)
    yield made
    made.layers.close("end")


def steps(numbers: list[int], modulus: int) -> list[int]:
    return [(after - before) % modulus for before, after in zip(numbers, numbers[1:], strict=False)]


async def test_the_old_size_flows_until_the_new_one_can_be_shown(camera: Camera, wire: Wire) -> None:
    outlet = wire.outlet(VP8)
    camera.layers.lead(outlet, 0, camera.now)
    camera.picture(0, 1, key=True)
    camera.layers.lead(outlet, 1, camera.now)
    camera.picture(0, 1)
    camera.picture(0, 1)
    camera.picture(1, key=True)
    camera.picture(0, 1)
    arrived = wire.arrived()
    assert [one.payload[-5:] for one in arrived] == [SMALL, SMALL, SMALL, LARGE, LARGE]
    assert {one.ssrc for one in arrived} == {outlet.ssrc}
    assert steps([one.seq for one in arrived], 1 << 16) == [1, 1, 1, 1], "the listener sees one stream"
    assert steps([one.timestamp for one in arrived], 1 << 32) == pytest.approx([9000] * 4, abs=2)
    assert outlet.stream is camera.layers.streams[1] and camera.layers.streams[0].flowing == []


async def test_the_publishers_clock_places_the_new_size_where_arrivals_would_not(camera: Camera, wire: Wire) -> None:
    outlet = wire.outlet(VP8)
    camera.layers.lead(outlet, 0, camera.now)
    camera.picture(0, 1, key=True)
    camera.report()
    camera.layers.lead(outlet, 1, camera.now)
    small, large = camera.layers.streams
    give(small, wire, camera.seqs[0], DELTA, timestamp=int(11 * 90_000), now=11.0)
    at = (int(11.1 * 90_000) + 1_000_000_000) & 0xFFFFFFFF
    give(large, wire, camera.seqs[1], KEY, timestamp=at, now=11.25)  # a tenth of a second later, as it was taken
    *_, before, after = wire.arrived()
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == pytest.approx(9000, abs=2)


async def test_one_who_changes_the_mind_waits_in_one_place_only(camera: Camera, wire: Wire) -> None:
    outlet = wire.outlet(VP8)
    camera.layers.lead(outlet, 0, camera.now)
    camera.picture(0, 1, key=True)
    camera.layers.lead(outlet, 1, camera.now)
    camera.layers.lead(outlet, 0, camera.now)
    camera.picture(0, 1, key=True)
    assert [one.payload[-5:] for one in wire.arrived()] == [SMALL, SMALL]
    camera.layers.lead(outlet, 1, camera.now)
    camera.layers.detach(outlet)
    camera.picture(0, 1, key=True)
    assert wire.arrived() == [], "detached is detached, from both"
    assert not any(one.flowing or outlet in one.waiting for one in camera.layers.streams)


async def test_a_repair_after_the_change_is_of_the_new_size_only(camera: Camera, wire: Wire) -> None:
    outlet = wire.outlet(VP8)
    camera.layers.lead(outlet, 0, camera.now)
    camera.picture(0, 1, key=True)
    camera.layers.lead(outlet, 1, camera.now)
    camera.picture(0, 1, key=True)
    camera.picture(0, 1)
    seqs = [one.seq for one in wire.arrived()]
    assert outlet.stream is not None and len(seqs) == 4
    for seq in seqs[-2:]:
        data = outlet.repair(seq, outlet.stream, 0.0)
        assert data is not None and Wire.opened(data).payload.endswith(LARGE)
    assert outlet.repair(seqs[0], outlet.stream, 0.0) is None


async def test_a_size_that_is_left_out_is_replaced_by_what_flows(camera: Camera) -> None:
    layers = camera.layers
    assert layers.nearest(1) == 0, "before anything has come"
    assert camera.picture(1), "the first size to come is as good as none"
    assert layers.nearest(0) == layers.nearest(1) == 1
    camera.settle(0, 1)
    assert (layers.nearest(0), layers.nearest(1)) == (0, 1)
    changed = [camera.picture(0) for _ in range(int(SILENT * 10) + 2)]
    assert sum(changed) == 1 and layers.nearest(1) == 0
    changed = [camera.picture(0, 1) for _ in range(int(STEADY * 10) + 2)]
    assert sum(changed) == 1 and layers.nearest(1) == 1


async def test_an_outage_of_all_sizes_changes_none(camera: Camera) -> None:
    camera.settle(0, 1)
    camera.now += 8.0
    assert not camera.layers.tick(camera.now) and camera.layers.nearest(1) == 1
    assert not camera.picture(0, 1) and camera.layers.nearest(1) == 1


@pytest.mark.pure
def test_what_a_width_needs() -> None:
    def made(count: int) -> Layers:
        return Layers([Source("cam", "seat", VP8, "1", (100, 101), Feed()) for _ in range(count)])

    assert [made(1).rank_for(width) for width in (1, 2000)] == [0, 0]
    assert [made(2).rank_for(width) for width in (160, 300, 301)] == [0, 0, 1]
    assert [made(3).rank_for(width) for width in (160, 301, 640, 641)] == [0, 1, 1, 2]
    assert [made(3).name(rank) for rank in range(3)] == ["thumbnail", "normal", "large"]
    assert made(1).name(0) == made(2).name(1) == "large"


async def test_the_recorder_takes_the_largest_size_that_holds(camera: Camera) -> None:
    assert camera.layers.recorded is camera.layers.streams[0]
    camera.layers._fell = True  # it had a larger one before
    camera.picture(0, key=True)
    camera.settle(0)
    before = len(camera.kept.packets)
    camera.picture(0, 1, key=True)
    camera.picture(0, 1)
    assert all(one[3].endswith(SMALL) for one in camera.kept.packets), "not at once"
    camera.settle(0, 1)
    assert all(one[3].endswith(SMALL) for one in camera.kept.packets), "not without a key frame"
    camera.picture(0, 1, key=True)
    camera.picture(0, 1)
    sizes = [one[3][-5:] for one in camera.kept.packets]
    assert sizes[before:].count(LARGE) == 2 and sizes == sorted(sizes, reverse=True)
    packets = camera.kept.packets
    assert set(steps([one[0] for one in packets], 1 << 16)) == {1}, "one run of numbers in the record"
    between = steps([one[1] for one in packets], 1 << 32)
    assert between.count(1) == 1, "the same moment in both sizes"
    assert set(between) - {1} <= set(range(8998, 9003))


async def test_the_record_begins_large_as_soon_as_that_flows(camera: Camera) -> None:
    for _ in range(int(STEADY * 10) + 2):
        camera.picture(0, 1)
    camera.picture(0, 1, key=True)
    assert camera.layers.recorded is camera.layers.streams[1] and STEADY < RECORDED


async def test_the_recorder_falls_back_at_once_and_its_clock_stays_true(camera: Camera) -> None:
    camera.settle(0, 1)
    camera.picture(0, 1, key=True)
    assert camera.layers.recorded is camera.layers.streams[1]
    camera.report()
    for _ in range(int(SILENT * 10) + 2):
        camera.picture(0)
    camera.picture(0, key=True)
    assert camera.layers.recorded is camera.layers.streams[0]
    camera.report()
    (ntp, rtp, _), (later, then, _) = camera.kept.reports[-2:]
    assert (then - rtp) % (1 << 32) == pytest.approx((later - ntp) * 90_000 / (1 << 32), abs=10)
    _, timestamp, _, _, at = camera.kept.packets[-1]
    assert (timestamp - then) % (1 << 32) == pytest.approx((at - camera.now) * 90_000 % (1 << 32), abs=10)


async def test_a_paused_recorder_gets_nothing_of_any_size(camera: Camera) -> None:
    camera.settle(0, 1)
    tap = camera.layers.tap
    assert tap is not None
    tap.pause(camera.now)
    count = len(camera.kept.packets)
    camera.picture(0, 1, key=True)
    camera.settle(0, 1)
    assert camera.layers.recorded is camera.layers.streams[1], "it may change its size meanwhile"
    assert len(camera.kept.packets) == count
    tap.resume(camera.layers.recorded.newest, camera.now)
    camera.picture(0, 1, key=True)
    assert [one[3][-5:] for one in camera.kept.packets[count:]] == [LARGE]


async def test_a_stream_that_begins_anew_loses_no_listener(camera: Camera, wire: Wire) -> None:
    staying, going = wire.outlet(VP8), wire.outlet(VP8)
    for outlet in (staying, going):
        camera.layers.lead(outlet, 0, camera.now)
    camera.picture(0, 1, key=True)
    camera.layers.lead(going, 1, camera.now)
    camera.layers.streams[0].speaks_as(99)
    camera.picture(0, 1, key=True)
    last = {one.ssrc: one.payload[-5:] for one in wire.arrived()}
    assert last == {staying.ssrc: SMALL, going.ssrc: LARGE}


async def test_sound_has_one_size(wire: Wire) -> None:
    layers = Layers([Source("mic", "seat", OPUS, "0", (111, None), Feed())])
    layers.streams[0].speaks_as(5)
    outlet: Outlet = wire.outlet(OPUS)
    layers.lead(outlet, 0, 0.0)
    give(layers.streams[0], wire, 1, b"sound", now=0.0)
    assert not layers.tick(5.0) and layers.nearest(0) == 0
    assert len(wire.arrived()) == 1
    layers.measure(1.0)
    layers.measure(2.0)
    assert layers.rates == [0]
    layers.close("end")
