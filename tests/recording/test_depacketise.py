"""Payloads -> frames, also when they are rubbish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recording.depacketise import Opus, Packet, Vp8, opus_duration_ms, vp8_key_size

pytestmark = pytest.mark.pure

KEY = b"\x10\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00" + b"picture"
DELTA = b"\x11\x00\x00" + b"change"


def packet(payload: bytes, timestamp: int = 0, marker: bool = False, arrival: float = 0.0) -> Packet:
    return Packet(timestamp, marker, payload, arrival)


@pytest.mark.parametrize(
    ("payload", "milliseconds"),
    [
        (b"\x78", 20.0),  # hybrid, one frame
        (b"\xf8\xff\xfe", 20.0),  # CELT, the packet that browsers send in silence
        (b"\x08", 20.0),
        (b"\x18", 60.0),
        (b"\x79", 40.0),
        (b"\x7b\x03", 60.0),
        (b"\x80", 2.5),
        (b"\x1b\x3f", 0.0),  # 63 frames of 60 ms: nobody may send that
        (b"\x03", 0.0),
        (b"", 0.0),
    ],
)
def test_the_first_byte_of_an_opus_packet_tells_its_length(payload: bytes, milliseconds: float) -> None:
    assert opus_duration_ms(payload) == milliseconds


def test_each_opus_packet_is_a_frame_and_an_empty_one_is_none() -> None:
    frame = Opus().push(*packet(b"\x78sound", 960))
    assert frame is not None and (frame.data, frame.key, frame.duration_ms) == (b"\x78sound", True, 20.0)
    assert Opus().push(*packet(b"")) is None


@pytest.mark.parametrize(
    "descriptor",
    [b"\x10", b"\x90\x80\x7f", b"\x90\x80\x81\x01", b"\x90\xe0\x05\x07\x20", b"\x90\x40\x07", b"\x90\x10\x20"],
)
def test_every_form_of_the_vp8_descriptor_is_taken_off(descriptor: bytes) -> None:
    frame = Vp8().push(*packet(descriptor + KEY, marker=True))
    assert frame is not None and (frame.data, frame.key, frame.size) == (KEY, True, (320, 240))


def test_a_picture_in_several_packets_is_joined_and_is_as_old_as_its_first() -> None:
    joiner = Vp8()
    assert joiner.push(*packet(b"\x10" + KEY[:6], 7, arrival=3.0)) is None
    assert joiner.push(*packet(b"\x00" + KEY[6:9], 7, arrival=2.0)) is None
    frame = joiner.push(*packet(b"\x00" + KEY[9:], 7, marker=True, arrival=4.0))
    assert frame is not None and (frame.data, frame.arrival) == (KEY, 2.0)


def test_a_picture_with_a_part_missing_is_thrown_away_whole() -> None:
    joiner = Vp8()
    joiner.push(*packet(b"\x10" + KEY[:6], 7))
    joiner.broken()
    assert joiner.push(*packet(b"\x00" + KEY[9:], 7, marker=True)) is None
    assert joiner.torn == 2
    frame = joiner.push(*packet(b"\x10" + DELTA, 8, marker=True))
    assert frame is not None and not frame.key


def test_a_picture_that_never_ended_is_torn_when_the_next_begins() -> None:
    joiner = Vp8()
    joiner.push(*packet(b"\x10" + KEY[:6], 7))
    frame = joiner.push(*packet(b"\x10" + DELTA, 8, marker=True))
    assert frame is not None and frame.data == DELTA and joiner.torn == 1


def test_padding_alone_tears_nothing() -> None:
    joiner = Vp8()
    joiner.push(*packet(b"\x10" + KEY[:6], 7))
    assert joiner.push(*packet(b"", 7)) is None
    assert joiner.push(*packet(b"\x00" + KEY[6:], 7, marker=True)) is not None


def test_a_key_frame_without_a_size_is_none() -> None:
    assert vp8_key_size(KEY) == (320, 240)
    assert vp8_key_size(KEY[:6] + bytes(4) + b"picture") is None
    assert vp8_key_size(DELTA + bytes(20)) is None


@given(st.lists(st.tuples(st.binary(max_size=12), st.integers(0, 3), st.booleans()), max_size=30))
def test_no_payload_raises(payloads: list[tuple[bytes, int, bool]]) -> None:
    joiner, opus = Vp8(), Opus()
    for payload, timestamp, marker in payloads:
        joiner.push(*packet(payload, timestamp, marker))
        frame = opus.push(*packet(payload))
        assert frame is None or 0 < frame.duration_ms <= 120
