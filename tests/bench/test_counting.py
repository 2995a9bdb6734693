"""The measurement's counting: what is lost is missed, what is opened bears out what is only counted."""

import socket
import struct
from collections.abc import Iterator

import pytest
from pylibsrtp import Policy, Session

from bench.counting import Arrivals, Contradiction
from bench.packets import STAMP

KEY, STREAM, FEED, FIRST = bytes(range(30)), 0x1234567, 6, 65_500
SAMPLE = 4

pytestmark = pytest.mark.pure


class Ends:
    """A server's end that sends packets numbered from `FIRST`, and the count at the other end."""

    def __init__(self) -> None:
        self.listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.listening.bind(("127.0.0.1", 0))
        self.listening.setblocking(False)
        self.listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sending.connect(self.listening.getsockname())
        self._tx = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND))
        self._rx = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_INBOUND))
        self.arrivals = Arrivals(self._rx._srtp[0], SAMPLE, True)
        self.others: list[bytes] = []

    def send(self, count: int, number: int | None = None) -> None:
        """The publisher's packet `count`, under the server's `number`."""
        number = (FIRST + count) & 0xFFFF if number is None else number
        head = struct.pack("!BBHII", 0x80, 96, number, 0, STREAM)
        self.sending.send(self._tx.protect(head + b"sound" + STAMP.pack(FEED << 24 | count, 0)))

    def read(self) -> dict[int, set[int]]:
        self.arrivals.read(self.listening.fileno(), lambda data, address: self.others.append(data))
        return self.arrivals.arrived()


@pytest.fixture
def ends() -> Iterator[Ends]:
    found = Ends()
    yield found
    found.listening.close()
    found.sending.close()


def test_what_arrives_is_known_by_the_publishers_numbers_across_the_end_of_sixteen_bits(ends: Ends) -> None:
    for count in range(200):
        ends.send(count)
    assert ends.read() == {FEED: set(range(200))}
    assert ends.arrivals.opened == len(ends.arrivals.delays) == 50


def test_what_is_lost_is_missed_whether_it_would_have_been_opened_or_not(ends: Ends) -> None:
    lost = {40, 41, 43, 199}
    for count in set(range(200)) - lost:
        ends.send(count)
    assert ends.read() == {FEED: set(range(200)) - lost}


def test_a_packet_under_a_number_of_another_voids_the_count(ends: Ends) -> None:
    for count in range(8):
        ends.send(count)
    ends.send(9, number=(FIRST + 8) & 0xFFFF)
    with pytest.raises(Contradiction):
        ends.read()


def test_a_packet_that_cannot_be_opened_voids_the_count(ends: Ends) -> None:
    ends.sending.send(struct.pack("!BBHII", 0x80, 96, SAMPLE, 0, STREAM) + bytes(60))
    with pytest.raises(Contradiction):
        ends.read()


def test_what_is_no_rtp_is_handed_on_and_reports_are_not_counted(ends: Ends) -> None:
    ends.sending.send(b"\x00\x01stun")
    ends.sending.send(struct.pack("!BBHII", 0x80, 200, 6, 0, STREAM) + bytes(40))
    assert ends.read() == {} and ends.others == [b"\x00\x01stun"]
