"""Packets that came together leave in runs, which the kernel cuts; what arrives is the same as one by one."""

import socket
import struct
from collections.abc import Iterator

import pytest

from signaling.media.batch import CONTROL, SOL_UDP, UDP_SEGMENT, SendBatch
from signaling.media.fanout import LONGEST_RUN
from signaling.media.layers import Layers
from signaling.media.payload import OPUS, VP8
from signaling.media.source import Source
from tests.signaling.media.wire import Feed, Wire, give

KEY = b"\x10\x00key"


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()
    yield found
    found.close()


def flowing(wire: Wire, listeners: int = 1) -> Source:
    """A picture that has begun at `listeners` outlets."""
    source = Source("source", "seat", VP8, "0", (100, 101), Feed())
    source.speaks_as(5)
    wire.batch.make_runs(True)
    for _ in range(listeners):
        source.attach(wire.outlet(VP8), 0.0)
    give(source, wire, 0, KEY)
    assert len(wire.arrived()) == listeners
    return source


def together(source: Source, wire: Wire, payloads: list[bytes]) -> int:
    """Let `payloads` come with one batch of datagrams; how many datagrams the kernel will be handed."""
    for number, payload in enumerate(payloads, 1):
        give(source, wire, number, payload, timestamp=number)
    wire.batch.spill()
    return wire.batch.runs.heads + wire.batch.count


@pytest.mark.parametrize(
    ("sizes", "handed"),
    [
        ([50], 1),
        ([50, 50, 50, 50], 1),
        ([50, 50, 49], 1),
        ([50, 49, 50, 50], 2),
        ([50, 51, 51, 51], 2),
        ([51, 50, 50, 49], 2),
        ([1, 2, 3], 3),
    ],
)
async def test_runs_are_of_one_size_and_the_last_may_be_shorter(wire: Wire, sizes: list[int], handed: int) -> None:
    source = flowing(wire)
    payloads = [bytes((0, number)) + bytes(size) for number, size in enumerate(sizes)]
    assert together(source, wire, payloads) == handed
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == payloads
    assert [one.seq - arrived[0].seq for one in arrived] == list(range(len(sizes)))
    assert [one.timestamp for one in arrived] == [n + 1 for n in range(len(sizes))]
    source.close("end")


async def test_every_listener_gets_its_own_run(wire: Wire) -> None:
    source = flowing(wire, listeners=2)
    payloads = [bytes((0, number, 7)) for number in range(3)]
    assert together(source, wire, payloads) == 2
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == payloads * 2
    assert len({one.ssrc for one in arrived[:3]}) == len({one.ssrc for one in arrived[3:]}) == 1
    assert arrived[0].ssrc != arrived[3].ssrc
    assert [outlet.meter.packets for outlet in source.flowing] == [4, 4]
    source.close("end")


async def test_a_run_for_one_listener_takes_the_packets_of_every_source(wire: Wire) -> None:
    camera = flowing(wire, listeners=2)
    voice, other = (Source(name, "seat", OPUS, "1", (111, None), Feed()) for name in ("voice", "other"))
    for ssrc, source in enumerate((voice, other), 10):
        source.speaks_as(ssrc)
        source.attach(wire.outlet(OPUS, camera.flowing[0]), 0.0)
        give(source, wire, 0, b"begins")
    wire.arrived()
    give(voice, wire, 1, b"sound")
    give(camera, wire, 1, b"\x00" + bytes(40))
    give(other, wire, 1, b"words")
    give(camera, wire, 2, b"\x00" + bytes(40))
    wire.batch.spill()
    assert (wire.batch.runs.heads, wire.batch.count) == (3, 0), "the third packet is the shorter end of the first run"
    arrived = wire.arrived()
    assert [len(one.payload) for one in arrived] == [41, 41, 5, 5, 41, 41], "listener by listener"
    for source in (camera, voice, other):
        assert [one.seq for one in arrived if one.ssrc == source.flowing[0].ssrc] == sorted(
            one.seq for one in arrived if one.ssrc == source.flowing[0].ssrc
        )
        source.close("end")


async def test_more_than_the_slots_all_arrive(wire: Wire) -> None:
    source = flowing(wire, listeners=3)
    payloads = [bytes((0, number)) + bytes(20) for number in range(30)]
    together(source, wire, payloads)
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == payloads * 3
    assert wire.batch.sent == 3 + 90 and wire.batch.dropped == 0
    source.close("end")


async def test_no_run_is_larger_than_the_kernel_takes(wire: Wire) -> None:
    wide = Wire(slots=64)
    source = flowing(wide)
    payloads = [bytes((0, number)) + bytes(1400) for number in range(LONGEST_RUN + 3)]
    assert together(source, wide, payloads) == 2
    assert [one.payload for one in wide.arrived()] == payloads
    source.close("end")
    wide.close()


async def test_what_cannot_be_cut_leaves_packet_by_packet(wire: Wire) -> None:
    source = flowing(wire)
    payloads = [bytes((0, number)) + bytes(20) for number in range(4)]
    assert together(source, wire, payloads) == 1
    assert refuses(wire.batch), "the fault took place"
    assert [one.payload for one in wire.arrived()] == payloads
    assert wire.batch.sent == 5 and wire.batch.dropped == 0
    source.close("end")


