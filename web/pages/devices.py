"""The device check: the page looks and listens by itself; here are only the bytes to measure the line with, and the
answers to a page that tries which ways its network leaves open to sound and picture.

Rule: only who is signed in, or came by an invitation, tries ways: strangers never learn where the media process is.
"""

import os
import secrets

from aiohttp import web

from hearing.errors import Malformed, Refused
from hearing.limits import Limit
from signaling.protocol import SDP_LIMIT
from web import auth
from web.auth import ME
from web.parts import PARTS
from web.view import page

routes = web.RouteTableDef()

LARGEST_SAMPLE = 512 * 1024
_SAMPLE = os.urandom(LARGEST_SAMPLE)
LIMIT = web.AppKey("sample limit", Limit)
SAMPLES_PER_MINUTE = 60
PROBE_LIMIT = web.AppKey("probe limit", Limit)
# A run tries each media process and three ways over a relay; a person presses a few times.
PROBES_PER_MINUTE = 40
PROCESSES_LIMIT = 64


def _count(request: web.Request) -> None:
    """The sample needs no session, so the address is counted."""
    request.app[LIMIT].spend(auth.address(request))


@routes.get("/device-check")
async def device_check(request: web.Request) -> web.StreamResponse:
    me = request.get(ME)
    hearing = me.session.hearing if me else None
    return page(request, "device-check.html", me=me, onward=f"/hearings/{hearing}/invitation" if hearing else "/")


@routes.get("/device-check/sample")
async def sample(request: web.Request) -> web.StreamResponse:
    """Random bytes, which nothing on the way can squeeze; `bytes=0` answers at once, for the delay."""
    _count(request)
    asked = request.query.get("bytes", "0")
    if not asked.isascii() or not asked.isdigit() or int(asked) > LARGEST_SAMPLE:
        raise Refused("form-incomplete")
    answer = web.Response(body=_SAMPLE[: int(asked)], content_type="application/octet-stream")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@routes.post("/device-check/sample")
async def take_sample(request: web.Request) -> web.StreamResponse:
    """Take bytes and forget them, for the speed upwards."""
    _count(request)
    size = 0
    async for chunk in request.content.iter_chunked(65536):
        size += len(chunk)
        if size > LARGEST_SAMPLE:
            raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_SAMPLE, actual_size=size)
    return web.Response(status=204)


@routes.get("/device-check/ways")
async def ways(request: web.Request) -> web.StreamResponse:
    """The ways to try, each with servers and a credential of its own: {"processes": n, "relays": {way: [...]}}."""
    auth.signed_in(request)
    found = request.app[PARTS].ways(secrets.token_hex(8))
    answer = web.json_response({"processes": found.processes, "relays": found.relays})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@routes.post("/device-check/probe")
async def probe(request: web.Request) -> web.StreamResponse:
    """{"sdp": offer, "process": number} -> {"sdp": answer} of a media process; 503 when it is away or too busy."""
    me = auth.signed_in(request)
    request.app[PROBE_LIMIT].spend(me.id)
    try:
        body = await request.json()
        sdp, process = body["sdp"], body["process"]
    except (ValueError, KeyError, TypeError):
        raise Malformed("not an offer to try a way with") from None
    if (
        not isinstance(sdp, str)
        or len(sdp) > SDP_LIMIT
        or type(process) is not int
        or not 0 <= process < PROCESSES_LIMIT
    ):
        raise Malformed("not an offer to try a way with")
    if not (answer := await request.app[PARTS].probe(sdp, process)):
        raise web.HTTPServiceUnavailable
    return web.json_response({"sdp": answer}, headers={"Cache-Control": "no-store"})
