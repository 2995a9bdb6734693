"""The docket over a record that is a list: order, repeats, doubt, fencing, timers."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from hearing.docket import Answer, Docket, fold
from hearing.errors import Malformed, Refused
from hearing.ports import Conflict, Draft
from hearing.proceedings import COURT
from hearing.proceedings.commands import Admit, Arrive, CloseSegment, Command, EndSitting, OpenTrack, StartSitting
from hearing.proceedings.events import SittingStarted
from hearing.proceedings.state import Hearing
from hearing.proceedings.words import Kind
from hearing.wire import Entry
from tests.support.hearings import CLERK, JUDGE, note, schedule
from tests.support.record import ListRecord
from tests.support.time import CountingIds, SetClock

pytestmark = pytest.mark.pure


def segment(index: int) -> CloseSegment:
    return CloseSegment(
        track="one",
        index=index,
        offset=100 * index,
        length=100,
        t0_ms=4000 * index,
        t1_ms=4000 * (index + 1),
        sha256=f"{index:064x}",
        prev=f"{index - 1:064x}" if index else "0" * 64,
        key_id="none",
    )


@pytest.fixture
def record() -> ListRecord:
    return ListRecord()


@pytest.fixture
async def docket(record: ListRecord, clock: SetClock, ids: CountingIds) -> AsyncIterator[Docket]:
    opened = Docket(record, clock, ids)
    yield opened
    await opened.close()


@pytest.fixture
async def scheduled(docket: Docket) -> Docket:
    await docket.handle("hearing-1", schedule(), by="person-clerk", op_id="op-schedule")
    return docket


async def test_an_answer_is_the_number_of_the_last_entry_and_the_record_holds_it(
    scheduled: Docket, record: ListRecord
) -> None:
    answer = await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    assert answer.number == 2
    assert [entry.op_id for entry in record.entries["hearing-1"]] == ["op-schedule", "op-1"]
    assert (await scheduled.hearing("hearing-1")) == fold(record.entries["hearing-1"])


async def test_a_refusal_stores_nothing(scheduled: Docket, record: ListRecord) -> None:
    with pytest.raises(Refused) as no:
        await scheduled.handle("hearing-1", schedule(), by="person-clerk", op_id="op-again")
    assert no.value.code == "already-scheduled"
    assert len(record.entries["hearing-1"]) == 1


async def test_a_repeated_operation_gets_the_first_answer_even_after_a_restart(
    scheduled: Docket, record: ListRecord, clock: SetClock, ids: CountingIds
) -> None:
    first = await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    await scheduled.handle("hearing-1", note(2), by=CLERK, op_id="op-2")
    again = await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    restarted = Docket(record, clock, ids)
    after_restart = await restarted.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    await restarted.close()
    assert first == again == after_restart
    assert len(record.entries["hearing-1"]) == 3


async def test_an_operation_of_somebody_else_is_not_answered_with_their_answer(scheduled: Docket) -> None:
    await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    with pytest.raises(Refused) as no:
        await scheduled.handle("hearing-1", note(1), by="seat-plaintiff", op_id="op-1")
    assert no.value.code == "operation-already-used"


async def test_two_copies_of_one_command_at_the_same_moment_write_once(scheduled: Docket, record: ListRecord) -> None:
    answers = await asyncio.gather(*(scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1") for _ in range(5)))
    assert {answer.number for answer in answers} == {2}
    assert len(record.entries["hearing-1"]) == 2


async def test_commands_of_many_people_at_once_are_numbered_without_gap(scheduled: Docket, record: ListRecord) -> None:
    await asyncio.gather(*(scheduled.handle("hearing-1", note(n), by=CLERK, op_id=f"op-{n}") for n in range(50)))
    assert [entry.number for entry in record.entries["hearing-1"]] == list(range(1, 52))


async def test_a_segment_is_entered_once_by_its_number_and_costs_no_memory(
    scheduled: Docket, record: ListRecord, clock: SetClock, ids: CountingIds
) -> None:
    opened = OpenTrack(track="one", source="source", kind=Kind.AUDIO, codec="opus", file="one.webm")
    await scheduled.handle("hearing-1", opened, by=COURT, op_id="one:opened")
    for index in range(30):
        await scheduled.handle("hearing-1", segment(index), by=COURT, op_id=f"one:segment:{index}")
    held = scheduled._live["hearing-1"].operations
    assert set(held) == {"op-schedule", "one:opened"}
    restarted = Docket(record, clock, ids)
    for docket in (scheduled, restarted):
        for index in (0, 29):
            with pytest.raises(Refused) as no:
                await docket.handle("hearing-1", segment(index), by=COURT, op_id=f"one:segment:{index}")
            assert no.value.code == "segment-known"
    await restarted.close()
    assert [one.event.index for one in record.entries["hearing-1"] if one.kind == "SegmentClosed"] == list(range(30))


async def test_many_commands_are_decided_one_after_the_other_and_written_together(
    scheduled: Docket, record: ListRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    transactions, append = [], record.append
    monkeypatch.setattr(record, "append", lambda *a, **k: transactions.append(a) or append(*a, **k))
    again, refused, doors, arrived = await scheduled.handle_all(
        "hearing-1",
        [
            ("op-1", note(1)),
            ("op-2", EndSitting()),
            ("op-3", StartSitting(sitting="sitting-1")),
            ("op-4", note(4)),
        ],
        by=CLERK,
    )
    assert isinstance(again, Answer) and again.number == 2
    assert isinstance(refused, Refused) and refused.code == "doors-already-closed"
    assert isinstance(doors, Answer) and isinstance(arrived, Answer)
    assert [one.op_id for one in doors.entries + arrived.entries] == ["op-3"] * len(doors.entries) + ["op-4"]
    assert (doors.number, arrived.number) == (doors.entries[-1].number, arrived.entries[-1].number)
    assert len(transactions) == 1
    (after,) = await scheduled.handle_all("hearing-1", [("op-4", note(4))], by=CLERK)
    assert after == arrived


async def test_one_operation_id_cannot_stand_for_two_commands(scheduled: Docket) -> None:
    with pytest.raises(ValueError, match="one command"):
        await scheduled.handle_all("hearing-1", [("op-1", note(1)), ("op-1", note(2))], by=CLERK)


async def test_an_unknown_hearing_is_refused_and_leaves_nothing_behind(docket: Docket, record: ListRecord) -> None:
    with pytest.raises(Refused) as no:
        await docket.hearing("hearing-of-nobody")
    assert no.value.code == "no-such-hearing"
    with pytest.raises(Refused):
        await docket.handle("hearing-of-nobody", note(1), by=CLERK, op_id="op-1")
    assert record.entries == {} and docket._live == {}


async def test_a_command_for_one_hearing_cannot_create_another(docket: Docket) -> None:
    with pytest.raises(ValueError, match="hearing-2"):
        await docket.handle("hearing-1", schedule("hearing-2"), by="person-clerk", op_id="op-1")


@pytest.mark.parametrize("op_id", ["", "x" * 161, "a\x00b"])
async def test_an_impossible_operation_id_breaks_the_protocol(scheduled: Docket, op_id: str) -> None:
    with pytest.raises(Malformed):
        await scheduled.handle("hearing-1", note(1), by=CLERK, op_id=op_id)


async def test_a_caller_who_goes_away_does_not_tear_the_entry(scheduled: Docket, record: ListRecord) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()
    append = record.append

    async def slow(hearing: str, expected: int, drafts: list[Draft], *, generation: int | None = None) -> object:
        written = await append(hearing, expected, drafts, generation=generation)
        reached.set()
        await go_on.wait()
        return written

    record.append = slow  # type: ignore[method-assign,assignment]
    caller = asyncio.ensure_future(scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1"))
    await reached.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    again = await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    assert again.number == 2
    assert len((await scheduled.hearing("hearing-1")).notes) == 1


async def test_after_a_fault_in_the_append_the_record_is_read_again(scheduled: Docket, record: ListRecord) -> None:
    record.failing.append(OSError("the disk is full"))
    with pytest.raises(OSError, match="full"):
        await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    assert (await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")).number == 2


async def test_a_conflict_is_decided_anew_on_what_the_other_wrote(
    scheduled: Docket, record: ListRecord, clock: SetClock, ids: CountingIds
) -> None:
    other = Docket(record, clock, ids)
    await other.handle("hearing-1", note(7), by=CLERK, op_id="op-other")
    await other.close()
    assert (await scheduled.handle("hearing-1", note(8), by=CLERK, op_id="op-mine")).number == 3
    assert [n.id for n in (await scheduled.hearing("hearing-1")).notes] == ["note-7", "note-8"]


async def test_a_conflict_in_the_middle_of_the_append_is_no_fault(scheduled: Docket, record: ListRecord) -> None:
    record.failing.append(Conflict("hearing-1"))
    assert (await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")).number == 2


async def test_the_record_never_runs_back_in_time(scheduled: Docket, clock: SetClock, record: ListRecord) -> None:
    await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    clock.advance(-3600)
    await scheduled.handle("hearing-1", note(2), by=CLERK, op_id="op-2")
    times = [entry.at for entry in record.entries["hearing-1"]]
    assert times == sorted(times)


async def test_the_court_wakes_itself_when_an_admission_is_due(
    scheduled: Docket, record: ListRecord, clock: SetClock
) -> None:
    """With real waiting: the alarm is set from the difference to the court's clock, and rings by itself."""
    admitted = await announce_admission(scheduled, notice_ms=200)
    clock.advance(0.2)
    await asyncio.wait_for(admitted.wait(), 5)
    last = record.entries["hearing-2"][-1]
    assert (last.kind, last.by) == ("Admitted", COURT)


