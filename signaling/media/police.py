"""How much one connection may send us. What is above is dropped unread, before it costs a decryption.

The packet loop only counts (`Agent.packets`, `Agent.bytes`); ten times a second a token bucket is settled with what
was counted. Who is over the limit gets a deaf owner in the address table until the bucket is full enough again, so a
connection within its limit pays nothing for this.
"""

from dataclasses import dataclass
from typing import Any

from signaling.media.icelite import Agent, Owner


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """Packets and bytes a second, SRTCP included. A bucket holds one second of them."""

    packets: int
    bytes: int


PUBLISHER = Limit(packets=3_000, bytes=2_500_000)
"""Sound, a camera in three layers, a screen and all of it repaired is below 1,000 packets and 1 MB a second."""

SUBSCRIBER = Limit(packets=1_000, bytes=250_000)
"""Only reports come this way: some hundred a second when many streams lose packets at once."""


class Deaf:
    """Stands in for the peer: handshake and address as before, media unread."""

    def __init__(self, peer: Any) -> None:
        self._peer = peer
        self.packets = self.bytes = 0

    def take_srtp(self, pointer: Any, length: int, control: bool, now: float) -> str:
        self.packets += 1
        self.bytes += length
        return "rate"

    def take_dtls(self, data: bytes) -> str | None:
        refused: str | None = self._peer.take_dtls(data)
        return refused

    def address_chosen(self, address: bytes) -> None:
        self._peer.address_chosen(address)


class Police:
    """Of one connection. Call `look` at every tick."""

    def __init__(self, peer: Owner, agent: Agent, limit: Limit, now: float) -> None:
        self._peer, self._agent, self._limit, self._at = peer, agent, limit, now
        self._credit = [float(limit.packets), float(limit.bytes)]
        self._seen = (0, 0)
        self._deaf: Deaf | None = None

    def look(self, now: float) -> None:
        """Settle what has passed since the last look; close or open the ear."""
        agent, limit, deaf = self._agent, self._limit, self._deaf
        elapsed, self._at = now - self._at, now
        packets, size = agent.packets - self._seen[0], agent.bytes - self._seen[1]
        self._seen = (agent.packets, agent.bytes)
        if deaf is not None:  # what was not taken costs nothing
            packets, size = packets - deaf.packets, size - deaf.bytes
            deaf.packets = deaf.bytes = 0
        credit = self._credit
        credit[0] = min(limit.packets, credit[0] + elapsed * limit.packets) - packets
        credit[1] = min(limit.bytes, credit[1] + elapsed * limit.bytes) - size
        over = credit[0] < 0 or credit[1] < 0
        if over and deaf is None:
            self._deaf = Deaf(self._peer)
            agent.owner = self._deaf
        elif not over and deaf is not None:
            self._deaf = None
            agent.owner = self._peer
