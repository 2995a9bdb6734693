"""TURN servers for people behind strict firewalls, with credentials that end by themselves.

The shared secret stays between us and the TURN server (coturn's `use-auth-secret`): the user name is the time at which
it ends, the password its HMAC. Rule: the user name says nothing about the person.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# coturn looks at the end of a credential when a connection is made and not again: one that was made lasts as long as
# it is used (tests/product/test_turn.py). So a credential that leaks is worth these five minutes and no hearing is cut.
LIFETIME = timedelta(minutes=5)
# A page is told new ones this often: it always holds some that are good for three minutes more.
RENEWED_EVERY = timedelta(minutes=2)

DEFAULT_PORTS = {"turn": 3478, "turns": 5349}
"""RFC 7065 3.2: where a URL names no port."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ways:
    """How media may go: straight to one of `processes` media processes, or over a TURN server.

    `relays`: `udp`, `tcp`, `tls`, as far as there are any -> the `iceServers` of a browser with that way alone.
    """

    processes: int
    relays: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """`secret` may be empty: then the servers are used without a credential, which only STUN servers allow."""

    urls: tuple[str, ...] = ()
    secret: bytes = b""
    lifetime: timedelta = LIFETIME

    @property
    def expires(self) -> bool:
        """Whether what `ice_servers` gives ends by itself and must be given anew."""
        return bool(self.urls and self.secret)

    def ice_servers(self, connection: str, now: datetime) -> list[dict[str, Any]]:
        """The `iceServers` of a browser for one connection; none when no server is set."""
        return [{"urls": list(self.urls), **self._credential(connection, now)}] if self.urls else []

    def ways(self, connection: str, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """The same, apart for each way a firewall may block: `udp`, `tcp`, `tls` -> `iceServers` with that way alone.

        Ways that no server offers are left out, and so are STUN servers: they carry no media.
        """
        found: dict[str, list[str]] = {}
        for url in self.urls:
            if (way := way_of(url)) is not None:
                found.setdefault(way, []).append(url)
        credential = self._credential(connection, now)
        return {way: [{"urls": found[way], **credential}] for way in ("udp", "tcp", "tls") if way in found}

    def _credential(self, connection: str, now: datetime) -> Mapping[str, str]:
        if not self.secret:
            return {}
        until = int((now + self.lifetime).timestamp())
        label = hashlib.sha256(connection.encode()).hexdigest()[:16]
        username = f"{until}:{label}"
        password = base64.b64encode(hmac.new(self.secret, username.encode(), hashlib.sha1).digest()).decode()
        return {"username": username, "credential": password}


def way_of(url: str) -> str | None:
    """How a browser reaches this TURN server (RFC 7065): `udp`, `tcp` or `tls`; None when it is no TURN server."""
    scheme, _, rest = url.partition(":")
    transport = rest.partition("?transport=")[2].lower()
    match scheme.lower(), transport:
        case "turns", "" | "tcp":
            return "tls"
        case "turn", "tcp":
            return "tcp"
        case "turn", "" | "udp":
            return "udp"
        case _:
            return None


def place_of(url: str) -> tuple[str, int]:
    """(host, port) of a TURN URL; the host of an IPv6 address without its brackets. `ValueError` for anything else."""
    scheme, _, rest = url.partition(":")
    place = rest.partition("?")[0]
    port = ""
    if place.startswith("["):
        host, closed, port = place[1:].partition("]")
        if not closed or (port and not port.startswith(":")):
            raise ValueError(f"{url!r} is no TURN server")
        port = port[1:]
    else:
        host, _, port = place.partition(":")
    if scheme.lower() not in DEFAULT_PORTS or not host or not (port or "1").isdigit():
        raise ValueError(f"{url!r} is no TURN server")
    return host, int(port) if port else DEFAULT_PORTS[scheme.lower()]


def read_secrets(text: bytes) -> tuple[bytes, ...]:
    """The lines of the secret file: the first is used, the others are what the TURN server accepts during a change."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
