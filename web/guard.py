"""The door's own rules, the same for every page: response headers, and where a request may come from.

Rule: nothing here knows who a person is; `auth.py` does.
"""

import re
from urllib.parse import urlsplit

from aiohttp import web

# A name or an address, and a port: what stands in the Host header is written into headers and links.
HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
PORT = re.compile(r":[0-9]{1,5}$")
NO_HOST = "invalid"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def content_policy(host: str, import_map_hash: str, *, secure: bool) -> str:
    """The content security policy: only our own files, no inline script but the import map, no frames."""
    socket = f"{'wss' if secure else 'ws'}://{host}"
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' '{import_map_hash}'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' blob:",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {socket}",
        "manifest-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "require-trusted-types-for": "'script'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def headers(host: str, import_map_hash: str, *, secure: bool) -> dict[str, str]:
    """The headers of every answer."""
    fixed = {
        "Content-Security-Policy": content_policy(host, import_map_hash, secure=secure),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()",
    }
    if secure:
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    return fixed


def host_of(request: web.Request, public_origin: str) -> str:
    """The host and port people reach us under: the configured one behind a proxy, else the one they asked for."""
    if public_origin:
        return urlsplit(public_origin).netloc
    return request.host if proper_host(request) else NO_HOST


def name_of(host: str) -> str:
    """`host` without its port; an IPv6 address keeps its brackets."""
    return PORT.sub("", host)


def proper_host(request: web.Request) -> bool:
    """Whether the Host header holds nothing but a host."""
    return HOST.fullmatch(request.host) is not None


def same_origin(request: web.Request, public_origin: str) -> bool:
    """Whether a request that changes something comes from our own pages.

    Browsers say so in Sec-Fetch-Site; older ones in Origin alone. A caller that sends neither is not a browser, and
    may act only with a credential no browser adds by itself (a bearer token), so not with a cookie.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = host_of(request, public_origin)
    if site is not None:
        # Referrer-Policy: no-referrer turns a form's Origin into "null"; Sec-Fetch-Site still tells the truth.
        return site in ("same-origin", "none") and (origin in (None, "null") or urlsplit(origin).netloc == ours)
    if origin is not None:
        return urlsplit(origin).netloc == ours
    return "Cookie" not in request.headers
