"""Who a Socket.IO connection comes from, and the names it may read: the pages' sessions, for the gateway.

Rule: the seat comes from the database at every look, so a session that has ended opens nothing.
"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from hearing.docket import Docket
from hearing.proceedings.views import view
from hearing.store import Store
from web.auth import cookie_name


class Door:
    """What `signaling.Signaling` is given as `authenticate` and `people`."""

    def __init__(self, store: Store, docket: Docket, *, secure: bool) -> None:
        self._store, self._docket, self._cookie = store, docket, cookie_name(secure=secure)

    async def authenticate(self, environ: Mapping[str, Any], auth: object, hearing: str | None) -> str | None:
        """The caller's seat in `hearing`; without a hearing, something as soon as anybody is signed in."""
        token = auth.get("token") if isinstance(auth, dict) else None
        token = token if isinstance(token, str) and token else self._from_cookie(environ)
        if not token:
            return None
        if hearing is not None:
            return await self._store.people.seat(token, hearing)
        session = await self._store.people.session(token)
        return None if session is None else session.person

    async def people(self, hearing: str, seat: str) -> dict[str, Any]:
        """Names and titles of those whom this seat's view shows."""
        now = await self._docket.hearing(hearing)
        shown = {row.id: row.person for row in view(now, seat).seats}
        known = await self._store.people.people(shown.values())
        return {
            id: {"name": known[person].name, "title": known[person].title}
            for id, person in shown.items()
            if person in known
        }

    def _from_cookie(self, environ: Mapping[str, Any]) -> str | None:
        try:
            found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(self._cookie)
        except CookieError:
            return None
        return found.value if found else None
