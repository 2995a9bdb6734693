"""The only writer of the record. Rule: one hearing at a time, and nothing is shown before it is written.

For each hearing: take its lock, ask the clock, let the rules decide, append, evolve, hand on to the followers. The live
`Hearing` in memory is disposable: whenever in doubt (a conflict, a fault in the middle of an append) it is thrown away
and folded again from the record.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hearing import wire
from hearing.errors import Malformed, Refused
from hearing.followers import Callback, Follower, Handed, Position
from hearing.ports import Clock, Conflict, Draft, Fenced, Ids, Placements, Record
from hearing.proceedings import COURT, deadlines
from hearing.proceedings.commands import Command, ScheduleHearing
from hearing.proceedings.events import Event, SegmentClosed
from hearing.proceedings.rules import decide
from hearing.proceedings.state import Hearing, evolve
from hearing.tasks import spawn, stop

log = logging.getLogger(__name__)

LONGEST_OP_ID = 160
RENEW_EVERY_S = 5.0
LONGEST_SLEEP = timedelta(hours=1)
RETRY_WAKE_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`number` of the last entry written; for a repeated `op_id` the first answer again."""

    number: int
    entries: tuple[wire.Entry, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    by: str
    first: int
    last: int


@dataclass(slots=True)
class Live:
    """What this process holds of one hearing. `loaded` is false until folded, and again after any doubt."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    loaded: bool = False
    hearing: Hearing | None = None
    number: int = 0
    at: datetime | None = None
    generation: int | None = None
    operations: dict[str, Operation] = field(default_factory=dict)
    """By `op_id`; not those that closed a segment, of which twenty people make 300,000 in a day: a repeat is refused by
    its number."""
    alarm: asyncio.TimerHandle | None = None
    waking: bool = False
    """What is due is being issued: whoever does it sets the next alarm at the end."""

    def take_up(self, entry: wire.Entry) -> Handed:
        before = self.hearing
        after = evolve(before, entry.event, entry.at)
        self.hearing, self.number, self.at = after, entry.number, entry.at
        if not isinstance(entry.event, SegmentClosed):
            known = self.operations.get(entry.op_id)
            self.operations[entry.op_id] = Operation(entry.by, known.first if known else entry.number, entry.number)
        return Handed(entry, before, after)

    def forget(self) -> None:
        self.loaded, self.hearing, self.number, self.at, self.generation = False, None, 0, None, None
        self.operations.clear()


class Docket:
    """Hand it the edges; `close` it at the end. With `placements` several processes may share one record."""

    def __init__(
        self, record: Record, clock: Clock, ids: Ids, *, placements: Placements | None = None, owner: str = "web"
    ) -> None:
        self._record = record
        self._clock = clock
        self._ids = ids
        self._placements = placements
        self._owner = owner
        self._live: dict[str, Live] = {}
        self._followers: list[Follower] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._handling: set[asyncio.Task[Any]] = set()
        self._renewing = False
        self._closed = False

    async def handle(self, hearing_id: str, command: Command, *, by: str, op_id: str) -> Answer:
        """Decide and write `command`. Raises `Refused`; a repeated `op_id` of the same actor is answered as before, but
        for a segment that is closed again: `Refused("segment-known")`.

        A caller that is cancelled while waiting does not stop the writing: the entry is then in the record, and the
        repeat of the same `op_id` finds it. An impossible `op_id` is `Malformed`.
        """
        (outcome,) = await self.handle_all(hearing_id, [(op_id, command)], by=by)
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    async def handle_all(
        self, hearing_id: str, orders: Sequence[tuple[str, Command]], *, by: str
    ) -> list[Answer | Refused]:
        """As `handle`, for pairs of `op_id` and command: decided one after the other, written together.

        Forty tracks close their segments at the same moment: one by one they would keep everybody waiting.
        """
        if self._closed:
            return [Refused("court-is-closing") for _ in orders]
        for op_id, command in orders:
            if not 0 < len(op_id) <= LONGEST_OP_ID or not op_id.isprintable():
                raise Malformed("op_id")
            if isinstance(command, ScheduleHearing) and command.hearing != hearing_id:
                raise ValueError(f"{command.hearing} cannot be scheduled in the record of {hearing_id}")
        if len(dict(orders)) < len(orders):
            raise ValueError("an op_id stands for one command")
        name = f"docket {hearing_id} {orders[0][0]}"
        settling = spawn(self._settle(hearing_id, orders, by), name=name, owner=self._handling)
        outcomes: list[Answer | Refused] = await asyncio.shield(settling)
        return outcomes

    async def hearing(self, hearing_id: str) -> Hearing:
        """The hearing as it now is. Raises `Refused("no-such-hearing")`."""
        async with self._holding(hearing_id) as live:
            try:
                await self._load(hearing_id, live)
                hearing = live.hearing
            except Refused:  # another process owns it: look, but hold nothing that could go stale
                hearing = fold(await self._record.read(hearing_id))
        if hearing is None:
            raise Refused("no-such-hearing")
        return hearing

    async def resume(self, hearing_ids: list[str]) -> None:
        """After a start: take up the hearings that are under way, so that their timers run again."""
        for hearing_id in hearing_ids:
            await self.hearing(hearing_id)

    def follow(self, name: str, callback: Callback, *, after: Position | None = None) -> Follower:
        """Call `callback(entry, before, after)` for every entry of every hearing, each hearing's in order.

        `after(hearing)` says which number the follower handled last, so that it first catches up from the record;
        without it the follower sees what is written from now on. Handle each entry so that a repeat does no harm.
        """
        follower = Follower(name, callback, self._record, after)
        self._followers.append(follower)
        follower.start(self._tasks)
        return follower

    async def unfollow(self, follower: Follower) -> None:
        self._followers.remove(follower)
        await follower.stop()

    async def settled(self) -> None:
        """Until every follower has handled all that was written so far."""
        for follower in list(self._followers):
            await follower.settled()

    async def wake(self, hearing_id: str) -> None:
        """Issue, by the court, what is due in this hearing now. The docket calls this itself when the time comes."""
        await self.hearing(hearing_id)
        live = self._live.get(hearing_id)
        if live is None or live.waking:  # another process has the hearing, or another task is at it
            return
        live.waking = True
        tried: set[deadlines.Deadline] = set()
        try:
            while True:
                looked = self._clock.now()
                due = [one for one in deadlines.due(await self.hearing(hearing_id)) if one.at <= looked]
                if not set(due) - tried:
                    break
                for deadline in due:
                    if deadline not in tried:
                        tried.add(deadline)
                        await self._issue(hearing_id, deadline)
        finally:
            live.waking = False
        self._set_alarm(hearing_id, live, later_than=looked)

    async def _issue(self, hearing_id: str, deadline: deadlines.Deadline) -> None:
        try:
            await self.handle(hearing_id, deadline.command, by=COURT, op_id=self._ids.new())
        except Refused as no:  # something else happened between the look and the deed
            log.info("hearing %s: %s at its deadline: %s", hearing_id, type(deadline.command).__name__, no.code)

    async def close(self) -> None:
        """Finish what is being written, then end followers and timers and give the hearings back."""
        self._closed = True
        await asyncio.gather(*self._handling, return_exceptions=True)
        for live in self._live.values():
            if live.alarm is not None:
                live.alarm.cancel()
        await stop(self._tasks)
        if self._placements is not None:
            for hearing_id, live in self._live.items():
                if live.generation is not None:
                    await self._placements.release(hearing_id, self._owner, live.generation)
        self._live.clear()

    # --- one hearing --------------------------------------------------------------------------------------------------

    def _holding(self, hearing_id: str) -> "Holding":
        return Holding(self._live, hearing_id)

    async def _settle(self, hearing_id: str, orders: Sequence[tuple[str, Command]], by: str) -> list[Answer | Refused]:
        async with self._holding(hearing_id) as live:
            while True:
                try:
                    await self._load(hearing_id, live)
                    return await self._decide_and_write(hearing_id, live, orders, by)
                except Refused as no:
                    return [no for _ in orders]
                except Conflict:  # another process wrote: fold again and let the rules decide anew
                    live.forget()
                except Fenced:
                    live.forget()
                    return [Refused("hearing-elsewhere") for _ in orders]
                except BaseException:  # not known whether it was written: the record will tell
                    live.forget()
                    raise

    async def _decide_and_write(
        self, hearing_id: str, live: Live, orders: Sequence[tuple[str, Command]], by: str
    ) -> list[Answer | Refused]:
        now = self._clock.now()
        if live.at is not None:
            now = max(now, live.at)  # the record's time never runs back, whatever is done to the computer's clock
        hearing, number = live.hearing, live.number
        drafts: list[Draft] = []
        outcomes: list[Answer | Refused | slice] = []
        for op_id, command in orders:
            try:
                if (known := live.operations.get(op_id)) is not None:
                    outcomes.append(await self._again(hearing_id, known, by))
                    continue
                events = decide(hearing, command, by=by, now=now)
            except Refused as no:
                outcomes.append(no)
                continue
            outcomes.append(slice(len(drafts), len(drafts) + len(events)))
            for ordinal, event in enumerate(events):
                drafts.append(draft(event, at=now, by=by, op_id=op_id, ordinal=ordinal))
                hearing = evolve(hearing, event, now)
        written = await self._write(hearing_id, live, drafts) if drafts else ()
        return [
            Answer(number=number + one.stop, entries=written[one]) if isinstance(one, slice) else one
            for one in outcomes
        ]

    async def _again(self, hearing_id: str, known: Operation, by: str) -> Answer:
        """What a repeated `op_id` was answered the first time."""
        if known.by != by:
            raise Refused("operation-already-used")
        entries = await self._record.read(hearing_id, known.first - 1, known.last - known.first + 1)
        return Answer(number=known.last, entries=tuple(entries))

    async def _write(self, hearing_id: str, live: Live, drafts: list[Draft]) -> tuple[wire.Entry, ...]:
        written = await self._record.append(hearing_id, live.number, drafts, generation=live.generation)
        for handed in [live.take_up(entry) for entry in written]:
            for follower in self._followers:
                follower.offer(handed)
        self._set_alarm(hearing_id, live)
        return written

    async def _load(self, hearing_id: str, live: Live) -> None:
        placed = self._placements is None or live.generation is not None or live.number == 0
        if live.loaded and placed:
            return
        live.forget()
        if self._placements is not None and await self._record.read(hearing_id, limit=1):
            # An id that nobody has scheduled is never placed: a stranger's guess leaves no row behind.
            live.generation = await self._placements.take(hearing_id, self._owner)
            self._renew_leases()
        for entry in await self._record.read(hearing_id):
            live.take_up(entry)
        live.loaded = True
        self._set_alarm(hearing_id, live)

    # --- time ---------------------------------------------------------------------------------------------------------

    def _set_alarm(self, hearing_id: str, live: Live, *, later_than: datetime | None = None) -> None:
        """Ring at the next deadline. What `wake` has just tried is not tried again before something has changed."""
        if live.alarm is not None:
            live.alarm.cancel()
            live.alarm = None
        if live.hearing is None or live.waking or self._closed:
            return
        times = [deadline.at for deadline in deadlines.due(live.hearing)]
        times = [at for at in times if later_than is None or at > later_than]
        if times:
            delay = min(max(min(times) - self._clock.now(), timedelta(0)), LONGEST_SLEEP)
            loop = asyncio.get_running_loop()
            live.alarm = loop.call_later(delay.total_seconds(), self._ring, hearing_id)

    def _ring(self, hearing_id: str) -> None:
        spawn(self._wake_surely(hearing_id), name=f"docket wakes {hearing_id}", owner=self._tasks)

    async def _wake_surely(self, hearing_id: str) -> None:
        while not self._closed:
            try:
                return await self.wake(hearing_id)
            except Refused:  # another process has the hearing now, and its timers with it
                return
            except Exception:
                log.exception("hearing %s: the deadline could not be written, trying again", hearing_id)
                await asyncio.sleep(RETRY_WAKE_S)

    def _renew_leases(self) -> None:
        if not self._renewing:
            self._renewing = True
            spawn(self._renew_forever(), name="docket leases", owner=self._tasks)

    async def _renew_forever(self) -> None:
        while self._placements is not None:
            await asyncio.sleep(RENEW_EVERY_S)
            try:
                await self._placements.renew(self._owner)
            except Exception:  # the lease outlives two failures; a third ends in a refusal, not in a fork
                log.exception("the leases of %s could not be renewed", self._owner)


class Holding:
    """A hearing's lock, with its `Live` dropped again when nobody uses it and no such hearing exists."""

    def __init__(self, lives: dict[str, Live], hearing_id: str) -> None:
        self._lives = lives
        self._hearing_id = hearing_id

    async def __aenter__(self) -> Live:
        self._held = self._lives.setdefault(self._hearing_id, Live())
        self._held.users += 1
        try:
            await self._held.lock.acquire()
        except BaseException:
            self._held.users -= 1
            raise
        return self._held

    async def __aexit__(self, *_: object) -> None:
        live = self._held
        live.lock.release()
        live.users -= 1
        if live.users == 0 and live.number == 0:
            self._lives.pop(self._hearing_id, None)


def fold(entries: list[wire.Entry]) -> Hearing | None:
    hearing: Hearing | None = None
    for entry in entries:
        hearing = evolve(hearing, entry.event, entry.at)
    return hearing


def draft(event: Event, *, at: datetime, by: str, op_id: str, ordinal: int) -> Draft:
    return Draft(
        at=at,
        by=by,
        kind=type(event).__name__,
        schema=wire.schema(event),
        op_id=op_id,
        ordinal=ordinal,
        body=wire.encode(event),
        event=event,
    )
