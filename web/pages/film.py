"""The composed film: ask for it, see how far it is, play or fetch it. Works without script by asking again."""

from aiohttp import web

from hearing.access import Verb
from hearing.errors import Refused
from web import auth
from web.pages.media import send_blob
from web.parts import PARTS, JobState
from web.view import page

routes = web.RouteTableDef()

AGAIN_AFTER_S = "5"


async def _state(request: web.Request) -> JobState:
    parts = request.app[PARTS]
    await parts.store.access.hearing(auth.signed_in(request).actor, Verb.PLAY, request.match_info["hearing"])
    if parts.jobs is None:
        return JobState(status="none")
    return await parts.jobs.state("film", request.match_info["hearing"])


@routes.get("/hearings/{hearing}/film")
async def film(request: web.Request) -> web.StreamResponse:
    state = await _state(request)
    hearing = request.match_info["hearing"]
    parts, me = request.app[PARTS], auth.signed_in(request)
    answer = page(
        request,
        "film.html",
        me=me,
        hearing=hearing,
        state=state,
        summary=await parts.store.calendar.hearing(hearing),
        case=await _case(request),
    )
    if state.status in ("waiting", "running"):
        answer.headers["Refresh"] = AGAIN_AFTER_S
    return answer


async def _case(request: web.Request) -> str:
    """The case to go back to, empty for whoever may not see the file."""
    parts, me = request.app[PARTS], auth.signed_in(request)
    summary = await parts.store.calendar.hearing(request.match_info["hearing"])
    try:
        return (await parts.store.cases.case(me.actor, summary.case)).id
    except Refused:
        return ""


@routes.post("/hearings/{hearing}/film")
async def request_film(request: web.Request) -> web.StreamResponse:
    await _state(request)
    jobs, hearing = request.app[PARTS].jobs, request.match_info["hearing"]
    if jobs is None:
        raise Refused("unknown-job")
    await jobs.request("film", hearing)
    raise web.HTTPSeeOther(f"/hearings/{hearing}/film")


@routes.get("/hearings/{hearing}/film.mp4")
async def film_bytes(request: web.Request) -> web.StreamResponse:
    state = await _state(request)
    if state.status != "done" or not state.blob:
        raise Refused("not-found")
    return await send_blob(request, state.blob, "video/mp4")
