"""A connection by which a seat sends: it offers, we answer. Packets are read once here and sorted to their sources."""

import struct
from collections.abc import Mapping

from hearing.errors import Malformed
from signaling.control import Stream
from signaling.media import rtcp, sdp
from signaling.media.description import feeds_back, write_answer
from signaling.media.feedback import TransportFeedback
from signaling.media.layers import Layers
from signaling.media.payload import ROOM_CODECS
from signaling.media.peer import STREAMS_LIMIT, Peer, Plane
from signaling.media.source import Source

BITRATE_CAP = 1_500_000
"""Told by REMB to publishers that cannot judge their line by transport-wide feedback."""

_NUMBERS = struct.Struct("!HII").unpack_from
_PAIR = struct.Struct("!HH").unpack_from
_MID, _LEVEL, _ROTATION, _TRANSPORT, _RID, _REPAIRED_RID = 1, 2, 3, 4, 5, 6
_MEANINGS = {
    sdp.MID: _MID,
    sdp.AUDIO_LEVEL: _LEVEL,
    sdp.ROTATION: _ROTATION,
    sdp.TRANSPORT_SEQUENCE: _TRANSPORT,
    sdp.RID: _RID,
    sdp.REPAIRED_RID: _REPAIRED_RID,
}


class Publisher(Peer):
    direction = "pub"

    def __init__(self, plane: Plane, peer: str, room: str, seat: str, now: float) -> None:
        super().__init__(plane, peer, room, seat, now)
        self.sources: dict[str, Layers] = {}
        self._by_ssrc: dict[int, Source] = {}
        self._extensions = [0] * 16
        self._feedback: TransportFeedback | None = None
        self._remote_ufrag: str | None = None

    # -- offer and answer ------------------------------------------------------------------------------------------

    def answer(self, text: str, wanted: Mapping[str, str], now: float) -> tuple[str, list[Layers], list[Layers]]:
        """Our answer, the sources that begin and the sources that end; nothing is changed when it is `Malformed`."""
        offer = sdp.read(text)
        media = {one.mid: one for one in offer.media}
        for mid in wanted:
            if mid not in media:
                raise Malformed(f"no m-line with the mid {mid!r}")
            if media[mid].payload_type is None:
                codec = ROOM_CODECS.get(media[mid].kind)
                raise Malformed(f"m-line {mid} does not offer {codec.name if codec else 'sound or picture'}")
        if len(set(wanted.values())) < len(wanted):
            raise Malformed("one source on two m-lines")
        self.trust(offer.fingerprints, now)
        if self._remote_ufrag not in (None, offer.ufrag):
            self.agent.restart()
        self._remote_ufrag = offer.ufrag
        accepted = {mid: source for mid, source in wanted.items() if media[mid].sends}
        ended = [one for mid, one in self.sources.items() if accepted.get(mid) != one.source]
        for one in ended:
            del self.sources[one.mid]
        over = {stream for one in ended for stream in one.streams}
        self._by_ssrc = {ssrc: one for ssrc, one in self._by_ssrc.items() if one not in over}
        begun: list[Layers] = []
        for mid, source in accepted.items():
            if mid not in self.sources:
                begun.append(self._begin_source(source, media[mid]))
        self._extensions = [0] * 16
        wide = False
        for line in offer.media:
            if line.kind in ROOM_CODECS:
                wide = wide or feeds_back(line)
                for uri, number in line.extensions.items():
                    self._extensions[number] = _MEANINGS.get(uri, 0)
        self._feedback = (self._feedback or TransportFeedback()) if wide else None
        self.version += 1
        return write_answer(offer, self.transport(), accepted, self.session, self.version), begun, ended

    def _begin_source(self, source: str, media: sdp.Media) -> Layers:
        codec = ROOM_CODECS[media.kind]
        assert media.payload_type is not None
        numbers = (media.payload_type, media.rtx_payload_type)
        streams = [Source(source, self.seat, codec, media.mid, numbers, self, rid) for rid in media.rids or ("",)]
        found = self.sources[media.mid] = Layers(streams)
        if media.ssrcs and not media.rids:
            streams[0].speaks_as(media.ssrcs[0])
            self._by_ssrc[media.ssrcs[0]] = streams[0]
            for repair, main in media.rtx_ssrcs.items():
                if main == media.ssrcs[0]:
                    self._by_ssrc[repair] = streams[0]
        return found

    # -- arrival ---------------------------------------------------------------------------------------------------

    def take_rtp(self, data: bytes, now: float) -> str | None:
        first, second = data[0], data[1]
        seq, timestamp, ssrc = _NUMBERS(data, 2)
        start = 12 + 4 * (first & 15)
        size = len(data)
        level = rotation = -1
        mid = b""
        if first & 16:
            if start + 4 > size:
                return "broken"
            profile, words = _PAIR(data, start)
            at = start + 4
            start = at + 4 * words
            if start > size:
                return "broken"
            if profile == 0xBEDE:
                meanings = self._extensions
                while at < start:
                    head = data[at]
                    at += 1
                    if head == 0:
                        continue
                    after = at + (head & 15) + 1
                    if after > start:
                        break
                    meaning = meanings[head >> 4]
                    if meaning == _TRANSPORT:
                        if after - at >= 2 and self._feedback is not None:
                            self._feedback.add(data[at] << 8 | data[at + 1], now)
                    elif meaning == _LEVEL:
                        level = data[at]
                    elif meaning == _ROTATION:
                        rotation = data[at]
                    elif meaning == _MID:
                        mid = data[at:after]
                    at = after
        elif start > size:
            return "broken"
        source = self._by_ssrc.get(ssrc)
        if source is None and (source := self._resolve(ssrc, second & 0x7F, mid, data)) is None:
            return "unasked"
        source.take(data, start, seq, timestamp, level, rotation, now, self.plane.mux.outgoing)
        return None

    def _resolve(self, ssrc: int, payload_type: int, mid: bytes, data: bytes) -> Source | None:
        """Whose is a new SSRC? By mid (RFC 8843 9.2) and rid (RFC 8852), else by its payload type if only one fits."""
        if len(self._by_ssrc) >= STREAMS_LIMIT:
            return None
        fitting = [
            stream
            for one in self.sources.values()
            for stream in one.streams
            if payload_type in (stream.payload_type, stream.rtx_payload_type)
        ]
        if mid:
            fitting = [one for one in fitting if one.mid.encode() == mid]
        if len(fitting) > 1 and (rid := self._rid(data)):
            fitting = [one for one in fitting if one.rid.encode() == rid]
        if len(fitting) != 1:
            return None
        source = fitting[0]
        self._by_ssrc[ssrc] = source
        if payload_type == source.payload_type:
            source.speaks_as(ssrc)
        return source

    def _rid(self, data: bytes) -> bytes:
        """The name of the stream that a packet belongs to or repairs; browsers tell it until they are heard."""
        at = 16 + 4 * (data[0] & 15)
        profile, words = _PAIR(data, at - 4) if data[0] & 16 else (0, 0)
        end = at + 4 * words if profile == 0xBEDE else 0
        while at < end:
            head = data[at]
            after = at + 2 + (head & 15) if head else at + 1
            if head and self._extensions[head >> 4] in (_RID, _REPAIRED_RID):
                return data[at + 1 : after]
            at = after
        return b""

    def take_rtcp(self, data: bytes, now: float) -> None:
        for item in rtcp.read(data):
            if isinstance(item, rtcp.SenderReport):
                source = self._by_ssrc.get(item.ssrc)
                if source is not None and source.ssrc == item.ssrc:
                    source.report(item, now)
            elif isinstance(item, rtcp.Echo):
                if (seconds := rtcp.round_trip(now, item.reference, item.delay)) is not None:
                    self.learn_round_trip(seconds)

    def streams(self) -> tuple[Stream, ...]:
        """What this connection brings."""
        return tuple(Stream(mid=one.mid, source=one.source, kind=one.codec.kind) for one in self.sources.values())

    # -- by the clock ----------------------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Layers]:
        """Ten times a second: feedback, and key frames still awaited. The sources whose sizes have changed."""
        if not self.connected:
            return []
        if self._feedback is not None and self._feedback.pending:
            ssrc = next((one.ssrc for one in self._streams() if one.ssrc is not None), rtcp.OWN_SSRC)
            if (packet := self._feedback.write(ssrc)) is not None:
                self.send_rtcp(packet)
        for stream in self._streams():
            stream.tick(now)
        return [one for one in self.sources.values() if one.tick(now)]

    def _streams(self) -> list[Source]:
        return [stream for one in self.sources.values() for stream in one.streams]

    def report(self, now: float) -> None:
        """Once a second: how everything arrived, and the question for the round trip."""
        if not self.connected:
            return
        for one in self.sources.values():
            one.measure(now)
        receptions = [found for stream in self._streams() if (found := stream.reception(now)) is not None]
        if not receptions:
            return
        packet = rtcp.write_receiver_report(receptions) + rtcp.write_reference_time(now)
        if self._feedback is None:
            pictures = [one.ssrc for one in self._streams() if one.codec.kind == "video" and one.ssrc is not None]
            if pictures:
                packet += rtcp.write_remb(BITRATE_CAP, pictures)
        self.send_rtcp(packet)
