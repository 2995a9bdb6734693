"""Loads what `hearing.access` needs to know about one object, and asks it. Also the grants themselves."""

from datetime import datetime

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hearing.access import (
    GRANTABLE,
    Actor,
    CaseObject,
    CourtObject,
    HearingObject,
    ItemObject,
    Verb,
    authorize,
)
from hearing.cases import Item
from hearing.errors import Refused
from hearing.people import Session
from hearing.ports import Clock, Ids
from hearing.store.engines import Engines
from hearing.store.people import SqlPeople
from hearing.store.tables import cases, grants, hearings, items, parties, seats
from hearing.store.visible import in_force


class SqlAccess:
    """Each `..._for` returns the object as the actor stands to it, or raises `Refused("not-found")`."""

    def __init__(self, engines: Engines, clock: Clock, ids: Ids, people: SqlPeople) -> None:
        self._engines = engines
        self._clock = clock
        self._ids = ids
        self._people = people

    async def actor(self, session: Session) -> Actor:
        offices = frozenset() if session.hearing else await self._people.offices(session.person)
        return Actor(person=session.person, offices=offices, hearing=session.hearing, seat=session.seat)

    async def court(self, actor: Actor, verb: Verb, court: str) -> CourtObject:
        thing = CourtObject(court=court)
        authorize(actor, verb, thing)
        return thing

    async def case(self, actor: Actor, verb: Verb, case: str) -> CaseObject:
        async with self._engines.reading.connect() as connection:
            thing = await self._case(connection, actor, case)
        authorize(actor, verb, thing)
        return thing

    async def item(self, actor: Actor, verb: Verb, item: str) -> ItemObject:
        async with self._engines.reading.connect() as connection:
            row = (await connection.execute(select(items).where(items.c.id == item))).one_or_none()
        if row is None:
            raise Refused("not-found")
        [thing] = await self.items(actor, row.case, [item_of(row)])
        authorize(actor, verb, thing)
        return thing

    async def items(self, actor: Actor, case: str, found: list[Item]) -> list[ItemObject]:
        """The items of one case as the actor stands to them, in the same order."""
        async with self._engines.reading.connect() as connection:
            thing = await self._case(connection, actor, case)
            query = select(grants.c.item, grants.c.verb).where(
                grants.c.case == case,
                grants.c.person == actor.person,
                grants.c.item.is_not(None),
                in_force(self._clock.now()),
            )
            named: dict[str, set[str]] = {}
            for row in await connection.execute(query):
                named.setdefault(row.item, set()).add(row.verb)
        return [
            ItemObject(
                case=thing,
                item=item.id,
                visibility=item.visibility,
                sealed=item.seal is not None,
                grants=frozenset(named.get(item.id, ())),
            )
            for item in found
        ]

    async def hearing(self, actor: Actor, verb: Verb, hearing: str) -> HearingObject:
        async with self._engines.reading.connect() as connection:
            row = (await connection.execute(select(hearings).where(hearings.c.id == hearing))).one_or_none()
            if row is None:
                raise Refused("not-found")
            mine = select(seats.c.seat, seats.c.role).where(seats.c.hearing == hearing, seats.c.person == actor.person)
            roles = frozenset(seat.role for seat in await connection.execute(mine) if actor.seat in (None, seat.seat))
            thing = HearingObject(
                case=await self._case(connection, actor, row.case),
                hearing=hearing,
                visibility=row.visibility,
                seats=roles,
            )
        authorize(actor, verb, thing)
        return thing

    # --- grants -------------------------------------------------------------------------------------------------------

    async def grant(
        self,
        *,
        case: str,
        person: str,
        verb: Verb,
        by: str,
        item: str | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        """Open a case, or one item of it, to a person by name; returns the grant's id."""
        if verb not in GRANTABLE:
            raise Refused("not-grantable")
        id = self._ids.new()
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                insert(grants).values(
                    id=id,
                    case=case,
                    item=item,
                    person=person,
                    verb=verb,
                    granted_by=by,
                    granted_at=self._clock.now(),
                    expires_at=expires_at,
                )
            )
        return id

    async def revoke(self, grant: str) -> None:
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                update(grants)
                .where(grants.c.id == grant, grants.c.revoked_at.is_(None))
                .values(revoked_at=self._clock.now())
            )

    # --- what is known of the actor -----------------------------------------------------------------------------------

    async def _case(self, connection: AsyncConnection, actor: Actor, case: str) -> CaseObject:
        row = (await connection.execute(select(cases).where(cases.c.id == case))).one_or_none()
        if row is None:
            raise Refused("not-found")
        as_party = select(parties.c.role).where(parties.c.case == case, parties.c.person == actor.person)
        as_seat = (
            select(seats.c.role)
            .join(hearings, hearings.c.id == seats.c.hearing)
            .where(hearings.c.case == case, seats.c.person == actor.person)
        )
        roles = frozenset((await connection.execute(as_party.union(as_seat))).scalars())
        reached = True
        if actor.hearing is not None:
            query = select(hearings.c.id).where(hearings.c.id == actor.hearing, hearings.c.case == case)
            reached = (await connection.execute(query)).one_or_none() is not None
        return CaseObject(
            case=case,
            court=row.court,
            sealed=row.sealed,
            roles=roles,
            grants=await self._grants(connection, actor, case),
            reached=reached,
        )

    async def _grants(self, connection: AsyncConnection, actor: Actor, case: str) -> frozenset[str]:
        query = select(grants.c.verb).where(
            grants.c.case == case,
            grants.c.person == actor.person,
            grants.c.item.is_(None),
            in_force(self._clock.now()),
        )
        return frozenset((await connection.execute(query)).scalars())


def item_of(row: Row[tuple[object, ...]]) -> Item:
    return Item(
        id=row.id,
        case=row.case,
        hearing=row.hearing,
        kind=row.kind,
        source=row.source,
        title=row.title,
        blob=row.blob,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        visibility=row.visibility,
        seal=row.seal,
        folio=None if row.folio_from is None else (row.folio_from, row.folio_to),
        created_at=row.created_at,
        created_by=row.created_by,
    )
