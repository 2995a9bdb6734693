"""One inbound stream of a publisher: what is missing and asked for again, what was received, and its key frames.
A source is one stream, or several of one camera in different sizes (`layers.py`).

Packets are counted in extended numbers (never wrapping), so that "before" and "after" are plain comparisons. A packet
from before an outlet opened must never leave by it, however late it comes.
"""

import asyncio
import struct
from typing import Protocol

from signaling.media import rtcp
from signaling.media.description import LEVEL_ID, ROTATION_ID
from signaling.media.fanout import FanOut
from signaling.media.outlet import Outlet, Tap, TapMove
from signaling.media.payload import Codec, begins_key_frame
from signaling.media.repairs import NACK_INTERVAL, NACK_TRIES, STALE_SOUND, SWAPPED, Missing, interval, patience

HISTORY = 1024
"""Packets kept for repairs, shared by all subscribers: ten seconds of a camera."""

LARGEST_GAP = 200
"""A larger hole is an outage; asking for all of it would only delay what comes now."""

KEY_FRAME_INTERVAL = 0.25
"""Requests within it are one request."""
KEY_FRAME_RETRY = 0.5
REORDERED_START = 8
"""Packets before the very first one that may still come late, the first of the first key frame perhaps among them."""

SILENCE = -127

_PLAIN = struct.Struct("!BBHIIII")
_WITH_BYTE = struct.Struct("!BBHIIIIBBH")
_ONE_WORD, _TWO_WORDS = 0xBEDE0001, 0xBEDE0002


class Feed(Protocol):
    """The connection a source comes by."""

    round_trip: float
    """Seconds, 0 when unknown."""

    def send_rtcp(self, data: bytes) -> None: ...


