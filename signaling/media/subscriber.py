"""A connection by which a seat receives: we offer, it answers. Its m-lines are reused, never stopped."""

import math
from dataclasses import dataclass
from typing import Protocol

from hearing.errors import Malformed
from signaling.control import Stream
from signaling.media import rtcp, sdp
from signaling.media.description import Line, stream_name, write_offer
from signaling.media.dtls import protect_rtp
from signaling.media.layers import Layers
from signaling.media.outlet import PADDING, Meter, Outlet
from signaling.media.payload import OPUS, VP8, Codec
from signaling.media.peer import Peer, Plane
from signaling.media.screen import OVERHEAD, Screen
from signaling.sizes import Flow

CLOSED_LINGER = 300.0
"""Seconds a stream keeps its m-line while its edge is closed: being muted for a while costs no new offer."""

DEPARTED_LINGER = 10.0
"""Seconds a stream keeps its m-line while its publisher may come back under the same source id."""

ANSWER_TIMEOUT = 10.0
"""Seconds until an unanswered offer no longer holds up the next one."""

REPAIRS_PER_SECOND, REPAIRS_BURST = 400.0, 400.0
"""What one subscriber may ask again; without a limit a few NACKs would make us send as much as somebody likes."""

REPORTS_PER_SECOND, REPORTS_BURST = 500.0, 500.0
"""RTCP packets read from one subscriber; a browser that watches forty streams over a bad line sends about 200."""


class Hall(Protocol):
    """What a subscriber asks of its room."""

    def source(self, source: str) -> Layers | None: ...

    def is_open(self, source: str, kind: str, listener: str) -> bool: ...

    def heard_by(self, listener: str) -> list[Layers]:
        """The sources present whose edge to `listener` is open."""

    def meter(self, source: str, kind: str, listener: str) -> Meter: ...


@dataclass(slots=True)
class _Place:
    """One m-line. `unused_since` runs while its stream cannot flow."""

    mid: str
    codec: Codec
    outlet: Outlet | None = None
    inlet: Layers | None = None
    accepted: bool = False
    unused_since: float | None = None
    stream: str = ""


