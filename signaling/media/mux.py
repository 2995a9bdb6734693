"""The one UDP socket of the process: takes batches of datagrams in, sorts them by their first byte and their sender
(RFC 7983), and sends batches out. Whatever is empty, short, or from an unproven address ends here, counted.
"""

import asyncio
import errno
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from aioice.ice import get_host_addresses

from signaling.media.batch import SLOT, SO_TIMESTAMPNS, ReceiveBatch
from signaling.media.fanout import FanOut
from signaling.media.icelite import IceTable
from signaling.media.outlet import send_time

log = logging.getLogger(__name__)

RECEIVE_SLOTS, SEND_SLOTS = 64, 256
BATCHES_PER_WAKE = 4
"""Then the other tasks of the process have their turn."""

SHORTEST_PAUSE, LONGEST_PAUSE = 0.004, 0.020
"""Seconds between two looks at a busy socket. To wake up, with caches that others have emptied meanwhile, costs more
than to forward a packet, so packets that come close together are taken together: up to the time of one packet of sound
(docs/decisions/0010)."""
TOGETHER = 100.0
"""Packets that should leave at a look."""
BUSY_GAP = SHORTEST_PAUSE * 2 / 3
"""Mean seconds from waking to waking at which looking begins. Two who each send 150 packets a second are below it."""
CALM_LOOKS = 4
"""Looks in vain after which the socket wakes us again."""
MUCH = 3_000.0
"""Packets leaving in a second from which they leave in runs; six who hear one another get 4,500. A capture at the
server shows a run as one large datagram; below this it shows every packet."""
LONGEST_WAIT = 1.0
"""Seconds a datagram may have waited at the socket. An arrival before that is a clock that was set."""

SOCKET_BUFFER = 4 << 20
FAULTS_TOLD = 10
"""Faults written to the log; further ones are only counted, or whoever found one could fill the disk."""

SHORTEST_STUN, SHORTEST_OTHER = 20, 13
"""A STUN header; no DTLS record and no SRTP packet is shorter than 13 bytes."""
LONGEST_MEDIA = SLOT - 128
"""Our header extension, the repair's number and the longer tag must fit behind it, in a slot of the same size."""


