"""The media process: carries out the controller's requests on its rooms and peers, and keeps their time.

Nothing here blocks: no file, no SQL, no hash. When the controller is away everything goes on as it was.
"""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from hearing import heap, tasks
from hearing.errors import Malformed
from signaling import control
from signaling.health import Count, Figures, Load
from signaling.link import ControlServer, NodeFailed
from signaling.media.dtls import Certificate, self_test
from signaling.media.gauge import Gauge
from signaling.media.mux import Mux
from signaling.media.peer import Peer, Plane
from signaling.media.police import PUBLISHER, SUBSCRIBER, Police
from signaling.media.probe import Probes
from signaling.media.publisher import Publisher
from signaling.media.room import Room
from signaling.media.sink import Notify, Sink
from signaling.media.subscriber import Subscriber
from signaling.probing import Probe, Probed
from signaling.sizes import SetView

log = logging.getLogger(__name__)

P = TypeVar("P", Publisher, Subscriber)

TICK = 0.1
LEVELS_EVERY, REPORTS_EVERY, ADDRESSES_EVERY = 2, 10, 100
"""In ticks: sound levels five times a second, RTCP reports each second, the machine's addresses each ten seconds."""

LAST_WORDS_S = 0.05
"""For what the sink said while it closed to leave by the control socket."""

PEERS_PER_SEAT = 4
"""Connections of one direction on one seat; the newest wins, because a page that reloads leaves dead ones behind."""


