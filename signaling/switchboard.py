"""Makes the media processes equal to the audience plan, and carries offers and answers between them and the pages.

Rule: nobody else talks to a media process, and nothing is decided here. For each hearing one task compares what should
be (the sitting, its plan, who is here) with what the media process was told, and tells the difference; so it makes no
matter which of the two was restarted. Closing comes with opening in one step, because a plan is always told whole.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from hearing import tasks
from hearing.proceedings.state import Hearing
from hearing.wire import Entry
from signaling import control, sizes
from signaling.court import Court
from signaling.health import Count, Figures, Load
from signaling.lines import Lines, Tell
from signaling.link import NodeFailed
from signaling.nodes import Node
from signaling.placement import NO_LIMITS, SETTLING_S, Limits, lightest, takes_person
from signaling.presence import Presence
from signaling.probing import Probe
from signaling.protocol import Flow, Levels, Publish, Subscribed, View
from signaling.rooms import Line, Room

log = logging.getLogger(__name__)

# A media process is restarted in about a second; then its rooms wait for it. After that another one takes them.
MOVE_AFTER_S = 3.0
RETRY_S = 1.0
COUNTED_WITHIN_S = 2.0


class Recorder(Protocol):
    """Who keeps the notices of the recording (`recording.ledger.Ledger`)."""

    def open(self, room: str, hearing: str, directory: Path) -> None: ...

    def notice(self, room: str, body: dict[str, Any]) -> None: ...

    async def recover(self, room: str, now_ms: int) -> None: ...


class Switchboard:
    """Call `start` with the hearings under way, `follow` with every entry, and `stop` at the end; media then go on."""

    def __init__(
        self,
        court: Court,
        presence: Presence,
        *,
        sockets: Sequence[Path],
        generation: int,
        directory: Callable[[str, str], Path],
        recorder: Recorder,
        tell: Tell,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self._court, self._presence, self._tell = court, presence, tell
        self._directory, self._recorder = directory, recorder
        self._limits = limits
        self._lines = Lines(court, presence, tell, generation, self._takes_person)
        self._rooms: dict[str, Room] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.nodes = [
            Node(path, generation, on_up=self._node_up, on_news=self._node_news, on_down=self._node_down)
            for path in sockets
        ]

    async def start(self, hearings: Sequence[str]) -> None:
        for hearing in hearings:
            self._room(hearing, await self._court.hearing(hearing))
        for node in self.nodes:
            node.start()

    async def stop(self) -> None:
        for room in self._rooms.values():
            for line in room.lines.values():
                line.forget_sub()
        await tasks.stop(self._tasks)
        await self._lines.stop()
        for node in self.nodes:
            await node.stop()

    async def follow(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        if (room := self._rooms.get(entry.hearing)) is not None:
            if room.since_ms is None and before is not None and self._court.edges(before) != self._court.edges(after):
                room.since_ms = after.clock_ms(entry.at)
            room.now = after
            room.changed.set()
        elif self._court.sitting(after) is not None:
            self._room(entry.hearing, after)

    async def statistics(self, hearing: str) -> control.RoomStatistics | None:
        """What has flowed in the open room of this hearing; None when there is none."""
        room = self._rooms.get(hearing)
        if room is None or room.node is None or room.sitting is None or not room.opened:
            return None
        return await room.node.ask(control.Statistics(room=room.sitting))

    async def probe(self, sdp: str, process: int) -> str:
        """The answer of media process `process`, counted round, to a page that tries whether media reach it.

        "" when it is too busy; `NodeFailed` when it is away.
        """
        return (await self.nodes[process % len(self.nodes)].ask(Probe(sdp=sdp))).sdp

    async def figures(self) -> list[tuple[Load | None, Figures | None]]:
        """Of every media process in turn: its load and its counters, None while it is away or does not answer."""

        async def count(node: Node) -> Figures | None:
            try:
                async with asyncio.timeout(COUNTED_WITHIN_S):
                    return await node.ask(Count())
            except (NodeFailed, TimeoutError):
                return None

        counted = await asyncio.gather(*(count(node) for node in self.nodes))
        return [(node.load, one) for node, one in zip(self.nodes, counted, strict=True)]

    @property
    def turned_away(self) -> int:
        """People who were told since the start that there is no capacity for them."""
        return self._lines.turned_away

    def node_of(self, hearing: str) -> Node | None:
        """The media process that has the room of this hearing."""
        room = self._rooms.get(hearing)
        return room.node if room is not None and room.opened else None

    # -- for the gateway ---------------------------------------------------------------------------------------------

    async def joined(self, hearing: str, seat: str, *, page_is_new: bool) -> None:
        room = self._room(hearing, await self._court.hearing(hearing))
        await self._lines.joined(room, seat, page_is_new=page_is_new)

    async def publish(self, hearing: str, seat: str, offer: Publish) -> None:
        await self._lines.publish(self._room(hearing, await self._court.hearing(hearing)), seat, offer)

    async def subscribed(self, hearing: str, seat: str, answer: Subscribed) -> None:
        if (room := self._rooms.get(hearing)) is not None:
            await self._lines.subscribed(room, seat, answer)

    async def need_subscribe(self, hearing: str, seat: str) -> None:
        if (room := self._rooms.get(hearing)) is not None:
            await self._lines.need_subscribe(room, seat)

    async def view(self, hearing: str, seat: str, view: View) -> None:
        if (room := self._rooms.get(hearing)) is not None:
            await self._lines.view(room, seat, view)

    def takes_sitting(self, hearing: str) -> bool:
        """Whether the doors of this hearing may be opened now. While no media process is here nothing is known."""
        room = self._rooms.get(hearing)
        open_already = room is not None and room.sitting is not None
        return open_already or self._lightest(self._limits) is not None or not any(node.up for node in self.nodes)

    def lines(self, hearing: str) -> dict[str, str]:
        """How the connections of each seat stand: `connected`, `waiting` for capacity, or `none`."""
        room = self._rooms.get(hearing)
        if room is None:
            return {}
        return {
            line.seat: "waiting" if line.refused else "connected" if line.pub or line.sub else "none"
            for line in room.lines.values()
        }

    # -- one room ----------------------------------------------------------------------------------------------------

    def _room(self, hearing: str, now: Hearing) -> Room:
        room = self._rooms.get(hearing)
        if room is None:
            room = self._rooms[hearing] = Room(hearing, now, sitting=self._court.sitting(now))
            if room.sitting is not None:
                self._recorder.open(room.sitting, hearing, self._directory(hearing, room.sitting))
            room.changed.set()
            room.task = tasks.spawn(self._keep(room), name=f"room of {hearing}", owner=self._tasks)
        return room

    async def _keep(self, room: Room) -> None:
        """The loop of one room: as long as this process lives, make what is equal to what should be."""
        while True:
            await room.changed.wait()
            room.changed.clear()
            try:
                await self._settle(room)
                if room.sitting is None and not self._presence.seats(room.hearing):
                    del self._rooms[room.hearing]
                    return
            except NodeFailed as failure:
                log.warning("hearing %s: %s", room.hearing, failure)
                room.edges = None
                await asyncio.sleep(RETRY_S if room.node is not None and room.node.up else 0)
                if room.node is not None and room.node.up:
                    room.changed.set()
            except Exception:
                log.exception("hearing %s: its room could not be settled", room.hearing)
                room.edges = None
                await asyncio.sleep(RETRY_S)
                room.changed.set()

    async def _settle(self, room: Room) -> None:
        sitting = self._court.sitting(room.now)
        if room.sitting != sitting:
            await self._end(room)
            room.sitting = sitting
            if sitting is not None:
                self._recorder.open(sitting, room.hearing, self._directory(room.hearing, sitting))
        if sitting is None:
            return
        await self._hand_over(room)
        if room.node is None:
            room.node = self._lightest(self._limits) or self._lightest(None)
        if room.node is None or not room.node.up:
            return  # the node's coming wakes this room
        fresh = not room.opened
        if fresh:
            ms, directory = self._court.hearing_ms(room.now), self._directory(room.hearing, sitting)
            await room.node.ask(control.OpenRoom(room=sitting, hearing_ms=ms, directory=str(directory)))
        edges = self._court.edges(room.now)
        if edges != room.edges:
            room.version += 1
            since, room.since_ms = room.since_ms, None
            request = control.SetEdges(
                room=sitting, version=room.version, edges=tuple(sorted(edges)), since_ms=None if fresh else since
            )
            await room.node.ask(request)
            room.edges = edges
            self._invite(room)
        if fresh:
            room.opened, room.opened_at = True, time.monotonic()
            self._spawn(self._court.anchor(room.hearing, ms), "anchor of the clock")
            self._spawn(self._recover(room, sitting), "recovery of the recording")
            for line in room.lines.values():
                self._lines.serve_soon(room, line)

    async def _hand_over(self, room: Room) -> None:
        """The media process gives its rooms away: end this one there, so that it opens elsewhere (or there, when it
        has been started again). The pages make their connections anew; the recorder's files are closed in order."""
        node = room.node
        if node is None or not node.up or node.load is None or not node.load.moving:
            return
        log.info("hearing %s: leaves media process %s", room.hearing, node.path.name)
        opened = room.opened
        room.close()  # first, so that what pages ask meanwhile waits for the new place
        room.node, room.version = None, 0
        if opened and room.sitting is not None:
            await node.ask(control.CloseRoom(room=room.sitting))

    def _invite(self, room: Room) -> None:
        """Whoever is to receive something and has closed the connection for it, as in a deliberation, gets one."""
        listeners = {listener for _, listener, _ in room.edges or ()}
        for line in room.lines.values():
            if room.opened and line.sub is None and line.seat in listeners:
                self._lines.serve_soon(room, line)

    async def _end(self, room: Room) -> None:
        """The doors are closed: the room of that sitting ends."""
        if room.sitting is not None and room.opened and room.node is not None and room.node.up:
            await room.node.ask(control.CloseRoom(room=room.sitting))
        elif room.sitting is not None:
            # The media process died before the end of the sitting: what it left on disk belongs into the record.
            self._spawn(self._recover(room, room.sitting), "recovery of the recording")
        room.close()
        room.node, room.version = None, 0

    async def _recover(self, room: Room, sitting: str) -> None:
        """A media process began: what an earlier one left on disk belongs into the record."""
        await self._recorder.recover(sitting, self._court.hearing_ms(room.now))

    def _lightest(self, limits: Limits | None) -> Node | None:
        """The media process with the least to do among those that take a sitting."""
        since = time.monotonic() - SETTLING_S
        young = [room.node for room in self._rooms.values() if not room.opened or room.opened_at > since]
        return lightest([(node, young.count(node)) for node in self.nodes], limits)

    def _takes_person(self, room: Room) -> bool:
        return room.node is None or takes_person(room.node, self._limits)

    def _told_load(self, node: Node, load: Load) -> None:
        """Whoever was refused is let in when there is room again; rooms leave a process that gives them away."""
        for room in self._rooms.values():
            if room.node is None and room.sitting is not None:
                room.changed.set()
            elif room.node is node:
                if load.moving:
                    room.changed.set()
                for line in room.lines.values():
                    if line.refused and self._takes_person(room):
                        self._lines.serve_soon(room, line)

    # -- the media processes -----------------------------------------------------------------------------------------

    async def _node_up(self, node: Node, state: control.State) -> None:
        held = {room.room: room for room in state.rooms}
        for room in self._rooms.values():
            there = held.pop(room.sitting, None) if room.sitting is not None else None
            if there is not None and room.node in (None, node):
                room.adopt(node, there)
                self._spawn(self._adopted(room, there.room), "room found again")
            elif there is not None:
                await node.ask(control.CloseRoom(room=there.room))  # it has moved to another one meanwhile
            elif room.node is node:
                room.close()
            room.changed.set()
        for orphan in held:
            log.info("media process %s: room %s is over", node.path.name, orphan)
            await node.ask(control.CloseRoom(room=orphan))

    async def _adopted(self, room: Room, sitting: str) -> None:
        await self._court.anchor(room.hearing, self._court.hearing_ms(room.now))
        await self._recover(room, sitting)
        for line in list(room.lines.values()):
            self._lines.serve_soon(room, line)

    def _node_down(self, node: Node) -> None:
        asyncio.get_running_loop().call_later(MOVE_AFTER_S, self._move, node)

    def _move(self, node: Node) -> None:
        """A media process stays away: its rooms open at another one, if there is one."""
        if node.up or not any(one.up for one in self.nodes):
            return
        for room in self._rooms.values():
            if room.node is node:
                room.close()
                room.node = None
                room.changed.set()

    def _node_news(self, node: Node, news: control.News) -> None:
        match news:
            case Load():
                self._told_load(node, news)
            case control.Notice(room=sitting, body=body):
                self._recorder.notice(sitting, body)
            case control.Levels(room=sitting, levels=levels):
                self._spawn(self._tell_levels(sitting, levels), "levels")
            case control.OfferNeeded(peer=peer):
                if (found := self._find(peer)) is not None:
                    self._lines.offer_needed(*found, peer)
            case sizes.Flow(peer=peer, sources=sources, limited=limited):
                if (found := self._find(peer)) is not None:
                    room, line = found
                    flow = Flow(sources=sources, limited=limited)
                    self._spawn(self._tell(room.hearing, line.seat, flow), "sizes of pictures")
            case control.PeerLost(peer=peer, reason=reason):
                if (found := self._find(peer)) is not None:
                    self._lines.lost(*found, peer, reason)

    def _find(self, peer: str) -> tuple[Room, Line] | None:
        seat = peer.rsplit("/", 2)[0]
        for room in self._rooms.values():
            line = room.lines.get(seat)
            if line is not None and peer in (line.pub, line.sub):
                return room, line
        return None

    async def _tell_levels(self, sitting: str, levels: dict[str, int]) -> None:
        """To every seat the levels of what it hears, and of nothing else."""
        room = next((one for one in self._rooms.values() if one.sitting == sitting), None)
        if room is None or room.edges is None:
            return
        heard: dict[str, dict[str, int]] = {}
        for source, listener, _ in room.edges:
            if source in levels:
                heard.setdefault(listener, {})[source] = levels[source]
        for seat, mine in heard.items():
            await self._tell(room.hearing, seat, Levels(levels=mine))

    def _spawn(self, work: Any, name: str) -> None:
        tasks.spawn(work, name=name, owner=self._tasks)
