"""Which seat is on which connection. Rule: the newest connection has the seat, and every older one is told so.

A lost connection is not yet an absence: the page has a moment to come back before the court notes the loss. Arrivals
and losses reach the record as commands of the court, made by comparing who is here with who is on the record, so that
a restart of this process needs no memory of its own.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hearing import tasks
from hearing.proceedings.state import Hearing
from hearing.wire import Entry
from signaling.court import Court

# Before a mandatory person's loss pauses the hearing, which only the presiding judge can end. A page on a busy machine
# takes some seconds to find the way back; with the silence allowed to a line (`sio`) a short outage heals by itself.
GRACE_S = 6.0
# After a restart of this process every page has to find the way back first.
GRACE_AT_START_S = 12.0

Place = tuple[str, str]
"""(hearing, seat)"""


@dataclass(frozen=True, slots=True)
class Holder:
    connection: str
    generation: int


class Presence:
    """`take` a seat when a page says hello, `leave` it when its connection ends; call `stop` at the end."""

    def __init__(self, court: Court, grace_s: float = GRACE_S, grace_at_start_s: float = GRACE_AT_START_S) -> None:
        self._court, self._grace_s, self._grace_at_start_s = court, grace_s, grace_at_start_s
        self._holders: dict[Place, Holder] = {}
        self._generations: dict[Place, int] = {}
        self._locks: dict[Place, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def holder(self, hearing: str, seat: str) -> str | None:
        """The connection that has the seat now."""
        holder = self._holders.get((hearing, seat))
        return holder.connection if holder else None

    def seats(self, hearing: str) -> list[str]:
        """The seats of this hearing that are held now."""
        return [seat for (one, seat) in self._holders if one == hearing]

    def take(self, hearing: str, seat: str, connection: str) -> str | None:
        """Give the seat to `connection`. You must tell the connection that comes back that it was moved."""
        place = hearing, seat
        previous = self._holders.get(place)
        generation = self._generations[place] = self._generations.get(place, 0) + 1
        self._holders[place] = Holder(connection, generation)
        return previous.connection if previous else None

    async def arrived(self, hearing: str, seat: str, *, returned: bool) -> None:
        """Put the arrival on the record. A page that `returned` within the grace period has never been away."""
        async with self._lock((hearing, seat)):
            connection = self.holder(hearing, seat)
            if connection is None:
                return
            if not returned or seat not in self._court.connected(await self._court.hearing(hearing)):
                await self._court.arrive(hearing, seat, connection)

    def leave(self, hearing: str, seat: str, connection: str) -> None:
        """The connection has ended. Nothing happens when the seat is already held by a newer one."""
        holder = self._holders.get((hearing, seat))
        if holder is None or holder.connection != connection:
            return
        del self._holders[hearing, seat]
        self._lose_later(hearing, seat, self._grace_s)

    def took_over(self, hearing: str, seats: Iterable[str]) -> None:
        """After a start: these seats are connected on the record; note who does not come back."""
        for seat in seats:
            self._lose_later(hearing, seat, self._grace_at_start_s)

    async def follow(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        """When the doors open, who waits at them arrives; and who is here is never on the record as lost."""
        here = set(self.seats(entry.hearing))
        if not here:
            return
        connected = self._court.connected(after)
        opened = before is None or self._court.sitting(before) != self._court.sitting(after)
        lost = self._court.connected(before) - connected if before is not None else frozenset()
        for seat in here - connected:
            if opened or seat in lost:
                work = self.arrived(entry.hearing, seat, returned=True)
                tasks.spawn(work, name=f"arrival of {seat}", owner=self._tasks)

    async def stop(self) -> None:
        await tasks.stop(self._tasks)

    def _lose_later(self, hearing: str, seat: str, grace_s: float) -> None:
        tasks.spawn(self._lose(hearing, seat, grace_s), name=f"grace of {seat}", owner=self._tasks)

    async def _lose(self, hearing: str, seat: str, grace_s: float) -> None:
        generation = self._generations.get((hearing, seat), 0)
        await asyncio.sleep(grace_s)
        async with self._lock((hearing, seat)):
            if self._generations.get((hearing, seat), 0) != generation or (hearing, seat) in self._holders:
                return
            if seat in self._court.connected(await self._court.hearing(hearing)):
                await self._court.lose(hearing, seat)

    def _lock(self, place: Place) -> asyncio.Lock:
        return self._locks.setdefault(place, asyncio.Lock())