class Mux:
    """Serves from `start` to `close`."""

    def __init__(self, host: str = "", port: int = 0, loss: Callable[[], bool] | None = None) -> None:
        """`host` empty means every address of the machine. `loss` lets a test lose incoming media."""
        self.socket = _bind(host, port)
        self.port: int = self.socket.getsockname()[1]
        address_size = 28 if self.socket.family == socket.AF_INET6 else 16
        self.address_size = address_size
        self.host = host
        self.ice = IceTable()
        self.incoming = ReceiveBatch(RECEIVE_SLOTS, address_size)
        self.outgoing = FanOut(SEND_SLOTS, address_size, self.socket.fileno())
        self.received = 0
        self.dropped: Counter[str] = Counter()
        self._loss = loss
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flush_due = False
        self._woken = 0.0
        self._gap = 1.0
        self._in_vain = 0
        self._pause = SHORTEST_PAUSE
        self._leaving = 0.0
        """Packets a second, while looking."""
        self._look: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._readable)

    def close(self) -> None:
        if self._look is not None:
            self._look.cancel()
        if self._loop is not None:
            self._loop.remove_reader(self.socket.fileno())
        self.socket.close()

    def announced(self, extra: list[str]) -> list[str]:
        """The addresses peers may try: the configured ones, every local one, loopback last."""
        if self.host and self.host not in ("0.0.0.0", "::"):
            return list(dict.fromkeys([*extra, self.host]))
        six = self.socket.family == socket.AF_INET6
        return list(dict.fromkeys([*extra, *get_host_addresses(use_ipv4=True, use_ipv6=six), "127.0.0.1"]))

    def send_plain(self, data: bytes, address: bytes) -> None:
        self.outgoing.plain(data, address)
        self.flush_soon()

    def flush_soon(self) -> None:
        """What stands in the outgoing batch leaves before the loop waits again."""
        if not self._flush_due and self._loop is not None:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        self.outgoing.flush()

    def _readable(self) -> None:
        """Something has come. When it comes often, stop being woken and look from time to time instead."""
        loop = self._loop
        assert loop is not None
        now = loop.time()
        self._gap += (min(now - self._woken, 10 * BUSY_GAP) - self._gap) / 16
        self._woken = now
        if self._gap < BUSY_GAP:
            loop.remove_reader(self.socket.fileno())
            self._in_vain = 0
            self._look = loop.call_later(self._pause, self._look_in)
        self.take_in()

    def _look_in(self) -> None:
        loop = self._loop
        assert loop is not None
        # Before anything can go wrong; and counted from the beginning, because the work is a part of the pause.
        self._look = loop.call_later(self._pause, self._look_in)
        before = self.outgoing.sent
        taken = self.take_in()
        self._leaving += ((self.outgoing.sent - before) / self._pause - self._leaving) / 16
        self.outgoing.make_runs(self._leaving > MUCH)
        self._pause = pause(self._leaving)
        if taken:
            self._in_vain = 0
            if taken == BATCHES_PER_WAKE * RECEIVE_SLOTS:
                self._look.cancel()
                self._look = loop.call_later(0, self._look_in)
        else:
            self._in_vain += 1
            if self._in_vain == CALM_LOOKS:
                self._look.cancel()
                self._look = None
                self._gap = 1.0
                self._pause, self._leaving = SHORTEST_PAUSE, 0.0
                self.outgoing.make_runs(False)
                loop.add_reader(self.socket.fileno(), self._readable)

    def take_in(self) -> int:
        """Handle what waits at the socket; how many datagrams it was."""
        taken = 0
        batch = self.incoming
        descriptor = self.socket.fileno()
        try:
            for _ in range(BATCHES_PER_WAKE):
                count = batch.receive(descriptor)
                if count:
                    taken += count
                    self.received += count
                    self._take(iter(range(count)), time.monotonic(), time.time())
                if count < batch.size:
                    break
        finally:
            self.outgoing.flush()
        return taken

    def _take(self, places: Iterator[int], now: float, clock: float) -> None:
        """What fails on one datagram costs the others of the batch nothing."""
        self.outgoing.send_time = send_time(now)
        while True:
            try:
                self._sort(places, now, now - clock)
                return
            except Exception:
                self.dropped["fault"] += 1
                if self.dropped["fault"] <= FAULTS_TOLD:
                    log.exception("a datagram could not be taken")

    def _sort(self, places: Iterator[int], now: float, offset: float) -> None:
        """Each owner is told when the datagram came, however long it has waited.

        `offset` leads from unix seconds to `time.monotonic()`.
        """
        batch, by_address, dropped = self.incoming, self.ice.by_address, self.dropped
        view, slots, loss = batch.view, batch.slots, self._loss
        for slot in places:
            length = batch.length(slot)
            if length < SHORTEST_OTHER:
                dropped["empty" if length == 0 else "short"] += 1
                continue
            at = slot * SLOT
            first = view[at]
            address = batch.address(slot)
            arrival = batch.arrival(slot) + offset
            if not now - LONGEST_WAIT < arrival <= now:
                arrival = now
            if first < 4:
                self._take_stun(bytes(view[at : at + length]), address, arrival)
            elif (agent := by_address.get(address)) is None:
                dropped["stranger"] += 1
            elif 128 <= first < 192:
                if length > LONGEST_MEDIA:
                    dropped["long"] += 1
                    continue
                agent.packets += 1
                agent.bytes += length
                if loss is not None and loss():
                    continue
                owner: Any = agent.owner
                if reason := owner.take_srtp(slots[slot], length, 192 <= view[at + 1] <= 223, arrival):
                    dropped[reason] += 1
            elif 20 <= first < 64:
                owner = agent.owner
                if reason := owner.take_dtls(bytes(view[at : at + length])):
                    dropped[reason] += 1
            else:
                dropped["unknown"] += 1

    def _take_stun(self, data: bytes, address: bytes, now: float) -> None:
        if len(data) < SHORTEST_STUN:
            self.dropped["short"] += 1
        elif (response := self.ice.answer(data, address, now)) is None:
            self.dropped["stun"] += 1
        else:
            self.send_plain(response, address)


def pause(leaving: float) -> float:
    """Seconds until the next look, when so many packets leave in a second."""
    return min(max(SHORTEST_PAUSE, TOGETHER / (leaving + 1)), LONGEST_PAUSE)


def _bind(host: str, port: int) -> socket.socket:
    """A non-blocking socket with large buffers; for every address one socket that speaks IPv6 and IPv4."""
    families = [socket.AF_INET6, socket.AF_INET] if not host else [socket.AF_INET6 if ":" in host else socket.AF_INET]
    for family in families:
        try:
            return _bind_one(family, host, port)
        except OSError as error:
            # A kernel without IPv6 serves IPv4 alone; a port in use is somebody's mistake.
            if family == families[-1] or error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
    raise AssertionError("unreachable")


def _bind_one(family: int, host: str, port: int) -> socket.socket:
    found = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        found.bind((host, port))
        found.setblocking(False)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        found.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    except OSError:
        found.close()
        raise
    return found
