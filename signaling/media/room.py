"""One courtroom in this process: the plan it was given, the sources and listeners that are here, and the difference
between the two, always made zero at once. A room decides nothing; the plan does.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hearing.errors import Malformed
from signaling.control import (
    Edge,
    EdgeTraffic,
    PeerState,
    RoomState,
    RoomStatistics,
    SourceTraffic,
    Traffic,
)
from signaling.media.layers import Layers
from signaling.media.outlet import Meter, Tap
from signaling.media.publisher import Publisher
from signaling.media.sink import Sink, Track
from signaling.media.source import SILENCE
from signaling.media.subscriber import Subscriber

log = logging.getLogger(__name__)

RECORDER = "recorder"
"""The listener that is no seat."""


class Room:
    def __init__(
        self,
        room: str,
        hearing_ms: int,
        directory: Path,
        sink: Sink,
        notice: Callable[[str, dict[str, Any]], None],
        now: float,
    ) -> None:
        self.room, self.directory = room, directory
        self.version = 0
        self.edges: frozenset[Edge] = frozenset()
        self.peers: dict[str, Publisher | Subscriber] = {}
        self._sink, self._notice = sink, notice
        self._offset_ms = hearing_ms - int(now * 1000)
        self._sources: dict[str, Layers] = {}
        self._heard: dict[str, set[str]] = {}
        self._meters: dict[Edge, Meter] = {}
        self._seats: set[str] = set()
        self._ended: Counter[str] = Counter()

    def hearing_ms(self, now: float) -> int:
        return int(now * 1000) + self._offset_ms

    # -- what subscribers ask --------------------------------------------------------------------------------------

    def source(self, source: str) -> Layers | None:
        return self._sources.get(source)

    def is_open(self, source: str, kind: str, listener: str) -> bool:
        return (source, listener, kind) in self.edges

    def heard_by(self, listener: str) -> list[Layers]:
        found = (self._sources.get(one) for one in sorted(self._heard.get(listener, ())))
        return [one for one in found if one is not None and self.is_open(one.source, one.codec.kind, listener)]

    def meter(self, source: str, kind: str, listener: str) -> Meter:
        return self._meters.setdefault((source, listener, kind), Meter())

    # -- the plan --------------------------------------------------------------------------------------------------

    def set_edges(self, version: int, edges: Iterable[Edge], now: float, since_ms: int | None = None) -> None:
        """From the return of this call no packet leaves by an edge that is not in `edges`."""
        if version < self.version:
            raise Malformed(f"plan {version} of room {self.room} is older than {self.version}")
        before, self.edges, self.version = self.edges, frozenset(edges), version
        self._heard = {}
        for source, listener, _ in self.edges:
            self._heard.setdefault(listener, set()).add(source)
        since = now if since_ms is None else min(now, (since_ms - self._offset_ms) / 1000)
        for source, listener, _ in before ^ self.edges:
            self._settle(source, listener, now, since)

    def _settle(self, source: str, listener: str, now: float, since: float) -> None:
        if listener == RECORDER:
            if (found := self._sources.get(source)) is not None:
                self._settle_tap(found, now, since)
            return
        for peer in self.peers.values():
            if isinstance(peer, Subscriber) and peer.seat == listener:
                peer.settle(now, source)

    def _settle_tap(self, source: Layers, now: float, since: float) -> None:
        """The recorder listens exactly while its edge is open, by the time of the court's entry, not of our message."""
        wanted = self.is_open(source.source, source.codec.kind, RECORDER)
        if source.tap is None and wanted:
            if (tap := self._open_tap(source)) is not None:
                source.open_tap(tap)
                source.request_key_frame(now)
        elif source.tap is not None and wanted:
            source.tap.resume(source.recorded.newest, since)
            source.request_key_frame(now)
        elif source.tap is not None:
            source.tap.pause(since)

    def _open_tap(self, source: Layers) -> Tap | None:
        def request_key_frame() -> None:
            source.recorded.request_key_frame(source.recorded.last_arrival)

        def failed(error: Exception) -> None:
            self._notice(self.room, {"kind": "alarm", "reason": "sink-failed", "source": source.source})

        track = Track(
            room=self.room,
            source=source.source,
            seat=source.seat,
            kind=source.codec.kind,
            codec=source.codec.name,
            clock_rate=source.codec.clock_rate,
            directory=self.directory,
            offset_ms=lambda: self._offset_ms,
            request_key_frame=request_key_frame,
            patience=lambda: source.recorded.patience,
        )
        try:
            opened = self._sink.open_track(track)
        except Exception as error:
            log.exception("no track for source %s", source.source)
            failed(error)
            return None
        return Tap(opened, self.meter(source.source, source.codec.kind, RECORDER), failed)

    # -- who is here -----------------------------------------------------------------------------------------------

    def join(self, peer: Publisher | Subscriber) -> None:
        self.peers[peer.peer] = peer
        self._seats.add(peer.seat)

    def answer(self, peer: Publisher, text: str, wanted: dict[str, str], now: float) -> str:
        """Answer a publisher's offer and take its sources into the room."""
        for source in wanted.values():
            if (there := self._sources.get(source)) is not None and there.seat != peer.seat:
                raise Malformed(f"source {source} belongs to another seat")
        answer, begun, ended = peer.answer(text, wanted, now)
        for one in ended:
            self._remove(one, "withdrawn", now)
        for one in begun:
            if (old := self._sources.get(one.source)) is not None:
                self._remove(old, "replaced", now)
            self._sources[one.source] = one
            if self.is_open(one.source, one.codec.kind, RECORDER):
                self._settle_tap(one, now, now)
            for listener in self._subscribers():
                listener.settle(now, one.source)
        return answer

    def leave(self, peer: Publisher | Subscriber, reason: str, now: float) -> None:
        """`peer` has ended; you must then close it."""
        if self.peers.get(peer.peer) is peer:
            del self.peers[peer.peer]
        if isinstance(peer, Subscriber):
            self._ended["nacks_received"] += peer.nacks
            peer.leave()
            return
        for one in peer.sources.values():
            self._remove(one, reason, now)

    def _remove(self, source: Layers, reason: str, now: float) -> None:
        if self._sources.get(source.source) is source:
            del self._sources[source.source]
            for listener in self._subscribers():
                listener.settle(now, source.source)
        self._ended.update(_counters(source))
        source.close(reason)

    def sizes_changed(self, source: Layers, now: float) -> None:
        """The publisher has begun or stopped to send one of the sizes of `source`."""
        for listener in self._subscribers():
            if self.is_open(source.source, source.codec.kind, listener.seat):
                listener.resize(now)

    def _subscribers(self) -> list[Subscriber]:
        return [peer for peer in self.peers.values() if isinstance(peer, Subscriber)]

    # -- figures ---------------------------------------------------------------------------------------------------

    def levels(self) -> dict[str, int]:
        """The loudest moment of each audible source since the last call."""
        audible = {source for source, _, kind in self.edges if kind == "audio"}
        found: dict[str, int] = {}
        for source in self._sources.values():
            stream = source.streams[0]
            if stream.heard_level:
                if source.source in audible:
                    found[source.source] = stream.level
                stream.level, stream.heard_level = SILENCE, False
        return found

    def _round_trips(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for peer in self.peers.values():
            if peer.round_trip:
                found[peer.seat] = max(found.get(peer.seat, 0), round(peer.round_trip * 1000))
        return found

    def state(self, now: float) -> RoomState:
        return RoomState(
            room=self.room,
            hearing_ms=self.hearing_ms(now),
            directory=str(self.directory),
            version=self.version,
            edges=tuple(sorted(self.edges)),
            peers=tuple(
                PeerState(
                    peer=peer.peer,
                    seat=peer.seat,
                    direction=peer.direction,
                    connected=peer.connected,
                    streams=peer.streams(),
                )
                for peer in self.peers.values()
            ),
        )

    def totals(self) -> Counter[str]:
        """What has flowed since the room opened, by the names of `health.Figures`."""
        found = self._ended.copy()
        for source in self._sources.values():
            found.update(_counters(source))
        for listener in self._subscribers():
            found["nacks_received"] += listener.nacks
        for (_, listener_id, _), meter in self._meters.items():
            if listener_id != RECORDER:
                found["bytes_out"] += meter.bytes
        return found

    @property
    def sources(self) -> int:
        return len(self._sources)

    def statistics(self, received: int, dropped: dict[str, int], lag_ms: int) -> RoomStatistics:
        egress = {seat: [0, 0] for seat in self._seats}
        for (_, listener, _), meter in self._meters.items():
            total = egress.setdefault(listener, [0, 0])
            total[0] += meter.packets
            total[1] += meter.bytes
        return RoomStatistics(
            room=self.room,
            egress={seat: Traffic(packets=packets, bytes=size) for seat, (packets, size) in egress.items()},
            edges=tuple(
                EdgeTraffic(
                    source=edge[0],
                    listener=edge[1],
                    kind=edge[2],
                    open=edge in self.edges,
                    packets=meter.packets,
                    bytes=meter.bytes,
                )
                for edge, meter in self._meters.items()
            ),
            sources=tuple(
                SourceTraffic(
                    source=one.source,
                    seat=one.seat,
                    kind=one.codec.kind,
                    packets=sum(stream.received for stream in one.streams),
                    bytes=sum(stream.bytes for stream in one.streams),
                    lost=sum(stream.lost for stream in one.streams),
                    recovered=sum(stream.recovered for stream in one.streams),
                    key_frames_asked=sum(stream.key_frames_asked for stream in one.streams),
                )
                for one in self._sources.values()
            ),
            downlink_bps={peer.seat: peer.downlink for peer in self._subscribers() if peer.downlink},
            round_trip_ms=self._round_trips(),
            dropped=dropped,
            lag_ms=lag_ms,
            received=received,
        )


def _counters(source: Layers) -> dict[str, int]:
    return {
        "bytes_in": sum(one.bytes for one in source.streams),
        "recovered": sum(one.recovered for one in source.streams),
        "key_frames_asked": sum(one.key_frames_asked for one in source.streams),
        "nacks_asked": sum(one.nacks_asked for one in source.streams),
    }