async def test_what_is_due_is_issued_once(scheduled: Docket, record: ListRecord, clock: SetClock) -> None:
    await announce_admission(scheduled, notice_ms=10_000)
    clock.advance(10)
    await asyncio.gather(scheduled.wake("hearing-2"), scheduled.wake("hearing-2"))
    kinds = [entry.kind for entry in record.entries["hearing-2"]]
    assert kinds.count("Admitted") == 1


async def test_many_admissions_at_one_moment_are_issued_once_each_and_refused_never(
    scheduled: Docket, record: ListRecord, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="hearing.docket")
    await scheduled.handle("hearing-1", StartSitting(sitting="sitting-1"), by=CLERK, op_id="doors")
    conducting = [JUDGE, "seat-a1", "seat-a2", CLERK]
    for seat in conducting:
        await scheduled.handle("hearing-1", Arrive(seat=seat, connection=seat), by=COURT, op_id=f"arrive {seat}")
    await scheduled.handle("hearing-1", Admit(seats=tuple(conducting)), by=CLERK, op_id="admit")
    admitted = hear_of(scheduled, "Admitted", count=len(conducting))
    clock.advance(10)
    # A note makes the docket set its alarm anew while the first admission is being written.
    await asyncio.gather(
        scheduled.wake("hearing-1"),
        scheduled.wake("hearing-1"),
        *(scheduled.handle("hearing-1", note(n), by=CLERK, op_id=f"note {n}") for n in range(5)),
    )
    await asyncio.wait_for(admitted.wait(), 5)
    kinds = [entry.kind for entry in record.entries["hearing-1"]]
    assert kinds.count("Admitted") == len(conducting)
    assert [one.message for one in caplog.records if "at its deadline" in one.message] == []


