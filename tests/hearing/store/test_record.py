"""The record in SQL, on SQLite and on PostgreSQL: order, chain, fences, erasure."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hearing import chain, wire
from hearing.docket import Docket, draft
from hearing.errors import Refused
from hearing.ports import Conflict, Draft, Fenced
from hearing.proceedings.events import NoteLogged
from hearing.store import Store, open_store
from hearing.store.placement import LEASE
from tests.support.hearings import CLERK, note, schedule
from tests.support.time import MORNING, CountingIds, SetClock


def logged(number: int, said: str = "Lời ghi", *, op: str | None = None, ordinal: int = 0) -> Draft:
    event = NoteLogged(note=f"note-{number}", text=said, about=None, said_at_ms=None, by=CLERK)
    return draft(event, at=MORNING, by=CLERK, op_id=op or f"op-{number}", ordinal=ordinal)


async def test_what_was_appended_is_read_back_to_the_byte(store: Store) -> None:
    written = await store.record.append("hearing-1", 0, [logged(1), logged(2)])
    assert await store.record.read("hearing-1") == list(written)
    assert [entry.number for entry in written] == [1, 2]
    assert await store.record.read("hearing-1", after=1) == [written[1]]
    assert await store.record.read("hearing-1", limit=1) == [written[0]]
    assert await store.record.heads() == {"hearing-1": 2}


async def test_each_entry_names_the_hash_of_the_one_before(store: Store) -> None:
    first = await store.record.append("hearing-1", 0, [logged(1), logged(2)])
    [third] = await store.record.append("hearing-1", 2, [logged(3)])
    assert first[0].prev == chain.BEGINNING
    assert (first[1].prev, third.prev) == (first[0].hash, first[1].hash)


async def test_equal_bodies_have_different_hashes(store: Store) -> None:
    """The salt: whoever holds the header of an erased `yes` must not find it by trying `yes`."""
    one, two = await store.record.append("hearing-1", 0, [logged(1), logged(1, op="op-2")])
    assert one.body == two.body and one.body_sha256 != two.body_sha256


async def test_an_append_on_an_old_number_is_a_conflict_and_writes_nothing(store: Store) -> None:
    await store.record.append("hearing-1", 0, [logged(1)])
    for expected in (0, 2):
        with pytest.raises(Conflict):
            await store.record.append("hearing-1", expected, [logged(2)])
    assert await store.record.heads() == {"hearing-1": 1}


async def test_of_many_writers_at_one_number_exactly_one_succeeds(store: Store) -> None:
    outcomes = await asyncio.gather(
        *(store.record.append("hearing-1", 0, [logged(n)]) for n in range(8)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 7 + ["tuple"]
    assert len(await store.record.read("hearing-1")) == 1


async def test_an_operation_is_stored_once_whatever_the_number(store: Store) -> None:
    await store.record.append("hearing-1", 0, [logged(1, op="op-1")])
    with pytest.raises(Conflict):
        await store.record.append("hearing-1", 1, [logged(2, op="op-1")])


async def test_the_entries_of_one_command_are_stored_all_or_none(store: Store) -> None:
    """The second of the two breaks a rule of the database: the first must not remain."""
    with pytest.raises(Conflict):
        await store.record.append("hearing-1", 0, [logged(1, op="op-1"), logged(2, op="op-1")])
    assert await store.record.read("hearing-1") == []
    assert await store.record.heads() == {}


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE entries SET by = 'somebody' WHERE number = 1",
        "DELETE FROM entries WHERE number = 2",
        "DELETE FROM bodies WHERE number = 2",
        "UPDATE heads SET number = 1",
    ],
)
async def test_the_database_itself_refuses_to_change_the_record(store: Store, attack: str) -> None:
    await store.record.append("hearing-1", 0, [logged(1), logged(2)])
    with pytest.raises(DBAPIError):
        async with store.session() as session:
            await session.execute(text(attack.replace(" by ", ' "by" ')))
    assert len(await store.record.read("hearing-1")) == 2


async def test_an_erased_body_leaves_the_chain_and_the_hearing_whole(store: Store) -> None:
    written = await store.record.append("hearing-1", 0, [logged(1, "Tên người được bảo vệ"), logged(2)])
    stand_in = wire.encode(NoteLogged(note="note-1", text="", about=None, said_at_ms=None, by=CLERK))
    await store.record.erase("hearing-1", 1, stand_in=stand_in, by="person-1", reason="quyết định số 5")
    first, second = await store.record.read("hearing-1")
    assert isinstance(first.event, NoteLogged) and first.event.text == ""
    assert (first.hash, second) == (written[0].hash, written[1])
    async with store.session() as session:
        row = (await session.execute(text("SELECT salt, body, erased_reason FROM bodies WHERE number = 1"))).one()
    assert tuple(row) == (None, None, "quyết định số 5")


async def test_only_the_owner_of_the_newest_generation_writes(store: Store, clock: SetClock) -> None:
    old = await store.placements.take("hearing-1", "web-1")
    await store.record.append("hearing-1", 0, [logged(1)], generation=old)
    with pytest.raises(Refused) as no:
        await store.placements.take("hearing-1", "web-2")
    assert no.value.code == "hearing-elsewhere"
    clock.advance(LEASE.total_seconds() + 1)
    new = await store.placements.take("hearing-1", "web-2")
    assert new > old
    with pytest.raises(Fenced):
        await store.record.append("hearing-1", 1, [logged(2)], generation=old)
    await store.record.append("hearing-1", 1, [logged(2)], generation=new)
    assert await store.placements.owner("hearing-1") == "web-2"


async def test_a_restarted_process_takes_its_own_hearing_over_at_once(store: Store) -> None:
    first = await store.placements.take("hearing-1", "web-1")
    assert await store.placements.take("hearing-1", "web-1") == first + 1


async def test_a_renewed_lease_holds_and_a_released_one_ends(store: Store, clock: SetClock) -> None:
    generation = await store.placements.take("hearing-1", "web-1")
    for _ in range(4):
        clock.advance(LEASE.total_seconds() - 1)
        await store.placements.renew("web-1")
    with pytest.raises(Refused):
        await store.placements.take("hearing-1", "web-2")
    await store.placements.release("hearing-1", "web-1", generation)
    assert await store.placements.take("hearing-1", "web-2") == generation + 1


async def test_a_docket_that_slept_through_its_lease_is_fenced_and_the_record_does_not_fork(
    store: Store, clock: SetClock, ids: CountingIds
) -> None:
    sleeper = Docket(store.record, clock, ids, placements=store.placements, owner="web-1")
    await sleeper.handle("hearing-1", schedule(), by="person-clerk", op_id="op-schedule")
    await sleeper.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    clock.advance(LEASE.total_seconds() + 1)
    successor = Docket(store.record, clock, ids, placements=store.placements, owner="web-2")
    await successor.handle("hearing-1", note(2), by=CLERK, op_id="op-2")
    with pytest.raises(Refused) as no:
        await sleeper.handle("hearing-1", note(3), by=CLERK, op_id="op-3")
    assert no.value.code == "hearing-elsewhere"
    assert [entry.op_id for entry in await store.record.read("hearing-1")] == ["op-schedule", "op-1", "op-2"]
    await sleeper.close()
    await successor.close()


async def test_a_docket_that_may_not_write_still_shows_the_hearing_as_it_is(
    store: Store, clock: SetClock, ids: CountingIds
) -> None:
    owner = Docket(store.record, clock, ids, placements=store.placements, owner="web-1")
    visitor = Docket(store.record, clock, ids, placements=store.placements, owner="web-2")
    await owner.handle("hearing-1", schedule(), by="person-clerk", op_id="op-schedule")
    for number in (1, 2):
        await owner.handle("hearing-1", note(number), by=CLERK, op_id=f"op-{number}")
        assert len((await visitor.hearing("hearing-1")).notes) == number
    await owner.close()
    await visitor.close()


async def test_a_hearing_given_back_at_closing_is_free_at_once(store: Store, clock: SetClock, ids: CountingIds) -> None:
    first = Docket(store.record, clock, ids, placements=store.placements, owner="web-1")
    await first.handle("hearing-1", schedule(), by="person-clerk", op_id="op-schedule")
    await first.handle("hearing-1", note(1), by=CLERK, op_id="op-1")
    await first.close()
    second = Docket(store.record, clock, ids, placements=store.placements, owner="web-2")
    assert (await second.handle("hearing-1", note(2), by=CLERK, op_id="op-2")).number == 3
    await second.close()


async def test_lost_updates_do_not_happen(database_url: str) -> None:
    """Eight tasks of twenty read-modify-writes: with the drivers' own transactions SQLite loses most of them."""
    store = await open_store(database_url)
    async with store.session() as session:
        await session.execute(text("INSERT INTO heads (hearing, number, hash) VALUES ('x', 0, '')"))

    async def add() -> None:
        for _ in range(20):
            async with store.session() as session:
                lock = "" if database_url.startswith("sqlite") else " FOR UPDATE"
                read = await session.execute(text(f"SELECT number FROM heads WHERE hearing = 'x'{lock}"))
                await session.execute(
                    text("UPDATE heads SET number = :n WHERE hearing = 'x'"), {"n": read.scalar_one() + 1}
                )

    await asyncio.gather(*(add() for _ in range(8)))
    assert await store.record.heads() == {"x": 160}
    await store.close()


async def test_sqlite_is_set_to_survive_a_power_cut(tmp_path) -> None:  # type: ignore[no-untyped-def]
    store = await open_store(f"sqlite:///{tmp_path / 'hearing.sqlite'}")
    async with store.session() as session:
        found = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await store.close()


async def test_a_lease_is_shorter_than_anybody_waits() -> None:
    assert LEASE <= timedelta(seconds=30)