def refuses(batch: SendBatch) -> bool:
    """Have the first run cut into more pieces than the kernel makes (128); one of our own proves that it refuses."""
    header = batch.runs.header_words
    assert header[3] > 1 and header[5] == CONTROL
    batch.runs.control_halves[8] = 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.sendmsg([bytes(160)], [(SOL_UDP, UDP_SEGMENT, struct.pack("=H", 1))], 0, ("127.0.0.1", 9))
        except OSError:
            return True
    return False


async def test_without_the_kernels_help_each_packet_is_sent_alone(wire: Wire) -> None:
    wire.batch.runs.possible = False
    source = flowing(wire)  # which asks for runs
    payloads = [bytes((0, number)) + bytes(20) for number in range(4)]
    assert together(source, wire, payloads) == 4
    assert [one.payload for one in wire.arrived()] == payloads
    source.close("end")


async def test_where_little_leaves_every_packet_is_seen_on_the_wire(wire: Wire) -> None:
    source = flowing(wire)
    wire.batch.make_runs(False)
    payloads = [bytes((0, number)) + bytes(20) for number in range(4)]
    assert together(source, wire, payloads) == 4
    assert [one.payload for one in wire.arrived()] == payloads
    source.close("end")


async def test_an_unreachable_listener_costs_the_others_nothing(wire: Wire) -> None:
    source = flowing(wire, listeners=2)
    away = Wire(host="255.255.255.255")  # refused by the kernel without SO_BROADCAST
    source.flowing.insert(1, outlet := away.outlet(VP8))
    payloads = [bytes((0, number)) + bytes(20) for number in range(2)]
    assert together(source, wire, payloads) == 3
    assert [one.payload for one in wire.arrived()] == payloads * 2
    assert wire.batch.dropped == 2
    source.flowing.remove(outlet)
    source.close("end")
    away.close()


async def test_what_came_before_an_edge_closed_leaves_and_nothing_after(wire: Wire) -> None:
    source = flowing(wire, listeners=1)
    (outlet,) = source.flowing
    for number in (1, 2):
        give(source, wire, number, b"\x00before")
    source.detach(outlet)
    give(source, wire, 3, b"\x00after")
    assert [one.payload for one in wire.arrived()] == [b"\x00before"] * 2
    source.close("end")


async def test_a_key_frame_for_one_does_not_overtake_what_the_others_wait_for(wire: Wire) -> None:
    source = flowing(wire)
    (first,) = source.flowing
    for number in (1, 2):
        give(source, wire, number, b"\x00delta")
    source.attach(second := wire.outlet(VP8), 0.0)
    give(source, wire, 3, KEY)
    give(source, wire, 4, b"\x00delta")
    arrived = wire.arrived()
    assert [one.payload for one in arrived if one.ssrc == first.ssrc] == [b"\x00delta"] * 2 + [KEY, b"\x00delta"]
    assert [one.payload for one in arrived if one.ssrc == second.ssrc] == [KEY, b"\x00delta"]
    source.close("end")


async def test_what_has_come_of_one_size_leaves_before_another_takes_its_place(wire: Wire) -> None:
    small, large = (Source("source", "seat", VP8, "0", (100, 101), Feed(), rid) for rid in ("small", "large"))
    layers = Layers([small, large])
    for ssrc, stream in enumerate(layers.streams, 5):
        stream.speaks_as(ssrc)
    wire.batch.make_runs(True)
    layers.lead(outlet := wire.outlet(VP8), 0, 0.0)
    give(small, wire, 0, KEY)
    layers.lead(outlet, 1, 0.0)
    for number in (1, 2):
        give(small, wire, number, b"\x00small")
        give(large, wire, 700 + number, b"\x00unseen")
    give(large, wire, 703, KEY + b"large")
    give(small, wire, 3, b"\x00late")
    give(large, wire, 704, b"\x00large")
    give(large, wire, 705, b"\x00large")
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == [
        KEY, b"\x00small", b"\x00small", KEY + b"large", b"\x00large", b"\x00large",
    ]  # fmt: skip
    assert [(one.seq - arrived[0].seq) & 0xFFFF for one in arrived] == list(range(6))
    give(large, wire, 706, b"\x00last")
    layers.detach(outlet)
    give(large, wire, 707, b"\x00after")
    assert [one.payload for one in wire.arrived()] == [b"\x00last"]
    layers.close("end")


async def test_what_has_come_leaves_under_its_own_numbers_when_the_publisher_begins_anew(wire: Wire) -> None:
    source = flowing(wire)
    (outlet,) = source.flowing
    for number in (1, 2):
        give(source, wire, number, b"\x00before")
    source.speaks_as(6)
    assert source.flowing == [] and source.waiting == [outlet]
    give(source, wire, 40_000, b"\x00unseen")
    give(source, wire, 40_001, KEY)
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == [b"\x00before"] * 2 + [KEY]
    assert [(one.seq - arrived[0].seq) & 0xFFFF for one in arrived] == [0, 1, 2]
    source.close("end")
