"""Followers: the record is their queue, whatever happens to what was handed over in memory."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from hearing.docket import Docket
from hearing.proceedings.state import Hearing
from hearing.wire import Entry
from tests.support.hearings import CLERK, note, schedule
from tests.support.record import ListRecord
from tests.support.time import CountingIds, SetClock

pytestmark = pytest.mark.pure


class Listener:
    """Writes down what it is told; raises `faults` first, one per call."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []
        self.befores: list[Hearing | None] = []
        self.faults: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        await self.gate.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.heard.append((entry.hearing, entry.number))
        self.befores.append(before)


@pytest.fixture
def record() -> ListRecord:
    return ListRecord()


@pytest.fixture
async def docket(record: ListRecord, clock: SetClock, ids: CountingIds) -> AsyncIterator[Docket]:
    opened = Docket(record, clock, ids)
    yield opened
    await opened.close()


async def write(docket: Docket, hearing: str, notes: range) -> None:
    if notes.start == 1:
        await docket.handle(hearing, schedule(hearing), by="person-clerk", op_id="op-schedule")
    for number in notes:
        await docket.handle(hearing, note(number), by=CLERK, op_id=f"op-{number}")


async def test_each_entry_is_handed_over_once_and_in_order(docket: Docket) -> None:
    listener = Listener()
    docket.follow("test", listener)
    await write(docket, "hearing-1", range(1, 6))
    await docket.settled()
    assert listener.heard == [("hearing-1", number) for number in range(1, 7)]
    assert listener.befores[0] is None
    assert [len(before.notes) for before in listener.befores[1:] if before] == [0, 1, 2, 3, 4]


async def test_a_callback_that_fails_is_called_again_with_the_same_entry(
    docket: Docket, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener()
    follower = docket.follow("test", listener)
    listener.faults = [OSError("gone"), OSError("still gone")]
    await write(docket, "hearing-1", range(1, 4))
    await docket.settled()
    assert listener.heard == [("hearing-1", number) for number in range(1, 5)]
    assert follower.failures == 2
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR] * 2


async def test_a_follower_whose_reading_fails_reads_again(docket: Docket, record: ListRecord) -> None:
    listener = Listener()
    docket.follow("test", listener)
    listener.faults = [OSError("gone")]
    await write(docket, "hearing-1", range(1, 3))
    record.failing_reads = [OSError("the database is away")]
    await docket.settled()
    assert listener.heard == [("hearing-1", number) for number in range(1, 4)]


async def test_one_hearing_in_trouble_does_not_hold_up_another(docket: Docket) -> None:
    heard: list[tuple[str, int]] = []

    async def listen(entry: Entry, before: Hearing | None, after: Hearing) -> None:
        if entry.hearing == "hearing-1":
            raise ValueError("this one always fails")
        heard.append((entry.hearing, entry.number))

    docket.follow("test", listen)
    await write(docket, "hearing-1", range(1, 3))
    await write(docket, "hearing-2", range(1, 3))
    async with asyncio.timeout(60):
        while len(heard) < 3:
            await asyncio.sleep(0.01)
    assert heard == [("hearing-2", 1), ("hearing-2", 2), ("hearing-2", 3)]


async def test_a_slow_follower_slows_neither_the_court_nor_its_neighbour(docket: Docket) -> None:
    slow, quick = Listener(), Listener()
    slow.gate.clear()
    docket.follow("slow", slow)
    follower = docket.follow("quick", quick)
    await write(docket, "hearing-1", range(1, 20))
    await follower.settled()
    assert len(quick.heard) == 20 and slow.heard == []
    slow.gate.set()
    await docket.settled()
    assert slow.heard == quick.heard


async def test_a_queue_that_runs_over_is_made_good_from_the_record(
    docket: Docket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearing.followers.QUEUE_LENGTH", 3)
    listener = Listener()
    listener.gate.clear()
    docket.follow("test", listener)
    await write(docket, "hearing-1", range(1, 30))
    await write(docket, "hearing-2", range(1, 30))
    listener.gate.set()
    await docket.settled()
    for hearing in ("hearing-1", "hearing-2"):
        assert [number for at, number in listener.heard if at == hearing] == list(range(1, 31))


async def test_a_restarted_follower_goes_on_where_it_stopped(docket: Docket) -> None:
    await write(docket, "hearing-1", range(1, 6))
    await write(docket, "hearing-2", range(1, 6))
    listener = Listener()

    async def position(hearing: str) -> int:
        return {"hearing-1": 4, "hearing-2": 6}[hearing]

    docket.follow("test", listener, after=position)
    await write(docket, "hearing-2", range(6, 7))
    async with asyncio.timeout(60):
        while len(listener.heard) < 3:
            await asyncio.sleep(0.01)
    assert sorted(listener.heard) == [("hearing-1", 5), ("hearing-1", 6), ("hearing-2", 7)]


async def test_a_follower_without_a_position_hears_only_what_is_new(docket: Docket) -> None:
    await write(docket, "hearing-1", range(1, 6))
    listener = Listener()
    docket.follow("test", listener)
    await write(docket, "hearing-1", range(6, 7))
    await docket.settled()
    assert listener.heard == [("hearing-1", 7)]


async def test_who_no_longer_follows_hears_nothing(docket: Docket) -> None:
    listener = Listener()
    follower = docket.follow("test", listener)
    await write(docket, "hearing-1", range(1, 2))
    await docket.settled()
    await docket.unfollow(follower)
    await write(docket, "hearing-1", range(2, 4))
    await docket.settled()
    assert len(listener.heard) == 2
