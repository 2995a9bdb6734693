"""The recorder's ear in the media process: RTP of one source in, frames on the hearing clock out. Rule: no decoding, no
waiting, and nothing of a time in which the recorder was not a listener.

Per track: packets in order (`reorder.py`) -> whole frames (`depacketise.py`) -> their time (`sync.py`) -> kept back for
a quarter of a second -> the writer's queue (`writer.py`). The quarter of a second makes an order of the court exact:
when the court begins to deliberate, frames of the moments between its decision and the closing of the edge can still
be thrown away, although a file, once written, is never taken back.

The methods are those that the media process expects of a sink; all but `Capture.close` return at once.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from hearing.system import Uuid7Ids
from recording.stream import Stream
from recording.trackfile import TrackFile
from recording.writer import LOW_DISK_BYTES, QUEUE_BYTES, Writer

log = logging.getLogger(__name__)

POLL_S = 0.1
TRACK_FAILED = "recording-track-failed"
CODECS = {"audio": ("opus", 48_000), "video": ("vp8", 90_000)}

Arrived = tuple[int, int, bool, bytes, float]
"""As `CapturedTrack.rtp` is told it. One by one, between which the processor does other things, packets cost more than
together; so they wait for the timer, each with its own time."""

Notify = Callable[[str, dict[str, Any]], None]
"""(room, body): called from the event loop or from the writer's thread."""


class Track(Protocol):
    """What the media process says of a source: hearing clock in ms = arrival * 1000 + offset_ms()."""

    @property
    def room(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def codec(self) -> str: ...
    @property
    def clock_rate(self) -> int: ...
    @property
    def directory(self) -> Path: ...
    @property
    def offset_ms(self) -> Callable[[], int]: ...
    @property
    def request_key_frame(self) -> Callable[[], None]: ...
    @property
    def patience(self) -> Callable[[], float]: ...


class Capture:
    """All tracks of one media process. You must call `close()` at the end; it may block for some seconds.

    Where an event loop runs, holes that no further packet closes are given up by a timer; elsewhere call `poll()`.
    """

    def __init__(
        self,
        notify: Notify,
        *,
        clock: Callable[[], float] = time.monotonic,
        new_id: Callable[[], str] | None = None,
        queue_bytes: int = QUEUE_BYTES,
        low_disk_bytes: int = LOW_DISK_BYTES,
    ) -> None:
        self._notify = notify
        self._clock = clock
        self._new_id = new_id or Uuid7Ids().new
        self._tracks: dict[str, CapturedTrack] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writer = Writer(queue_bytes=queue_bytes, low_disk_bytes=low_disk_bytes)

    def open_track(self, track: Track) -> "CapturedTrack":
        """Begin a track; its file appears with its first frame. Raises `ValueError` for a codec we cannot keep."""
        codec = track.codec.lower()
        if CODECS.get(track.kind) != (codec, track.clock_rate):
            raise ValueError(f"cannot record {track.kind} as {track.codec}/{track.clock_rate}")
        track.directory.mkdir(parents=True, exist_ok=True)
        name = self._new_id()
        opened = {"kind": "track", "track": name, "source": track.source, "media": track.kind, "codec": codec}
        room = track.room

        def publish(body: dict[str, Any]) -> None:
            self._notify(room, body)

        file = TrackFile(room, track.directory, name, opened, publish)
        captured = CapturedTrack(name, track, file, self._writer, self._clock, self._forget)
        self._tracks[name] = captured
        if self._timer is None:
            self._wake_later()
        return captured

    def poll(self, now: float | None = None) -> None:
        """Give up holes that are too old and hand on what is ripe."""
        at = self._clock() if now is None else now
        for track in list(self._tracks.values()):
            track.poll(at)

    @property
    def backlog(self) -> int:
        """Bytes that have been taken and are not yet with the kernel."""
        return self._writer.backlog

    def close(self) -> None:
        """Close what is open and wait until the disk has it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for track in list(self._tracks.values()):
            track.close("recorder-closed")
        self._writer.close()

    def _forget(self, name: str) -> None:
        self._tracks.pop(name, None)

    def _wake_later(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return

        def wake() -> None:
            self._timer = None
            self.poll()
            if self._tracks:
                self._wake_later()

        self._timer = loop.call_later(POLL_S, wake)


class CapturedTrack:
    """One track as the media process sees it."""

    def __init__(
        self,
        name: str,
        track: Track,
        file: TrackFile,
        writer: Writer,
        clock: Callable[[], float],
        forget: Callable[[str], None],
    ) -> None:
        self.track = name
        self._clock = clock
        self._forget = forget
        self._publish = file.publish
        self._arrived: list[Arrived] = []
        self._given_up = False
        self._stream = Stream(
            name,
            video=track.kind == "video",
            clock_rate=track.clock_rate,
            offset_ms=track.offset_ms,
            request_key_frame=track.request_key_frame,
            patience=track.patience,
            file=file,
            writer=writer,
            opened=clock(),
        )

    def rtp(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
        """One decrypted packet without padding, in the order of arrival."""
        if not self._given_up:
            self._arrived.append((seq, timestamp, marker, payload, arrival))

    def sender_report(self, ntp: int, rtp: int, arrival: float) -> None:
        """The publisher's pair of 64-bit NTP time and RTP timestamp."""
        self._after_what_came(self._stream.sync.sender_report, ntp, rtp, arrival)

    def pause(self, at: float | None = None, reason: str = "paused") -> None:
        """The recorder is no listener from `at` (monotonic) on; up to a quarter of a second ago is still exact."""
        self._after_what_came(self._stream.pause, self._clock() if at is None else at, reason)

    def resume(self, at: float | None = None) -> None:
        """The recorder listens again from `at` on; what was made before is refused even if it is resent now."""
        self._after_what_came(self._stream.resume, self._clock() if at is None else at)

    def close(self, reason: str) -> None:
        """The source's connection has ended."""
        self._after_what_came(self._stream.close, self._clock(), reason)
        self._forget(self.track)

    def poll(self, now: float) -> None:
        """Work through what has arrived by `now`."""
        self._after_what_came(self._stream.poll, now)

    def _after_what_came(self, call: Callable[..., None], *arguments: object) -> None:
        """What fails is told at once and ends this track, with what it has, and no other."""
        if self._given_up:
            return
        arrived, self._arrived = self._arrived, []
        try:
            for packet in arrived:
                self._stream.rtp(*packet)
            call(*arguments)
        except Exception:
            log.exception("track %s cannot be recorded any further", self.track)
            self._given_up = True
            self._publish({"kind": "alarm", "reason": TRACK_FAILED})
            self._stream.end("failed")
            self._forget(self.track)
