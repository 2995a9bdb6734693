"""An outlet's listener sees one unbroken stream, and never a packet from while its edge was closed."""

from collections.abc import Iterator

import pytest

from signaling.media import rtcp
from signaling.media.outlet import Meter, Tap
from signaling.media.payload import OPUS, VP8, Codec
from signaling.media.sink import KeptTrack, MemorySink, Track
from signaling.media.source import Source
from tests.signaling.media.wire import Feed, Wire, give

KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()
    yield found
    found.close()


def make(codec: Codec) -> Source:
    source = Source("source", "seat", codec, "0", (100, 101), Feed())
    source.speaks_as(5)
    return source


def numbers(wire: Wire) -> list[int]:
    return [one.seq for one in wire.arrived()]


async def test_sound_flows_at_once_with_our_numbers(wire: Wire) -> None:
    source, outlet = make(OPUS), wire.outlet(OPUS)
    source.attach(outlet, 0.0)
    for seq in range(65530, 65546):
        give(source, wire, seq & 0xFFFF, b"sound %d" % seq, timestamp=seq * 960 & 0xFFFFFFFF)
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == [b"sound %d" % seq for seq in range(65530, 65546)]
    assert {(one.ssrc, one.payload_type) for one in arrived} == {(outlet.ssrc, 111)}
    first = arrived[0].seq
    assert [one.seq for one in arrived] == [(first + step) & 0xFFFF for step in range(16)]
    assert outlet.meter.packets == 16 and outlet.meter.bytes == sum(20 + len(one.payload) for one in arrived)
    source.close("end")


async def test_more_packets_than_slots_all_arrive(wire: Wire) -> None:
    source = make(OPUS)
    for _ in range(20):
        source.attach(wire.outlet(OPUS), 0.0)
    give(source, wire, 1, b"sound")
    assert len(wire.arrived()) == 20
    source.close("end")


async def test_video_begins_with_a_key_frame(wire: Wire) -> None:
    source, outlet = make(VP8), wire.outlet(VP8)
    give(source, wire, 1, KEY)
    source.attach(outlet, 0.0)
    for seq, payload in ((2, DELTA), (3, DELTA), (4, KEY), (5, b"\x00rest"), (6, DELTA)):
        give(source, wire, seq, payload)
    assert [one.payload for one in wire.arrived()] == [KEY, b"\x00rest", DELTA]
    source.close("end")


async def test_numbers_and_times_go_on_when_the_edge_opens_again(wire: Wire) -> None:
    source, outlet = make(OPUS), wire.outlet(OPUS)
    source.attach(outlet, 0.0)
    for seq in range(10):
        give(source, wire, seq, b"before", timestamp=960 * seq, now=0.02 * seq)
    source.detach(outlet)
    for seq in range(10, 60):
        give(source, wire, seq, b"muted", timestamp=960 * seq, now=0.02 * seq)
    before = wire.arrived()
    source.attach(outlet, 1.2)
    give(source, wire, 60, b"after", timestamp=960 * 60, now=1.2)
    (after,) = wire.arrived()
    assert {one.payload for one in before} == {b"before"}
    assert after.seq == (before[-1].seq + 1) & 0xFFFF, "the listener sees no loss"
    assert after.timestamp - before[-1].timestamp == 960 * 51, "and the true time that has passed"
    source.close("end")


async def test_a_publisher_who_comes_back_continues_the_same_stream(wire: Wire) -> None:
    source, outlet = make(OPUS), wire.outlet(OPUS)
    source.attach(outlet, 0.0)
    for seq in range(10):
        give(source, wire, seq, b"one", timestamp=960 * seq, now=0.02 * seq)
    source.detach(outlet)
    source.close("replaced")
    again = make(OPUS)
    again.attach(outlet, 2.0)
    give(again, wire, 40_000, b"two", timestamp=3_000_000_000, now=2.18)
    *_, last, first = wire.arrived()
    assert first.seq == (last.seq + 1) & 0xFFFF
    assert (first.timestamp - last.timestamp) & 0xFFFFFFFF == pytest.approx(2 * 48000, abs=2)
    again.close("end")


async def test_a_repair_never_brings_what_was_said_while_muted(wire: Wire) -> None:
    source, outlet = make(OPUS), wire.outlet(OPUS)
    source.attach(outlet, 0.0)
    for seq in range(10):
        give(source, wire, seq, b"before")
    source.detach(outlet)
    for seq in range(10, 30):
        give(source, wire, seq, b"muted")
    source.attach(outlet, 0.0)
    for seq in range(30, 35):
        give(source, wire, seq, b"after")
    known = {one.seq for one in wire.arrived()}
    asked = {(min(known) + step) & 0xFFFF for step in range(-40, 60)}
    got = [one for seq in asked if (one := outlet.repair(seq, source, 0.0)) is not None]
    assert {Wire.opened(one).payload for one in got} == {b"after"}
    assert {Wire.opened(one).seq for one in got} <= known
    source.close("end")


