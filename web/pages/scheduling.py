"""Scheduling a hearing: form, time and room, points, people; the rules are asked and their refusal is shown.

Works without script: rows for points and people are always there, empty ones are left out.
"""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from hearing.access import Verb
from hearing.cases import Case, Party
from hearing.courts import Court
from hearing.errors import Refused
from hearing.people import Person
from hearing.proceedings.commands import Point, Seat
from hearing.proceedings.roles import ROLES, Role, Seating
from hearing.proceedings.words import Mode, PointKind, Visibility
from web import auth, problems
from web.auth import Me
from web.pages import shown
from web.pages.forms import Form, moment
from web.parts import PARTS
from web.scheduling import Plan, schedule
from web.view import WORDS, page

routes = web.RouteTableDef()

CENTRAL = "central"
POINT_ROWS = 4
HOSTS = ("detention", "other_court", "party_place")
MODES = (Mode.ONLINE, Mode.HYBRID, Mode.IN_PERSON)
LENGTHS = (60, 120, 180, 240, 480)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A person who may be given a seat: the parties of the case and the staff of the court."""

    key: str
    person: str
    name: str
    role: Role
    listed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    me: Me
    case: Case
    court: Court
    candidates: list[Candidate]


async def _context(request: web.Request) -> Context:
    me, store = auth.staff(request), request.app[PARTS].store
    id = request.match_info["case"]
    await store.access.case(me.actor, Verb.SCHEDULE, id)
    case = await store.cases.case(me.actor, id)
    parties = await store.cases.parties(id)
    people = await shown.names(request, (party.person for party in parties))
    staff = await store.people.staff(case.court)
    return Context(
        me=me, case=case, court=await store.courts.court(case.court), candidates=_candidates(parties, people, staff)
    )


def _candidates(parties: list[Party], people: dict[str, Person], staff: list[tuple[Person, str]]) -> list[Candidate]:
    """The parties come first and are ticked; of the court's staff those whose office can sit in a hearing."""
    found = [
        Candidate(
            key=f"{party.person}.{party.role}",
            person=party.person,
            name=people[party.person].name,
            role=Role(party.role),
            listed=True,
        )
        for party in parties
        if party.person in people and ROLES[Role(party.role)].seating is not Seating.NONE
    ]
    known = {one.person for one in found}
    found += [
        Candidate(key=f"{person.id}.{role}", person=person.id, name=person.name, role=Role(role), listed=False)
        for person, role in staff
        if person.id not in known and ROLES[Role(role)].seating is not Seating.NONE
    ]
    return sorted(found, key=lambda one: not shown.conducts(one.role))


@routes.get("/cases/{case}/schedule")
async def schedule_form(request: web.Request) -> web.StreamResponse:
    context = await _context(request)
    words = request[WORDS]
    tomorrow = words.local(request.app[PARTS].clock.now()).date() + timedelta(days=1)
    typed = {"mode": "online", "visibility": "public", "date": words.date(tomorrow), "time": "08:00", "length": "180"}
    for one in context.candidates:
        if one.listed:
            typed[f"seat.{one.key}"] = "on"
            typed[f"point.{one.key}"] = CENTRAL
    return await _page(request, context, typed, {})


@routes.post("/cases/{case}/schedule")
async def save(request: web.Request) -> web.StreamResponse:
    context = await _context(request)
    parts, words = request.app[PARTS], request[WORDS]
    form = await Form.of(request, words)
    day, clock = form.date("date"), form.time("time")
    mode = form.choice("mode", frozenset(map(str, MODES)))
    visibility = form.choice("visibility", frozenset(map(str, Visibility)))
    length = form.choice("length", frozenset(map(str, LENGTHS)))
    rooms = {room.id for room in await parts.store.courts.courtrooms(context.court.id)}
    room = form.choice("room", frozenset(rooms)) if rooms else ""
    if mode != Mode.IN_PERSON and form.typed.get("simple") != "on":
        form.errors["simple"] = words("schedule.simple.error")
    points, seats = _points(form), _seats(form, context)
    if not seats:
        form.errors["people"] = words("schedule.people.none")
    if form.errors or day is None or clock is None:
        return await _page(request, context, form.typed, form.errors, status=422)
    plan = Plan(
        starts_at=moment(day, clock, words.zone),
        courtroom=room,
        mode=Mode(mode),
        visibility=Visibility(visibility),
        points=points,
        seats=seats,
        length=timedelta(minutes=int(length)),
    )
    try:
        done = await schedule(parts, context.me, context.case.id, plan, inviting=False)
    except Refused as refused:
        told = problems.sentence(words, refused)
        if "role" in refused.details:
            role = shown.role_name(words, str(refused.details["role"]))
            told = f"{told} {words('schedule.about_role', role=role)}"
        return await _page(request, context, form.typed, {}, refused=told, status=409)
    raise web.HTTPSeeOther(f"/hearings/{done.hearing}/invitations?new=1")


def _points(form: Form) -> tuple[Point, ...]:
    points = [Point(id=CENTRAL, kind=PointKind.CENTRAL, host="court")]
    for row in range(1, POINT_ROWS + 1):
        place = form.text(f"place_{row}", most=300, required=False)
        if place:
            host = form.choice(f"host_{row}", frozenset(HOSTS))
            points.append(Point(id=f"p{row}", kind=PointKind.COMPONENT, host=host, place_text=place))
    return tuple(points)


def _seats(form: Form, context: Context) -> tuple[Seat, ...]:
    seats = []
    for number, one in enumerate(context.candidates, start=1):
        if form.typed.get(f"seat.{one.key}") != "on":
            continue
        role = one.role
        if role is Role.JUDGE and form.typed.get("presiding") == one.person:
            role = Role.PRESIDING_JUDGE
        seats.append(
            Seat(
                id=f"seat-{number}",
                person=one.person,
                role=role,
                point=form.typed.get(f"point.{one.key}", CENTRAL),
                mandatory=form.typed.get(f"must.{one.key}") == "on" or shown.conducts(role),
            )
        )
    return tuple(seats)


async def _page(
    request: web.Request,
    context: Context,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    refused: str = "",
    status: int = 200,
) -> web.Response:
    parts, words = request.app[PARTS], request[WORDS]
    points = [(CENTRAL, words("point.central"))]
    points += [(f"p{row}", words("point.number", number=row)) for row in range(1, POINT_ROWS + 1)]
    return page(
        request,
        "schedule.html",
        status=status,
        me=context.me,
        case=context.case,
        typed=typed,
        errors=errors,
        refused=refused,
        modes=MODES,
        visibilities=[(str(one), words(f"visibility.{one}")) for one in Visibility],
        rooms=[(room.id, room.name) for room in await parts.store.courts.courtrooms(context.court.id)],
        lengths=[(str(one), words.duration(one * 60_000)) for one in LENGTHS],
        rows=range(1, POINT_ROWS + 1),
        hosts=[(host, words(f"host.{host}")) for host in HOSTS],
        limit=shown.component_limit(context.court.pack),
        candidates=context.candidates,
        points=points,
        conducts=shown.conducts,
    )
