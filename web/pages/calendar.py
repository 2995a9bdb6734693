"""The hearing calendar: for people of the court their own lists, for everybody else the way in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from aiohttp import web

from hearing.calendar import HearingSummary
from hearing.cases import Case
from web.auth import ME
from web.pages import shown
from web.pages.day import Line
from web.parts import PARTS
from web.view import WORDS, page

routes = web.RouteTableDef()

WEEKS = 2
FARTHEST = timedelta(days=366 * 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    day: date
    today: bool
    lines: list[Line]


@routes.get("/calendar")
async def calendar(request: web.Request) -> web.StreamResponse:
    parts, words = request.app[PARTS], request[WORDS]
    me = request.get(ME)
    now = parts.clock.now()
    today = words.local(now).date()
    first = _first_day(request.query.get("from", ""), today)
    start = datetime.combine(first, time(), tzinfo=words.zone)
    until = start + timedelta(weeks=WEEKS)
    found: list[HearingSummary] = []
    cases: dict[str, Case] = {}
    seats: set[str] = set()
    if me is not None:
        found = await parts.store.calendar.hearings(me.actor, since=start, until=until)
        cases = await shown.cases_of(request, me.actor, (hearing.case for hearing in found))
        seats = {seat.hearing for seat in await parts.store.calendar.seats_of(me.id)}
    courts = {court.id: court.name for court in await parts.store.courts.all()}
    days = []
    for ahead in range(WEEKS * 7):
        day = first + timedelta(days=ahead)
        lines = [
            Line(
                hearing=hearing,
                case=cases.get(hearing.case),
                state=shown.stage_pill(words, hearing, now),
                seated=hearing.id in seats,
            )
            for hearing in found
            if words.local(hearing.starts_at).date() == day
        ]
        days.append(CalendarDay(day=day, today=day == today, lines=lines))
    return page(
        request,
        "calendar.html",
        me=me,
        days=[day for day in days if day.lines or (day.day.isoweekday() <= 5 and me is not None)],
        first=first,
        last=first + timedelta(days=WEEKS * 7 - 1),
        before=(first - timedelta(weeks=WEEKS)).isoformat(),
        after=(first + timedelta(weeks=WEEKS)).isoformat(),
        courts=courts,
        count=len(found),
    )


def _first_day(asked: str, today: date) -> date:
    """The Monday of the week asked for, else of this week; dates years away are this week."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = today
    day = day if abs(day - today) < FARTHEST else today
    return day - timedelta(days=day.weekday())
