"""Persons, accounts, sessions and court roles in SQL. The words and the secrets are in `hearing.people`."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hearing.errors import Refused
from hearing.limits import Limit
from hearing.people import (
    ABSOLUTE,
    ACCOUNT_IDLE,
    INVITED_IDLE,
    SHORTEST_PASSWORD,
    Account,
    Entrance,
    Passwords,
    Person,
    Session,
    new_token,
    sha256,
)
from hearing.ports import Clock, Ids
from hearing.store.engines import Engines
from hearing.store.tables import accounts, memberships, persons, seats, sessions
from hearing.text import folded

TOUCH_AFTER = timedelta(minutes=1)


class SqlPeople:
    def __init__(self, engines: Engines, clock: Clock, ids: Ids, passwords: Passwords) -> None:
        self._engines = engines
        self._clock = clock
        self._ids = ids
        self._passwords = passwords
        self._limit = Limit(clock, per_minute=5)
        # One password tried on every name: each try costs a hash, and a courthouse has one address.
        self._addresses = Limit(clock, per_minute=60)

    async def add_person(
        self,
        *,
        name: str,
        title: str = "",
        email: str = "",
        phone: str = "",
        language: str = "vi",
        document_last4: str = "",
        id: str | None = None,
    ) -> Person:
        person = Person(
            id=id or self._ids.new(),
            name=name,
            title=title,
            email=email,
            phone=phone,
            language=language,
            document_last4=document_last4,
        )
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                insert(persons).values(
                    id=person.id,
                    name=name,
                    name_folded=folded(name),
                    title=title,
                    email=email,
                    phone=phone,
                    language=language,
                    document_last4=document_last4,
                )
            )
        return person

    async def people(self, ids: Iterable[str]) -> dict[str, Person]:
        query = select(persons).where(persons.c.id.in_(list(ids)))
        async with self._engines.reading.connect() as connection:
            return {row.id: person_of(row) for row in await connection.execute(query)}

    async def person(self, id: str) -> Person:
        found = await self.people([id])
        if id not in found:
            raise Refused("not-found")
        return found[id]

    async def find(self, text: str, limit: int = 20) -> list[Person]:
        """People whose name holds `text`, without regard to marks: `nguyen` finds `Nguyễn`."""
        query = select(persons).where(persons.c.name_folded.contains(folded(text), autoescape=True))
        async with self._engines.reading.connect() as connection:
            return [person_of(row) for row in await connection.execute(query.order_by(persons.c.name).limit(limit))]

    async def set_language(self, person: str, language: str) -> None:
        async with self._engines.writing.begin() as connection:
            await connection.execute(update(persons).where(persons.c.id == person).values(language=language))

    # --- accounts -----------------------------------------------------------------------------------------------------

    async def open_account(self, person: str, *, name: str, password: str) -> Account:
        if len(password) < SHORTEST_PASSWORD:
            raise Refused("password-too-short", shortest=SHORTEST_PASSWORD)
        account = Account(id=self._ids.new(), person=person, name=name.strip().casefold(), active=True)
        hashed = await self._passwords.hash(password)
        try:
            async with self._engines.writing.begin() as connection:
                await connection.execute(
                    insert(accounts).values(
                        id=account.id,
                        person=person,
                        name=account.name,
                        password_hash=hashed,
                        active=True,
                        created_at=self._clock.now(),
                    )
                )
        except IntegrityError as taken:
            raise Refused("account-name-taken") from taken
        return account

    async def close_account(self, account: str) -> None:
        """The account signs in no more, and what it has open ends now."""
        now = self._clock.now()
        async with self._engines.writing.begin() as connection:
            await connection.execute(update(accounts).where(accounts.c.id == account).values(active=False))
            await connection.execute(
                update(sessions)
                .where(sessions.c.account == account, sessions.c.ended_at.is_(None))
                .values(ended_at=now)
            )

    async def sign_in(self, name: str, password: str, *, address: str) -> Entrance:
        """Raises `Refused`: `sign-in-refused` whatever was wrong, `too-many-attempts` after five failures a minute for
        a name from one address, or sixty from that address."""
        name = name.strip().casefold()
        key = f"{name}|{address}"
        self._addresses.spend(address)
        self._limit.spend(key)
        query = select(accounts).where(accounts.c.name == name, accounts.c.active)
        async with self._engines.reading.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if not await self._passwords.matches(row.password_hash if row else None, password) or row is None:
            raise Refused("sign-in-refused")
        self._limit.refund(key)
        self._addresses.refund(address)
        return await self.open_session(row.person, account=row.id)

    # --- sessions -----------------------------------------------------------------------------------------------------

    async def open_session(
        self, person: str, *, account: str | None = None, hearing: str | None = None, seat: str | None = None
    ) -> Entrance:
        async with self._engines.writing.begin() as connection:
            return await self.enter_session(connection, person, account=account, hearing=hearing, seat=seat)

    async def enter_session(
        self,
        connection: AsyncConnection,
        person: str,
        *,
        account: str | None = None,
        hearing: str | None = None,
        seat: str | None = None,
    ) -> Entrance:
        """As `open_session`, in the caller's transaction: whatever entitles to the session holds when it begins."""
        now, token = self._clock.now(), new_token()
        session = Session(person=person, account=account, hearing=hearing, seat=seat, expires_at=now + ABSOLUTE)
        await connection.execute(
            insert(sessions).values(
                token_sha256=sha256(token),
                person=person,
                account=account,
                hearing=hearing,
                seat=seat,
                created_at=now,
                seen_at=now,
                expires_at=session.expires_at,
            )
        )
        return Entrance(token=token, session=session)

    async def session(self, token: str) -> Session | None:
        """Whose session this is, or None when it is unknown, ended, idle for too long or past its limit.

        Each call counts as a sign of life; a live socket owes one call every few minutes.
        """
        row = await self._alive(select(sessions).where(sessions.c.token_sha256 == sha256(token)))
        if row is None:
            return None
        return Session(
            person=row.person, account=row.account, hearing=row.hearing, seat=row.seat, expires_at=row.expires_at
        )

    async def seat(self, token: str, hearing: str) -> str | None:
        """The seat in `hearing` of whoever shows `token`; a session by invitation has the invited one and no other.

        One look at the database, because every open page asks again and again. Counts as `session` does.
        """
        own = and_(seats.c.hearing == hearing, seats.c.person == sessions.c.person)
        query = select(sessions, seats.c.seat.label("own")).outerjoin_from(sessions, seats, own)
        row = await self._alive(query.where(sessions.c.token_sha256 == sha256(token)).order_by(seats.c.seat).limit(1))
        if row is None:
            return None
        if row.hearing is not None:
            return str(row.seat) if row.hearing == hearing else None
        return None if row.own is None else str(row.own)

    async def _alive(self, query: Select[Any]) -> Row[Any] | None:
        """The session `query` finds, unless it has ended, was idle for too long or is past its limit."""
        now = self._clock.now()
        row: Row[Any] | None = await self._engines.read(lambda connection: connection.execute(query).one_or_none())
        if row is None or row.ended_at is not None or row.expires_at <= now:
            return None
        # The sign of life is written at most once a minute, so the limit is that minute longer, never shorter.
        if row.seen_at + TOUCH_AFTER + (ACCOUNT_IDLE if row.seat is None else INVITED_IDLE) <= now:
            return None
        if row.seen_at + TOUCH_AFTER <= now:
            async with self._engines.writing.begin() as connection:
                await connection.execute(
                    update(sessions).where(sessions.c.token_sha256 == row.token_sha256).values(seen_at=now)
                )
        return row

    async def sign_out(self, token: str) -> None:
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                update(sessions).where(sessions.c.token_sha256 == sha256(token)).values(ended_at=self._clock.now())
            )

    # --- court roles --------------------------------------------------------------------------------------------------

    async def appoint(self, court: str, person: str, role: str) -> None:
        try:
            async with self._engines.writing.begin() as connection:
                await connection.execute(insert(memberships).values(court=court, person=person, role=role))
        except IntegrityError as taken:
            raise Refused("already-appointed") from taken

    async def dismiss(self, court: str, person: str, role: str) -> None:
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                delete(memberships).where(
                    memberships.c.court == court, memberships.c.person == person, memberships.c.role == role
                )
            )

    async def offices(self, person: str) -> frozenset[tuple[str, str]]:
        """The (court, role) pairs a person holds."""
        query = select(memberships).where(memberships.c.person == person)
        async with self._engines.reading.connect() as connection:
            return frozenset((row.court, row.role) for row in await connection.execute(query))

    async def staff(self, court: str) -> list[tuple[Person, str]]:
        """Everybody who holds a role in `court`, by name."""
        query = (
            select(persons, memberships.c.role)
            .join(memberships, memberships.c.person == persons.c.id)
            .where(memberships.c.court == court)
            .order_by(persons.c.name)
        )
        async with self._engines.reading.connect() as connection:
            return [(person_of(row), row.role) for row in await connection.execute(query)]


def person_of(row: Row[tuple[object, ...]]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        title=row.title,
        email=row.email,
        phone=row.phone,
        language=row.language,
        document_last4=row.document_last4,
    )
