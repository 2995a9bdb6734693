"""Refusals and faults -> status and translated words. One of the two places that answer for them.

Rule: a stranger gets 404 where a member gets the thing; a fault shows a reference number and nothing of its inside.
"""

import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import web

from hearing.errors import Malformed, Refused
from web.i18n import Words
from web.view import WORDS, page

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SIGN_IN = "sign-in-first"
STATUS = {
    SIGN_IN: HTTPStatus.UNAUTHORIZED,
    "from-elsewhere": HTTPStatus.FORBIDDEN,
    "not-found": HTTPStatus.NOT_FOUND,
    "not-permitted": HTTPStatus.FORBIDDEN,
    "no-such-hearing": HTTPStatus.NOT_FOUND,
    "no-such-case": HTTPStatus.NOT_FOUND,
    "sign-in-refused": HTTPStatus.UNAUTHORIZED,
    "invitation-unknown": HTTPStatus.NOT_FOUND,
    "invitation-used": HTTPStatus.GONE,
    "invitation-revoked": HTTPStatus.GONE,
    "invitation-expired": HTTPStatus.GONE,
    "too-many-attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "form-incomplete": HTTPStatus.UNPROCESSABLE_ENTITY,
}
# Titles and sentences of the error page; any other status is told as the nearest of these.
TOLD = frozenset({400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503})


def status_of(refused: Refused) -> HTTPStatus:
    return STATUS.get(refused.code, HTTPStatus.CONFLICT)


def sentence(words: Words, refused: Refused) -> str:
    """What the court says, in the person's language; an unknown code is named rather than hidden."""
    key = f"refused.{refused.code}"
    if words.has(key):
        return words(key, **{name: value for name, value in refused.details.items() if name != "key"})
    return words("refused.other", code=refused.code)


def where(request: web.Request) -> str:
    """The pattern of the address, for the log: the address itself may hold a code, or a line that looks like ours."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "an unknown address"


def is_api(request: web.Request) -> bool:
    return request.path.startswith("/api/")


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost but for the language: whatever is raised below becomes an answer here."""
    try:
        return await handler(request)
    except Refused as refused:
        return _refused(request, refused)
    except Malformed as malformed:
        log.info("malformed request to %s: %s", where(request), malformed.reason)
        return _told(request, HTTPStatus.BAD_REQUEST, detail=malformed.reason)
    except web.HTTPException as raised:
        if raised.status < 400:
            raise
        return _told(request, HTTPStatus(raised.status), headers=_kept(raised))
    except ConnectionResetError:
        raise  # the person left while we were answering
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("fault %s at %s %s", reference, request.method, where(request))
        return _told(request, HTTPStatus.INTERNAL_SERVER_ERROR, reference=reference)


def _refused(request: web.Request, refused: Refused) -> web.Response:
    status = status_of(refused)
    if status is HTTPStatus.UNAUTHORIZED and not is_api(request):
        goal = quote(request.path_qs, safe="") if request.method == "GET" else ""
        raise web.HTTPSeeOther(f"/sign-in?next={goal}" if goal else "/sign-in")
    headers = {"Retry-After": "60"} if status is HTTPStatus.TOO_MANY_REQUESTS else {}
    told = None if status is HTTPStatus.NOT_FOUND else sentence(request[WORDS], refused)
    return _told(request, status, code=refused.code, told=told, headers=headers)


def _kept(raised: web.HTTPException) -> dict[str, str]:
    return {name: raised.headers[name] for name in ("Allow", "Retry-After", "Content-Range") if name in raised.headers}


def _told(
    request: web.Request,
    status: HTTPStatus,
    *,
    code: str = "",
    told: str | None = None,
    detail: str = "",
    reference: str = "",
    headers: dict[str, str] | None = None,
) -> web.Response:
    words = request[WORDS]
    shown = int(status) if status in TOLD else (500 if status >= 500 else 400)
    title, text = words(f"problem.{shown}.title"), told or words(f"problem.{shown}.text")
    if is_api(request):
        body: dict[str, Any] = {"title": title, "status": int(status), "detail": detail or text}
        body.update({name: value for name, value in (("code", code), ("reference", reference)) if value})
        answer = web.Response(
            text=json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json"
        )
        answer.headers["Cache-Control"] = "no-store"
        answer.headers.update(headers or {})
        return answer
    return page(
        request,
        "problem.html",
        status=status,
        headers=headers,
        title=title,
        text=text,
        what_to_do=words(f"problem.{shown}.do"),
        reference=reference,
    )
