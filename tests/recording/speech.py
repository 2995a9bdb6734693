"""Recordings for tests: sound and picture encoded as a browser would, in our own WebM, with the entries that name them.

Only the encoding is PyAV's; the container is the product's (`recording.webm`), and the words' truth is the text file.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

import web
from hearing.proceedings import events as happened
from hearing.proceedings.commands import Point, Seat
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Kind, Mode, PointKind, SourceKind, Visibility
from recording import webm

SPEECH = Path(web.__file__).parent / "demo" / "speech"
STARTED = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
Pcm = NDArray[np.int16]


def read_sound(path: Path) -> Pcm:
    """A sound file as mono 16 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    with av.open(str(path)) as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.int16)


def two_cities() -> tuple[Pcm, list[str]]:
    """The real reading and its words."""
    text = (SPEECH / "two_cities.txt").read_text()
    return read_sound(SPEECH / "two_cities.flac"), words_of(text)


def words_of(text: str) -> list[str]:
    """Lower-case words, without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def word_error_rate(truth: list[str], heard: list[str]) -> float:
    """Edits per true word: an aligner that knows nothing of the product."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(truth, 1):
        before, row[0] = row[:], i
        for j, found in enumerate(heard, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (wanted != found))
    return row[-1] / len(truth)


def opus(pcm: Pcm, bit_rate: int = 32_000) -> list[tuple[float, bytes]]:
    """(ms from the start, packet) of 20 ms each."""
    codec = av.AudioCodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = 48_000, "mono", "s16", bit_rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000, frame_size=960)
    frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = 16_000, 0
    packets = []
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        if piece.samples == 960:
            packets += codec.encode(piece)
    packets += codec.encode(None)
    return [(20.0 * number, bytes(packet)) for number, packet in enumerate(packets)]


def vp8(seconds: float, shade: int, size: tuple[int, int] = (320, 240), rate: int = 15) -> list[tuple[float, bytes]]:
    """(ms from the start, frame) of a plain picture: one key frame, again and again, so that a minute costs nothing."""
    codec = av.VideoCodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = *size, "yuv420p"
    codec.time_base = Fraction(1, rate)
    plane = np.concatenate(
        [np.full((size[1], size[0]), shade, np.uint8), np.full((size[1] // 2, size[0]), 128, np.uint8)]
    )
    picture = av.VideoFrame.from_ndarray(plane, format="yuv420p")
    picture.pts = 0
    (packet, *_) = [*codec.encode(picture), *codec.encode(None)]
    return [(number * 1000 / rate, bytes(packet)) for number in range(round(seconds * rate))]


@dataclass
class Entry:
    """What the recording reads of an entry."""

    number: int
    at: datetime
    event: object


@dataclass
class Court:
    """A sitting being recorded: `say` and `show` write files and entries, `happens` writes an entry."""

    root: Path
    pack: str = "open"
    hearing: str = "h1"
    sitting: str = "s1"
    seats: dict[str, Role] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def begin(self) -> "Court":
        """Schedule the hearing and open the doors."""
        self.happens(
            -1000,
            happened.HearingScheduled(
                hearing=self.hearing,
                case="c1",
                court="court1",
                pack=self.pack,
                procedure="civil",
                courtroom="room1",
                starts_at=STARTED,
                mode=Mode.ONLINE,
                visibility=Visibility.PUBLIC,
                points=(Point(id="p1", kind=PointKind.CENTRAL, host=""),),
                seats=tuple(
                    Seat(
                        id=seat,
                        person=f"person-{seat}",
                        role=role,
                        point="p1",
                        mandatory=True,
                        language=self.languages.get(seat, ""),
                    )
                    for seat, role in self.seats.items()
                ),
            ),
        )
        self.happens(0, happened.SittingStarted(sitting=self.sitting))
        return self

    def happens(self, t_ms: int, event: object, at: datetime | None = None) -> None:
        """One entry."""
        moment = at or STARTED + timedelta(milliseconds=t_ms)
        self.entries.append(Entry(number=len(self.entries) + 1, at=moment, event=event))

    def read(self, after: int) -> list[Entry]:
        """As the record does."""
        return self.entries[after:]

    def announce(self, seat: str, kind: SourceKind = SourceKind.MICROPHONE, source: str = "") -> str:
        """A device of `seat`."""
        source = source or f"{seat}-{kind.value}"
        self.happens(1, happened.SourceAnnounced(source=source, seat=seat, kind=kind))
        return source

    def say(self, source: str, pcm: Pcm, at_ms: int, track: str = "", *, close: bool = True) -> str:
        """Sound over `source`, from `at_ms` on."""
        return self._record(source, Kind.AUDIO, "opus", webm.audio_header(), opus(pcm), at_ms, 20, track, close)

    def show(self, source: str, seconds: float, shade: int, at_ms: int, track: str = "") -> str:
        """A plain picture over `source`, from `at_ms` on."""
        frames = vp8(seconds, shade)
        return self._record(source, Kind.VIDEO, "vp8", webm.video_header(320, 240), frames, at_ms, 66, track, True)

    def _record(
        self,
        source: str,
        kind: Kind,
        codec: str,
        header: bytes,
        frames: Iterable[tuple[float, bytes]],
        at_ms: int,
        length_ms: int,
        track: str,
        close: bool,
    ) -> str:
        track = track or f"{source}.{at_ms}"
        file = f"{self.hearing}/{self.sitting}/{track}.webm"
        self.happens(at_ms, happened.TrackOpened(track=track, source=source, kind=kind, codec=codec, file=file))
        content, segments = segmented(header, frames, at_ms, length_ms)
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        prev = hashlib.sha256(header).hexdigest()
        for index, (offset, length, t0_ms, t1_ms) in enumerate(segments):
            sha256 = hashlib.sha256(content[offset : offset + length]).hexdigest()
            self.happens(
                t1_ms + 800,
                happened.SegmentClosed(
                    track=track,
                    index=index,
                    offset=offset,
                    length=length,
                    t0_ms=t0_ms,
                    t1_ms=t1_ms,
                    sha256=sha256,
                    prev=prev,
                    key_id="none",
                ),
            )
            prev = sha256
        if close:
            self.happens(segments[-1][3] + 900, happened.TrackClosed(track=track, reason="left"))
        return track


def segmented(
    header: bytes, frames: Iterable[tuple[float, bytes]], at_ms: int, length_ms: int
) -> tuple[bytes, list[tuple[int, int, int, int]]]:
    """A file of clusters of 1 s in segments of 4 s: (offset, length, t0, t1) of each segment."""
    content = bytearray(header)
    segments: list[tuple[int, int, int, int]] = []
    start, cluster_ms, segment_ms, last_ms = len(content), None, 0, 0
    for distance, frame in frames:
        t_ms = at_ms + round(distance)
        if cluster_ms is None or t_ms - cluster_ms >= 1000:
            if cluster_ms is None:
                segment_ms = t_ms
            elif t_ms - segment_ms >= 4000:
                segments.append((start, len(content) - start, segment_ms, t_ms))
                start, segment_ms = len(content), t_ms
            cluster_ms = t_ms
            content += webm.cluster(t_ms)
        content += webm.block_head(t_ms - cluster_ms, True, len(frame)) + frame
        last_ms = t_ms + length_ms
    segments.append((start, len(content) - start, segment_ms, last_ms))
    return bytes(content), segments
