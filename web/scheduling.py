"""Putting a hearing on the calendar: room, record and invitations together, for the page and the API alike.

Rule: the rules of the court decide; what they refuse leaves nothing behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hearing.access import CourtObject, Verb, may
from hearing.errors import Refused
from hearing.people import IssuedInvitation
from hearing.proceedings.commands import Point, ScheduleHearing, Seat
from hearing.proceedings.words import Mode, Visibility
from web.auth import Me
from web.parts import Parts

# An invitation is good until some days after the hearing began: a hearing may be resumed on another day.
INVITED_FOR = timedelta(days=7)
USUAL_LENGTH = timedelta(hours=3)
PROCEDURES = {"criminal": "criminal"}
OTHER_PROCEDURE = "civil"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a person asks for; the case gives court and procedure."""

    starts_at: datetime
    courtroom: str
    mode: Mode
    visibility: Visibility
    points: tuple[Point, ...]
    seats: tuple[Seat, ...]
    length: timedelta = USUAL_LENGTH
    procedure: str = ""
    admission_notice_ms: int = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheduled:
    hearing: str
    invitations: tuple[IssuedInvitation, ...]


async def schedule(parts: Parts, me: Me, case_id: str, plan: Plan, *, inviting: bool = True) -> Scheduled:
    """Book the courtroom, let the court decide, then invite everybody who has a seat. Raises `Refused`."""
    await parts.store.access.case(me.actor, Verb.SCHEDULE, case_id)
    case = await parts.store.cases.case(me.actor, case_id)
    court = await parts.store.courts.court(case.court)
    if plan.starts_at <= parts.clock.now() - timedelta(hours=12):
        raise Refused("starts-in-the-past")
    await _refuse_unknown_people(parts, plan.seats)
    hearing = parts.ids.new()
    if plan.courtroom:
        if plan.courtroom not in {room.id for room in await parts.store.courts.courtrooms(court.id)}:
            raise Refused("unknown-courtroom")
        await parts.store.calendar.book(
            hearing=hearing,
            courtroom=plan.courtroom,
            starts_at=plan.starts_at,
            ends_at=plan.starts_at + plan.length,
        )
    command = ScheduleHearing(
        hearing=hearing,
        case=case.id,
        court=court.id,
        pack=court.pack,
        procedure=plan.procedure or PROCEDURES.get(case.kind, OTHER_PROCEDURE),
        courtroom=plan.courtroom,
        starts_at=plan.starts_at,
        mode=plan.mode,
        visibility=plan.visibility,
        points=plan.points,
        seats=plan.seats,
        admission_notice_ms=plan.admission_notice_ms,
    )
    try:
        await parts.docket.handle(hearing, command, by=me.id, op_id=f"schedule:{hearing}")
    except Refused:
        await parts.store.calendar.release(hearing)
        raise
    invited = plan.seats if inviting else ()
    invitations = [await invite(parts, me, hearing, seat.id, seat.person, plan.starts_at) for seat in invited]
    return Scheduled(hearing=hearing, invitations=tuple(invitations))


async def invite(parts: Parts, me: Me, hearing: str, seat: str, person: str, starts_at: datetime) -> IssuedInvitation:
    """A new invitation to a seat; an earlier unused one of that seat is void with it."""
    until = max(starts_at, parts.clock.now()) + INVITED_FOR
    return await parts.store.invitations.invite(hearing=hearing, seat=seat, person=person, expires_at=until, by=me.id)


async def _refuse_unknown_people(parts: Parts, seats: Sequence[Seat]) -> None:
    known = await parts.store.people.people({seat.person for seat in seats})
    if any(seat.person not in known for seat in seats):
        raise Refused("unknown-person")


def registers_in(me: Me) -> list[str]:
    """The courts in which this person accepts cases."""
    courts = sorted({court for court, _ in me.actor.offices})
    return [court for court in courts if may(me.actor, Verb.REGISTER, CourtObject(court=court))]
