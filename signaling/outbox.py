"""What goes down to one seat, numbered, and the pump that carries it to the seat's connection in order.

Rule: numbers are counted per seat, over what that seat may see, so that nobody learns from a gap that something was
hidden. The log belongs to the seat and outlives a connection: a page that comes back asks for what followed its last
number, and gets it or, after too long a time, the whole view. An entry is never dropped; a view is, when a newer one
is about to follow.
"""

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable

from signaling.protocol import Delivery, Down, Json, Welcome

# At the pace of a busy hearing (two entries a second that a seat may see) this is four minutes.
KEPT = 512
# With this many packets unread, the connection is behind: what it gets next is gathered until it has caught up.
LAG = 8
LAG_LOOK_S = 0.05
# What somebody else did is shown so much later: the view of whoever acted goes first, and what comes together is told
# in one view. Twenty views at once are a tenth of a second of work, on a busy machine half a second of waiting.
GATHERED_S = 0.05
# An entry hidden from a seat may still change what it sees (a witness learns that the phase has changed, not why).
DOUBT_LOOK_S = 0.5


class SeatLog:
    """The last deliveries of one seat. `first` must be above every number of an earlier process."""

    def __init__(self, first: int, kept: int = KEPT) -> None:
        self._first = first
        self._entries: deque[Json | None] = deque(maxlen=kept)
        self.last = first
        self._wakers: set[Callable[[float], None]] = set()

    def append(self, entry: Json | None, within_s: float = 0.0) -> int:
        """Number one more delivery; connections are woken, to carry it after `within_s`."""
        self._entries.append(entry)
        self.last += 1
        for wake in self._wakers:
            wake(within_s)
        return self.last

    def doubt(self) -> None:
        """Something hidden has happened: let the connection look whether its view has changed."""
        for wake in self._wakers:
            wake(DOUBT_LOOK_S)

    def since(self, after: int) -> list[tuple[int, Json | None]] | None:
        """The deliveries after number `after`, or None when they are no longer (or were never) held here."""
        oldest = self.last - len(self._entries)
        if not oldest <= after <= self.last:
            return None
        missing = self.last - after
        entries = list(self._entries)[len(self._entries) - missing :]
        return [(after + index, entry) for index, entry in enumerate(entries, start=1)]

    @property
    def watched(self) -> bool:
        """Whether a connection follows this log now."""
        return bool(self._wakers)

    def watch(self, wake: Callable[[float], None]) -> Callable[[], None]:
        """Call `wake(within_s)` at each change; the answer ends it."""
        self._wakers.add(wake)
        return lambda: self._wakers.discard(wake)


class Outbox:
    """Carries the deliveries of one seat over one connection: `begin`, then `run`, and `close` at the end."""

    def __init__(
        self,
        seat_log: SeatLog,
        *,
        send: Callable[[Down], Awaitable[None]],
        backlog: Callable[[], int],
        view: Callable[[], Awaitable[Json]],
        welcome: Callable[[int, Json], Awaitable[Welcome]],
    ) -> None:
        self._log, self._send, self._backlog = seat_log, send, backlog
        self._view, self._welcome = view, welcome
        self._wake, self._sooner = asyncio.Event(), asyncio.Event()
        self._due = math.inf
        self._shown: Json | None = None
        self._position = seat_log.last
        self._unwatch = seat_log.watch(self._woken)

    async def begin(self, after: int | None) -> None:
        """Resume after delivery `after` when it is still held, else send the whole view. You must then `run`."""
        if after is None or self._log.since(after) is None:
            await self._begin()
        else:
            self._position = after
            await self._deliver(resumed=True)

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await self._wake.wait()
            await self._caught_up()
            while (rest := self._due - time.monotonic()) > 0:
                self._sooner.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._sooner.wait(), rest)
            self._wake.clear()
            self._due = math.inf
            await self._deliver(resumed=False)

    def close(self) -> None:
        """The connection has ended; the log goes on without it."""
        self._unwatch()

    def _woken(self, within_s: float) -> None:
        due = time.monotonic() + within_s
        if due < self._due:
            self._due = due
            self._sooner.set()
        self._wake.set()

    async def _caught_up(self) -> None:
        while self._backlog() > LAG:
            await asyncio.sleep(LAG_LOOK_S)

    async def _begin(self) -> None:
        """The whole view; what is numbered up to now is contained in it."""
        self._position = self._log.last
        self._shown = await self._view()
        await self._send(await self._welcome(self._position, self._shown))

    async def _deliver(self, *, resumed: bool) -> None:
        view = await self._view()
        waiting = self._log.since(self._position)
        if waiting is None:
            await self._begin()
            return
        if not waiting:
            if resumed:
                # Nothing was missed; the page still learns that it is connected again, and where it stands now.
                await self._send(Delivery(seq=self._position, entry=None, view=view))
            elif view != self._shown:
                # What is logged while this goes out follows it: the position must not run ahead.
                self._position = self._log.append(None)
                await self._send(Delivery(seq=self._position, entry=None, view=view))
            self._shown = view
            return
        newest = waiting[-1][0]
        for seq, entry in waiting:
            await self._send(Delivery(seq=seq, entry=entry, view=view if seq == newest else None))
        self._position, self._shown = newest, view
