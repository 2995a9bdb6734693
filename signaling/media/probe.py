"""Answers for a page that tries whether media would reach us: ICE and DTLS as in a hearing, then silence, then the end.

Rule: nobody is asked who they are here (the web process does), so a probe lives for seconds, there are few of them, and
it belongs to no room: nothing that it sends goes anywhere and nothing is sent to it.
"""

import asyncio
import itertools
from dataclasses import replace
from typing import Any

from hearing import tasks
from signaling.media import sdp
from signaling.media.description import write_answer
from signaling.media.peer import Peer, Plane

LIFE_S = 12.0
"""From the offer to the end. The page gives up after ten seconds."""

AT_ONCE = 24
"""About six people who try at the same moment: whoever wears out the limit holds nobody's hearing up."""

MEDIA_LIMIT = 2


class Probe(Peer):
    direction = "probe"

    def take_rtcp(self, data: bytes, now: float) -> None:
        """A browser reports on the line it has opened; nobody reads that."""


class Probes:
    """All probes of the process. Call `expire` each second and `close` at the end."""

    def __init__(self, plane: Plane) -> None:
        self._plane = replace(plane, connected=self._connected, lost=self._lost)
        self._live: dict[Probe, float] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.answered = self.refused = self.connected = 0

    def answer(self, text: str, now: float) -> str:
        """Our answer to the offer of one probe, or "" when too many live already; `Malformed` for what is no offer."""
        offer = sdp.read(text, MEDIA_LIMIT)
        if len(self._live) >= AT_ONCE:
            self.refused += 1
            return ""
        probe = Probe(self._plane, f"probe/{next(self._numbers)}", "", "", now)
        self._live[probe] = now
        probe.trust(offer.fingerprints, now)
        self.answered += 1
        return write_answer(offer, probe.transport(), (), probe.session, 1)

    def expire(self, now: float) -> None:
        for probe, began in list(self._live.items()):
            if now - began > LIFE_S:
                self._lost(probe, "over")

    async def close(self) -> None:
        for probe in list(self._live):
            self._lost(probe, "stopped")
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    def _connected(self, peer: Peer) -> None:
        self.connected += 1

    def _lost(self, peer: Peer, reason: str) -> None:
        if isinstance(peer, Probe) and self._live.pop(peer, None) is not None:
            tasks.spawn(peer.close(), name=f"close {peer.peer}", owner=self._tasks)
