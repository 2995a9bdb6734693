"""Follows the docket for the people in a hearing: each entry goes into the log of every seat that may see it.

Rule: an entry that a seat may not see leaves no trace in that seat's numbers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hearing.proceedings.state import Hearing
from hearing.wire import Entry
from signaling.court import Court
from signaling.outbox import GATHERED_S, Outbox, SeatLog
from signaling.protocol import Down, Json, Welcome

# The log of a seat is kept this long after its last connection, for the page that comes back.
LOG_KEPT_S = 600.0


@dataclass(slots=True)
class Followed:
    """One hearing, as long as one of its seats has or lately had a connection. `newest` is what was last followed."""

    newest: Hearing
    logs: dict[str, SeatLog] = field(default_factory=dict)
    idle: dict[str, float] = field(default_factory=dict)
    """Seats without a connection, and since when (monotonic seconds)."""


class Deliveries:
    """The logs of all seats. `first_number` must be above every number an earlier process gave."""

    def __init__(self, court: Court, first_number: int) -> None:
        self._court, self._first = court, first_number
        self._followed: dict[str, Followed] = {}
        self._turn = asyncio.Lock()

    async def follow(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        followed = self._followed.get(entry.hearing)
        if followed is None:
            return
        followed.newest = after
        quiet = before is not None and self._court.is_quiet(before, after)
        for seat, log in followed.logs.items():
            shown = self._court.shown(entry, after, seat)
            if shown is not None:
                log.append(shown, 0.0 if seat == entry.by else GATHERED_S)
            elif not quiet:
                log.doubt()

    async def open(
        self,
        hearing: str,
        seat: str,
        *,
        send: Callable[[Down], Awaitable[None]],
        backlog: Callable[[], int],
        welcome: Callable[[int, Json, Hearing], Awaitable[Welcome]],
    ) -> Outbox:
        """An outbox for a new connection of the seat. You must `close` it, and then tell `let_go`."""
        now = await self._court.hearing(hearing)
        followed = self._followed.setdefault(hearing, Followed(now))
        followed.newest = now
        log = followed.logs.get(seat)
        if log is None:
            log = followed.logs[seat] = SeatLog(self._first)
        followed.idle.pop(seat, None)

        async def view() -> Json:
            # A view takes some milliseconds. In turn, one in each round of the loop, so that what the same entry
            # means for the media is not kept waiting by twenty of them.
            async with self._turn:
                await asyncio.sleep(0)
                return self._court.view(followed.newest, seat)

        async def greet(seq: int, seen: Json) -> Welcome:
            return await welcome(seq, seen, followed.newest)

        return Outbox(log, send=send, backlog=backlog, view=view, welcome=greet)

    def let_go(self, hearing: str, seat: str) -> None:
        """A connection of the seat has ended. What nobody has asked for in a long time is dropped here."""
        now = time.monotonic()
        if (followed := self._followed.get(hearing)) is not None and not followed.logs[seat].watched:
            followed.idle[seat] = now
        for name, one in list(self._followed.items()):
            for idle_seat, since in list(one.idle.items()):
                if now - since > LOG_KEPT_S:
                    del one.idle[idle_seat], one.logs[idle_seat]
            if not one.logs:
                del self._followed[name]
