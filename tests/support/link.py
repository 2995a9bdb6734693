"""A bad line between two network namespaces: delay, jitter, loss, bursts, a slow rate, copies, reordering, a cut cable.

A process of its own carries Ethernet frames between two TAP devices, since `tc netem` is not in every kernel. It needs
root and /dev/net/tun. It obeys one JSON line after the other on its standard input and answers each with its counters,
the proof that a fault took place; it ends, and its devices with it, when that input ends.
"""

import ctypes
import fcntl
import gc
import heapq
import json
import os
import select
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from random import Random
from typing import Any

WAYS = ("up", "down")
"""From the far end to the near one, and back."""

FRAME_BYTES = 2048
CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What one way of the line is like. Percentages of frames, milliseconds, kilobits a second (0: unlimited).

    `burst`: with a mean of that many frames lost in a row (Gilbert's model); the share that is lost stays `loss_pct`.
    `limit`: frames under way and waiting; one more is dropped. `cut`: nothing passes, what is under way is lost.
    """

    delay_ms: float = 0
    jitter_ms: float = 0
    loss_pct: float = 0
    burst: float = 1
    rate_kbps: float = 0
    limit: int = 1000
    duplicate_pct: float = 0
    reorder: bool = False
    cut: bool = False


@dataclass(slots=True)
class Counters:
    """Frames of one way since the line began: every frame received is exactly one of the others, or still `waiting`."""

    received: int = 0
    copied: int = 0
    sent: int = 0
    lost: int = 0
    overflowed: int = 0
    cut: int = 0
    waiting: int = 0

    def __sub__(self, before: "Counters") -> "Counters":
        """What has passed since `before`; `waiting` is what waits now."""
        found = Counters(**{one.name: getattr(self, one.name) - getattr(before, one.name) for one in fields(self)})
        return replace(found, waiting=self.waiting)


class Way:
    """One direction, without any device: frames go in with `take` and come out of `due`; times are seconds."""

    def __init__(self, seed: str) -> None:
        self.conditions = Conditions()
        self.counters = Counters()
        self._random = Random(seed)
        self._waiting: list[tuple[float, int, bytes]] = []
        self._number = 0
        self._free = self._last = 0.0
        self._bad = False

    def become(self, conditions: Conditions) -> None:
        self.conditions = conditions
        if conditions.cut:
            self.counters.cut += len(self._waiting)
            self._waiting.clear()
            self._free = self._last = 0.0

    def take(self, frame: bytes, now: float) -> None:
        like, count = self.conditions, self.counters
        count.received += 1
        if like.cut:
            count.cut += 1
            return
        if like.loss_pct and self._loses(like.loss_pct / 100, like.burst):
            count.lost += 1
            return
        self._enter(frame, now)
        if like.duplicate_pct and self._random.random() * 100 < like.duplicate_pct:
            count.copied += 1
            self._enter(frame, now)

    def _loses(self, share: float, burst: float) -> bool:
        if burst <= 1:
            return self._random.random() < share
        leave = 1 / burst
        if self._bad:
            self._bad = self._random.random() >= leave
        else:
            self._bad = self._random.random() < share * leave / (1 - share)
        return self._bad

    def _enter(self, frame: bytes, now: float) -> None:
        like = self.conditions
        if len(self._waiting) >= like.limit:
            self.counters.overflowed += 1
            return
        start = now
        if like.rate_kbps:
            start = self._free = max(now, self._free) + len(frame) * 8 / (like.rate_kbps * 1000)
        at = start + like.delay_ms / 1000
        if like.jitter_ms:
            normal = sum(self._random.random() for _ in range(12)) - 6
            at = max(start, at + like.jitter_ms / 1000 * normal)
        if not like.reorder:
            at = self._last = max(at, self._last)
        self._number += 1
        heapq.heappush(self._waiting, (at, self._number, frame))

    def due(self, now: float) -> Iterator[bytes]:
        while self._waiting and self._waiting[0][0] <= now:
            self.counters.sent += 1
            yield heapq.heappop(self._waiting)[2]

    def next_at(self) -> float | None:
        return self._waiting[0][0] if self._waiting else None

    def told(self) -> dict[str, int]:
        return asdict(replace(self.counters, waiting=len(self._waiting)))


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """This thread in that network namespace (empty: where it is); sockets made meanwhile stay there. Raises OSError."""
    if not namespace:
        yield
        return
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        try:
            _enter_namespace(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _enter_namespace(here)
    finally:
        os.close(here)


def _enter_namespace(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def open_tap(namespace: str, device: str) -> int:
    """A TAP device of that name in that namespace; it lives as long as the descriptor."""
    with inside(namespace):
        found = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(found, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    return found


class Carrier:
    """Carries frames until its orders end. `far` and `near` are TAP descriptors."""

    def __init__(self, far: int, near: int, orders: int, seed: int) -> None:
        self._ways = {name: Way(f"{seed}/{name}") for name in WAYS}
        self._routes = {far: (self._ways["up"], near), near: (self._ways["down"], far)}
        self._orders = orders
        self._begun = b""

    def run(self) -> None:
        watched = [*self._routes, self._orders]
        while True:
            now = time.monotonic()
            for way, target in self._routes.values():
                for frame in way.due(now):
                    with suppress(OSError):  # a device that is down takes nothing, as a cable without a plug
                        os.write(target, frame)
            due = [at for way, _ in self._routes.values() if (at := way.next_at()) is not None]
            pause = max(0.0, min(due) - time.monotonic()) if due else None
            for ready in select.select(watched, [], [], pause)[0]:  # its pause is exact to microseconds, epoll's is not
                if ready != self._orders:
                    self._read(ready)
                elif not self._obey():
                    return

    def _read(self, device: int) -> None:
        way = self._routes[device][0]
        with suppress(BlockingIOError):
            for _ in range(64):
                frame = os.read(device, FRAME_BYTES)
                way.take(frame, time.monotonic())

    def _obey(self) -> bool:
        """False: the orders have ended."""
        read = os.read(self._orders, 65536)
        *lines, self._begun = (self._begun + read).split(b"\n")
        for line in lines:
            wanted: dict[str, dict[str, Any]] = json.loads(line)
            for name, conditions in wanted.items():
                self._ways[name].become(Conditions(**conditions))
            self.answer()
        return bool(read)

    def answer(self) -> None:
        print(json.dumps({name: way.told() for name, way in self._ways.items()}), flush=True)


def main() -> None:
    """Arguments: far namespace, far device, near namespace (may be empty), near device, seed."""
    far, far_device, near, near_device, seed = sys.argv[1:]
    carrier = Carrier(open_tap(far, far_device), open_tap(near, near_device), sys.stdin.fileno(), int(seed))
    with suppress(PermissionError):  # without it the line is a little less even when the machine is busy
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    gc.disable()  # nothing here makes cycles
    carrier.answer()
    carrier.run()


if __name__ == "__main__":
    assert Path("/dev/net/tun").exists(), "this kernel has no /dev/net/tun"
    main()
