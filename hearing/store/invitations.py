"""Invitations in SQL: one secret, one seat, one use. Only hashes are stored, so a copied database invites nobody."""

from datetime import datetime

from sqlalchemy import Row, insert, select, update

from hearing.errors import Refused
from hearing.limits import Limit
from hearing.people import Entrance, Invitation, IssuedInvitation, new_code, new_token, normal_secret, sha256
from hearing.ports import Clock, Ids
from hearing.store.engines import Engines
from hearing.store.people import SqlPeople
from hearing.store.tables import invitations, sessions


class SqlInvitations:
    def __init__(self, engines: Engines, clock: Clock, ids: Ids, people: SqlPeople) -> None:
        self._engines = engines
        self._clock = clock
        self._ids = ids
        self._people = people
        self._limit = Limit(clock, per_minute=10)

    async def invite(self, *, hearing: str, seat: str, person: str, expires_at: datetime, by: str) -> IssuedInvitation:
        """A new invitation to a seat; the seat's earlier unused ones are revoked with the same stroke."""
        now, token, code = self._clock.now(), new_token(), new_code()
        invitation = Invitation(
            id=self._ids.new(),
            hearing=hearing,
            seat=seat,
            person=person,
            expires_at=expires_at,
            used_at=None,
            revoked_at=None,
        )
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                update(invitations)
                .where(
                    invitations.c.hearing == hearing,
                    invitations.c.seat == seat,
                    invitations.c.used_at.is_(None),
                    invitations.c.revoked_at.is_(None),
                )
                .values(revoked_at=now)
            )
            await connection.execute(
                insert(invitations).values(
                    id=invitation.id,
                    hearing=hearing,
                    seat=seat,
                    person=person,
                    token_sha256=sha256(token),
                    code_sha256=sha256(code),
                    created_at=now,
                    created_by=by,
                    expires_at=expires_at,
                )
            )
        return IssuedInvitation(invitation=invitation, token=token, code=code)

    async def exchange(self, secret: str, *, address: str) -> Entrance:
        """Turn the link's token or the paper's code into a session on the seat, once.

        Raises `Refused`: `invitation-unknown`, `invitation-used`, `invitation-revoked`, `invitation-expired`, and
        `too-many-attempts` after ten failures a minute from one address.
        """
        self._limit.spend(address)
        hashed, now = sha256(normal_secret(secret)), self._clock.now()
        ours = (invitations.c.token_sha256 == hashed) | (invitations.c.code_sha256 == hashed)
        async with self._engines.writing.begin() as connection:
            row = (await connection.execute(select(invitations).where(ours).with_for_update())).one_or_none()
            if row is None:
                raise Refused("invitation-unknown")
            refuse_what_is_over(row, now)
            await connection.execute(update(invitations).where(invitations.c.id == row.id).values(used_at=now))
            # With the same stroke: one that is revoked a moment later finds the session and ends it.
            entered = await self._people.enter_session(connection, row.person, hearing=row.hearing, seat=row.seat)
        self._limit.refund(address)
        return entered

    async def revoke(self, id: str) -> None:
        """The secret opens nothing any more, and a session it has opened ends now."""
        now = self._clock.now()
        async with self._engines.writing.begin() as connection:
            row = (await connection.execute(select(invitations).where(invitations.c.id == id))).one_or_none()
            if row is None:
                raise Refused("not-found")
            await connection.execute(update(invitations).where(invitations.c.id == id).values(revoked_at=now))
            await connection.execute(
                update(sessions)
                .where(sessions.c.hearing == row.hearing, sessions.c.seat == row.seat, sessions.c.ended_at.is_(None))
                .values(ended_at=now)
            )

    async def of_hearing(self, hearing: str) -> list[Invitation]:
        query = select(invitations).where(invitations.c.hearing == hearing).order_by(invitations.c.created_at)
        async with self._engines.reading.connect() as connection:
            return [invitation_of(row) for row in await connection.execute(query)]


def refuse_what_is_over(row: Row[tuple[object, ...]], now: datetime) -> None:
    if row.revoked_at is not None:
        raise Refused("invitation-revoked")
    if row.used_at is not None:
        raise Refused("invitation-used")
    if row.expires_at <= now:
        raise Refused("invitation-expired")


def invitation_of(row: Row[tuple[object, ...]]) -> Invitation:
    return Invitation(
        id=row.id,
        hearing=row.hearing,
        seat=row.seat,
        person=row.person,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
