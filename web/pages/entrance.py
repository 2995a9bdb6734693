"""Signing in, joining by invitation, signing out, and where a person goes first."""

from typing import Any

from aiohttp import web

from hearing.errors import Refused
from web import auth, problems
from web.auth import ME, Me
from web.pages.forms import posted
from web.parts import PARTS
from web.view import WORDS, page, see_other

routes = web.RouteTableDef()

LONGEST_SECRET = 200
INVITATION_REFUSALS = ("invitation-unknown", "invitation-used", "invitation-revoked", "invitation-expired")


def first_page(me: Me) -> str:
    if me.session.hearing is not None:
        return f"/hearings/{me.session.hearing}/invitation"
    return "/today"


def inner(address: str) -> str:
    """An address of ours to go on to after signing in; anything that could lead elsewhere is dropped."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    return address if plain and address.isprintable() else ""


@routes.get("/")
async def start(request: web.Request) -> web.StreamResponse:
    me = request.get(ME)
    raise web.HTTPSeeOther(first_page(me) if me else "/sign-in")


@routes.get("/sign-in")
async def sign_in_form(request: web.Request) -> web.StreamResponse:
    words = request[WORDS]
    notice = words("sign_in.signed_out") if "out" in request.query else ""
    return _form(request, next=inner(request.query.get("next", "")), notice=notice)


@routes.post("/sign-in")
async def sign_in(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    name, password = str(form.get("name", ""))[:120], str(form.get("password", ""))[:200]
    goal = inner(str(form.get("next", "")))
    parts = request.app[PARTS]
    try:
        if not name.strip() or not password:
            raise Refused("sign-in-refused")
        entrance = await parts.store.people.sign_in(name, password, address=auth.address(request))
    except Refused as refused:
        told = problems.sentence(request[WORDS], refused)
        return _form(request, status=problems.status_of(refused), account_error=told, name=name, next=goal)
    answer = see_other(goal or "/today")
    auth.keep(answer, entrance, secure=parts.secure)
    return answer


@routes.post("/sign-out")
async def sign_out(request: web.Request) -> web.StreamResponse:
    parts = request.app[PARTS]
    if (me := request.get(ME)) is not None:
        await parts.store.people.sign_out(me.token)
    answer = see_other("/sign-in?out=1")
    auth.forget(answer, secure=parts.secure)
    return answer


@routes.get("/join")
@routes.get("/join/{code}")
async def join_form(request: web.Request) -> web.StreamResponse:
    """Nothing is exchanged by opening the link: scanners of messages open links too."""
    return page(request, "join.html", code=request.match_info.get("code", "")[:LONGEST_SECRET], error="")


@routes.post("/join")
async def join(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    code = str(form.get("code", ""))[:LONGEST_SECRET]
    parts, words = request.app[PARTS], request[WORDS]
    try:
        entrance = await parts.store.invitations.exchange(code, address=auth.address(request))
    except Refused as refused:
        known = refused.code if refused.code in INVITATION_REFUSALS else "other"
        return page(
            request,
            "join.html",
            status=problems.status_of(refused),
            code=code if len(code) < 12 else "",
            error=problems.sentence(words, refused),
            error_help=words(f"join.help.{known}"),
        )
    answer = see_other(f"/hearings/{entrance.session.hearing}/invitation")
    auth.keep(answer, entrance, secure=parts.secure)
    return answer


def _form(request: web.Request, *, status: int = 200, **values: Any) -> web.Response:
    empty = {"code": "", "code_error": "", "name": "", "account_error": "", "next": "", "notice": ""}
    return page(request, "sign-in.html", status=status, court_province="", **{**empty, **values})
