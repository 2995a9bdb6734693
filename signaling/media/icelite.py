"""ICE-lite (RFC 8445 2.5): the server only answers. An address belongs to a peer once it has sent a STUN request with
that peer's password, and to nobody otherwise: this table is what keeps strangers away from DTLS and SRTP.
"""

import secrets
import socket
import struct
from typing import Protocol

from aioice import stun

CONSENT_TIMEOUT = 45.0
"""Seconds without a valid request until a peer counts as gone: an outage of 30 s must come back by itself."""

ADDRESSES_PER_PEER = 16

ADDRESS_HELD = 10.0
"""Seconds without a request until an address may pass to another peer: a forged sender takes nobody's place. Browsers
ask every 2.5 to 5 seconds."""

LARGEST_REQUEST, MOST_ATTRIBUTES = 548, 16
"""What RFC 5389 7.1 lets a message take where the path is unknown, and more attributes than any browser sends."""

_HEADER = 20
_USERNAME = 0x0006


class Owner(Protocol):
    """Whoever an agent works for."""

    def address_chosen(self, address: bytes) -> None:
        """Send to `address` (a raw socket address) from now on."""


class Agent:
    """The credentials and proven addresses of one peer."""

    def __init__(self, table: "IceTable", owner: Owner, now: float) -> None:
        self._table = table
        self.owner = owner
        self.heard = now
        self.addresses: dict[bytes, float] = {}
        self.chosen: bytes | None = None
        self.packets = self.bytes = 0
        self.ufrag, self.password = _credentials()
        self.passwords = {self.ufrag: self.password.encode()}
        table.agents[self.ufrag] = self

    def restart(self) -> None:
        """New credentials. The old ones stay valid until the peer nominates with the new, so media never stop."""
        for old in list(self.passwords):
            if old != self.ufrag:
                self._forget(old)
        self.ufrag, self.password = _credentials()
        self.passwords[self.ufrag] = self.password.encode()
        self._table.agents[self.ufrag] = self

    def proven(self, ufrag: str, address: bytes, nominated: bool, now: float) -> None:
        """A request with our password for `ufrag` came from `address`."""
        self.heard = now
        if address not in self.addresses:
            if len(self.addresses) >= ADDRESSES_PER_PEER:
                self._release(min(self.addresses, key=lambda one: self.addresses[one]))
            if (before := self._table.by_address.get(address)) is not None and before is not self:
                before.addresses.pop(address, None)
            self._table.by_address[address] = self
        self.addresses[address] = now
        if self.chosen is None or (nominated and self.chosen != address):
            self.chosen = address
            self.owner.address_chosen(address)
        if nominated and ufrag == self.ufrag:
            for old in list(self.passwords):
                if old != ufrag:
                    self._forget(old)

    def expire(self, now: float) -> None:
        """Give up addresses that have been silent, except the one in use."""
        for address, heard in list(self.addresses.items()):
            if now - heard > CONSENT_TIMEOUT and address != self.chosen:
                self._release(address)

    def close(self) -> None:
        for ufrag in list(self.passwords):
            self._forget(ufrag)
        for address in list(self.addresses):
            self._release(address)

    def _forget(self, ufrag: str) -> None:
        del self.passwords[ufrag]
        self._table.agents.pop(ufrag, None)

    def _release(self, address: bytes) -> None:
        del self.addresses[address]
        if self._table.by_address.get(address) is self:
            del self._table.by_address[address]


class IceTable:
    """Every agent of the process, by user name fragment and by proven address."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.by_address: dict[bytes, Agent] = {}

    def answer(self, data: bytes, address: bytes, now: float) -> bytes | None:
        """The response to one STUN datagram; None (say nothing) unless it is a request with valid integrity."""
        if (ufrag := _local_fragment(data)) is None or (agent := self.agents.get(ufrag)) is None:
            return None
        try:
            request = stun.parse_message(data)
        except (ValueError, struct.error, IndexError):
            return None
        if request.message_class != stun.Class.REQUEST or request.message_method != stun.Method.BINDING:
            return None
        holder = self.by_address.get(address)
        if holder is not None and holder is not agent and now - holder.addresses.get(address, 0.0) < ADDRESS_HELD:
            return None
        password = agent.passwords[ufrag]
        if not request.check_message_integrity(password):
            return None
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
        )
        response.attributes["XOR-MAPPED-ADDRESS"] = readable(address)
        response.add_message_integrity(password)
        agent.proven(ufrag, address, "USE-CANDIDATE" in request.attributes, now)
        return bytes(response)


def _credentials() -> tuple[str, str]:
    return secrets.token_hex(4), secrets.token_hex(16)


def _local_fragment(data: bytes) -> str | None:
    """Our half of the USERNAME, found without parsing the rest, so that a flood of garbage costs little."""
    if not _HEADER <= len(data) <= LARGEST_REQUEST or data[0:2] != b"\x00\x01":
        return None
    length, cookie = struct.unpack_from("!HI", data, 2)
    if cookie != stun.COOKIE or length + _HEADER != len(data):
        return None
    at = _HEADER
    for _ in range(MOST_ATTRIBUTES):
        if at + 4 > len(data):
            return None
        kind, size = struct.unpack_from("!HH", data, at)
        if kind == _USERNAME:
            name = data[at + 4 : at + 4 + size].partition(b":")[0]
            return name.decode("ascii", "replace")
        at += 4 + size + (-size & 3)
    return None


def readable(address: bytes) -> tuple[str, int]:
    """(host, port) of a raw socket address; an IPv4 address that came through the IPv6 socket is shown as IPv4."""
    (port,) = struct.unpack_from("!H", address, 2)
    if len(address) < 28:
        return socket.inet_ntop(socket.AF_INET, address[4:8]), port
    host = address[8:24]
    if host.startswith(b"\0" * 10 + b"\xff\xff"):
        return socket.inet_ntop(socket.AF_INET, host[12:]), port
    return socket.inet_ntop(socket.AF_INET6, host), port
