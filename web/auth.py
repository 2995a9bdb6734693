"""Who a request comes from: session cookies and bearer tokens. Rule: the token is the only secret, and never in a URL.

A person with an account reaches what the offices and cases allow; a person with an invitation one seat of one hearing.
"""

import ipaddress
from dataclasses import dataclass

from aiohttp import web

from hearing.access import Actor
from hearing.courts import Court
from hearing.errors import Refused
from hearing.people import Entrance, Person, Session
from web.parts import PARTS
from web.problems import SIGN_IN, Handler


@dataclass(frozen=True, kw_only=True, slots=True)
class Me:
    """The person of this request, with what templates show of the person and what `access` asks about."""

    person: Person
    session: Session
    actor: Actor
    token: str
    court: Court | None = None

    @property
    def id(self) -> str:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def title(self) -> str:
        return self.person.title

    @property
    def court_name(self) -> str:
        return self.court.name if self.court else ""

    @property
    def account(self) -> str | None:
        return self.session.account

    @property
    def initials(self) -> str:
        """Family and given name, the first and the last word; for `staff.html`."""
        words = self.person.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


ME = web.RequestKey("me", Me)


def cookie_name(*, secure: bool) -> str:
    return "__Host-session" if secure else "session"


@web.middleware
async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the person into the request when a live session is shown; pages that need one ask `signed_in`."""
    if (token := _token(request)) and (me := await _me(request, token)) is not None:
        request[ME] = me
    return await handler(request)


def _token(request: web.Request) -> str | None:
    if (bearer := request.headers.get("Authorization", "")).startswith("Bearer "):
        return bearer.removeprefix("Bearer ").strip()
    return request.cookies.get(cookie_name(secure=request.app[PARTS].secure))


async def _me(request: web.Request, token: str) -> Me | None:
    store = request.app[PARTS].store
    if (session := await store.people.session(token)) is None:
        return None
    actor = await store.access.actor(session)
    courts = sorted({court for court, _ in actor.offices})
    court = await store.courts.court(courts[0]) if courts else None
    return Me(person=await store.people.person(session.person), session=session, actor=actor, token=token, court=court)


def signed_in(request: web.Request) -> Me:
    """The person, or the way to the sign-in page (401 for other systems)."""
    me: Me | None = request.get(ME)
    if me is None:
        raise Refused(SIGN_IN)
    return me


def staff(request: web.Request) -> Me:
    """A person with an account; an invitation opens no list and no file."""
    me = signed_in(request)
    if me.account is None:
        raise Refused("not-found")
    return me


def keep(answer: web.StreamResponse, entrance: Entrance, *, secure: bool) -> None:
    """Put the session into a cookie that scripts cannot read and other sites cannot send along."""
    answer.set_cookie(
        cookie_name(secure=secure), entrance.token, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def forget(answer: web.StreamResponse, *, secure: bool) -> None:
    answer.del_cookie(cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="Lax")


def address(request: web.Request) -> str:
    """Where the request comes from, for counting failed tries. Behind a proxy the last hop it vouches for."""
    if request.app[PARTS].public_origin and (forwarded := request.headers.get("X-Forwarded-For")):
        return counted(forwarded.rsplit(",", 1)[-1].strip())
    return counted(request.remote or "")


def counted(address: str) -> str:
    """One caller of `address`: of IPv6 the /64, since every line has as many addresses as it likes (RFC 6177)."""
    try:
        six = ipaddress.IPv6Address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return address
    if six.ipv4_mapped is not None:
        return str(six.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(six) >> 64 << 64, 64)))
