"""TURN servers for people behind strict firewalls, with credentials that end by themselves.

The shared secret stays between us and the TURN server (coturn's `use-auth-secret`): the user name is the time at which
it ends, the password its HMAC. Rule: the user name says nothing about the person.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# Longer than the longest sitting day: an allocation is refreshed with the credential it was made with.
LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """`secret` may be empty: then the servers are used without a credential, which only STUN servers allow."""

    urls: tuple[str, ...] = ()
    secret: bytes = b""
    lifetime: timedelta = LIFETIME

    def ice_servers(self, connection: str, now: datetime) -> list[dict[str, Any]]:
        """The `iceServers` of a browser for one connection; none when no server is set."""
        if not self.urls:
            return []
        if not self.secret:
            return [{"urls": list(self.urls)}]
        until = int((now + self.lifetime).timestamp())
        label = hashlib.sha256(connection.encode()).hexdigest()[:16]
        username = f"{until}:{label}"
        password = base64.b64encode(hmac.new(self.secret, username.encode(), hashlib.sha1).digest()).decode()
        return [{"urls": list(self.urls), "username": username, "credential": password}]
