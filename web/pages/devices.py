"""The device check: the page looks and listens by itself; here are only the bytes to measure the line with."""

import os

from aiohttp import web

from hearing.errors import Refused
from hearing.limits import Limit
from web import auth
from web.auth import ME
from web.view import page

routes = web.RouteTableDef()

LARGEST_SAMPLE = 512 * 1024
_SAMPLE = os.urandom(LARGEST_SAMPLE)
LIMIT = web.AppKey("sample limit", Limit)
SAMPLES_PER_MINUTE = 60


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
