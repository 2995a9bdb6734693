"""`GET /metrics`: the product's figures, for the machine itself or for who has the token. Others are told 404."""

import hmac
import ipaddress

from aiohttp import web

from hearing.errors import Refused
from web.parts import PARTS

routes = web.RouteTableDef()

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.StreamResponse:
    parts = request.app[PARTS]
    if parts.metrics is None or not _may(request, parts.metrics_token, proxied=bool(parts.public_origin)):
        raise Refused("not-found")
    answer = web.Response(body=await parts.metrics())
    answer.headers["Content-Type"] = CONTENT_TYPE
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _may(request: web.Request, token: bytes, *, proxied: bool) -> bool:
    """With a token only who shows it. Without: only this machine.

    Behind a proxy every request comes from this machine, so none is believed to. A page of another site that had its
    name pointed at us would come from here too, but under its own name; and a browser says where a request is from.
    """
    if token:
        shown = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(shown, b"Bearer " + token)
    if proxied or any(name in request.headers for name in FORWARDED):
        return False
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    host = request.url.host or ""
    return peer is not None and _is_here(peer[0]) and (host == "localhost" or _is_here(host))


def _is_here(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return found.is_loopback or (mapped is not None and mapped.is_loopback)
