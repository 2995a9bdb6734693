"""What the switchboard knows of one hearing: where its room is, what was told to the media process, and each seat's
two connections. Values that change, without any I/O.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import Any

from hearing.proceedings.state import Hearing
from signaling.control import Edge, RoomState
from signaling.negotiation import Negotiation, owner_of
from signaling.nodes import Node
from signaling.protocol import Publish


@dataclass(slots=True, eq=False)
class Line:
    """The two connections of one seat, by the names the media process knows them by."""

    seat: str
    pub: str | None = None
    sub: str | None = None
    answered: bool = False
    """The page has answered an offer of this receiving connection, so it has its own end of it."""
    stale: bool = False
    """The page has, or may have, connections that no longer exist: it must make them anew."""
    waiting: Publish | None = None
    """An offer that came before there was a room for it."""
    negotiation: Negotiation = field(default_factory=Negotiation)
    served: bool = False
    """It has had a connection: whatever the load, it gets one again."""
    refused: bool = False
    """It was told that there is no room for one more; it is let in as soon as there is."""
    offered: int = 0
    """The media process's own number of the offer that is outstanding."""
    timer: asyncio.TimerHandle | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    sizes: dict[str, int] | None = None
    """What the page shows, as it said last."""

    def forget_sub(self) -> None:
        self.sub, self.answered, self.negotiation = None, False, Negotiation()
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def forget(self) -> None:
        """Both connections are gone, if there were any."""
        self.stale = self.stale or self.pub is not None or self.sub is not None
        self.pub = None
        self.forget_sub()


@dataclass(slots=True, eq=False)
class Room:
    """One hearing. `sitting` names the room at the media process while it is open or should be."""

    hearing: str
    now: Hearing
    sitting: str | None = None
    node: Node | None = None
    opened: bool = False
    opened_at: float = 0.0
    """When it opened at its media process, in `time.monotonic()` seconds."""
    version: int = 0
    edges: frozenset[Edge] | None = None
    """The plan that the media process has; None when it has to be told."""
    since_ms: int | None = None
    """When, on the hearing clock, the plan first became another than the media process has."""
    lines: dict[str, Line] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[Any] | None = None

    def line(self, seat: str) -> Line:
        return self.lines.setdefault(seat, Line(seat))

    def adopt(self, node: Node, state: RoomState) -> None:
        """The media process has this room already, from before this process began or lost sight of it."""
        guessed = not self.opened
        self.node, self.opened = node, True
        self.version, self.edges = state.version, frozenset(state.edges)
        known = {peer.peer for peer in state.peers}
        for line in self.lines.values():
            if line.pub not in known:
                line.pub = None
            if line.sub not in known:
                line.forget_sub()
        for peer in state.peers:  # in the order of their making: the last of a seat is the one in use
            line = self.line(peer.seat)
            line.served = True
            if guessed:
                line.stale = False  # a page that was back first was taken for one whose connections are gone
            if peer.direction == "pub":
                line.pub = peer.peer
            elif line.sub != peer.peer:
                line.forget_sub()
                line.sub, line.answered = peer.peer, peer.connected

    def close(self) -> None:
        """The room is gone, with everything in it."""
        self.opened, self.edges = False, None
        for line in self.lines.values():
            line.forget()


def pub_name(seat: str, sdp: str) -> str:
    """The name of a publishing connection follows from its owner, so that a web process that was just started tells a
    renegotiation of a connection it has never seen from a new connection."""
    session, fingerprints = owner_of(sdp)
    digest = hashlib.sha256("\n".join([session, *sorted(fingerprints)]).encode()).hexdigest()
    return f"{seat}/pub/{digest[:16]}"
