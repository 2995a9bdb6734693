"""Enters the sample courts, people and cases into an empty database and says by which accounts to sign in.

Rule: never into a database that holds a court already: a demonstration must not mix with a court's own data.
"""

import asyncio
import secrets
from dataclasses import dataclass, field

from hearing.cases import Purpose, parse_number
from hearing.courts import Court, Courtroom
from hearing.errors import Refused
from hearing.people import CODE_ALPHABET, Person
from hearing.samples import CASES, COURTS, PEOPLE, STAFF, SampleCase, SamplePerson
from hearing.store import Store
from hearing.text import folded

PASSWORD_LENGTH = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedAccount:
    """`key` names the person in the sample rows (`tp1`, `b_plaintiff`); `role` is the first part the person has."""

    key: str
    person: str
    full_name: str
    name: str
    password: str
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeded:
    """Everything entered, by the keys of `hearing.samples`."""

    courts: dict[str, Court] = field(default_factory=dict)
    courtrooms: dict[str, list[Courtroom]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    accounts: tuple[SeedAccount, ...] = ()


async def seed(store: Store) -> Seeded:
    """Raises `Refused("already-seeded")`. The passwords are new each time and cannot be read again later."""
    if await store.courts.all():
        raise Refused("already-seeded")
    seeded = Seeded()
    for row in COURTS:
        court = await store.courts.add(name=row.name, province=row.province, time_zone="Asia/Ho_Chi_Minh", pack="vn")
        seeded.courts[row.key] = court
        seeded.courtrooms[row.key] = [await store.courts.add_courtroom(court.id, name=name) for name in row.courtrooms]
    for person in (*STAFF, *PEOPLE):
        await add_person(store, seeded, person)
    for case in CASES:
        await add_case(store, seeded, case)
    accounts = await asyncio.gather(*(open_account(store, seeded, person) for person in (*STAFF, *PEOPLE)))
    return Seeded(
        courts=seeded.courts,
        courtrooms=seeded.courtrooms,
        people=seeded.people,
        cases=seeded.cases,
        accounts=tuple(accounts),
    )


async def add_person(store: Store, seeded: Seeded, row: SamplePerson) -> None:
    seeded.people[row.key] = await store.people.add_person(
        name=row.name,
        title=row.title,
        email=f"{account_name(row)}@example.org",
        language=row.language,
        document_last4=row.document[-4:],
    )
    for court in row.courts:
        if row.office is not None:
            await store.people.appoint(seeded.courts[court].id, seeded.people[row.key].id, row.office)


async def add_case(store: Store, seeded: Seeded, row: SampleCase) -> None:
    court = seeded.courts[row.court].id
    case = await store.cases.open(court=court, kind=row.kind, title=row.title, accepted_on=row.accepted_on)
    seeded.cases[row.key] = case.id
    for text, purpose in ((row.number, Purpose.ACCEPTANCE), (row.decision, Purpose.DECISION)):
        await store.numbers.register(court=court, case=case.id, number=parse_number(text), purpose=purpose)
    parties: dict[str, str] = {}
    for part in row.parts:
        party = await store.cases.add_party(
            case.id,
            person=seeded.people[part.person].id,
            role=part.role,
            accompanies=parties[part.accompanies] if part.accompanies else None,
        )
        parties[part.person] = party.id


async def open_account(store: Store, seeded: Seeded, row: SamplePerson) -> SeedAccount:
    person = seeded.people[row.key]
    parts = [str(part.role) for case in CASES for part in case.parts if part.person == row.key]
    password = "".join(secrets.choice(CODE_ALPHABET.lower()) for _ in range(PASSWORD_LENGTH))
    account = await store.people.open_account(person.id, name=account_name(row), password=password)
    return SeedAccount(
        key=row.key,
        person=person.id,
        full_name=row.name,
        name=account.name,
        password=password,
        role=str(row.office) if row.office else parts[0],
    )


def account_name(row: SamplePerson) -> str:
    """`Lương Thị Hải Vân` -> `luong.thi.hai.van`."""
    return folded(row.name).replace(" ", ".")
