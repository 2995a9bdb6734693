"""The calls that change something: signing in, accepting a case, scheduling a hearing, asking for a film."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from hearing.access import Verb
from hearing.cases import Purpose, parse_number
from hearing.errors import Refused
from hearing.people import written_code
from hearing.proceedings.commands import Point, Seat
from web import auth, playback
from web.api import models
from web.api.registry import API
from web.guard import host_of
from web.pages.shown import SYMBOLS
from web.parts import PARTS
from web.scheduling import Plan, schedule


@API.call(
    "POST", "/api/sign-in", summary="Sign in with an account", takes=models.SignIn, gives=models.Token, public=True
)
async def sign_in(request: web.Request, body: models.SignIn) -> models.Token:
    people = request.app[PARTS].store.people
    entrance = await people.sign_in(body.name, body.password, address=auth.address(request))
    return models.Token(token=entrance.token)


@API.call(
    "POST",
    "/api/invitations/exchange",
    summary="Turn an invitation into a session on its seat, once",
    takes=models.Exchange,
    gives=models.SeatToken,
    public=True,
)
async def exchange_invitation(request: web.Request, body: models.Exchange) -> models.SeatToken:
    entrance = await request.app[PARTS].store.invitations.exchange(body.code, address=auth.address(request))
    return models.SeatToken(
        token=entrance.token, hearing=entrance.session.hearing or "", seat=entrance.session.seat or ""
    )


@API.call("POST", "/api/cases", summary="Accept a case", takes=models.CaseIn, gives=models.CaseOut, status=201)
async def accept_case(request: web.Request, body: models.CaseIn) -> models.CaseOut:
    me, parts = auth.signed_in(request), request.app[PARTS]
    await parts.store.access.court(me.actor, Verb.REGISTER, body.court)
    today = parts.clock.now().astimezone(parts.zone).date()
    number = parse_number(body.number, year=today.year) if body.number else None
    case = await parts.store.cases.open(
        court=body.court,
        kind=body.kind,
        title=body.title,
        accepted_on=(body.accepted_on or today).isoformat(),
        sealed=body.sealed,
    )
    if number is None:
        reserved = await parts.store.numbers.reserve(
            court=body.court, case=case.id, year=today.year, symbol=SYMBOLS[body.kind], purpose=Purpose.ACCEPTANCE
        )
        await parts.store.numbers.confirm(reserved.id)
        written = reserved.number.raw
    else:
        await parts.store.numbers.register(court=body.court, case=case.id, number=number, purpose=Purpose.ACCEPTANCE)
        written = number.raw
    for party in body.parties:
        await parts.store.cases.add_party(case.id, person=await person_of(request, party), role=party.role)
    return models.CaseOut(
        id=case.id,
        court=case.court,
        kind=case.kind,
        title=case.title,
        number=written,
        status=case.status,
        sealed=case.sealed,
        accepted_on=case.accepted_on,
    )


async def person_of(request: web.Request, given: models.PersonIn) -> str:
    """The person named by id, or a new one."""
    people = request.app[PARTS].store.people
    if given.person is not None:
        return (await people.person(given.person)).id
    if given.name is None:
        raise Refused("unknown-person")
    added = await people.add_person(
        name=given.name, title=given.title, email=given.email, phone=given.phone, language=given.language
    )
    return added.id


@API.call(
    "POST",
    "/api/cases/{case}/hearings",
    summary="Schedule a hearing and invite everybody who has a seat",
    takes=models.HearingIn,
    gives=models.ScheduledOut,
    status=201,
)
async def schedule_hearing(request: web.Request, body: models.HearingIn) -> models.ScheduledOut:
    me, parts = auth.signed_in(request), request.app[PARTS]
    case = request.match_info["case"]
    await parts.store.access.case(me.actor, Verb.SCHEDULE, case)
    seats = tuple(
        [
            Seat(
                id=seat.id or parts.ids.new(),
                person=await person_of(request, seat),
                role=seat.role,
                point=seat.point,
                mandatory=seat.mandatory,
                accompanies=seat.accompanies,
                language=seat.speaks,
            )
            for seat in body.seats
        ]
    )
    plan = Plan(
        starts_at=body.starts_at,
        courtroom=body.courtroom,
        mode=body.mode,
        visibility=body.visibility,
        procedure=body.procedure,
        length=timedelta(minutes=body.minutes),
        admission_notice_ms=body.admission_notice_ms,
        points=tuple(
            Point(id=point.id, kind=point.kind, host=point.host, place_text=point.place_text) for point in body.points
        ),
        seats=seats,
    )
    done = await schedule(parts, me, case, plan)
    people = await parts.store.people.people(seat.person for seat in seats)
    roles = {seat.id: str(seat.role) for seat in seats}
    origin = f"{'https' if parts.secure else 'http'}://{host_of(request, parts.public_origin)}"
    return models.ScheduledOut(
        hearing=done.hearing,
        invitations=[
            models.InvitationOut(
                seat=issued.invitation.seat,
                person=issued.invitation.person,
                name=people[issued.invitation.person].name,
                role=roles[issued.invitation.seat],
                code=written_code(issued.code),
                token=issued.token,
                link=f"{origin}/join#{issued.token}",
                expires_at=issued.invitation.expires_at,
            )
            for issued in done.invitations
        ],
    )


@API.call("POST", "/api/hearings/{hearing}/film", summary="Ask for the composed film", gives=models.JobOut, status=202)
async def request_film(request: web.Request) -> dict[str, Any]:
    me, parts = auth.signed_in(request), request.app[PARTS]
    hearing = request.match_info["hearing"]
    await parts.store.access.hearing(me.actor, Verb.PLAY, hearing)
    if parts.jobs is None:
        raise Refused("unknown-job")
    await parts.jobs.request("film", hearing)
    return playback.job(await parts.jobs.state("film", hearing), f"/hearings/{hearing}/film.mp4")
