"""Hearings and sittings for lists, seats for access, and the booking of courtrooms, in SQL.

`project` follows the docket (`docket.follow("calendar", calendar.project, after=calendar.position)`); a repeat of an
entry changes nothing. Lists take the actor and carry `visible_to`, or a seat of the actor's own.
"""

from datetime import datetime

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hearing.access import Actor
from hearing.calendar import Booking, HearingSummary, SeatSummary, Sitting
from hearing.errors import Refused
from hearing.ports import Clock
from hearing.proceedings.events import SittingEnded, SittingStarted
from hearing.proceedings.state import Hearing
from hearing.proceedings.words import Stage
from hearing.store.engines import Engines
from hearing.store.tables import bookings, cases, courtrooms, hearings, seats, sittings
from hearing.store.visible import visible_to
from hearing.wire import Entry

OVER = (Stage.CLOSED, Stage.ADJOURNED, Stage.ENDED)


class SqlCalendar:
    def __init__(self, engines: Engines, clock: Clock) -> None:
        self._engines = engines
        self._clock = clock

    # --- following the docket -----------------------------------------------------------------------------------------

    async def position(self, hearing: str) -> int:
        query = select(hearings.c.number).where(hearings.c.id == hearing)
        async with self._engines.reading.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or 0

    async def project(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        """Bring the lists up to `entry`. What changes no list (segments, hands, notes) is not worth a transaction.

        Once the hearing is over every entry counts, so that a start need not read closed hearings again.
        """
        if before is not None and not after.over and listed(before) == listed(after) and taken(before) == taken(after):
            return
        async with self._engines.writing.begin() as connection:
            row = listed(after) | {"number": entry.number}
            if before is None:
                exists = select(hearings.c.id).where(hearings.c.id == entry.hearing)
                if (await connection.execute(exists)).one_or_none() is None:
                    await connection.execute(insert(hearings).values(id=entry.hearing, **row))
            match entry.event:
                case SittingStarted(sitting=sitting):
                    row |= {"started_at": entry.at, "ended_at": None}
                    await self._start_sitting(connection, entry, sitting)
                case SittingEnded():
                    row |= {"ended_at": entry.at}
                    await self._end_sitting(connection, entry)
            await connection.execute(update(hearings).where(hearings.c.id == entry.hearing).values(**row))
            await connection.execute(delete(seats).where(seats.c.hearing == entry.hearing))
            rows = [{"hearing": entry.hearing, **seat} for seat in taken(after)]
            if rows:
                await connection.execute(insert(seats), rows)

    async def _start_sitting(self, connection: AsyncConnection, entry: Entry, sitting: str) -> None:
        exists = select(sittings.c.id).where(sittings.c.id == sitting)
        if (await connection.execute(exists)).one_or_none() is None:
            await connection.execute(
                insert(sittings).values(id=sitting, hearing=entry.hearing, started_at=entry.at, ended_at=None)
            )

    async def _end_sitting(self, connection: AsyncConnection, entry: Entry) -> None:
        await connection.execute(
            update(sittings)
            .where(sittings.c.hearing == entry.hearing, sittings.c.ended_at.is_(None))
            .values(ended_at=entry.at)
        )

    # --- lists --------------------------------------------------------------------------------------------------------

    async def hearings(
        self,
        actor: Actor,
        *,
        case: str | None = None,
        court: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> list[HearingSummary]:
        """What `actor` may see or has a seat in, by starting time."""
        of_mine = select(seats.c.hearing).where(seats.c.person == actor.person)
        seated = hearings.c.id.in_(of_mine) if actor.hearing is None else hearings.c.id == actor.hearing
        query = select(hearings).join(cases, cases.c.id == hearings.c.case)
        query = query.where(or_(visible_to(actor, self._clock.now()), seated))
        if case is not None:
            query = query.where(hearings.c.case == case)
        if court is not None:
            query = query.where(hearings.c.court == court)
        if since is not None:
            query = query.where(hearings.c.starts_at >= since)
        if until is not None:
            query = query.where(hearings.c.starts_at < until)
        async with self._engines.reading.connect() as connection:
            rows = await connection.execute(query.order_by(hearings.c.starts_at, hearings.c.id).limit(limit))
            return [summary_of(row) for row in rows]

    async def hearing(self, id: str) -> HearingSummary:
        """Authorise first (`store.access.hearing`)."""
        async with self._engines.reading.connect() as connection:
            row = (await connection.execute(select(hearings).where(hearings.c.id == id))).one_or_none()
        if row is None:
            raise Refused("not-found")
        return summary_of(row)

    async def seats(self, hearing: str) -> list[SeatSummary]:
        query = select(seats).where(seats.c.hearing == hearing).order_by(seats.c.seat)
        async with self._engines.reading.connect() as connection:
            return [
                SeatSummary(hearing=row.hearing, seat=row.seat, person=row.person, role=row.role, point=row.point)
                for row in await connection.execute(query)
            ]

    async def seats_of(self, person: str) -> list[SeatSummary]:
        """Every seat of a person, for `my day`."""
        query = select(seats).where(seats.c.person == person).order_by(seats.c.hearing)
        async with self._engines.reading.connect() as connection:
            return [
                SeatSummary(hearing=row.hearing, seat=row.seat, person=row.person, role=row.role, point=row.point)
                for row in await connection.execute(query)
            ]

    async def sittings(self, hearing: str) -> list[Sitting]:
        query = select(sittings).where(sittings.c.hearing == hearing).order_by(sittings.c.started_at)
        async with self._engines.reading.connect() as connection:
            return [
                Sitting(id=row.id, hearing=row.hearing, started_at=row.started_at, ended_at=row.ended_at)
                for row in await connection.execute(query)
            ]

    async def unfinished(self) -> list[str]:
        """The hearings whose timers must run: hand them to `docket.resume` at the start."""
        query = select(hearings.c.id).where(hearings.c.stage.not_in([str(stage) for stage in OVER]))
        async with self._engines.reading.connect() as connection:
            return list((await connection.execute(query.order_by(hearings.c.starts_at))).scalars())

    # --- courtrooms ---------------------------------------------------------------------------------------------------

    async def book(self, *, hearing: str, courtroom: str, starts_at: datetime, ends_at: datetime) -> Booking:
        """Keep a courtroom for a hearing; again for the same hearing moves it. Raises `Refused("courtroom-taken")`.

        Book before scheduling, and `release` when the docket then refuses.
        """
        if ends_at <= starts_at:
            raise Refused("ends-before-it-starts")
        async with self._engines.writing.begin() as connection:
            # The courtroom's row is the lock, so that of two bookings at one time exactly one is made.
            room = select(courtrooms.c.id).where(courtrooms.c.id == courtroom).with_for_update()
            if (await connection.execute(room)).one_or_none() is None:
                raise Refused("not-found")
            overlap = select(bookings.c.hearing).where(
                bookings.c.courtroom == courtroom,
                bookings.c.hearing != hearing,
                bookings.c.starts_at < ends_at,
                bookings.c.ends_at > starts_at,
            )
            if (await connection.execute(overlap.limit(1))).one_or_none() is not None:
                raise Refused("courtroom-taken")
            await connection.execute(delete(bookings).where(bookings.c.hearing == hearing))
            await connection.execute(
                insert(bookings).values(hearing=hearing, courtroom=courtroom, starts_at=starts_at, ends_at=ends_at)
            )
        return Booking(hearing=hearing, courtroom=courtroom, starts_at=starts_at, ends_at=ends_at)

    async def release(self, hearing: str) -> None:
        async with self._engines.writing.begin() as connection:
            await connection.execute(delete(bookings).where(bookings.c.hearing == hearing))

    async def enter(self, courtroom: str, hearing: str) -> None:
        """Before `StartSitting`: one live sitting at a time. Raises `Refused("courtroom-in-use")`; twice is no harm."""
        async with self._engines.writing.begin() as connection:
            changed = await connection.execute(
                update(courtrooms)
                .where(
                    courtrooms.c.id == courtroom,
                    or_(courtrooms.c.live_hearing.is_(None), courtrooms.c.live_hearing == hearing),
                )
                .values(live_hearing=hearing)
            )
            if changed.rowcount != 1:
                raise Refused("courtroom-in-use")

    async def leave(self, courtroom: str, hearing: str) -> None:
        """After `EndSitting`, or when `StartSitting` was refused."""
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                update(courtrooms)
                .where(courtrooms.c.id == courtroom, courtrooms.c.live_hearing == hearing)
                .values(live_hearing=None)
            )


def listed(hearing: Hearing) -> dict[str, object]:
    """The columns of `hearings` that follow from the hearing itself."""
    return {
        "case": hearing.case,
        "court": hearing.court,
        "courtroom": hearing.courtroom or None,
        "pack": hearing.pack,
        "procedure": hearing.procedure,
        "mode": str(hearing.mode),
        "visibility": str(hearing.visibility),
        "starts_at": hearing.starts_at,
        "stage": str(hearing.stage),
        "phase": hearing.phase,
        "interruption": None if hearing.pause is None else str(hearing.pause.kind),
        "outcome": None if hearing.outcome is None else str(hearing.outcome),
    }


def taken(hearing: Hearing) -> list[dict[str, object]]:
    """The seats that count for access: who was removed or replaced has none any more."""
    return [
        {"seat": seat.id, "person": seat.person, "role": str(seat.role), "point": seat.located}
        for seat in hearing.seats.values()
        if seat.active
    ]


def summary_of(row: Row[tuple[object, ...]]) -> HearingSummary:
    return HearingSummary(
        id=row.id,
        case=row.case,
        court=row.court,
        courtroom=row.courtroom,
        pack=row.pack,
        procedure=row.procedure,
        mode=row.mode,
        visibility=row.visibility,
        starts_at=row.starts_at,
        stage=row.stage,
        phase=row.phase,
        interruption=row.interruption,
        outcome=row.outcome,
        started_at=row.started_at,
        ended_at=row.ended_at,
        number=row.number,
    )