async def test_a_late_packet_from_while_muted_stays_out(wire: Wire) -> None:
    source, outlet = make(OPUS), wire.outlet(OPUS)
    tap = Tap(kept := KeptTrack(track()), Meter(), print)
    source.tap = tap
    source.attach(outlet, 0.0)
    give(source, wire, 1, b"before")
    source.detach(outlet)
    tap.pause(1.0)
    give(source, wire, 2, b"muted")
    give(source, wire, 4, b"muted")
    source.attach(outlet, 0.0)
    tap.resume(source.newest, 1.0)
    give(source, wire, 5, b"after")
    give(source, wire, 3, b"muted, late")
    give(source, wire, 6, b"after")
    assert [one.payload for one in wire.arrived()] == [b"before", b"after", b"after"]
    assert [one[3] for one in kept.packets] == [b"before", b"after", b"after"]
    assert kept.calls == ["pause", "resume"]
    source.close("end")


async def test_a_repair_for_video_is_rtx_and_for_sound_the_packet_itself(wire: Wire) -> None:
    for codec, first in ((VP8, KEY), (OPUS, b"sound")):
        source, outlet = make(codec), wire.outlet(codec)
        source.attach(outlet, 0.0)
        give(source, wire, 7, first, timestamp=90)
        (sent,) = wire.arrived()
        data = outlet.repair(sent.seq, source, 0.0)
        assert data is not None
        repair = Wire.opened(data)
        assert repair.timestamp == sent.timestamp
        if codec is VP8:
            assert (repair.ssrc, repair.payload_type) == (outlet.rtx_ssrc, 97)
            assert repair.payload == sent.seq.to_bytes(2, "big") + first
        else:
            assert repair == sent
        assert outlet.repair((sent.seq + 1) & 0xFFFF, source, 0.0) is None
        source.close("end")


async def test_the_publishers_clock_is_told_in_our_numbers(wire: Wire) -> None:
    source, outlet = make(OPUS), wire.outlet(OPUS)
    source.attach(outlet, 0.0)
    give(source, wire, 7, b"sound", timestamp=480_000, now=1.0)
    assert len(wire.arrived()) == 1
    outlet.timestamp_offset = 1000
    assert outlet.sender_report(source, 1.0) is None
    source.report(rtcp.SenderReport(5, 100 << 32, 480_000), 1.0)
    data = outlet.sender_report(source, 1.5)
    assert data is not None
    assert list(rtcp.read(data)) == [rtcp.SenderReport(outlet.ssrc, 100 << 32 | 1 << 31, 480_000 + 24_000 + 1000)]
    assert outlet.sender_report(source, 20.0) is None, "an old report says nothing"
    source.close("end")


async def test_a_report_is_answered_once_also_when_newer_ones_are_under_way(wire: Wire) -> None:
    """On a full line the newest reports stand in its queue or are lost: the answer to an older one shows how long."""
    source, outlet = make(OPUS), wire.outlet(OPUS)
    source.attach(outlet, 0.0)
    give(source, wire, 7, b"sound", timestamp=480_000, now=1.0)
    assert len(wire.arrived()) == 1
    source.report(rtcp.SenderReport(5, 100 << 32, 480_000), 1.0)
    for second in (1.0, 2.0, 3.0):
        assert outlet.sender_report(source, second) is not None

    def echo(second: int) -> rtcp.ReportBlock:
        """Of the report of this second, held for a quarter of one."""
        return rtcp.ReportBlock(outlet.ssrc, 0, 1, 0, (99 + second) << 16, 65536 // 4)

    assert outlet.round_trip(echo(2), 2.75) == pytest.approx(0.5)
    assert outlet.round_trip(echo(2), 2.95) is None, "its second echo says nothing new"
    assert outlet.round_trip(echo(1), 3.0) is None, "nor does one that was overtaken"
    assert outlet.round_trip(echo(3), 3.35) == pytest.approx(0.1)
    source.close("end")


def track() -> Track:
    from pathlib import Path

    return Track(
        room="room",
        source="source",
        seat="seat",
        kind="audio",
        codec="opus",
        clock_rate=48000,
        directory=Path(),
        offset_ms=lambda: 0,
        request_key_frame=lambda: None,
        patience=lambda: 0.0,
    )


async def test_a_sink_that_fails_is_given_up_and_the_call_goes_on(wire: Wire) -> None:
    class Broken(KeptTrack):
        def rtp(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
            raise OSError("disk")

    faults: list[Exception] = []
    source, outlet = make(OPUS), wire.outlet(OPUS)
    source.tap = Tap(Broken(track()), Meter(), faults.append)
    source.attach(outlet, 0.0)
    give(source, wire, 1, b"one")
    source.tap.resume(source.newest, 1.0)
    give(source, wire, 2, b"two")
    assert len(wire.arrived()) == 2 and len(faults) == 1
    source.close("end")
    assert MemorySink().open_track(track()).packets == []