async def test_nothing_is_issued_before_its_time(scheduled: Docket, record: ListRecord, clock: SetClock) -> None:
    await announce_admission(scheduled, notice_ms=10_000)
    clock.advance(9.9)
    await scheduled.wake("hearing-2")
    assert record.entries["hearing-2"][-1].kind == "AdmissionAnnounced"


async def test_a_timer_goes_on_after_a_restart(
    scheduled: Docket, record: ListRecord, clock: SetClock, ids: CountingIds
) -> None:
    await announce_admission(scheduled, notice_ms=10_000)
    await scheduled.close()
    clock.advance(10)
    restarted = Docket(record, clock, ids)
    admitted = hear_of(restarted, "Admitted")
    await restarted.resume(["hearing-2"])
    await asyncio.wait_for(admitted.wait(), 5)
    await restarted.close()


async def test_a_deadline_that_cannot_be_written_is_tried_again(
    scheduled: Docket, record: ListRecord, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearing.docket.RETRY_WAKE_S", 0.01)
    admitted = await announce_admission(scheduled, notice_ms=100)
    record.failing.append(OSError("the disk is full"))
    clock.advance(0.1)
    await asyncio.wait_for(admitted.wait(), 5)
    assert record.failing == []


async def test_a_sitting_is_numbered_like_everything_else(scheduled: Docket) -> None:
    answer = await scheduled.handle("hearing-1", StartSitting(sitting="sitting-1"), by=CLERK, op_id="op-1")
    assert isinstance(answer.entries[0].event, SittingStarted)


async def test_a_closed_docket_writes_nothing_more(scheduled: Docket) -> None:
    await scheduled.close()
    with pytest.raises(Refused) as no:
        await scheduled.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    assert no.value.code == "court-is-closing"


async def announce_admission(docket: Docket, *, notice_ms: int) -> asyncio.Event:
    """The presiding judge is about to enter hearing-2; the event is set when that has happened."""
    steps: list[tuple[Command, str]] = [
        (schedule("hearing-2", admission_notice_ms=notice_ms), "person-clerk"),
        (StartSitting(sitting="sitting-2"), CLERK),
        (Arrive(seat=JUDGE, connection="connection-1"), COURT),
    ]
    for number, (command, by) in enumerate(steps):
        await docket.handle("hearing-2", command, by=by, op_id=f"op-{number}")
    admitted = hear_of(docket, "Admitted")
    await docket.handle("hearing-2", Admit(seats=(JUDGE,)), by=CLERK, op_id="op-admit")
    return admitted


def hear_of(docket: Docket, kind: str, *, count: int = 1) -> asyncio.Event:
    """Set when `count` entries of this kind have been written from now on."""
    heard = asyncio.Event()
    left = count

    async def listen(entry: Entry, before: Hearing | None, after: Hearing) -> None:
        nonlocal left
        left -= entry.kind == kind
        if left <= 0:
            heard.set()

    docket.follow(f"test for {kind}", listen)
    return heard
