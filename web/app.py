"""The application: in which order a request passes the middlewares, and where the pages hang.

Rule: nothing is opened here. `Parts` are handed in already open, so that tests and processes wire the same product.
"""

import asyncio
from dataclasses import replace
from typing import Any

from aiohttp import web

from hearing.errors import Malformed, Refused
from hearing.limits import Limit
from web import auth, guard, problems
from web.api import ROUTES
from web.i18n import COOKIE, LANGUAGES, Catalogue, Words, choose
from web.pages import PAGES, devices, guide
from web.parts import PARTS, Jobs, JobState, Parts
from web.problems import Handler
from web.view import STATIC, VIEWER, WORDS, Viewer

__all__ = ["PARTS", "JobState", "Jobs", "Parts", "build"]

LARGEST_FORM = 512 * 1024
# A body must keep coming: this much in each look, and all of it before the end.
LOOK_EVERY_S, LEAST_IN_A_LOOK = 5.0, 1024
BODY_WITHIN_S = 60.0
# So long may a connection stand without a whole request: nothing said yet, half a head said, or idle after an answer.
HEAD_WITHIN_S = 30.0
LANGUAGE_KEPT_S = 365 * 24 * 3600
FOR_EVER = "public, max-age=31536000, immutable"
CATALOGUE = web.AppKey("catalogue", Catalogue)


def build(parts: Parts) -> web.Application:
    """The whole application over `parts`."""
    app = web.Application(
        middlewares=[speak, problems.answer_problems, hurry, refuse_elsewhere, auth.recognise],
        client_max_size=LARGEST_FORM,
    )
    app[PARTS] = parts
    app[VIEWER] = Viewer()
    app[CATALOGUE] = Catalogue.load()
    app[devices.LIMIT] = Limit(parts.clock, devices.SAMPLES_PER_MINUTE)
    app[devices.PROBE_LIMIT] = Limit(parts.clock, devices.PROBES_PER_MINUTE)
    app.on_response_prepare.append(add_headers)
    app.router.add_static(f"/static/{app[VIEWER].version}", STATIC)
    app.router.add_get("/i18n/{version}/{language}.json", catalogue)
    app.router.add_routes(ROUTES)
    for routes in PAGES:
        app.router.add_routes(routes)
    parts.attach(app)
    return app


def build_trust(parts: Parts) -> web.Application:
    """The one page that is served without TLS: by it a phone comes to trust the local authority.

    The phone cannot check TLS before, so this holds nothing but the certificate and its fingerprint; everything else
    leads to the real product.
    """

    async def lead_on(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"https://{guard.name_of(request.host)}:{parts.port}{request.rel_url}")

    app = web.Application(middlewares=[speak, problems.answer_problems])
    app[PARTS] = replace(parts, secure=False)
    app[VIEWER] = Viewer()
    app[CATALOGUE] = Catalogue.load()
    app.on_response_prepare.append(add_headers)
    app.router.add_static(f"/static/{app[VIEWER].version}", STATIC)
    app.router.add_get("/trust", guide.trust)
    app.router.add_get("/trust/authority.crt", guide.authority)
    app.router.add_get("/{rest:.*}", lead_on)
    return app


def runner(app: web.Application, *, proxied: bool, **options: Any) -> web.AppRunner:
    """What serves `app`. No middleware sees a head that does not end, so the connection itself has a limit.

    A proxy gathers heads itself and keeps connections to us open for its own time, which we must outlast.
    """
    if not proxied:
        options["keepalive_timeout"] = HEAD_WITHIN_S
    return web.AppRunner(app, access_log=None, handle_signals=False, **options)


@web.middleware
async def speak(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: choose the language, so that even a fault is told in it; keep a choice made by the header's link."""
    asked = request.query.get("lang")
    language = choose(asked, request.cookies.get(COOKIE), request.headers.get("Accept-Language"))
    request[WORDS] = Words(catalogue=request.app[CATALOGUE], lang=language, zone=request.app[PARTS].zone)
    answer = await handler(request)
    if asked in LANGUAGES and not answer.prepared:
        secure = request.app[PARTS].secure
        answer.set_cookie(COOKIE, asked, max_age=LANGUAGE_KEPT_S, path="/", secure=secure, samesite="Lax")
    return answer


@web.middleware
async def hurry(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whoever sends a body so slowly that it only holds a place is told 408."""
    if not request.can_read_body:
        return await handler(request)
    loop, content = asyncio.get_running_loop(), request.content
    ends = loop.time() + BODY_WITHIN_S
    timer: asyncio.TimerHandle
    late = False

    def look(seen: int) -> None:
        nonlocal timer, late
        if content.is_eof():
            return
        if content.total_bytes - seen < LEAST_IN_A_LOOK or loop.time() > ends:
            late = True
            content.set_exception(TimeoutError())  # raised where the handler reads
            return
        timer = loop.call_later(LOOK_EVERY_S, look, content.total_bytes)

    timer = loop.call_later(LOOK_EVERY_S, look, 0)
    try:
        return await handler(request)
    except TimeoutError:
        if late:
            raise web.HTTPRequestTimeout from None
        raise
    finally:
        timer.cancel()


@web.middleware
async def refuse_elsewhere(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever changes something must come from our own pages."""
    if not guard.proper_host(request):
        raise Malformed("the Host header is not a host")
    if "\0" in request.path or any("\0" in value for value in request.query.values()):
        raise Malformed("an address holds no NUL")  # no database takes it for text
    if request.method not in guard.SAFE_METHODS and not guard.same_origin(request, request.app[PARTS].public_origin):
        raise Refused("from-elsewhere")
    return await handler(request)


async def add_headers(request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers["Server"] = "hearing"
    parts, viewer = request.app[PARTS], request.app[VIEWER]
    host = guard.host_of(request, parts.public_origin)
    for name, value in guard.headers(host, viewer.import_map_hash, secure=parts.secure).items():
        answer.headers.setdefault(name, value)
    if request.path.startswith(f"/static/{viewer.version}/") and answer.status in (200, 206, 304):
        answer.headers["Cache-Control"] = FOR_EVER


async def catalogue(request: web.Request) -> web.StreamResponse:
    """The words for browser modules; the address carries their version."""
    known = request.app[CATALOGUE]
    language = request.match_info["language"]
    if language not in LANGUAGES:
        raise Refused("not-found")
    answer = web.json_response(dict(known.texts[language]))
    if request.match_info["version"] == known.version:
        answer.headers["Cache-Control"] = FOR_EVER
    return answer
