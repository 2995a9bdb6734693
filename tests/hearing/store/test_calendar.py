"""The projection of hearings for lists, and the booking of courtrooms, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from hearing.access import Actor
from hearing.docket import Docket
from hearing.errors import Refused
from hearing.proceedings.commands import EndSitting, StartSitting
from hearing.store import Store
from tests.support.hearings import CLERK, note, schedule
from tests.support.time import MORNING, CountingIds, SetClock

CHIEF = Actor(person="chief", offices=frozenset({("court-1", "court_chief")}))


@pytest.fixture
async def court(store: Store) -> Store:
    await store.courts.add(id="court-1", name="Tòa án", time_zone="Asia/Ho_Chi_Minh", pack="vn")
    for number in (1, 2):
        await store.courts.add_courtroom("court-1", name=f"Phòng {number}", id=f"courtroom-{number}")
    await store.cases.open(id="case-1", court="court-1", kind="civil", title="Vụ án")
    return store


def following(store: Store, clock: SetClock, ids: CountingIds) -> Docket:
    docket = Docket(store.record, clock, ids)
    docket.follow("calendar", store.calendar.project, after=store.calendar.position)
    return docket


async def book(store: Store, hearing: str, hour: float, hours: float = 1, courtroom: str = "courtroom-1") -> None:
    starts_at = MORNING + timedelta(hours=hour)
    await store.calendar.book(
        hearing=hearing, courtroom=courtroom, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours)
    )


async def test_the_lists_follow_the_record(court: Store, clock: SetClock, ids: CountingIds) -> None:
    docket = following(court, clock, ids)
    await docket.handle("hearing-1", schedule(), by="person-clerk", op_id="op-1")
    await docket.settled()
    [line] = await court.calendar.hearings(CHIEF)
    assert (line.stage, line.started_at, line.courtroom, line.number) == ("scheduled", None, "courtroom-1", 1)
    await docket.handle("hearing-1", StartSitting(sitting="sitting-1"), by=CLERK, op_id="op-2")
    await docket.settled()
    line = await court.calendar.hearing("hearing-1")
    assert (line.stage, line.started_at, line.ended_at) == ("doors_open", clock.now(), None)
    clock.advance(60)
    await docket.handle("hearing-1", EndSitting(), by=CLERK, op_id="op-3")
    await docket.settled()
    [sitting] = await court.calendar.sittings("hearing-1")
    assert (sitting.id, sitting.ended_at) == ("sitting-1", clock.now())
    assert (await court.calendar.hearing("hearing-1")).ended_at == clock.now()
    assert len(await court.calendar.seats("hearing-1")) == 6
    assert [seat.hearing for seat in await court.calendar.seats_of("person-clerk")] == ["hearing-1"]
    await docket.close()


async def test_what_was_missed_is_caught_up_and_a_repeat_changes_nothing(
    court: Store, clock: SetClock, ids: CountingIds
) -> None:
    silent = Docket(court.record, clock, ids)
    await silent.handle("hearing-1", schedule(), by="person-clerk", op_id="op-1")
    await silent.handle("hearing-1", StartSitting(sitting="sitting-1"), by=CLERK, op_id="op-2")
    await silent.close()
    for _ in range(2):
        docket = following(court, clock, ids)
        async with asyncio.timeout(60):
            while await court.calendar.position("hearing-1") < 2:
                await asyncio.sleep(0.01)
        await docket.close()
    entries = await court.record.read("hearing-1")
    again = following(court, clock, ids)
    hearing = await again.hearing("hearing-1")
    await court.calendar.project(entries[-1], None, hearing)
    await again.close()
    assert len(await court.calendar.sittings("hearing-1")) == 1
    assert (await court.calendar.hearing("hearing-1")).stage == "doors_open"


async def test_a_note_is_no_matter_of_the_lists(court: Store, clock: SetClock, ids: CountingIds) -> None:
    docket = following(court, clock, ids)
    await docket.handle("hearing-1", schedule(), by="person-clerk", op_id="op-1")
    await docket.handle("hearing-1", note(1), by=CLERK, op_id="op-2")
    await docket.settled()
    assert (await court.calendar.hearing("hearing-1")).number == 1
    assert await court.calendar.unfinished() == ["hearing-1"]
    await docket.close()


async def test_a_list_shows_the_days_asked_for_and_strangers_nothing(
    court: Store, clock: SetClock, ids: CountingIds
) -> None:
    docket = following(court, clock, ids)
    for day in (1, 2, 3):
        command = schedule(f"hearing-{day}", starts_at=MORNING + timedelta(days=day))
        await docket.handle(f"hearing-{day}", command, by="person-clerk", op_id="op-1")
    await docket.settled()
    since, until = MORNING + timedelta(days=2), MORNING + timedelta(days=3)
    assert [line.id for line in await court.calendar.hearings(CHIEF, since=since, until=until)] == ["hearing-2"]
    assert await court.calendar.hearings(Actor(person="stranger")) == []
    assert len(await court.calendar.hearings(Actor(person="person-plaintiff"), case="case-1")) == 3
    await docket.close()


# --- courtrooms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hour", "hours"), [(0, 1), (-0.5, 1), (0.5, 1), (0.25, 0.5), (-1, 3)])
async def test_a_courtroom_is_not_booked_twice_at_one_time(court: Store, hour: float, hours: float) -> None:
    await book(court, "hearing-1", 0)
    with pytest.raises(Refused) as no:
        await book(court, "hearing-2", hour, hours)
    assert no.value.code == "courtroom-taken"
    await book(court, "hearing-2", hour, hours, courtroom="courtroom-2")


async def test_one_hearing_may_follow_on_another_and_be_moved(court: Store) -> None:
    await book(court, "hearing-1", 0)
    await book(court, "hearing-2", 1)
    await book(court, "hearing-3", -1)
    await book(court, "hearing-1", 2)
    await book(court, "hearing-4", 0)
    await court.calendar.release("hearing-2")
    await book(court, "hearing-5", 1)


async def test_of_bookings_at_the_same_moment_exactly_one_is_made(court: Store) -> None:
    made = await asyncio.gather(*(book(court, f"hearing-{n}", 0) for n in range(6)), return_exceptions=True)
    assert [str(refusal) for refusal in made if refusal] == ["courtroom-taken"] * 5


async def test_impossible_bookings_are_refused(court: Store) -> None:
    for courtroom, hours, code in (("courtroom-1", 0, "ends-before-it-starts"), ("nowhere", 1, "not-found")):
        with pytest.raises(Refused) as no:
            await book(court, "hearing-1", 0, hours, courtroom)
        assert no.value.code == code


async def test_a_courtroom_holds_one_live_sitting_at_a_time(court: Store) -> None:
    await court.calendar.enter("courtroom-1", "hearing-1")
    await court.calendar.enter("courtroom-1", "hearing-1")
    with pytest.raises(Refused) as no:
        await court.calendar.enter("courtroom-1", "hearing-2")
    assert no.value.code == "courtroom-in-use"
    await court.calendar.leave("courtroom-1", "hearing-2")
    with pytest.raises(Refused):
        await court.calendar.enter("courtroom-1", "hearing-2")
    await court.calendar.leave("courtroom-1", "hearing-1")
    await court.calendar.enter("courtroom-1", "hearing-2")
