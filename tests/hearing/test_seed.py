"""The sample data: entered once, complete, and everybody can sign in and sees what they should."""

import pytest

from hearing.access import Actor
from hearing.errors import Refused
from hearing.proceedings.roles import Role
from hearing.samples import CASES, PEOPLE, STAFF
from hearing.seed import Seeded, seed
from hearing.store import Store


async def titles(store: Store, seeded: Seeded, key: str) -> set[str]:
    person = seeded.people[key].id
    actor = Actor(person=person, offices=await store.people.offices(person))
    by_id = {id: case for case, id in seeded.cases.items()}
    return {by_id[case.id] for case in await store.cases.cases(actor)}


async def test_two_courts_five_cases_and_an_account_for_everybody(store: Store) -> None:
    seeded = await seed(store)
    assert len(await store.courts.all()) == 2
    assert set(seeded.cases) == {"A", "B", "C", "D", "E"}
    assert {account.key for account in seeded.accounts} == {person.key for person in (*STAFF, *PEOPLE)}
    assert len({account.name for account in seeded.accounts}) == len(seeded.accounts)
    entrance = await store.people.sign_in(seeded.accounts[0].name, seeded.accounts[0].password, address="test")
    assert entrance.session.person == seeded.accounts[0].person


async def test_everybody_sees_the_own_cases_and_no_other(store: Store) -> None:
    seeded = await seed(store)
    assert await titles(store, seeded, "tk1") == {"A", "B", "E"}
    assert await titles(store, seeded, "ca2") == {"C", "D"}
    assert await titles(store, seeded, "tp2") == {"C", "D"}
    assert await titles(store, seeded, "ks1") == {"A", "E"}
    assert await titles(store, seeded, "b_plaintiff") == {"B"}
    assert await titles(store, seeded, "b_witness") == set()
    assert await titles(store, seeded, "kt1") == set()


async def test_the_cases_carry_their_numbers_and_their_people(store: Store) -> None:
    seeded = await seed(store)
    chief = seeded.people["ca1"].id
    actor = Actor(person=chief, offices=await store.people.offices(chief))
    case = await store.cases.case(actor, seeded.cases["A"])
    assert (case.number, case.kind) == ("21/2026/TLST-HS", "criminal")
    roles = [party.role for party in await store.cases.parties(case.id)]
    assert roles[0] == Role.PRESIDING_JUDGE and Role.DEFENDANT in roles
    assert [number.number.raw for number in await store.numbers.of_case(case.id)] == [
        "21/2026/TLST-HS",
        "23/2026/QĐXXST-HS",
    ]


async def test_a_court_in_use_is_never_seeded(store: Store) -> None:
    await store.courts.add(name="Tòa án", time_zone="Asia/Ho_Chi_Minh", pack="vn")
    with pytest.raises(Refused) as no:
        await seed(store)
    assert no.value.code == "already-seeded"
    assert len(CASES) == 5