class Source:
    def __init__(
        self,
        source: str,
        seat: str,
        codec: Codec,
        mid: str,
        payload_types: tuple[int, int | None],
        feed: Feed,
        rid: str = "",
    ) -> None:
        self.rid = rid
        self.source, self.seat, self.codec, self.mid, self.feed = source, seat, codec, mid, feed
        self.payload_type, self.rtx_payload_type = payload_types
        self.ssrc: int | None = None
        self.flowing: list[Outlet] = []
        self.waiting: list[Outlet | TapMove] = []
        self.tap: Tap | None = None
        self.bytes = self.recovered = self.key_frames_asked = self.nacks_asked = 0
        self.received = 0
        self.level = SILENCE
        self.heard_level = False
        self.last_arrival = 0.0
        self._asked = -1.0
        self._asking: asyncio.TimerHandle | None = None
        self._nacking: asyncio.TimerHandle | None = None
        self.run = 0
        self.newest = -1
        self._batch: FanOut | None = None
        self._begin(None)

    def _begin(self, ssrc: int | None) -> None:
        """A new stream of numbers: nothing of the old one has a meaning any more."""
        self._spill()
        for outlet in self.flowing:
            outlet.stop(self)
            outlet.stream = None
            if outlet.target is None:  # else it is about to flow from another layer
                outlet.target = self
                self.waiting.append(outlet)
        self.flowing.clear()
        for one in self.waiting:
            one.opened = 0
        if self.tap is not None and self.tap.open:
            self.tap.opened = 0
        self.ssrc = ssrc
        self.run += 1
        self.newest = -1
        self.newest_timestamp = 0
        self.history: list[tuple[int, bytes] | None] = [None] * HISTORY
        self._missing: dict[int, Missing] = {}
        self._first = self._run_received = 0
        self._reported_expected = self._reported_received = 0
        self._jitter = 0.0
        self._lateness = 0.0
        self._repeated = self._reported_repeated = 0
        self._report: tuple[rtcp.SenderReport, float] | None = None

    # -- arrival ---------------------------------------------------------------------------------------------------

    def speaks_as(self, ssrc: int) -> None:
        """Packets of this source carry `ssrc` from here on."""
        if self.ssrc is None:
            self.ssrc = ssrc
        elif self.ssrc != ssrc:
            self._begin(ssrc)

    def take(
        self,
        data: bytes,
        start: int,
        seq: int,
        timestamp: int,
        level: int,
        rotation: int,
        now: float,
        batch: FanOut,
    ) -> None:
        """One packet; its payload begins at `start`. `level` and `rotation` are header extensions, -1 if absent.

        `now` is when it came; it leaves with the time that the batch has.
        """
        second = data[1]
        padding = data[0] & 0x20
        payload = data[start:]
        newest = self.newest
        if second & 0x7F == self.payload_type:
            ahead = (seq - newest) & 0xFFFF
            if newest < 0:
                number = 0x10000 + seq
                self._first = self.newest = number
                for late in range(number - REORDERED_START, number):
                    self._missing[late] = Missing(now, NACK_TRIES)
                self._watch_missing()
            elif 0 < ahead < 0x8000:
                number = newest + ahead
                if ahead > 1:
                    self._gap(newest + 1, number, now)
                self.newest = number
            else:
                number = newest - ((newest - seq) & 0xFFFF)
                if (missing := self._missing.pop(number, None)) is None:
                    return
                self._lateness = now - missing.since
                if self._lateness > SWAPPED:
                    self._repeated += 1
        elif second & 0x7F == self.rtx_payload_type:
            if padding:
                payload = payload[: -payload[-1]] if payload and payload[-1] <= len(payload) else b""
                padding = 0
            if len(payload) < 3 or newest < 0:
                return
            seq = payload[0] << 8 | payload[1]
            payload = payload[2:]
            number = newest - ((newest - seq) & 0xFFFF)
            if (missing := self._missing.pop(number, None)) is None:
                return
            self._lateness = now - missing.since
            self.recovered += 1
        else:
            return
        in_order = number == self.newest
        self.received += 1
        self._run_received += 1
        self.bytes += len(data)
        if in_order:
            if timestamp != self.newest_timestamp:
                if newest >= 0:
                    drift = (now - self.last_arrival) * self.codec.clock_rate
                    drift -= ((timestamp - self.newest_timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
                    self._jitter += (abs(drift) - self._jitter) / 16
                self.newest_timestamp = timestamp
            self.last_arrival = now
        if level >= 0:
            self.heard_level = True
            if (loud := -(level & 0x7F)) > self.level:
                self.level = loud
        self._hand_on(number, seq, timestamp, second & 0x80, padding, level, rotation, payload, in_order, now, batch)

    def _hand_on(
        self,
        number: int,
        seq: int,
        timestamp: int,
        marker: int,
        padding: int,
        level: int,
        rotation: int,
        payload: bytes,
        in_order: bool,
        now: float,
        batch: FanOut,
    ) -> None:
        """To the history, to every outlet, and to the sink."""
        codec = self.codec
        send_time = batch.send_time
        first, second = 0x90 | padding, marker | codec.payload_type
        if level >= 0:
            head = _WITH_BYTE.pack(first, second, seq, timestamp, 0, _TWO_WORDS, send_time, LEVEL_ID << 4, level, 0)
        elif rotation >= 0:
            head = _WITH_BYTE.pack(
                first, second, seq, timestamp, 0, _TWO_WORDS, send_time, ROTATION_ID << 4, rotation, 0
            )
        else:
            head = _PLAIN.pack(first, second, seq, timestamp, 0, _ONE_WORD, send_time)
        template = head + payload
        self.history[number % HISTORY] = (number, template)
        if self.waiting and begins_key_frame(codec, payload):
            batch.spill()  # what came before the key frame leaves by the outlets as they were
            for one in [one for one in self.waiting if number >= one.opened]:
                self.waiting.remove(one)
                one.begin(self, number, timestamp, now)
        if self.flowing:
            if in_order:
                self._batch = batch
                batch.keep(self, template, number, timestamp)
            elif late := self._still_waiting_for(number):
                batch.spill()
                batch.fan_out(template, number, timestamp, late)
        if (tap := self.tap) is not None and number >= tap.opened:
            if padding:
                payload = payload[: -payload[-1]] if payload and payload[-1] <= len(payload) else b""
            tap.take(seq, timestamp, marker != 0, payload, now)

    def _still_waiting_for(self, number: int) -> list[Outlet]:
        """The outlets that a packet which came late goes to."""
        if self._lateness > STALE_SOUND and self.codec.kind == "audio":
            return []
        return [one for one in self.flowing if number >= one.first]

    def _spill(self) -> None:
        """Before outlets come and go: what has come leaves by those that are here."""
        if self._batch is not None:
            self._batch.spill()

    def report(self, report: rtcp.SenderReport, now: float) -> None:
        self._report = (report, now)
        if self.tap is not None and self.tap.open:
            self.tap.report(report, now)

    @property
    def sender_report(self) -> tuple[rtcp.SenderReport, float] | None:
        """The publisher's latest report and when it came."""
        return self._report

    # -- outlets ---------------------------------------------------------------------------------------------------

    def attach(self, outlet: Outlet | TapMove, now: float) -> None:
        """Let `outlet` flow: sound from the next packet, video from the next key frame, and until then as before."""
        outlet.opened = self.newest + 1
        outlet.target = self
        self.waiting.append(outlet)
        self.request_key_frame(now)

    def detach(self, outlet: Outlet) -> None:
        """From here on nothing of this source leaves by `outlet`."""
        if outlet in self.flowing:
            self._spill()
            self.flowing.remove(outlet)
            outlet.stop(self)
            outlet.stream = None
        if outlet in self.waiting:
            self.waiting.remove(outlet)
            outlet.target = None

    def close(self, reason: str) -> None:
        for outlet in [*self.flowing, *(one for one in self.waiting if isinstance(one, Outlet))]:
            self.detach(outlet)
        self.waiting.clear()
        if self.tap is not None:
            self.tap.close(reason)
            self.tap = None
        for timer in (self._asking, self._nacking):
            if timer is not None:
                timer.cancel()

    # -- repairs ---------------------------------------------------------------------------------------------------

    def _gap(self, start: int, end: int, now: float) -> None:
        """Numbers from `start` up to `end` did not come."""
        if end - start > LARGEST_GAP:
            self._missing.clear()
            self.request_key_frame(now)
            return
        for number in range(start, end):
            self._missing[number] = Missing(now, 1)
        self._ask_again(list(range(start, end)))
        self._watch_missing()

    def _watch_missing(self) -> None:
        if self._nacking is None:
            self._nacking = asyncio.get_running_loop().call_later(NACK_INTERVAL, self._nack_due)

    @property
    def patience(self) -> float:
        """Seconds until a hole in this stream can no longer be filled."""
        return patience(self.codec.kind, self.feed.round_trip)

    def _nack_due(self) -> None:
        self._nacking = None
        now = asyncio.get_running_loop().time()
        again: list[int] = []
        given_up = False
        age = self.patience
        wait = interval(self.feed.round_trip)
        slack = NACK_INTERVAL / 4  # timers are a little early or late
        for number, missing in list(self._missing.items()):
            waited = now - missing.asked + slack >= wait
            if now - missing.since > age or (waited and missing.tries >= NACK_TRIES):
                del self._missing[number]
                given_up = given_up or number > self._first
            elif waited:
                missing.tries += 1
                missing.asked = now
                again.append(number)
        if again:
            self._ask_again(again)
        if given_up:
            self.request_key_frame(now)
        if self._missing:
            self._watch_missing()

    def _ask_again(self, numbers: list[int]) -> None:
        if self.ssrc is not None:
            self.nacks_asked += len(numbers)
            self.feed.send_rtcp(rtcp.write_nack(self.ssrc, [number & 0xFFFF for number in numbers]))

    def request_key_frame(self, now: float) -> None:
        """Ask the publisher for a key frame, at most once in 250 ms; a request too early is kept, not lost."""
        if self.codec.kind != "video" or self.ssrc is None or self._asking is not None:
            return
        if (wait := self._asked + KEY_FRAME_INTERVAL - now) > 0:
            self._asking = asyncio.get_running_loop().call_later(wait, self._ask_key_frame)
        else:
            self._ask_key_frame()

    def _ask_key_frame(self) -> None:
        self._asking = None
        self._asked = asyncio.get_running_loop().time()
        if self.ssrc is not None:
            self.key_frames_asked += 1
            self.feed.send_rtcp(rtcp.write_pli(self.ssrc))

    def tick(self, now: float) -> None:
        """Ask again as long as somebody waits and packets come."""
        if self.waiting and now - self._asked > KEY_FRAME_RETRY and now - self.last_arrival < 1.0:
            self.request_key_frame(now)

    # -- figures ---------------------------------------------------------------------------------------------------

    @property
    def lost(self) -> int:
        return max(0, self.newest - self._first + 1 - self._run_received) if self.newest >= 0 else 0

    def reception(self, now: float) -> rtcp.Reception | None:
        """How the stream arrived since the last call, for a receiver report."""
        if self.ssrc is None or self.newest < 0:
            return None
        expected = self.newest - self._first + 1
        new = expected - self._reported_expected
        # Sound that came only when it was asked for again was lost as far as the sender needs to know: by that it
        # decides how much error correction every packet carries for those who cannot wait.
        lost = new - (self._run_received - self._reported_received) + self._repeated - self._reported_repeated
        self._reported_repeated = self._repeated
        self._reported_expected, self._reported_received = expected, self._run_received
        last_report = delay = 0
        if self._report is not None:
            last_report = self._report[0].ntp >> 16 & 0xFFFFFFFF
            delay = int((now - self._report[1]) * 65536)
        return rtcp.Reception(
            ssrc=self.ssrc,
            fraction_lost=max(0, min(255, lost * 256 // new)) if new > 0 else 0,
            lost=self.lost,
            highest=self.newest,
            jitter=int(self._jitter),
            last_report=last_report,
            delay=delay,
        )
