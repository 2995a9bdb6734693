"""The pages of a hearing: waiting room, courtroom, playback. They carry a few values; their scripts do the rest."""

from aiohttp import web

from hearing.access import Verb
from hearing.errors import Refused
from web import auth
from web.auth import Me
from web.pages import shown
from web.parts import PARTS
from web.view import WORDS, page

routes = web.RouteTableDef()


@routes.get("/hearings/{hearing}/waiting")
@routes.get("/hearings/{hearing}/live")
async def live(request: web.Request) -> web.StreamResponse:
    """One page for both: the connection stays when a person is admitted."""
    me = auth.signed_in(request)
    return page(request, "live.html", me=me, page=await about(request, me, Verb.ATTEND))


@routes.get("/hearings/{hearing}/playback")
async def playback(request: web.Request) -> web.StreamResponse:
    me = auth.signed_in(request)
    return page(request, "playback.html", me=me, page=await about(request, me, Verb.PLAY))


async def about(request: web.Request, me: Me, verb: Verb) -> dict[str, object]:
    """What the page's script is told: which hearing, what it is called, and the addresses it may lead to."""
    store, words = request.app[PARTS].store, request[WORDS]
    id = request.match_info["hearing"]
    await store.access.hearing(me.actor, verb, id)
    summary = await store.calendar.hearing(id)
    court = await store.courts.court(summary.court)
    case = None
    try:
        case = await store.cases.case(me.actor, summary.case)
    except Refused:
        pass  # a seat without sight of the file: the page names the hearing only
    seen = case is not None and me.account is not None
    plays = True
    try:
        await store.access.hearing(me.actor, Verb.PLAY, id)
    except Refused:
        plays = False  # the page leads nobody to a door that stays shut
    return {
        "hearing": id,
        "number": case.number if case else "",  # without one the page says "hearing" in its own language
        "title": case.title if case else "",
        "court": court.name,
        "timezone": court.time_zone,
        "visibility": summary.visibility,
        "visibility_name": shown.visibility_pill(words, summary.visibility).text,
        "starts_at": summary.starts_at.isoformat(),
        "links": {
            "back": f"/cases/{case.id}/hearings" if case and seen else ("/today" if me.account else "/"),
            "case": f"/cases/{case.id}/overview" if case and seen else None,
            "invitation": f"/hearings/{id}/invitation",
            "duties": f"/hearings/{id}/duties",
            "device_check": "/device-check",
            "playback": f"/hearings/{id}/playback" if plays else None,
            "waiting": f"/hearings/{id}/waiting",
            "live": f"/hearings/{id}/live",
            "home": "/today" if me.account else f"/hearings/{id}/invitation",
            "sign_in": f"/sign-in?next=/hearings/{id}/live",
            "help": "/help",
        },
    }
