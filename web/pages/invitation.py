"""What an invited person sees first: when, where, what to do next; the five duties; the calendar entry."""

from dataclasses import dataclass
from datetime import UTC, timedelta

from aiohttp import web

from hearing.access import Verb
from hearing.calendar import HearingSummary
from hearing.cases import Case
from hearing.courts import Court
from hearing.errors import Refused
from hearing.proceedings.commands import AcceptDuties
from hearing.proceedings.roles import Power
from hearing.proceedings.values import Hearing, SeatState
from hearing.proceedings.words import PointKind
from web import auth
from web.auth import Me
from web.i18n import Words
from web.pages import shown
from web.pages.forms import posted
from web.parts import PARTS
from web.view import WORDS, page

routes = web.RouteTableDef()

# The text of the five duties as shown; a change of the words is a new version that is asked for again.
DUTIES_VERSION = "2026-06"
EARLY = timedelta(minutes=30)
USUAL_LENGTH = timedelta(hours=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mine:
    """My seat in a hearing, and what I may know of the hearing from outside."""

    me: Me
    hearing: Hearing
    summary: HearingSummary
    seat: SeatState
    court: Court
    case: Case | None

    def where(self, words: Words) -> str:
        number = 0
        for point in self.hearing.points:
            number += point.kind is PointKind.COMPONENT
            if point.id == self.seat.point:
                name = (
                    words("point.central") if point.kind is PointKind.CENTRAL else words("point.number", number=number)
                )
                return f"{name}: {point.place_text}" if point.place_text else name
        return ""


async def open_mine(request: web.Request) -> Mine:
    """Raises `not-found` for whoever has no seat."""
    me, parts = auth.signed_in(request), request.app[PARTS]
    id = request.match_info["hearing"]
    await parts.store.access.hearing(me.actor, Verb.ATTEND, id)
    hearing = await parts.docket.hearing(id)
    seats = [
        seat
        for seat in hearing.seats.values()
        if seat.person == me.id and seat.active and me.session.seat in (None, seat.id)
    ]
    if not seats:
        raise Refused("not-found")
    summary = await parts.store.calendar.hearing(id)
    try:
        case = await parts.store.cases.case(me.actor, summary.case)
    except Refused:
        case = None  # a witness has a seat and no sight of the file
    court = await parts.store.courts.court(summary.court)
    return Mine(me=me, hearing=hearing, summary=summary, seat=seats[0], court=court, case=case)


@routes.get("/hearings/{hearing}/invitation")
async def invitation(request: web.Request) -> web.StreamResponse:
    mine = await open_mine(request)
    words, now = request[WORDS], request.app[PARTS].clock.now()
    people = await shown.names(request, (seat.person for seat in mine.hearing.seats.values()))
    presiding = next((seat for seat in mine.hearing.seats.values() if seat.has(Power.CONTROL)), None)
    return page(
        request,
        "invitation.html",
        me=mine.me,
        mine=mine,
        court_name=mine.court.name,
        role=shown.role_name(words, mine.seat.role),
        where=mine.where(words),
        judge=people[presiding.person].name if presiding and presiding.person in people else "",
        duties_done=mine.seat.duties == DUTIES_VERSION or not mine.seat.row.vouched,
        open_from=mine.summary.starts_at - EARLY,
        now=now,
        over=shown.over(mine.summary),
    )


@routes.get("/duties")
async def duties_start(request: web.Request) -> web.StreamResponse:
    me = auth.signed_in(request)
    raise web.HTTPSeeOther(f"/hearings/{me.session.hearing}/duties" if me.session.hearing else "/today")


@routes.get("/hearings/{hearing}/duties")
async def duties(request: web.Request) -> web.StreamResponse:
    return _duties(request, await open_mine(request))


@routes.post("/hearings/{hearing}/duties")
async def accept(request: web.Request) -> web.StreamResponse:
    """Written to the record of the hearing with the version of the text that was shown."""
    mine = await open_mine(request)
    form = await posted(request)
    if form.get("agree") != "on":
        return _duties(request, mine, error=request[WORDS]("duties.tick"), status=422)
    parts = request.app[PARTS]
    command = AcceptDuties(version=DUTIES_VERSION)
    operation = f"duties:{mine.seat.id}:{DUTIES_VERSION}"
    if mine.seat.duties != DUTIES_VERSION:
        await parts.docket.handle(mine.hearing.id, command, by=mine.seat.id, op_id=operation)
    raise web.HTTPSeeOther(f"/hearings/{mine.hearing.id}/invitation")


def _duties(request: web.Request, mine: Mine, *, error: str = "", status: int = 200) -> web.Response:
    return page(
        request,
        "duties.html",
        status=status,
        me=mine.me,
        mine=mine,
        court_name=mine.court.name,
        accepted=mine.seat.duties == DUTIES_VERSION,
        error=error,
    )


@routes.get("/hearings/{hearing}/invitation.ics")
async def calendar_entry(request: web.Request) -> web.StreamResponse:
    """For the phone's own calendar; no name, no case: calendars are shared."""
    mine = await open_mine(request)
    words = request[WORDS]
    starts = mine.summary.starts_at.astimezone(UTC)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hearing//EN",
        "BEGIN:VEVENT",
        f"UID:{mine.hearing.id}",
        f"DTSTAMP:{request.app[PARTS].clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{starts:%Y%m%dT%H%M%SZ}",
        f"DTEND:{starts + USUAL_LENGTH:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{words('app.name')}",
        f"LOCATION:{mine.court.name}".replace(",", "\\,"),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    answer = web.Response(text="\r\n".join(lines), content_type="text/calendar", charset="utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="hearing.ics"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
