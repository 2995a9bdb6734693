"""One follower of the docket: a queue and a task of its own. Rule: the record is the queue.

What was handed over in memory is only a short cut. When the callback fails, or the queue runs over, the follower reads
the record from the last number it handled and goes on from there: nothing is lost, nothing handled out of order, and
the court never waits. A hearing whose entry keeps failing is tried again and again, ever more slowly, without holding
up the other hearings.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from hearing.ports import Record
from hearing.proceedings.state import Hearing, evolve
from hearing.tasks import spawn
from hearing.wire import Entry

log = logging.getLogger(__name__)

Callback = Callable[[Entry, Hearing | None, Hearing], Awaitable[None]]
Position = Callable[[str], Awaitable[int]]

QUEUE_LENGTH = 2_000
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0


@dataclass(frozen=True, slots=True)
class Handed:
    entry: Entry
    before: Hearing | None
    after: Hearing


@dataclass(slots=True)
class Trouble:
    """A hearing that must be read again from the record, not before `at` on the loop's clock."""

    at: float
    pause: float


class Follower:
    def __init__(self, name: str, callback: Callback, record: Record, after: Position | None = None) -> None:
        self.name = name
        self.failures = 0
        self._callback = callback
        self._record = record
        self._after = after
        self._positions: dict[str, int] = {}
        self._heads: dict[str, int] = {}
        self._queue: asyncio.Queue[Handed] = asyncio.Queue(QUEUE_LENGTH)
        self._behind: dict[str, Trouble] = {}
        self._moved = asyncio.Event()

    def start(self, owner: set[asyncio.Task[Any]]) -> None:
        self._task = spawn(self._run(), name=f"follower {self.name}", owner=owner)

    def offer(self, handed: Handed) -> None:
        """Called by the docket right after the append; never waits and never fails."""
        hearing, number = handed.entry.hearing, handed.entry.number
        if self._after is None:
            self._positions.setdefault(hearing, number - 1)
        self._heads[hearing] = number
        try:
            self._queue.put_nowait(handed)
        except asyncio.QueueFull:
            self._behind.setdefault(hearing, Trouble(at=0.0, pause=FIRST_PAUSE))

    async def settled(self) -> None:
        """Until everything handed over so far has been handled."""
        wanted = dict(self._heads)
        while any(self._positions.get(hearing, 0) < number for hearing, number in wanted.items()):
            self._moved.clear()
            await self._moved.wait()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        if self._after is not None:
            await self._find_the_unfinished()
        while True:
            due = [hearing for hearing, trouble in self._behind.items() if trouble.at <= now()]
            for hearing in due:
                await self._guarded(hearing, self._catch_up(hearing))
            if due and self._queue.empty():
                continue
            wait = min((trouble.at for trouble in self._behind.values()), default=None)
            try:
                async with asyncio.timeout_at(wait):
                    handed = await self._queue.get()
            except TimeoutError:
                continue
            if handed.entry.hearing not in self._behind:
                await self._guarded(handed.entry.hearing, self._take(handed))

    async def _find_the_unfinished(self) -> None:
        """After a restart: what the record holds and this follower has not handled."""
        pause = FIRST_PAUSE
        while True:
            try:
                for hearing, number in (await self._record.heads()).items():
                    if await self._position(hearing) < number:
                        self._behind.setdefault(hearing, Trouble(at=0.0, pause=FIRST_PAUSE))
                return
            except Exception as fault:
                self._note(fault, "finding what is unfinished")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _guarded(self, hearing: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as fault:
            self._note(fault, f"hearing {hearing}")
            last = self._behind.get(hearing)
            pause = FIRST_PAUSE if last is None else min(last.pause * 2, LONGEST_PAUSE)
            self._behind[hearing] = Trouble(at=asyncio.get_running_loop().time() + pause, pause=pause)

    def _note(self, fault: Exception, where: str) -> None:
        self.failures += 1
        log.error("follower %s, %s: restarting from the record", self.name, where, exc_info=fault)

    async def _position(self, hearing: str) -> int:
        if hearing not in self._positions and self._after is not None:
            self._positions[hearing] = await self._after(hearing)
        return self._positions.get(hearing, 0)

    async def _take(self, handed: Handed) -> None:
        position = await self._position(handed.entry.hearing)
        if handed.entry.number == position + 1:
            await self._handle(handed.entry, handed.before, handed.after)
        elif handed.entry.number > position + 1:
            await self._catch_up(handed.entry.hearing)

    async def _catch_up(self, hearing: str) -> None:
        position = await self._position(hearing)
        before: Hearing | None = None
        for entry in await self._record.read(hearing):
            after = evolve(before, entry.event, entry.at)
            if entry.number > position:
                await self._handle(entry, before, after)
            before = after
        # An overflow while this was reading is seen again: the next entry handed over does not follow on.
        self._behind.pop(hearing, None)

    async def _handle(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        await self._callback(entry, before, after)
        self._positions[entry.hearing] = entry.number
        self._moved.set()
