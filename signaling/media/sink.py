"""What the media process asks of whoever keeps the packets. The recorder is handed in as a `Sink`; this package knows
no other name for it.

Every call comes from the event loop of the media process and must return at once: no file, no lock, no hashing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

Notify = Callable[[str, dict[str, Any]], None]
"""(room, body): a notice for the controller. May be called from any thread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """One source in one publish connection, as long as the recorder is among its listeners at least once.

    `patience()` is for how many seconds a missing packet may still come: asked again, the answers take a round trip.
    `arrival` times are `time.monotonic()` seconds; hearing clock in ms = arrival * 1000 + offset_ms().
    """

    room: str
    source: str
    seat: str
    kind: str
    codec: str
    clock_rate: int
    directory: Path
    offset_ms: Callable[[], int]
    request_key_frame: Callable[[], None]
    patience: Callable[[], float]


class TrackSink(Protocol):
    """Takes the packets of one track. It begins resumed."""

    def rtp(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
        """One decrypted packet, in order of arrival: repaired ones come late. Padding is gone, so payload may be empty.

        While paused nothing comes, so a jump of `seq` across a pause is no loss.
        """

    def sender_report(self, ntp: int, rtp: int, arrival: float) -> None:
        """The publisher's pair of wall clock (64-bit NTP) and RTP timestamp."""

    def pause(self, at: float) -> None:
        """The edge to the recorder has closed: nothing that came from `at` on belongs to the record, until `resume`.

        `at` is the time of the court's entry, in `time.monotonic()` seconds, so a little in the past.
        """

    def resume(self, at: float) -> None: ...

    def close(self, reason: str) -> None:
        """The connection or the room has ended; nothing follows."""


class Sink(Protocol):
    def open_track(self, track: Track) -> TrackSink: ...

    @property
    def backlog(self) -> int:
        """Bytes that have been taken and are not yet with the kernel."""
        ...

    def close(self) -> None:
        """The process ends: make durable what has been taken. Called once, after every track is closed; may block."""


class NoSink:
    """Keeps nothing."""

    backlog = 0

    def open_track(self, track: Track) -> TrackSink:
        return _Void()

    def close(self) -> None:
        pass


class _Void:
    def rtp(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
        pass

    def sender_report(self, ntp: int, rtp: int, arrival: float) -> None:
        pass

    def pause(self, at: float) -> None:
        pass

    def resume(self, at: float) -> None:
        pass

    def close(self, reason: str) -> None:
        pass


@dataclass
class KeptTrack:
    """What a `MemorySink` kept of one track; `calls` has everything in order, `packets` only the packets."""

    track: Track
    packets: list[tuple[int, int, bool, bytes, float]] = field(default_factory=list)
    reports: list[tuple[int, int, float]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def rtp(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
        self.packets.append((seq, timestamp, marker, payload, arrival))

    def sender_report(self, ntp: int, rtp: int, arrival: float) -> None:
        self.reports.append((ntp, rtp, arrival))

    def pause(self, at: float) -> None:
        self.calls.append("pause")

    def resume(self, at: float) -> None:
        self.calls.append("resume")

    def close(self, reason: str) -> None:
        self.calls.append(f"close: {reason}")


class MemorySink:
    """Keeps every packet in memory, for tests and trials."""

    backlog = 0

    def __init__(self) -> None:
        self.tracks: list[KeptTrack] = []
        self.closed = False

    def open_track(self, track: Track) -> KeptTrack:
        kept = KeptTrack(track)
        self.tracks.append(kept)
        return kept

    def close(self) -> None:
        self.closed = True
