"""Cases, parties and items in SQL. Every list takes the actor and carries `visible_to`; there is no way around it."""

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from hearing.access import Actor, Verb, may
from hearing.cases import Case, Item, NumberState, Party, Purpose
from hearing.errors import Refused
from hearing.ports import Clock, Ids
from hearing.store.access import SqlAccess, item_of
from hearing.store.engines import Engines
from hearing.store.tables import case_numbers, cases, items, parties, persons, sealed_reads
from hearing.store.visible import visible_to
from hearing.text import folded


class SqlCases:
    def __init__(self, engines: Engines, clock: Clock, ids: Ids, access: SqlAccess) -> None:
        self._engines = engines
        self._clock = clock
        self._ids = ids
        self._access = access

    async def open(
        self,
        *,
        court: str,
        kind: str,
        title: str,
        accepted_on: str | None = None,
        sealed: bool = False,
        id: str | None = None,
    ) -> Case:
        """A new case in `court`; give it a number with `store.numbers`. `accepted_on` is a date, `2026-05-04`."""
        id = id or self._ids.new()
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                insert(cases).values(
                    id=id,
                    court=court,
                    court_at_acceptance=court,
                    kind=kind,
                    title=title,
                    title_folded=folded(title),
                    status="open",
                    sealed=sealed,
                    accepted_on=accepted_on,
                    created_at=self._clock.now(),
                )
            )
        return Case(
            id=id,
            court=court,
            court_at_acceptance=court,
            kind=kind,
            title=title,
            status="open",
            sealed=sealed,
            accepted_on=accepted_on,
            number="",
        )

    async def case(self, actor: Actor, id: str) -> Case:
        """Raises `Refused("not-found")` for what does not exist and for what the actor may not see, alike."""
        query = with_number().where(cases.c.id == id, visible_to(actor, self._clock.now()))
        async with self._engines.reading.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise Refused("not-found")
        return case_of(row)

    async def cases(
        self,
        actor: Actor,
        *,
        text: str = "",
        court: str | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Case]:
        """What `actor` may see, newest first; `text` looks in titles, numbers and the names of the parties."""
        query = with_number().where(self._wanted(actor, text, court, kind))
        query = query.order_by(cases.c.created_at.desc(), cases.c.id.desc()).limit(limit).offset(offset)
        async with self._engines.reading.connect() as connection:
            return [case_of(row) for row in await connection.execute(query)]

    async def count(self, actor: Actor, *, text: str = "", court: str | None = None, kind: str | None = None) -> int:
        query = select(func.count()).select_from(cases).where(self._wanted(actor, text, court, kind))
        async with self._engines.reading.connect() as connection:
            return int((await connection.execute(query)).scalar_one())

    def _wanted(self, actor: Actor, text: str, court: str | None, kind: str | None) -> ColumnElement[bool]:
        wanted = [visible_to(actor, self._clock.now())]
        if court is not None:
            wanted.append(cases.c.court == court)
        if kind is not None:
            wanted.append(cases.c.kind == kind)
        if text.strip():
            wanted.append(
                or_(
                    cases.c.title_folded.contains(folded(text), autoescape=True),
                    cases.c.id.in_(
                        select(case_numbers.c.case).where(case_numbers.c.raw.contains(text.strip(), autoescape=True))
                    ),
                    cases.c.id.in_(
                        select(parties.c.case)
                        .join(persons, persons.c.id == parties.c.person)
                        .where(persons.c.name_folded.contains(folded(text), autoescape=True))
                    ),
                )
            )
        return and_(*wanted)

    async def transfer(self, case: str, court: str) -> None:
        """The file moves to another court; `court_at_acceptance` stays as it was."""
        async with self._engines.writing.begin() as connection:
            await connection.execute(update(cases).where(cases.c.id == case).values(court=court))

    # --- parties ------------------------------------------------------------------------------------------------------

    async def add_party(
        self, case: str, *, person: str, role: str, accompanies: str | None = None, id: str | None = None
    ) -> Party:
        """Who takes part or tries the case, by role code. `accompanies` is the party this one represents or assists."""
        party = Party(id=id or self._ids.new(), case=case, person=person, role=role, accompanies=accompanies)
        try:
            async with self._engines.writing.begin() as connection:
                await connection.execute(
                    insert(parties).values(id=party.id, case=case, person=person, role=role, accompanies=accompanies)
                )
        except IntegrityError as taken:
            raise Refused("already-a-party") from taken
        return party

    async def parties(self, case: str) -> list[Party]:
        """Authorise first (`store.access.case`). In the order they were entered."""
        query = select(parties).where(parties.c.case == case).order_by(parties.c.id)
        async with self._engines.reading.connect() as connection:
            return [
                Party(id=row.id, case=row.case, person=row.person, role=row.role, accompanies=row.accompanies)
                for row in await connection.execute(query)
            ]

    # --- items --------------------------------------------------------------------------------------------------------

    async def add_item(
        self,
        *,
        case: str,
        kind: str,
        source: str,
        title: str,
        blob: str,
        sha256: str,
        size: int,
        media_type: str,
        visibility: str,
        by: str,
        hearing: str | None = None,
        folio: tuple[int, int] | None = None,
        id: str | None = None,
    ) -> Item:
        """Enter an item whose bytes already lie in the blob store as `blob`: blob first, entry second."""
        item = Item(
            id=id or self._ids.new(),
            case=case,
            hearing=hearing,
            kind=kind,
            source=source,
            title=title,
            blob=blob,
            sha256=sha256,
            size=size,
            media_type=media_type,
            visibility=visibility,
            seal=None,
            folio=folio,
            created_at=self._clock.now(),
            created_by=by,
        )
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                insert(items).values(
                    id=item.id,
                    case=case,
                    hearing=hearing,
                    kind=kind,
                    source=source,
                    title=title,
                    blob=blob,
                    sha256=sha256,
                    size=size,
                    media_type=media_type,
                    visibility=visibility,
                    folio_from=folio[0] if folio else None,
                    folio_to=folio[1] if folio else None,
                    created_at=item.created_at,
                    created_by=by,
                )
            )
        return item

    async def item_sha256(self, id: str) -> str | None:
        """The hash an item was entered with, for whoever enters it once only; None when it is not entered."""
        query = select(items.c.sha256).where(items.c.id == id)
        async with self._engines.reading.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def items(self, actor: Actor, case: str, *, hearing: str | None = None) -> list[Item]:
        """The items of a case that `actor` may see, in the order of the file; a sealed one is simply absent."""
        query = select(items).where(items.c.case == case).order_by(items.c.folio_from, items.c.created_at, items.c.id)
        if hearing is not None:
            query = query.where(items.c.hearing == hearing)
        async with self._engines.reading.connect() as connection:
            found = [item_of(row) for row in await connection.execute(query)]
        things = await self._access.items(actor, case, found)
        return [item for item, thing in zip(found, things, strict=True) if may(actor, Verb.SEE, thing)]

    async def item(self, actor: Actor, id: str, verb: Verb = Verb.READ) -> Item:
        """For opening its bytes. Whoever opens a sealed item is written down first."""
        thing = await self._access.item(actor, verb, id)
        if thing.sealed:
            async with self._engines.writing.begin() as connection:
                await connection.execute(
                    insert(sealed_reads).values(id=self._ids.new(), item=id, person=actor.person, at=self._clock.now())
                )
        async with self._engines.reading.connect() as connection:
            return item_of((await connection.execute(select(items).where(items.c.id == id))).one())

    async def seal(self, item: str, reason: str) -> None:
        if not reason.strip():
            raise Refused("reason-missing")
        async with self._engines.writing.begin() as connection:
            await connection.execute(update(items).where(items.c.id == item).values(seal=reason.strip()))

    async def unseal(self, item: str) -> None:
        async with self._engines.writing.begin() as connection:
            await connection.execute(update(items).where(items.c.id == item).values(seal=None))

    async def sealed_reads(self, item: str) -> list[str]:
        """The persons who have opened a sealed item, in order."""
        query = select(sealed_reads.c.person).where(sealed_reads.c.item == item).order_by(sealed_reads.c.at)
        async with self._engines.reading.connect() as connection:
            return list((await connection.execute(query)).scalars())


def with_number() -> Select[tuple[object, ...]]:
    number = (
        select(func.min(case_numbers.c.raw))
        .where(
            case_numbers.c.case == cases.c.id,
            case_numbers.c.purpose == Purpose.ACCEPTANCE,
            case_numbers.c.state == NumberState.CONFIRMED,
        )
        .scalar_subquery()
    )
    return select(cases, number.label("number"))


def case_of(row: Row[tuple[object, ...]]) -> Case:
    return Case(
        id=row.id,
        court=row.court,
        court_at_acceptance=row.court_at_acceptance,
        kind=row.kind,
        title=row.title,
        status=row.status,
        sealed=row.sealed,
        accepted_on=row.accepted_on,
        number=row.number or "",
    )