class Subscriber(Peer):
    direction = "sub"

    def __init__(self, plane: Plane, peer: str, room: str, seat: str, now: float, hall: Hall) -> None:
        super().__init__(plane, peer, room, seat, now)
        self._hall = hall
        self._places: list[_Place] = []
        self._by_ssrc: dict[int, _Place] = {}
        self._outstanding: int | None = None
        self._offered = 0.0
        self._restart = False
        self.told = False
        self.downlink = 0
        self.screen = Screen()
        self._flow: tuple[dict[str, str], tuple[str, ...]] = ({}, ())
        self._credit, self._credit_at = REPAIRS_BURST, now
        self._reports, self._reports_at = REPORTS_BURST, now
        self.nacks = 0

    # -- offers ----------------------------------------------------------------------------------------------------

    def needs_offer(self, now: float) -> bool:
        """Is there something a new offer would change, and may one be made?"""
        if self._outstanding is not None and now - self._offered < ANSWER_TIMEOUT:
            return False
        if not self._places or self._restart or self._outstanding is not None:
            return True
        held = {place.outlet.source for place in self._places if place.outlet is not None}
        if any(one.source not in held for one in self._hall.heard_by(self.seat)):
            return True
        return any(self._outworn(place, now) for place in self._places)

    def make_offer(self, now: float) -> tuple[int, str, tuple[Stream, ...]]:
        for place in self._places:
            if self._outworn(place, now):
                self._release(place)
        held = {place.outlet.source for place in self._places if place.outlet is not None}
        for source in self._hall.heard_by(self.seat):
            if source.source not in held:
                self._seat(source)
        if not self._places:
            # Two silent lines let ICE and DTLS be done before there is anything to hear.
            self._places += [_Place("0", OPUS), _Place("1", VP8)]
        self.version += 1
        self._outstanding, self._offered, self.told, self._restart = self.version, now, False, False
        self.described = now
        lines = []
        for place in self._places:
            outlet = place.outlet
            stream = None if outlet is None else place.stream
            ssrcs = (outlet.ssrc, outlet.rtx_ssrc) if outlet is not None else (0, 0)
            lines.append(Line(mid=place.mid, codec=place.codec, stream=stream, ssrc=ssrcs[0], rtx_ssrc=ssrcs[1]))
        text = write_offer(lines, self.transport(), self.session, self.version)
        return self.version, text, self.streams()

    def streams(self) -> tuple[Stream, ...]:
        return tuple(
            Stream(mid=place.mid, source=place.outlet.source, kind=place.codec.kind)
            for place in self._places
            if place.outlet is not None
        )

    def accept(self, offer: int, text: str, now: float) -> None:
        if offer != self._outstanding:
            raise Malformed(f"an answer to offer {offer}; outstanding is {self._outstanding or 'none'}")
        answer = sdp.read(text, len(self._places))
        places = {place.mid: place for place in self._places}
        if [one.mid for one in answer.media] != list(places)[: len(answer.media)] or len(answer.media) != len(places):
            raise Malformed("the answer has other m-lines than the offer")
        self.trust(answer.fingerprints, now)
        self._outstanding = None
        for media in answer.media:
            places[media.mid].accepted = not media.rejected and media.direction in ("recvonly", "sendrecv")
        self.settle(now)

    def restart_ice(self) -> None:
        self.agent.restart()
        self._restart = True

    def _seat(self, source: Layers) -> None:
        """Give `source` an m-line: a free one of its kind, else a new one."""
        place = next((one for one in self._places if one.outlet is None and one.codec is source.codec), None)
        if place is None:
            place = _Place(str(len(self._places)), source.codec)
            self._places.append(place)
        meter = self._hall.meter(source.source, source.codec.kind, self.seat)
        name = stream_name(source.seat)
        outlet = Outlet(source.source, source.codec, name, meter, self.dtls.sending, self.address_pointer)
        place.outlet, place.stream, place.accepted, place.unused_since = outlet, source.seat, False, None
        self._by_ssrc[outlet.ssrc] = self._by_ssrc[outlet.rtx_ssrc] = place

    def _release(self, place: _Place) -> None:
        self._leave(place)
        if place.outlet is not None:
            self._by_ssrc.pop(place.outlet.ssrc, None)
            self._by_ssrc.pop(place.outlet.rtx_ssrc, None)
        place.outlet, place.accepted, place.unused_since = None, False, None

    def _outworn(self, place: _Place, now: float) -> bool:
        """May this m-line be given to another source?"""
        if place.outlet is None or place.unused_since is None:
            return False
        if self._hall.source(place.outlet.source) is not None:
            return now - place.unused_since > CLOSED_LINGER
        awaited = self._hall.is_open(place.outlet.source, place.codec.kind, self.seat)
        return now - place.unused_since > DEPARTED_LINGER or not awaited

    # -- what flows ------------------------------------------------------------------------------------------------

    def settle(self, now: float, source: str | None = None) -> None:
        """Make what flows equal to what should: for one source, or for all."""
        for place in self._places:
            if place.outlet is not None and source in (None, place.outlet.source):
                self._settle(place, place.outlet, now)

    def _settle(self, place: _Place, outlet: Outlet, now: float) -> None:
        found = self._hall.source(outlet.source)
        wanted = found is not None and self._hall.is_open(outlet.source, place.codec.kind, self.seat)
        if found is not None and found.codec is not place.codec:
            wanted = False
        if wanted:
            place.unused_since = None
        elif place.unused_since is None:
            place.unused_since = now
        rank = self._rank(place, outlet, found) if found is not None and wanted else -1
        flows = found if rank >= 0 and place.accepted and self.connected else None
        if flows is not place.inlet:
            self._leave(place)
            if flows is not None:
                outlet.session = self.dtls.sending
                place.inlet = flows
        if flows is not None:
            flows.lead(outlet, flows.nearest(rank), now)

    def _rank(self, place: _Place, outlet: Outlet, source: Layers) -> int:
        """Which size of `source` this page gets now."""
        if place.codec.kind == "audio":
            return 0
        if outlet.source not in self.screen.ranks:
            self.screen.plan(self._pictures())
        return self.screen.ranks.get(outlet.source, 0)

    def _pictures(self) -> list[Layers]:
        return [one for one in self._hall.heard_by(self.seat) if one.codec.kind == "video"]

    def set_view(self, sizes: dict[str, int], now: float) -> None:
        """The page shows these pictures, in pixels of width, and no others."""
        self.screen.show(sizes, [one.source for one in self.streams()])
        self.resize(now)

    def resize(self, now: float) -> None:
        """Decide anew which size of which picture goes to this page, and tell it when that has changed."""
        pictures = self._pictures()
        self.screen.plan(pictures)
        for place in self._places:
            if place.outlet is not None and place.codec.kind == "video":
                self._settle(place, place.outlet, now)
        ranks = self.screen.ranks
        names = {
            one.source: one.name(one.nearest(ranks[one.source])) if ranks[one.source] >= 0 else "off"
            for one in pictures
        }
        if (names, self.screen.limited) != self._flow:
            self._flow = (names, self.screen.limited)
            self.plane.tell(Flow(peer=self.peer, sources=names, limited=self.screen.limited))

    def _leave(self, place: _Place) -> None:
        if place.inlet is not None and place.outlet is not None:
            place.inlet.detach(place.outlet)
        place.inlet = None

    def ready(self) -> None:
        self.settle(self.agent.heard)

    def leave(self) -> None:
        """The connection ends: nothing flows any more."""
        for place in self._places:
            self._release(place)

    # -- reports ---------------------------------------------------------------------------------------------------

    def take_rtcp(self, data: bytes, now: float) -> None:
        self._reports = min(REPORTS_BURST, self._reports + (now - self._reports_at) * REPORTS_PER_SECOND)
        self._reports_at = now
        if self._reports < 1:
            self.plane.mux.dropped["reports"] += 1
            return
        self._reports -= 1
        for item in rtcp.read(data):
            match item:
                case rtcp.Nack():
                    self._repair(item, now)
                case rtcp.KeyFrameRequest():
                    if (place := self._by_ssrc.get(item.ssrc)) is not None and place.outlet is not None:
                        for stream in (place.outlet.stream, place.outlet.target):
                            if stream is not None:
                                stream.request_key_frame(now)
                case rtcp.ReportBlock():
                    self._reception(item, now)
                case rtcp.BitrateEstimate():
                    self.downlink = item.bits_per_second
                    places = [self._by_ssrc.get(ssrc) for ssrc in item.ssrcs]
                    sound = any(place is not None and place.codec.kind == "audio" for place in places)
                    self.screen.estimated(item.bits_per_second, now, with_sound=sound)

    def _reception(self, block: rtcp.ReportBlock, now: float) -> None:
        place = self._by_ssrc.get(block.ssrc)
        if place is not None and place.outlet is not None:
            if (seconds := place.outlet.round_trip(block, now)) is not None:
                self.learn_round_trip(seconds)
                self.screen.line.took(seconds)
            self.screen.received(block.ssrc, block.highest, block.lost, now)

    def _repair(self, nack: rtcp.Nack, now: float) -> None:
        place = self._by_ssrc.get(nack.ssrc)
        if place is None or place.outlet is None or (stream := place.outlet.stream) is None:
            return
        outlet, batch = place.outlet, self.plane.mux.outgoing
        self.nacks += len(nack.numbers)
        self._credit = min(REPAIRS_BURST, self._credit + (now - self._credit_at) * REPAIRS_PER_SECOND)
        self._credit_at = now
        for asked, seq in enumerate(nack.numbers):
            if self._credit < 1:
                self.plane.mux.dropped["repairs"] += len(nack.numbers) - asked
                return
            if (packet := outlet.repair(seq, stream, now)) is None:
                continue
            self._credit -= 1
            if batch.protected(packet, protect_rtp, self.dtls.sending, self.address_pointer):
                outlet.meter.packets += 1
                outlet.meter.bytes += len(packet)

    def tick(self, now: float) -> None:
        """Ten times a second: the padding that tries the line."""
        if not self.connected or not (rate := self.screen.line.padding):
            return
        open_pictures = {one.source for one in self._pictures()}
        outlets = [one.outlet for one in self._places if one.accepted and one.outlet is not None]
        outlet = next((one for one in outlets if one.source in open_pictures), None)
        if outlet is None:
            return
        for _ in range(math.ceil(rate / 8 / 10 / PADDING)):
            packet = outlet.padding(now)
            self.plane.mux.outgoing.protected(packet, protect_rtp, self.dtls.sending, self.address_pointer)
            outlet.meter.packets += 1
            outlet.meter.bytes += len(packet)
        self.plane.mux.flush_soon()

    def report(self, now: float) -> None:
        """Once a second: the publishers' clocks, and what the line has shown."""
        if not self.connected:
            return
        meters = [(one.outlet, one.outlet.meter) for one in self._places if one.outlet is not None]
        self.screen.second(
            now,
            (
                (outlet.source, outlet.codec.kind == "audio", meter.bytes - OVERHEAD * meter.packets)
                for outlet, meter in meters
            ),
        )
        self.resize(now)
        for place in self._places:
            if place.outlet is not None and (stream := place.outlet.stream) is not None:
                if (packet := place.outlet.sender_report(stream, now)) is not None:
                    self.send_rtcp(packet)
