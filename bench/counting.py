"""What arrives at one connection of the load: every datagram counted as it comes, a sample of them decrypted.

RTP headers are in clear, so a packet is counted by its stream and number without being opened. The sample says which
of the publisher's packets a number stands for, and how long it took. Datagrams come 64 in a system call; a hundred
thousand a second take about half of a core.
"""

import struct
import time
from array import array
from collections.abc import Callable
from typing import Any

from bench.packets import STAMP
from signaling.media.batch import SLOT, ReceiveBatch
from signaling.media.dtls import srtp_ffi, unprotect_rtp

_HEAD = struct.Struct("!BBHII").unpack_from
_length = srtp_ffi.new("int *")
_batch = ReceiveBatch(64, 16)
_view = _batch.view


class Contradiction(ConnectionError):
    """A packet could not be opened, or what was opened does not fit what was counted: no figure may come of it."""


class Arrivals:
    """`session` is the SRTP session that opens packets; every `sample`th number of a stream is opened.

    Without `stamped` everything is opened and listed in `raw`: (time in ns, payload type, timestamp, bytes, stream).
    """

    def __init__(self, session: Any, sample: int, stamped: bool) -> None:
        self._session, self._sample, self._stamped = session, sample, stamped
        self.numbers: dict[int, array[int]] = {}
        self.raw: list[tuple[int, int, int, int, int]] = []
        self.delays: list[int] = []
        self.opened = 0
        self._fault = ""
        self._distance: dict[int, tuple[int, int]] = {}

    def clear(self) -> None:
        """Count from here on."""
        for numbers in self.numbers.values():
            del numbers[:]
        self.raw.clear()
        self.delays.clear()
        self.opened = 0

    def read(self, descriptor: int, other: Callable[[bytes, Any], None]) -> None:
        """Take what waits at a non-blocking socket; `other` is given what is no RTP, with its sender's address."""
        count = _batch.size
        while count == _batch.size:
            count = _batch.receive(descriptor)
            self._take(count, time.monotonic_ns(), other)

    def _take(self, count: int, now: int, other: Callable[[bytes, Any], None]) -> None:
        view, known, sample = _view, self.numbers, self._sample
        for slot in range(count):
            at = slot * SLOT
            length = _batch.length(slot)
            if length < 12 or not 128 <= view[at] < 192:
                address = _batch.address(slot)
                host = ".".join(str(byte) for byte in address[4:8])
                other(bytes(view[at : at + length]), (host, int.from_bytes(address[2:4], "big")))
                continue
            _, second, number, timestamp, stream = _HEAD(view, at)
            if 192 <= second <= 223:
                continue
            numbers = known.get(stream)
            if numbers is None:
                numbers = known[stream] = array("H")
            numbers.append(number)
            if number % sample == 0:
                self._open(slot, length, number, second & 127, timestamp, stream, now)

    def _open(
        self, slot: int, length: int, number: int, payload_type: int, timestamp: int, stream: int, now: int
    ) -> None:
        _length[0] = length
        if status := unprotect_rtp(self._session, _batch.slots[slot], _length):
            self._fault = self._fault or f"a packet cannot be opened (libsrtp says {status})"
            return
        self.opened += 1
        size = _length[0]
        if not self._stamped:
            self.raw.append((now, payload_type, timestamp, size, stream))
            return
        stamp, sent = STAMP.unpack_from(_view, slot * SLOT + size - STAMP.size)
        found = (stamp >> 24, (number - stamp) & 0xFFFF)
        if (known := self._distance.setdefault(stream, found)) != found:
            self._fault = self._fault or f"stream {stream} was {known} and is {found}"
        # Sound tells the delay; pictures wait for their fellows when a server sends in batches.
        if not stamp >> 24 & 1:
            self.delays.append(now - sent)

    def arrived(self) -> dict[int, set[int]]:
        """By the number of the publisher's stream: the packets that arrived, by their own numbers modulo 65,536.

        `Contradiction` when the opened ones do not bear out the count.
        """
        if self._fault:
            raise Contradiction(self._fault)
        found: dict[int, set[int]] = {}
        for stream, numbers in self.numbers.items():
            if numbers:
                feed, distance = self._distance[stream]
                found.setdefault(feed, set()).update((number - distance) & 0xFFFF for number in numbers)
        return found
