"""The clause that every list carries, against the function that answers for one object; grants and invitations."""

from datetime import timedelta

import pytest

from hearing.access import GRANTABLE, OFFICES, Actor, Verb
from hearing.docket import Docket
from hearing.errors import Refused
from hearing.proceedings.commands import Seat
from hearing.proceedings.roles import Role
from hearing.store import Store
from tests.support.hearings import schedule
from tests.support.time import CountingIds, SetClock


async def two_cases(store: Store) -> tuple[str, str]:
    for court in ("court-1", "court-2"):
        await store.courts.add(id=court, name=court, time_zone="Asia/Ho_Chi_Minh", pack="vn")
        await store.courts.add_courtroom(court, name="Phòng 1", id=court.replace("court", "courtroom"))
    await store.cases.open(id="case-1", court="court-1", kind="civil", title="Mở")
    await store.cases.open(id="case-2", court="court-1", kind="civil", title="Kín", sealed=True)
    return "case-1", "case-2"


async def test_lists_show_exactly_what_authorize_allows_to_see(store: Store) -> None:
    """Every role, as a part and as an office: the SQL clause and the function must never disagree."""
    plain, sealed = await two_cases(store)
    actors: list[Actor] = []
    for role in Role:
        part, officer, far = f"part-{role}", f"office-{role}", f"far-{role}"
        for person in (part, officer, far):
            await store.people.add_person(id=person, name=person)
        for case_id in (plain, sealed):
            await store.cases.add_party(case_id, person=part, role=role)
        actors += [
            Actor(person=part),
            Actor(person=officer, offices=frozenset({("court-1", str(role))})),
            Actor(person=far, offices=frozenset({("court-2", str(role))})),
        ]
    for verb in Verb:
        if verb in GRANTABLE:
            await store.people.add_person(id=f"named-{verb}", name="named")
            await store.access.grant(case=sealed, person=f"named-{verb}", verb=verb, by="judge")
            actors.append(Actor(person=f"named-{verb}"))
    seen_by_somebody = set()
    for actor in actors:
        listed = {found.id for found in await store.cases.cases(actor)}
        allowed = set()
        for case_id in (plain, sealed):
            try:
                await store.access.case(actor, Verb.SEE, case_id)
                allowed.add(case_id)
            except Refused as no:
                assert no.code == "not-found"
        assert listed == allowed, actor
        assert await store.cases.count(actor) == len(listed)
        seen_by_somebody |= listed
    assert seen_by_somebody == {plain, sealed}
    assert len(OFFICES) == 3


async def test_a_grant_ends_when_it_expires_and_when_it_is_revoked(store: Store, clock: SetClock) -> None:
    plain, _ = await two_cases(store)
    await store.people.add_person(id="guest", name="guest")
    guest = Actor(person="guest")
    until = clock.now() + timedelta(hours=1)
    await store.access.grant(case=plain, person="guest", verb=Verb.READ, by="judge", expires_at=until)
    assert [found.id for found in await store.cases.cases(guest)] == [plain]
    clock.advance(3600)
    assert await store.cases.cases(guest) == []
    grant = await store.access.grant(case=plain, person="guest", verb=Verb.READ, by="judge")
    await store.access.case(guest, Verb.READ, plain)
    await store.access.revoke(grant)
    with pytest.raises(Refused):
        await store.access.case(guest, Verb.READ, plain)
    with pytest.raises(Refused) as no:
        await store.access.grant(case=plain, person="guest", verb=Verb.SEAL, by="judge")
    assert no.value.code == "not-grantable"


async def test_an_invited_person_reaches_one_hearing_and_its_case_only(
    store: Store, clock: SetClock, ids: CountingIds
) -> None:
    await two_cases(store)
    docket = Docket(store.record, clock, ids)
    docket.follow("calendar", store.calendar.project, after=store.calendar.position)
    for person in ("person-plaintiff", "person-witness"):
        await store.people.add_person(id=person, name=person)
    seats = (
        *schedule().seats,
        Seat(id="seat-w", person="person-witness", role=Role.WITNESS, point="remote", mandatory=False),
    )
    for hearing, case_id in (("hearing-1", "case-1"), ("hearing-2", "case-2")):
        command = schedule(hearing, case=case_id, seats=seats)
        await docket.handle(hearing, command, by="person-clerk", op_id="op-schedule")
    await docket.settled()
    plaintiff = Actor(person="person-plaintiff", hearing="hearing-1", seat="seat-plaintiff")
    assert [found.id for found in await store.cases.cases(plaintiff)] == ["case-1"]
    assert [found.id for found in await store.calendar.hearings(plaintiff)] == ["hearing-1"]
    await store.access.hearing(plaintiff, Verb.ATTEND, "hearing-1")
    await store.access.hearing(plaintiff, Verb.PLAY, "hearing-1")
    for verb in Verb:
        with pytest.raises(Refused):
            await store.access.hearing(plaintiff, verb, "hearing-2")
    witness = Actor(person="person-witness", hearing="hearing-1", seat="seat-w")
    assert await store.cases.cases(witness) == []
    await store.access.hearing(witness, Verb.ATTEND, "hearing-1")
    with pytest.raises(Refused) as no:
        await store.access.hearing(witness, Verb.PLAY, "hearing-1")
    assert no.value.code == "not-permitted"
    with pytest.raises(Refused) as no:
        await store.access.hearing(Actor(person="stranger"), Verb.PLAY, "hearing-1")
    assert no.value.code == "not-found"
    await docket.close()
