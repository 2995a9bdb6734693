"""My day: the next hearing large, today's list, the coming days, what was recorded lately."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from aiohttp import web

from hearing.access import CourtObject, Verb, may
from hearing.calendar import HearingSummary
from hearing.cases import Case
from hearing.errors import Refused
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import PointKind
from web import auth
from web.auth import Me
from web.i18n import Words
from web.pages import shown
from web.pages.shown import Pill
from web.parts import PARTS
from web.view import WORDS, page

routes = web.RouteTableDef()

DAYS_AHEAD = 7
DAYS_BACK = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One hearing of the lists; `case` is None where the person has a seat but no sight of the file."""

    hearing: HearingSummary
    case: Case | None
    state: Pill
    seated: bool

    @property
    def number(self) -> str:
        return self.case.number if self.case else ""

    @property
    def title(self) -> str:
        return self.case.title if self.case else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """One point of the next hearing: who is there."""

    kind: str
    icon: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    day: date
    lines: list[Line]


@routes.get("/today")
async def today(request: web.Request) -> web.StreamResponse:
    me = auth.staff(request)
    parts, words = request.app[PARTS], request[WORDS]
    now = parts.clock.now()
    start = datetime.combine(words.local(now).date(), time(), tzinfo=words.zone)
    found = await parts.store.calendar.hearings(
        me.actor, since=start - timedelta(days=DAYS_BACK), until=start + timedelta(days=DAYS_AHEAD + 1)
    )
    seats = {seat.hearing for seat in await parts.store.calendar.seats_of(me.id)}
    cases = await shown.cases_of(request, me.actor, (hearing.case for hearing in found))
    lines = [
        Line(
            hearing=hearing,
            case=cases.get(hearing.case),
            state=shown.stage_pill(words, hearing, now),
            seated=hearing.id in seats,
        )
        for hearing in found
    ]
    tomorrow = start + timedelta(days=1)
    own = [line for line in lines if start <= line.hearing.starts_at < tomorrow]
    hero = _next([line for line in lines if line.seated and not shown.over(line.hearing)], start)
    return page(
        request,
        "today.html",
        me=me,
        now=now,
        count=len(own),
        hero=hero,
        hero_details=await _details(request, words, hero) if hero else None,
        others=[line for line in own if line is not hero],
        days=_days(words, lines, tomorrow),
        recorded=[line for line in reversed(lines) if shown.over(line.hearing)][:5],
        newest=await parts.store.cases.cases(me.actor, limit=4),
        accepts=accepts(me),
    )


def _next(lines: list[Line], start: datetime) -> Line | None:
    """What is going on now comes before what is still to come."""
    waiting = [line for line in lines if shown.live(line.hearing) or line.hearing.starts_at >= start]
    return min(waiting, key=lambda line: (not shown.live(line.hearing), line.hearing.starts_at), default=None)


def _days(words: Words, lines: list[Line], tomorrow: datetime) -> list[Day]:
    """The next five working days, with weekends only when something is on."""
    days = []
    for ahead in range(DAYS_AHEAD):
        day = words.local(tomorrow + timedelta(days=ahead)).date()
        own = [line for line in lines if words.local(line.hearing.starts_at).date() == day]
        if own or day.isoweekday() <= 5:
            days.append(Day(day=day, lines=own))
    return days[:5]


async def _details(request: web.Request, words: Words, line: Line) -> dict[str, object]:
    """Room, people who conduct, and the readiness of each point, from the hearing itself."""
    parts = request.app[PARTS]
    hearing = await parts.docket.hearing(line.hearing.id)
    people = await shown.names(request, (seat.person for seat in hearing.seats.values()))
    conducting = [
        f"{shown.role_name(words, seat.role)} {people[seat.person].name}"
        for seat in hearing.seats.values()
        if shown.conducts(seat.role) and seat.person in people
    ]
    return {
        "room": await room_name(request, line.hearing.courtroom),
        "conducting": conducting,
        "visibility": shown.visibility_pill(words, hearing.visibility),
        "signs": readiness(words, hearing),
        "live": shown.live(line.hearing),
    }


def readiness(words: Words, hearing: Hearing) -> list[Sign]:
    """For each point who is connected, and who of those that must be there is not."""
    signs = []
    number = 0
    for point in hearing.points:
        number += point.kind is PointKind.COMPONENT
        where = words("point.central") if point.kind is PointKind.CENTRAL else words("point.number", number=number)
        seats = [seat for seat in hearing.seats.values() if seat.point == point.id and seat.active]
        here = [shown.role_name(words, seat.role).lower() for seat in seats if seat.connected]
        missing = [shown.role_name(words, seat.role).lower() for seat in seats if seat.mandatory and not seat.connected]
        if missing and here:
            text = words("ready.missing", where=where, roles=", ".join(missing))
            signs.append(Sign(kind="warn", icon="triangle-alert", text=text))
        elif missing or not here:
            signs.append(Sign(kind="", icon="clock", text=words("ready.nobody", where=where)))
        else:
            text = words("ready.present", where=where, roles=", ".join(here))
            signs.append(Sign(kind="ok", icon="circle-check", text=text))
    return signs


async def room_name(request: web.Request, courtroom: str | None) -> str:
    if not courtroom:
        return ""
    try:
        return (await request.app[PARTS].store.courts.courtroom(courtroom)).name
    except Refused:
        return ""


def accepts(me: Me) -> bool:
    """Whether this person registers new cases: then the page offers it."""
    return any(may(me.actor, Verb.REGISTER, CourtObject(court=court)) for court, _ in me.actor.offices)
