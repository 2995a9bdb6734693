"""Transport-wide feedback, read back by an independent reader written from the draft."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media.feedback import PACKETS_PER_REPORT, TransportFeedback

pytestmark = pytest.mark.pure


def read(packet: bytes) -> dict[int, float]:
    """Number -> arrival in seconds (modulo the reference's wrap)."""
    head, kind, words = struct.unpack_from("!BBH", packet)
    assert (head & 0xDF, kind, 4 * (words + 1)) == (0x8F, 205, len(packet))
    if head & 0x20:
        packet = packet[: -packet[-1]]
    base, count = struct.unpack_from("!HH", packet, 12)
    reference = int.from_bytes(packet[16:19], "big")
    at = 20
    symbols: list[int] = []
    while len(symbols) < count:
        (chunk,) = struct.unpack_from("!H", packet, at)
        at += 2
        assert chunk >> 14 == 3, "two-bit status vectors"
        symbols += [chunk >> (12 - 2 * i) & 3 for i in range(7)]
    time = reference * 0.064
    found: dict[int, float] = {}
    for distance, symbol in enumerate(symbols[:count]):
        if symbol == 1:
            time += packet[at] * 0.00025
            at += 1
        elif symbol == 2:
            time += struct.unpack_from("!h", packet, at)[0] * 0.00025
            at += 2
        else:
            continue
        found[(base + distance) & 0xFFFF] = time
    # Padding fills the last word, nothing else follows.
    assert len(packet) - at <= 3
    return found


def test_arrivals_and_holes_are_told() -> None:
    feedback = TransportFeedback()
    for number, at in ((65534, 100.0), (65535, 100.001), (1, 100.5), (2, 100.4)):
        feedback.add(number, at)
    packet = feedback.write(5)
    assert packet is not None
    told = read(packet)
    assert set(told) == {65534, 65535, 1, 2}
    assert told[1] - told[65534] == pytest.approx(0.5, abs=0.001)
    assert told[2] - told[65534] == pytest.approx(0.4, abs=0.001)


def test_the_next_report_goes_on_where_the_last_one_ended() -> None:
    feedback = TransportFeedback()
    feedback.add(10, 1.0)
    feedback.write(5)
    feedback.add(13, 1.1)
    feedback.add(9, 1.1)
    packet = feedback.write(5)
    assert packet is not None
    base, count = struct.unpack_from("!HH", packet, 12)
    assert (base, count, set(read(packet))) == (11, 3, {13})
    assert packet[19] == 1, "reports are numbered"


def test_nothing_new_is_no_report() -> None:
    feedback = TransportFeedback()
    assert feedback.write(5) is None
    feedback.add(10, 1.0)
    feedback.write(5)
    feedback.add(10, 1.2)
    assert feedback.pending and feedback.write(5) is None


def test_after_an_outage_the_report_is_still_a_datagram() -> None:
    feedback = TransportFeedback()
    feedback.add(0, 1.0)
    feedback.add(20_000, 9.0)
    packet = feedback.write(5)
    assert packet is not None and len(packet) < 1200 and set(read(packet)) == {20_000}


@given(st.lists(st.tuples(st.integers(0, 300), st.floats(0, 2)), min_size=1, max_size=PACKETS_PER_REPORT))
def test_every_arrival_stands_in_the_report_once(arrivals: list[tuple[int, float]]) -> None:
    feedback = TransportFeedback()
    start = arrivals[0][0]
    times: dict[int, float] = {}
    for step, at in arrivals:
        number = (start + step) & 0xFFFF
        feedback.add(number, 1000 + at)
        if step >= 0 and (number - arrivals[0][0] - start) & 0xFFFF < 0x8000:
            times.setdefault(number, 1000 + at)
    packet = feedback.write(5)
    assert packet is not None
    told = read(packet)
    for number, at in told.items():
        assert at == pytest.approx(times[number], abs=0.01)
    assert set(told) == set(times)