class Node:
    """`sink` makes the sink of this process from a callback for its notices."""

    def __init__(self, mux: Mux, sink: Callable[[Notify], Sink], addresses: Sequence[str] = ()) -> None:
        self.mux = mux
        self.rooms: dict[str, Room] = {}
        self.peers: dict[str, Publisher | Subscriber] = {}
        self.control = ControlServer(self._answer, self._greet)
        self._extra = list(addresses)
        self._addresses = mux.announced(self._extra)
        self._plane = Plane(
            mux=mux,
            certificate=Certificate(),
            addresses=lambda: self._addresses,
            connected=self._peer_connected,
            lost=self._peer_lost,
            tell=self.control.tell,
        )
        self.probes = Probes(self._plane)
        self._sink = sink(self._notify)
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lag = 0.0
        self._gauge = Gauge(self._loop.time())
        self._policed: dict[str, Police] = {}
        self._ended: Counter[str] = Counter()
        self._draining = self._moving = False
        self._left = False
        """A connection was closed since the last collection."""
        self.drained = asyncio.Event()
        """It was asked to drain, and its last room has ended: nothing is to be served any more."""

    async def start(self, socket_path: Path) -> None:
        self.mux.start()
        tasks.spawn(self._keep_time(), name="media time", owner=self._tasks)
        await self.control.listen(socket_path)

    def drain(self, *, moving: bool = False) -> None:
        """Take no new room and end with the last one. `moving`: have the controller take the rooms elsewhere now."""
        self._draining, self._moving = True, self._moving or moving
        log.info("media process %d drains%s", os.getpid(), " and gives its rooms away" if moving else "")
        self._tell_load()
        self._end_if_drained()

    async def close(self) -> None:
        if not self.drained.is_set():
            await self.control.close()
        for room in list(self.rooms.values()):
            self._close_room(room, "stopped")
        await self.probes.close()
        while closing := [task for task in self._tasks if task.get_name() != "media time"]:
            await asyncio.wait(closing)
        await tasks.stop(self._tasks)
        self.mux.close()
        self._sink.close()
        if self.drained.is_set():  # the controller is still there and hears what the sink had left to say
            await asyncio.sleep(LAST_WORDS_S)
            await self.control.close()

    # -- requests --------------------------------------------------------------------------------------------------

    def _greet(self, generation: int) -> control.Ready:
        for peer in self.peers.values():
            if isinstance(peer, Subscriber):
                peer.told = False
        self._loop.call_soon(self._tell_needs)
        self._tell_load()
        addresses = tuple(self._addresses)
        return control.Ready(pid=os.getpid(), port=self.mux.port, addresses=addresses, generation=generation)

    def _answer(self, request: control.Request[Any]) -> control.Reply:
        now = self._loop.time()
        match request:
            case control.Hello():
                return control.State(rooms=tuple(room.state(now) for room in self.rooms.values()))
            case control.OpenRoom():
                self._open_room(request, now)
            case control.CloseRoom():
                if (room := self.rooms.get(request.room)) is not None:
                    self._close_room(room, "closed")
            case control.CreatePeer():
                self._create_peer(request, now)
            case control.Offer():
                peer = self._peer(request.peer, Publisher)
                sdp = self._room(peer.room).answer(peer, request.sdp, request.sources, now)
                self._tell_needs()
                return control.Answer(peer=request.peer, sdp=sdp)
            case control.SetEdges():
                self.mux.take_in()  # what has come by now goes by the edges as they were
                self._room(request.room).set_edges(request.version, request.edges, now, request.since_ms)
                self._tell_needs()
                return control.EdgesSet(room=request.room, version=request.version)
            case control.MakeOffer():
                number, sdp, streams = self._peer(request.peer, Subscriber).make_offer(now)
                return control.SubOffer(peer=request.peer, offer=number, sdp=sdp, streams=streams)
            case control.AcceptAnswer():
                self._peer(request.peer, Subscriber).accept(request.offer, request.sdp, now)
                self._tell_needs()
            case control.RestartIce():
                self._peer(request.peer, Subscriber).restart_ice()
                self._tell_needs()
            case SetView():
                self._peer(request.peer, Subscriber).set_view(request.sizes, now)
            case control.ClosePeer():
                if (found := self.peers.get(request.peer)) is not None:
                    self._end(found, "closed")
            case Probe():
                return Probed(sdp=self.probes.answer(request.sdp, now))
            case control.Statistics():
                lag_ms, self._lag = int(self._lag * 1000), 0.0
                return self._room(request.room).statistics(self.mux.received, self._dropped(), lag_ms)
            case Count():
                return self._figures()
            case _:
                raise Malformed(f"{type(request).__name__} is not for a media process")
        return control.Done()

    def _open_room(self, request: control.OpenRoom, now: float) -> None:
        if self.drained.is_set():
            raise NodeFailed("this process has been drained and ends")
        if request.room not in self.rooms:
            self.rooms[request.room] = Room(
                request.room, request.hearing_ms, Path(request.directory), self._sink, self._notify, now
            )

    def _create_peer(self, request: control.CreatePeer, now: float) -> None:
        room = self._room(request.room)
        if request.peer in self.peers:
            raise Malformed(f"peer {request.peer} exists")
        same = [one for one in room.peers.values() if one.seat == request.seat and one.direction == request.direction]
        if len(same) >= PEERS_PER_SEAT:
            self._peer_lost(same[0], "replaced")
        peer: Publisher | Subscriber
        match request.direction:
            case "pub":
                peer = Publisher(self._plane, request.peer, request.room, request.seat, now)
            case "sub":
                peer = Subscriber(self._plane, request.peer, request.room, request.seat, now, room)
            case _:
                raise Malformed(f"direction {request.direction!r} is neither pub nor sub")
        self.peers[request.peer] = peer
        limit = PUBLISHER if isinstance(peer, Publisher) else SUBSCRIBER
        self._policed[request.peer] = Police(peer, peer.agent, limit, now)
        room.join(peer)
        self._tell_needs()

    def _room(self, room: str) -> Room:
        if (found := self.rooms.get(room)) is None:
            raise Malformed(f"no room {room}")
        return found

    def _peer(self, peer: str, kind: type[P]) -> P:
        found = self.peers.get(peer)
        if not isinstance(found, kind):
            raise Malformed(f"no {kind.__name__.lower()} {peer}")
        return found

    # -- peers -----------------------------------------------------------------------------------------------------

    def _peer_connected(self, peer: Peer) -> None:
        self.control.tell(control.PeerConnected(peer=peer.peer))

    def _peer_lost(self, peer: Peer, reason: str) -> None:
        found = self.peers.get(peer.peer)
        if found is peer and found is not None:
            self._end(found, reason)
            self.control.tell(control.PeerLost(peer=peer.peer, reason=reason))
            self._tell_needs()

    def _end(self, peer: Publisher | Subscriber, reason: str) -> None:
        del self.peers[peer.peer], self._policed[peer.peer]
        if (room := self.rooms.get(peer.room)) is not None:
            room.leave(peer, reason, self._loop.time())
        tasks.spawn(self._close_peer(peer), name=f"close {peer.peer}", owner=self._tasks)

    async def _close_peer(self, peer: Peer) -> None:
        await peer.close()
        self._left = True

    def _close_room(self, room: Room, reason: str) -> None:
        for peer in list(room.peers.values()):
            self._end(peer, reason)
        del self.rooms[room.room]
        self._ended.update(room.totals())
        self._end_if_drained()

    def _end_if_drained(self) -> None:
        if self._draining and not self.rooms:
            self.drained.set()

    def _tell_needs(self) -> None:
        """Ask the controller for the offers that have become necessary, each once."""
        now = self._loop.time()
        for peer in self.peers.values():
            if isinstance(peer, Subscriber) and not peer.told and peer.needs_offer(now):
                peer.told = True
                self.control.tell(control.OfferNeeded(peer=peer.peer))

    # -- time ------------------------------------------------------------------------------------------------------

    async def _keep_time(self) -> None:
        count = 0
        due = self._loop.time()
        while True:
            due = max(due + TICK, self._loop.time())
            await asyncio.sleep(due - self._loop.time())
            count += 1
            now = self._loop.time()
            self._lag = max(self._lag, now - due)
            self._gauge.late(now - due)
            if count % REPORTS_EVERY == 0:
                self._each_second(now)  # before the tick: a report behind its padding would stand in the queue it made
            self._each_tick(now)
            if count % LEVELS_EVERY == 0:
                self._tell_levels()
            if count % ADDRESSES_EVERY == 0:
                self._addresses = self.mux.announced(self._extra)

    def _each_tick(self, now: float) -> None:
        """A function of its own: what its loops saw last must not be held until the next peer comes."""
        for police in self._policed.values():
            police.look(now)
        for peer in list(self.peers.values()):
            if isinstance(peer, Publisher):
                for source in peer.tick(now):
                    if (room := self.rooms.get(peer.room)) is not None:
                        room.sizes_changed(source, now)
            else:
                peer.tick(now)

    def _tell_levels(self) -> None:
        for room in self.rooms.values():
            if levels := room.levels():
                self.control.tell(control.Levels(room=room.room, levels=levels))

    def _each_second(self, now: float) -> None:
        for peer in list(self.peers.values()):
            peer.report(now)
            peer.agent.expire(now)
            if (reason := peer.expired(now)) is not None:
                self._peer_lost(peer, reason)
        self.probes.expire(now)
        self._tell_needs()
        self._gauge.second(now, self.mux.received + self.mux.outgoing.sent, self.mux.outgoing.dropped)
        self._tell_load()
        if self._left:
            # Whoever leaves is a circle of objects, and its packets with it: too much to wait for the next whole look.
            self._left = False
            gc.collect()

    # -- notices ---------------------------------------------------------------------------------------------------

    def _notify(self, room: str, body: dict[str, Any]) -> None:
        """Called by sinks, from any thread."""
        if body.get("kind") == "segment":  # told once it is on the disk; only the sink's own thread tells it
            self._ended["segments"] += 1
        with contextlib.suppress(RuntimeError):  # the loop has ended; the side-car has the notice
            self._loop.call_soon_threadsafe(self.control.tell, control.Notice(room=room, body=body))

    # -- figures ---------------------------------------------------------------------------------------------------

    def _tell_load(self) -> None:
        reading = self._gauge.reading
        self.control.tell(
            Load(
                rooms=len(self.rooms),
                peers=len(self.peers),
                cpu=reading.cpu,
                lag_ms=reading.lag_ms,
                packets=reading.packets,
                unsent=reading.unsent,
                draining=self._draining,
                moving=self._moving,
            )
        )

    def _figures(self) -> Figures:
        totals = self._ended.copy()
        for room in self.rooms.values():
            totals.update(room.totals())
        names = ("bytes_in", "bytes_out", "recovered", "key_frames_asked", "nacks_asked", "nacks_received", "segments")
        return Figures(
            values={
                **{name: totals[name] for name in names},
                "packets_in": self.mux.received,
                "packets_out": self.mux.outgoing.sent,
                "cpu_ms": int(time.process_time() * 1000),
                "rooms": len(self.rooms),
                "peers": len(self.peers),
                "sources": sum(room.sources for room in self.rooms.values()),
                "draining": int(self._draining),
                "lag_ms": self._gauge.worst_lag_ms,
                "recorder_queue_bytes": self._sink.backlog,
            },
            dropped=self._dropped(),
        )

    def _dropped(self) -> dict[str, int]:
        return {**self.mux.dropped, "unsent": self.mux.outgoing.dropped}


async def serve(
    *,
    socket: Path,
    sink: Callable[[Notify], Sink],
    host: str = "",
    port: int = 0,
    addresses: Sequence[str] = (),
    stop: asyncio.Event | None = None,
) -> None:
    """Be a media process until `stop` is set, or until it is drained: control at `socket`, media at `host`:`port`.

    SIGUSR1 drains it, SIGUSR2 drains it and has its rooms taken elsewhere.

    `host` empty means every address, IPv4 and IPv6; `addresses` are announced before the local ones.
    """
    await self_test()
    node = Node(Mux(host, port), sink, addresses)
    await node.start(socket)
    heap.set_aside()
    log.info("media process %d on UDP port %d", os.getpid(), node.mux.port)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, node.drain)
    loop.add_signal_handler(signal.SIGUSR2, partial(node.drain, moving=True))
    ends = [asyncio.ensure_future(event.wait()) for event in (stop or asyncio.Event(), node.drained)]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in ends:
            one.cancel()
        await node.close()
