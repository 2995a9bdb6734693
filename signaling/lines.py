"""The two connections of each seat: made, offered, answered and closed, between a page and a media process.

Rule: what is done for one seat is done one thing after the other (`Line.lock`); only the outstanding offer is answered.
"""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from hearing import tasks
from hearing.errors import Malformed, Refused
from signaling import control
from signaling.court import Court
from signaling.link import NodeFailed
from signaling.negotiation import Negotiation
from signaling.presence import Presence
from signaling.protocol import (
    Down,
    MediaRestarted,
    Publish,
    Published,
    Refusal,
    Stream,
    Subscribe,
    Subscribed,
    View,
)
from signaling.rooms import Line, Room, pub_name
from signaling.sizes import SetView

log = logging.getLogger(__name__)

# A busy browser answers within half a second; one that was asleep gets the next offer.
ANSWER_WITHIN_S = 5.0
NO_CAPACITY = "no-capacity-for-person"

Tell = Callable[[str, str, Down], Awaitable[bool]]
"""(hearing, seat, signal) -> whether a page has that seat now."""


class Lines:
    """Call `stop` at the end."""

    def __init__(
        self, court: Court, presence: Presence, tell: Tell, generation: int, takes_person: Callable[[Room], bool]
    ) -> None:
        self._court, self._presence, self._tell, self._generation = court, presence, tell, generation
        self._takes_person = takes_person
        self.turned_away = 0
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def stop(self) -> None:
        await tasks.stop(self._tasks)

    # -- what a page asks --------------------------------------------------------------------------------------------

    async def joined(self, room: Room, seat: str, *, page_is_new: bool) -> None:
        line = room.line(seat)
        async with line.lock:
            if page_is_new:
                await self._drop(room, line)
                line.stale, line.waiting, line.sizes = False, None, None
            if room.opened:
                await self._serve(room, line)
            else:
                line.stale = line.stale or not page_is_new

    async def publish(self, room: Room, seat: str, offer: Publish) -> None:
        line = room.line(seat)
        async with line.lock:
            if room.opened and await self._admitted(room, line):
                await self._publish(room, line, offer)
            else:
                line.waiting = offer

    async def subscribed(self, room: Room, seat: str, answer: Subscribed) -> None:
        line = room.line(seat)
        peer = line.sub
        if peer is None or not line.negotiation.awaits(answer.offer):
            return  # the answer to an offer that has been replaced
        try:
            await self._ask(room, control.AcceptAnswer(peer=peer, offer=line.offered, sdp=answer.sdp))
        except NodeFailed as failure:
            log.warning("hearing %s: an answer was not taken: %s", room.hearing, failure)
            return  # the watch on the offer tries again
        if line.sub == peer and line.negotiation.awaits(answer.offer):
            line.answered = True
            line.negotiation, make = line.negotiation.accepted()
            if make:
                self._spawn(self._make(room, line, peer), "offer")

    async def need_subscribe(self, room: Room, seat: str) -> None:
        """The page has no receiving connection, or has given up the one it had."""
        line = room.line(seat)
        async with line.lock:
            if not room.opened or not await self._admitted(room, line):
                return  # it offers when it opens, or has room
            if line.sub is None or line.answered:
                await self._drop_sub(room, line)
                await self._create_sub(room, line)
            else:
                self._offer_again(room, line)  # this one is as new as one could be

    async def view(self, room: Room, seat: str, view: View) -> None:
        """What the page shows now."""
        line = room.line(seat)
        line.sizes = view.sizes
        if line.sub is not None and room.opened:
            await self._tell_sizes(room, line, line.sub)

    async def _tell_sizes(self, room: Room, line: Line, peer: str) -> None:
        if line.sizes is None:
            return
        try:
            await self._ask(room, SetView(peer=peer, sizes=line.sizes))
        except (NodeFailed, Malformed) as failure:
            log.info("hearing %s: what a page shows was not taken: %s", room.hearing, failure)

    # -- what a media process says -----------------------------------------------------------------------------------

    def offer_needed(self, room: Room, line: Line, peer: str) -> None:
        line.negotiation, make = line.negotiation.needed()
        if make:
            self._spawn(self._make(room, line, peer), "offer")

    def lost(self, room: Room, line: Line, peer: str, reason: str) -> None:
        log.info("hearing %s: a connection ended: %s", room.hearing, reason)
        if peer == line.pub:
            line.pub = None
        else:
            line.forget_sub()
        # Only silence is news to the page. A handshake that failed or was ended, and a connection that was never used,
        # are its own doing.
        if reason == "consent":
            line.stale = True
            self.serve_soon(room, line)

    def serve_soon(self, room: Room, line: Line) -> None:
        """The room has opened, or was found again: give the seat's page what it waits for."""
        self._spawn(self._serve_locked(room, line), "line of a seat")

    # -- connections -------------------------------------------------------------------------------------------------

    async def _serve_locked(self, room: Room, line: Line) -> None:
        async with line.lock:
            if room.opened:
                await self._serve(room, line)

    async def _serve(self, room: Room, line: Line) -> None:
        """The seat's page is here and the room is open: give it what it waits for."""
        if self._presence.holder(room.hearing, line.seat) is None or not await self._admitted(room, line):
            return
        if line.stale:
            line.waiting = None
            await self._drop(room, line)
            line.stale = False
            await self._tell(room.hearing, line.seat, MediaRestarted())
        if line.sub is None:
            await self._create_sub(room, line)
        else:
            self._offer_again(room, line)  # the page was away and may have missed one, or its answer was lost
        if (offer := line.waiting) is not None:
            line.waiting = None
            try:
                await self._publish(room, line, offer)
            except Refused as refusal:
                await self._tell(room.hearing, line.seat, Refusal(code=refusal.code))
            except Malformed:
                await self._tell(room.hearing, line.seat, Refusal(code="offer-malformed"))

    async def _admitted(self, room: Room, line: Line) -> bool:
        """Whether the seat may have connections. Who has had one always may: only what is new can be too much."""
        if line.served or self._takes_person(room):
            line.refused = False
            return True
        if not line.refused:
            line.refused = True
            self.turned_away += 1
            log.warning("hearing %s: no capacity for one more person", room.hearing)
            await self._tell(room.hearing, line.seat, Refusal(code=NO_CAPACITY))
        return False

    async def _publish(self, room: Room, line: Line, offer: Publish) -> None:
        await self._court.announce(room.hearing, line.seat, offer.sources)
        peer = pub_name(line.seat, offer.sdp)
        sources = {one.mid: one.source for one in offer.sources}
        try:
            if line.pub != peer:
                await self._drop_pub(room, line)
                await self._create(room, line, peer, "pub")
                line.pub = peer
            answer = await self._ask(room, control.Offer(peer=peer, sdp=offer.sdp, sources=sources))
        except Malformed:
            await self._drop_pub(room, line)
            raise
        except NodeFailed as failure:
            log.warning("hearing %s: an offer was not taken: %s", room.hearing, failure)
            line.pub, line.stale = None, True  # when the media process is back the page is told to begin anew
            return
        await self._tell(room.hearing, line.seat, Published(sdp=answer.sdp))
        if line.sub is None:  # a page that had closed both connections takes part again
            await self._create_sub(room, line)

    async def _create_sub(self, room: Room, line: Line) -> None:
        """A new receiving connection. The media process then asks for its first offer by itself."""
        line.forget_sub()
        peer = f"{line.seat}/sub/{self._generation:x}-{next(self._numbers)}"
        line.sub = peer
        try:
            await self._create(room, line, peer, "sub")
            await self._tell_sizes(room, line, peer)
        except NodeFailed as failure:
            log.warning("hearing %s: no receiving connection: %s", room.hearing, failure)
            line.forget_sub()

    async def _create(self, room: Room, line: Line, peer: str, direction: str) -> None:
        assert room.sitting is not None
        line.served = True
        await self._ask(room, control.CreatePeer(peer=peer, room=room.sitting, seat=line.seat, direction=direction))

    async def _drop(self, room: Room, line: Line) -> None:
        await self._drop_pub(room, line)
        await self._drop_sub(room, line)

    async def _drop_pub(self, room: Room, line: Line) -> None:
        peer, line.pub = line.pub, None
        await self._close(room, peer)

    async def _drop_sub(self, room: Room, line: Line) -> None:
        peer = line.sub
        line.forget_sub()
        await self._close(room, peer)

    async def _close(self, room: Room, peer: str | None) -> None:
        if peer is not None and room.opened:
            try:
                await self._ask(room, control.ClosePeer(peer=peer))
            except NodeFailed as failure:
                log.info("hearing %s: a connection could not be closed: %s", room.hearing, failure)

    async def _ask(self, room: Room, request: control.Request[control.R]) -> control.R:
        if room.node is None:
            raise NodeFailed("the room is not open")
        return await room.node.ask(request)

    # -- offers to the pages -----------------------------------------------------------------------------------------

    async def _make(self, room: Room, line: Line, peer: str) -> None:
        """Get the next offer of the seat's receiving connection, send it and watch the time."""
        try:
            made = await self._ask(room, control.MakeOffer(peer=peer))
        except (NodeFailed, Malformed) as failure:
            log.warning("hearing %s: no offer was made: %s", room.hearing, failure)
            if line.sub == peer:
                line.negotiation = Negotiation()
            return
        if line.sub != peer:
            return
        number = next(self._numbers)
        line.offered, line.negotiation = made.offer, line.negotiation.made(number)
        streams = tuple(Stream(mid=one.mid, source=one.source, kind=one.kind) for one in made.streams)
        if line.timer is not None:
            line.timer.cancel()
        loop = asyncio.get_running_loop()
        line.timer = loop.call_later(ANSWER_WITHIN_S, self._late, room, line, peer, number)
        await self._tell(room.hearing, line.seat, Subscribe(offer=number, sdp=made.sdp, streams=streams, peer=peer))

    def _offer_again(self, room: Room, line: Line) -> None:
        """One more offer, whatever has become of the last one."""
        assert line.sub is not None
        line.negotiation, _ = Negotiation().needed()
        self._spawn(self._make(room, line, line.sub), "offer")

    def _late(self, room: Room, line: Line, peer: str, number: int) -> None:
        if line.sub != peer or not line.negotiation.awaits(number):
            return
        if self._presence.holder(room.hearing, line.seat) is None:
            line.negotiation = Negotiation()  # the page is away; when it is back it gets the next offer
            return
        line.negotiation, make = line.negotiation.failed()
        if make:
            self._spawn(self._make(room, line, peer), "offer")

    def _spawn(self, work: Any, name: str) -> None:
        tasks.spawn(work, name=name, owner=self._tasks)
