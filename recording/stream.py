"""One source's packets until the writer takes them. Rule: a frame is kept whole and at its time, or not at all.

No asyncio and no clock: `now` and `arrival` are arguments, so that a test may let an hour pass in a second.

Gaps are told as they are: `lost` (packets are missing and nobody could bring them back), `silent` (nothing is missing,
nothing was sent), `overload` (we could not keep up), or the reason of a pause. An audio hole shorter than 60 ms is what
every player conceals; it is counted when the track closes, not told as a gap. A picture that waits for a key frame is
one.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from recording import webm
from recording.depacketise import Frame, Opus, Vp8
from recording.reorder import Reorder
from recording.sync import Sync
from recording.trackfile import TrackFile
from recording.writer import Writer

SETTLE_S = 0.25
HOLD_S = {False: 0.3, True: 0.8}  # by `video`: how long a hole waits for a retransmission, longer on a long line
LATE_S = 0.05  # on top of what the media process waits: its timers are late at times
LOST_MS = {False: 60, True: 300}
SILENT_MS = {False: 500, True: 2000}  # Opus without sound sends a packet every 400 ms; a still screen one a second
SEPARATE_MS = 500  # a hole this long also ends the segment, so that segments alone tell what there is
DOUBTFUL_S = 0.5  # how long a resumed stream may look like a resent past before it is believed
ASK_S = 0.5
KEY_EVERY_MS = 10_000  # a player can only enter at a key frame
PICTURE_MS = (10.0, 1000.0)  # the time between two pictures, within reason


class Placed(NamedTuple):
    """A frame that waits for `SETTLE_S`, and the gap before it, if there is one."""

    frame: Frame
    t_ms: int
    duration_ms: float
    gap: dict[str, Any] | None
    cut_ms: int | None
    """Close the segment before the frame, at this time at the latest."""


class Stream:
    def __init__(
        self,
        track: str,
        *,
        video: bool,
        clock_rate: int,
        offset_ms: Callable[[], int],
        request_key_frame: Callable[[], None],
        patience: Callable[[], float],
        file: TrackFile,
        writer: Writer,
        opened: float,
    ) -> None:
        self.sync = Sync(clock_rate)
        self.lost = 0
        self.refused = 0
        self._track = track
        self._video = video
        self._rate = clock_rate
        self._offset_ms = offset_ms
        self._request_key_frame = request_key_frame
        self._patience = patience
        self._file = file
        self._writer = writer
        self._reorder = Reorder(HOLD_S[video])
        self._joiner: Opus | Vp8 = Vp8() if video else Opus()
        self._settling: deque[Placed] = deque()
        self._begun = False  # the file has its header
        self._closed = False
        self._paused: tuple[int, str] | None = None
        self._since = opened
        self._asked = float("-inf")
        self._wants_key = False
        self._torn = 0
        self._need_key = video
        self._missing = False
        self._kept = False  # a frame was kept since the track was opened or resumed
        self._last_ms = self._ms(opened) - 1  # nothing is placed before the recorder was a listener
        self._end_ms = float(self._last_ms + 1)
        self._picture_ms = 40.0
        self._key_ms: int | None = None
        self._size: tuple[int, int] | None = None
        self._overload_ms: int | None = None

    # -- from the media process ------------------------------------------------------------------------------------

    def rtp(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
        if self._paused is not None or self._closed:
            return
        unwrapped = self._reorder.in_turn(seq, timestamp)
        if unwrapped is None:
            self._reorder.push(seq, timestamp, marker, payload, arrival)
            self._order(arrival)
            return
        frame = self._push(unwrapped, marker, payload, arrival)
        if frame is not None:
            self._place(frame)

    def poll(self, now: float) -> None:
        if not self._reorder.idle or self._settling:
            self._order(now)
            self._hand_on(now - SETTLE_S)
        self._ask(now)

    def pause(self, at: float, reason: str) -> None:
        if self._paused is not None or self._closed:
            return
        at_ms = self._stop(at, pausing=True)
        self._paused = (at_ms, reason)
        self._wants_key = False
        if self._begun:
            paused = {"kind": "paused", "track": self._track, "t0_ms": at_ms, "reason": reason}
            self._writer.mark(partial(self._file.cut, at_ms, reached=False))
            self._writer.mark(partial(self._file.note, paused, public=False))

    def resume(self, at: float) -> None:
        if self._paused is None or self._closed:
            return
        t0_ms, reason = self._paused
        at_ms = max(self._ms(at), t0_ms)
        self._paused = None
        self._since = at
        self._reorder.restart()
        self._broken()
        self._need_key = self._video
        self._missing = self._kept = False
        self._last_ms = max(self._last_ms, at_ms - 1)
        self._end_ms = float(at_ms)
        if self._begun:
            self._writer.mark(partial(self._file.note, self._gap(t0_ms, at_ms, reason)))
        self._wants_key = self._video
        self._ask(at)

    def close(self, at: float, reason: str) -> None:
        if self._closed:
            return
        if self._paused is None:
            self._stop(at, pausing=False)
        self.end(reason)

    def end(self, reason: str) -> None:
        """Close the file with what has been handed on; `close` hands on the rest first."""
        self._closed = True
        if self._begun:
            self._writer.mark(partial(self._file.note, self._count(), public=False))
            self._writer.mark(partial(self._file.close, reason))

    # -- in between ------------------------------------------------------------------------------------------------

    def _ms(self, at: float) -> int:
        return round(at * 1000) + self._offset_ms()

    def _gap(self, t0_ms: float, t1_ms: float, reason: str) -> dict[str, Any]:
        return {"kind": "gap", "track": self._track, "t0_ms": round(t0_ms), "t1_ms": round(t1_ms), "reason": reason}

    def _count(self) -> dict[str, Any]:
        """What happened to the packets, for whoever examines the file."""
        return {
            "kind": "count",
            "track": self._track,
            "lost": self.lost,
            "late": self._reorder.late,
            "refused": self.refused,
            "jumps": self._reorder.jumps,
            "reanchors": self.sync.reanchors,
        }

    def _stop(self, at: float, *, pausing: bool) -> int:
        """Keep what came before `at`, of a pause nothing after, and say what is missing up to then."""
        at_ms = self._ms(at)
        self._order(at, at_once=True)
        while pausing and self._settling and self._after(self._settling[-1], at, at_ms):
            dropped = self._settling.pop()
            if dropped.gap is not None:
                self._missing, self._end_ms = True, float(dropped.gap["t0_ms"])
        self._hand_on(float("inf"))
        if self._missing and self._begun and at_ms - self._end_ms > LOST_MS[self._video]:
            self._writer.mark(partial(self._file.note, self._gap(self._end_ms, at_ms, "lost")))
        if self._overload_ms is not None:
            self._overload_over(at_ms)
        return at_ms

    def _after(self, placed: Placed, at: float, at_ms: int) -> bool:
        return placed.t_ms >= at_ms or placed.frame.arrival > at

    def _order(self, now: float, *, at_once: bool = False) -> None:
        self._reorder.hold_s = max(HOLD_S[self._video], self._patience() + LATE_S)
        if self._reorder.opening:
            if not at_once and self._reorder.still_opening(now):
                return
            if not self._believed(now):
                if at_once:
                    self._reorder.restart()
                return
            self._refuse_the_past()
            self.sync.begin(self._reorder.waiting())
        for ordered in self._reorder.ready(now, at_once=at_once):
            if ordered.lost:
                self.lost += ordered.lost
                self._missing = True
                self._broken()
            frame = self._push(*ordered.packet)
            if frame is not None:
                self._place(frame)

    def _believed(self, now: float) -> bool:
        """After a pause: a packet that seems older than the resumption may be a retransmission of what nobody may keep.

        It is believed when a newer one has come, or when the stream goes on like that (its timestamps stood still).
        """
        waiting = self._reorder.waiting()
        if not waiting:
            return True
        expected = self.sync.expected(waiting[-1].timestamp)
        return expected is None or expected >= self._since or now - waiting[0].arrival >= DOUBTFUL_S

    def _refuse_the_past(self) -> None:
        """The packet with the highest number is the present; what is older than the (re)opening, seen from it, goes."""
        waiting = self._reorder.waiting()
        if not waiting:
            return
        newest = waiting[-1]
        for packet in waiting[:-1]:
            if newest.arrival - (newest.timestamp - packet.timestamp) / self._rate < self._since:
                self._reorder.forget(packet)
                self.refused += 1

    def _push(self, timestamp: int, marker: bool, payload: bytes, arrival: float) -> Frame | None:
        frame = self._joiner.push(timestamp, marker, payload, arrival)
        if self._joiner.torn != self._torn:
            self._torn, self._need_key = self._joiner.torn, True
        return frame

    def _broken(self) -> None:
        self._joiner.broken()
        self._torn = self._joiner.torn
        self._need_key = self._video

    def _place(self, frame: Frame) -> None:
        """Find the frame's time and say what is missing before it."""
        at = self.sync.place(frame.timestamp, frame.arrival)
        if frame.key:
            self._need_key = self._wants_key = False
        t_ms = max(self._last_ms + 1, round(at * 1000) + self._offset_ms(), 0)
        if self._need_key:
            if not self._missing and not self._kept:
                self._end_ms = float(t_ms)  # the first picture that could not be kept: the gap begins here
            self._missing = self._wants_key = True
            return
        hole = t_ms - self._end_ms
        gap = None
        if self._missing and hole > LOST_MS[self._video]:
            gap = self._gap(self._end_ms, t_ms, "lost")
        elif self._kept and hole > SILENT_MS[self._video]:
            gap = self._gap(self._end_ms, t_ms, "silent")
        cut_ms = round(self._end_ms) if gap is not None and hole > SEPARATE_MS else None
        if self._video and self._kept and gap is None:
            self._picture_ms = min(max(float(t_ms - self._last_ms), PICTURE_MS[0]), PICTURE_MS[1])
        duration = self._picture_ms if self._video else frame.duration_ms
        self._settling.append(Placed(frame, t_ms, duration, gap, cut_ms))
        self._missing, self._kept = False, True
        self._last_ms, self._end_ms = t_ms, t_ms + duration
        if frame.size is not None:
            self._key_ms = t_ms
        elif self._key_ms is not None and t_ms - self._key_ms > KEY_EVERY_MS:
            self._wants_key = True

    def _ask(self, now: float) -> None:
        if self._wants_key and now - self._asked >= ASK_S:
            self._wants_key = False
            self._asked = now
            self._request_key_frame()

    # -- to the writer ---------------------------------------------------------------------------------------------

    def _hand_on(self, before: float) -> None:
        while self._settling and self._settling[0].frame.arrival <= before:
            placed = self._settling.popleft()
            frame = placed.frame
            if frame.size is not None and frame.size != self._size:
                self._new_size(frame.size, placed.t_ms)
            if not self._begun:
                self._begin()
            if placed.gap is not None:
                if placed.cut_ms is not None:
                    self._writer.mark(partial(self._file.cut, placed.cut_ms, reached=False))
                self._writer.mark(partial(self._file.note, placed.gap))
            if self._overload_ms is not None and self._video and not frame.key:
                continue
            if not self._writer.frame(self._file, placed.t_ms, placed.duration_ms, frame.key, self._video, frame.data):
                self._overload(placed.t_ms)
            elif self._overload_ms is not None:
                self._overload_over(placed.t_ms)

    def _begin(self) -> None:
        self._begun = True
        header = webm.video_header(*(self._size or (640, 480))) if self._video else webm.audio_header()
        self._writer.mark(partial(self._file.header, header))
        self._writer.open(self._file)

    def _new_size(self, size: tuple[int, int], t_ms: int) -> None:
        if self._size is not None:
            body = {"kind": "size", "track": self._track, "t0_ms": t_ms, "width": size[0], "height": size[1]}
            self._writer.mark(partial(self._file.note, body, public=False))
        self._size = size

    def _overload(self, t_ms: int) -> None:
        if self._overload_ms is None:
            self._overload_ms = t_ms
            self._writer.queue_full(True)
        self._wants_key = self._video

    def _overload_over(self, t_ms: int) -> None:
        assert self._overload_ms is not None
        self._writer.mark(partial(self._file.note, self._gap(self._overload_ms, t_ms, "overload")))
        self._overload_ms = None
        self._writer.queue_full(False)
