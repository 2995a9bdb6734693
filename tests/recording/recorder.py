"""A recorder under test: time is the test's, the disk is real, notices and key-frame requests are kept."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from recording.capture import POLL_S, Capture, CapturedTrack
from tests.recording.matroska import Frame, frames
from tests.recording.rtp import Sent

CODECS = {"audio": ("opus", 48_000), "video": ("VP8", 90_000)}


@dataclass(frozen=True, kw_only=True)
class GivenTrack:
    room: str
    source: str
    kind: str
    codec: str
    clock_rate: int
    directory: Path
    offset_ms: Callable[[], int]
    request_key_frame: Callable[[], None]
    patience: Callable[[], float]


@dataclass
class Recorder:
    """`offset_ms`: the hearing clock is the test's clock plus this."""

    directory: Path
    offset_ms: int = 0
    now: float = 100.0
    patience: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)
    notices: list[dict[str, Any]] = field(default_factory=list)
    key_frames_asked: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.told = threading.Condition()
        self.polled = self.now
        self.capture = Capture(self._notify, clock=lambda: self.now, **self.options)

    def _notify(self, room: str, body: dict[str, Any]) -> None:
        with self.told:
            self.notices.append(body)
            self.told.notify_all()

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        with self.told:
            assert self.told.wait_for(condition, seconds), self.notices

    def open(self, kind: str, source: str = "source", offset_ms: Callable[[], int] | None = None) -> CapturedTrack:
        codec, clock_rate = CODECS[kind]
        return self.capture.open_track(
            GivenTrack(
                room="room",
                source=source,
                kind=kind,
                codec=codec,
                clock_rate=clock_rate,
                directory=self.directory,
                offset_ms=offset_ms or (lambda: self.offset_ms),
                request_key_frame=lambda: self.key_frames_asked.append(self.now),
                patience=lambda: self.patience,
            )
        )

    def feed(self, track: CapturedTrack, arrivals: Iterable[tuple[float, Sent]]) -> None:
        for arrival, sent in arrivals:
            self.now = max(self.now, arrival)
            if not 0 <= self.now - self.polled < POLL_S:  # in the product a timer does this; a test may turn time back
                self.polled = self.now
                self.capture.poll()
            track.rtp(sent.seq, sent.timestamp, sent.marker, sent.payload, arrival)

    def kinds(self, kind: str) -> list[dict[str, Any]]:
        return [body for body in self.notices if body["kind"] == kind]

    def content(self, track: CapturedTrack) -> bytes:
        return (self.directory / f"{track.track}.webm").read_bytes()

    def frames(self, track: CapturedTrack) -> list[Frame]:
        return frames(self.content(track))


def decode(path: Path) -> list[int]:
    """Decode all of it with ffmpeg, which must find no fault; the times of the decoded frames in ms."""
    command = ["ffmpeg", "-v", "warning", "-xerror", "-i", str(path), "-enc_time_base", "1/1000", "-f", "null", "-"]
    decoded = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (decoded.returncode, decoded.stderr) == (0, ""), decoded.stderr
    probe = ["ffprobe", "-v", "error", "-show_entries", "frame=best_effort_timestamp", "-of", "csv=p=0", str(path)]
    shown = subprocess.run(probe, capture_output=True, text=True, timeout=60, check=True)
    return [int(line.strip(",")) for line in shown.stdout.split()]


def check_chain(content: bytes, lines: Iterable[dict[str, Any]]) -> int:
    """Re-check side-car lines against the bytes; how many bytes they speak for."""
    end = 0
    prev = ""
    for index, line in enumerate(line for line in lines if line["kind"] == "segment"):
        if index == 0:
            end, prev = line["offset"], sha256(content[: line["offset"]]).hexdigest()
        piece = content[line["offset"] : line["offset"] + line["length"]]
        assert (line["index"], line["offset"], line["prev"]) == (index, end, prev), line
        assert len(piece) == line["length"] and sha256(piece).hexdigest() == line["sha256"], line
        inside = frames(piece)
        assert line["t0_ms"] == inside[0].t_ms and inside[-1].t_ms <= line["t1_ms"] <= line["t0_ms"] + 4000, line
        end, prev = line["offset"] + line["length"], line["sha256"]
    return end


def sidecar(directory: Path, track: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / f"{track}.jsonl").read_text().splitlines()]
