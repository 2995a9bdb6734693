"""Invitations as the clerk sees them: who has one, make new ones, print or send them. A secret is shown once."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web
from markupsafe import Markup

from hearing.access import Verb
from hearing.errors import Refused
from hearing.people import Invitation, IssuedInvitation, Person, written_code
from hearing.ports import Notice
from hearing.proceedings.values import Hearing, SeatState
from web import auth
from web.auth import Me
from web.guard import host_of
from web.i18n import Words
from web.pages import shown
from web.pages.forms import posted
from web.pages.guide import square
from web.pages.shown import Pill
from web.parts import PARTS
from web.scheduling import invite
from web.view import WORDS, page

routes = web.RouteTableDef()
log = logging.getLogger(__name__)

EVERYBODY = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A seat and what has become of its invitation."""

    seat: SeatState
    person: Person | None
    role: str
    state: Pill
    mail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One new invitation, as printed or sent."""

    name: str
    role: str
    code: str
    link: str
    qr: Markup
    sent: bool
    mail: str
    failed: bool = False


async def _open(request: web.Request) -> tuple[Me, Hearing]:
    me, parts = auth.staff(request), request.app[PARTS]
    id = request.match_info["hearing"]
    await parts.store.access.hearing(me.actor, Verb.SCHEDULE, id)
    return me, await parts.docket.hearing(id)


@routes.get("/hearings/{hearing}/invitations")
async def invitations(request: web.Request) -> web.StreamResponse:
    me, hearing = await _open(request)
    return await _page(request, me, hearing, [])


@routes.post("/hearings/{hearing}/invitations")
async def issue(request: web.Request) -> web.StreamResponse:
    """New secrets for one seat or for all that have not joined; the earlier unused ones are void."""
    me, hearing = await _open(request)
    parts, words = request.app[PARTS], request[WORDS]
    form = await posted(request)
    wanted, sending = str(form.get("seat", "")), form.get("send") == "on"
    known = await parts.store.invitations.of_hearing(hearing.id)
    used = {one.seat for one in known if one.used_at is not None and one.revoked_at is None}
    seats = [
        seat
        for seat in hearing.seats.values()
        if seat.active and (seat.id == wanted or (wanted == EVERYBODY and seat.id not in used))
    ]
    if not seats:
        raise Refused("nobody-to-invite")
    people = await shown.names(request, (seat.person for seat in seats))
    sheets = []
    for seat in seats:
        issued = await invite(parts, me, hearing.id, seat.id, seat.person, hearing.starts_at)
        sheets.append(await _sheet(request, words, hearing, seat, people[seat.person], issued, sending))
    return await _page(request, me, hearing, sheets)


async def _sheet(
    request: web.Request,
    words: Words,
    hearing: Hearing,
    seat: SeatState,
    person: Person,
    issued: IssuedInvitation,
    sending: bool,
) -> Sheet:
    parts = request.app[PARTS]
    scheme = "https" if parts.secure else "http"
    link = f"{scheme}://{host_of(request, parts.public_origin)}/join#{issued.token}"
    sheet = Sheet(
        name=person.name,
        role=shown.role_name(words, seat.role),
        code=written_code(issued.code),
        link=link,
        qr=square(link),
        sent=sending and bool(person.email),
        mail=person.email,
    )
    if sheet.sent:
        told = Words(catalogue=words.catalogue, lang=person.language, zone=words.zone)
        values = {
            "name": person.name,
            "role": shown.role_name(told, seat.role).lower(),
            "time": told.time(hearing.starts_at),
            "date": told.long_date(hearing.starts_at),
            "code": sheet.code,
            "link": link,
        }
        notice = Notice(
            to=person.email,
            name=person.name,
            subject=told("invitation.mail.subject", **values),
            text=told("invitation.mail.text", **values),
        )
        try:
            await parts.notifier.send(notice)
        except Exception as fault:  # the invitation itself is good: its paper is handed over instead
            log.error("an invitation could not be delivered: %s", type(fault).__name__)
            sheet = replace(sheet, sent=False, failed=True)
    return sheet


async def _page(request: web.Request, me: Me, hearing: Hearing, sheets: list[Sheet]) -> web.Response:
    parts, words = request.app[PARTS], request[WORDS]
    known: dict[str, Invitation] = {}
    for one in await parts.store.invitations.of_hearing(hearing.id):
        known[one.seat] = one
    people = await shown.names(request, (seat.person for seat in hearing.seats.values()))
    rows = [
        Row(
            seat=seat,
            person=people.get(seat.person),
            role=shown.role_name(words, seat.role),
            state=_state(words, known.get(seat.id), parts.clock.now()),
            mail=people[seat.person].email if seat.person in people else "",
        )
        for seat in hearing.seats.values()
        if seat.active
    ]
    case = await parts.store.cases.case(me.actor, hearing.case)
    return page(
        request,
        "invitations.html",
        me=me,
        hearing=hearing,
        case=case,
        rows=rows,
        sheets=sheets,
        new="new" in request.query and not sheets,
    )


def _state(words: Words, invitation: Invitation | None, now: datetime) -> Pill:
    if invitation is None or invitation.revoked_at is not None:
        return Pill(text=words("invitation.state.none"))
    if invitation.used_at is not None:
        return Pill(text=words("invitation.state.used", time=words.moment(invitation.used_at)), kind="ok", icon="check")
    if invitation.expires_at <= now:
        return Pill(text=words("invitation.state.expired"), kind="warn", icon="clock")
    return Pill(text=words("invitation.state.open"), kind="info", icon="mail")
