"""A narrow line between one browser and the node: a relay of datagrams on this machine, without any privilege.

Each direction carries `rate` bits a second (headers of IP and UDP included), keeps back what comes too fast, and loses
what would have to wait longer than `queue` seconds; `loss` is lost by chance, `delay` seconds pass in each direction.
The counters prove what it did: `waited` is the longest time that something stood in the queue, `streams` counts RTP by
its stream and whether it was carried; that much of a packet is not secret.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

HEADERS = 28
"""Bytes of IPv4 and UDP around a datagram."""


@dataclass
class Way:
    """One direction."""

    rate: float = float("inf")
    queue: float = 0.3
    delay: float = 0.0
    loss: float = 0.0
    carried: int = 0
    late: int = 0
    lost: int = 0
    waited: float = 0.0
    streams: Counter[tuple[int, bool]] = field(default_factory=Counter)
    _free: float = 0.0
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    def take(self, data: bytes, send: Callable[[bytes], Any]) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self.loss and self._chance.random() < self.loss:
            self.lost += 1
            return
        start = max(now, self._free)
        if len(data) >= 12 and 128 <= data[0] < 192 and not 192 <= data[1] <= 223:
            self.streams[int.from_bytes(data[8:12], "big"), start - now <= self.queue] += 1
        if start - now > self.queue:
            self.late += 1
            return
        self._free = start + 8 * (len(data) + HEADERS) / self.rate
        self.carried += 1
        self.waited = max(self.waited, start - now)
        loop.call_at(self._free + self.delay, send, data)


class _Far(asyncio.DatagramProtocol):
    """The relay's end towards the node, one for each address of the browser."""

    def __init__(self, line: "Narrow", address: tuple[str, int]) -> None:
        self._line, self._address = line, address

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._line.down.take(data, lambda one: self._line.answer(one, self._address))


class Narrow(asyncio.DatagramProtocol):
    """Call `open`, lead the browser here with `through`, and `close` at the end."""

    def __init__(self, up: Way, down: Way) -> None:
        self.up, self.down = up, down
        self._near: asyncio.DatagramTransport | None = None
        self._far: dict[tuple[str, int], asyncio.DatagramTransport] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._target = 0
        self.port = 0

    async def open(self, target: int) -> None:
        self._target = target
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        self.port = self._near.get_extra_info("sockname")[1]

    def through(self, sdp: str) -> str:
        """The node's description, with this relay as its only address."""
        mine = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {self.port} typ host\r\n"
        sdp = re.sub(r"a=candidate:[^\r\n]*\r\n", "", sdp)
        return sdp.replace("a=end-of-candidates\r\n", mine + "a=end-of-candidates\r\n")

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if (far := self._far.get(addr)) is not None:
            self.up.take(data, far.sendto)
        elif not self._opening:  # ICE asks again
            task = asyncio.ensure_future(self._open_far(addr))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open_far(self, addr: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        far, _ = await loop.create_datagram_endpoint(lambda: _Far(self, addr), remote_addr=("127.0.0.1", self._target))
        self._far[addr] = far

    def answer(self, data: bytes, address: tuple[str, int]) -> None:
        if self._near is not None:
            self._near.sendto(data, address)

    def close(self) -> None:
        for transport in (self._near, *self._far.values()):
            if transport is not None:
                transport.close()
        self._near = None
