"""What was recorded, according to the record, and the one way to its bytes. Rule: no other module opens a track's file.

Player, recogniser, export and verification all come through here, so that sealing and encryption can stand behind it.
Only what the record speaks for can be read: bytes behind the last closed segment do not exist for a reader.

**recorded_ms**: how long something was really kept of a track: the union of its segments' spans minus the stretches
reported lost. A span runs from the time of the segment's first frame to the end of its last: the next frame's time when
there was no hole, else the exact length of the last Opus packet, or the last distance between two pictures. A pause, a
silence of the sender of more than half a second (picture: two seconds) and a hole of more than half a second end a
segment, so none of them is counted. Audio holes under 60 ms, which every player conceals, are.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from hearing.ports import BlobStore
from hearing.proceedings import events as happened
from hearing.wire import Entry
from recording import webm

BLOCK_HEAD = 64  # bytes that hold a cluster's head and its first block's head


class Tampered(Exception):
    """Bytes on disk are not those that the record speaks for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    index: int
    offset: int
    length: int
    t0_ms: int
    t1_ms: int
    sha256: str
    prev: str
    key_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    t0_ms: int
    t1_ms: int
    reason: str


@dataclass(kw_only=True, slots=True)
class Track:
    """One source in one connection. `closed` is the reason of its end, None while it runs."""

    track: str
    source: str
    kind: str
    codec: str
    file: str
    segments: list[Segment] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    closed: str | None = None

    @property
    def t0_ms(self) -> int | None:
        return self.segments[0].t0_ms if self.segments else None

    @property
    def t1_ms(self) -> int | None:
        return self.segments[-1].t1_ms if self.segments else None

    @property
    def size(self) -> int:
        """How many bytes of the file the record speaks for, header included."""
        return self.segments[-1].offset + self.segments[-1].length if self.segments else 0

    @property
    def recorded_ms(self) -> int:
        return sum(t1 - t0 for t0, t1 in self.spans())

    def spans(self) -> list[tuple[int, int]]:
        """The stretches of the hearing clock of which something was kept, in order and apart."""
        kept: list[tuple[int, int]] = []
        for segment in self.segments:
            if kept and segment.t0_ms <= kept[-1][1]:
                kept[-1] = (kept[-1][0], max(kept[-1][1], segment.t1_ms))
            else:
                kept.append((segment.t0_ms, segment.t1_ms))
        for loss in self.losses:
            kept = [part for span in kept for part in _without(span, loss)]
        return [span for span in kept if span[1] > span[0]]

    def between(self, t0_ms: int, t1_ms: int) -> list[Segment]:
        """The segments that touch the stretch."""
        return [segment for segment in self.segments if segment.t0_ms < t1_ms and segment.t1_ms > t0_ms]


def _without(span: tuple[int, int], loss: Loss) -> list[tuple[int, int]]:
    t0, t1 = span
    if loss.t1_ms <= t0 or loss.t0_ms >= t1:
        return [span]
    return [(t0, max(t0, loss.t0_ms)), (min(t1, loss.t1_ms), t1)]


@dataclass(kw_only=True, slots=True)
class Manifest:
    """The tracks of one sitting by their id, in the order of their opening. Grow it with `take`."""

    sitting: str
    tracks: dict[str, Track] = field(default_factory=dict)

    def take(self, event: object) -> None:
        """One event of this sitting; those that are no matter of the recording change nothing."""
        match event:
            case happened.TrackOpened():
                self.tracks.setdefault(
                    event.track,
                    Track(
                        track=event.track,
                        source=event.source,
                        kind=str(event.kind),
                        codec=event.codec,
                        file=event.file,
                    ),
                )
            case happened.SegmentClosed() if event.track in self.tracks:
                self.tracks[event.track].segments.append(
                    Segment(
                        index=event.index,
                        offset=event.offset,
                        length=event.length,
                        t0_ms=event.t0_ms,
                        t1_ms=event.t1_ms,
                        sha256=event.sha256,
                        prev=event.prev,
                        key_id=event.key_id,
                    )
                )
            case happened.MediaLost() if event.track in self.tracks:
                loss = Loss(t0_ms=event.t0_ms, t1_ms=event.t1_ms, reason=event.reason)
                self.tracks[event.track].losses.append(loss)
            case happened.TrackClosed() if event.track in self.tracks:
                self.tracks[event.track].closed = event.reason
            case _:
                pass

    @classmethod
    def from_entries(cls, entries: Iterable[Entry], sitting: str | None = None) -> "Manifest":
        """Of the sitting named, else of the last one; empty when there was none."""
        found = manifests(entries)
        if sitting is not None:
            return found.get(sitting, cls(sitting=sitting))
        return list(found.values())[-1] if found else cls(sitting="")


def manifests(entries: Iterable[Entry]) -> dict[str, Manifest]:
    """One manifest for each sitting, to which belongs all that is entered until the next one begins."""
    found: dict[str, Manifest] = {}
    now: Manifest | None = None
    for entry in entries:
        if isinstance(entry.event, happened.SittingStarted):
            now = found.setdefault(entry.event.sitting, Manifest(sitting=entry.event.sitting))
        elif now is not None:
            now.take(entry.event)
    return found


# -- the bytes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One segment and its bytes: whole clusters, readable behind the track's header."""

    segment: Segment
    content: bytes


async def _whole(store: BlobStore, name: str, offset: int, length: int) -> bytes:
    return b"".join([chunk async for chunk in store.open(name, offset, length)])


async def header(store: BlobStore, track: Track) -> bytes:
    """What must stand before any segment; empty while there is none. Raises `Tampered`."""
    if not track.segments:
        return b""
    first = track.segments[0]
    content = await _whole(store, track.file, 0, first.offset)
    if sha256(content).hexdigest() != first.prev:
        raise Tampered(f"header of track {track.track}")
    return content


async def read(store: BlobStore, track: Track, t0_ms: int, t1_ms: int) -> AsyncIterator[Piece]:
    """The segments that touch the stretch, each checked against its hash. Raises `Tampered`."""
    for segment in track.between(t0_ms, t1_ms):
        content = await _whole(store, track.file, segment.offset, segment.length)
        if sha256(content).hexdigest() != segment.sha256:
            raise Tampered(f"segment {segment.index} of track {track.track}")
        yield Piece(segment=segment, content=content)


async def read_bytes(store: BlobStore, track: Track, start: int, end: int) -> AsyncIterator[bytes]:
    """Bytes `start` to `end` (not counted) of the file as the record knows it, for players that ask by range."""
    start, end = max(0, start), min(end, track.size)
    if start < end:
        async for chunk in store.open(track.file, start, end - start):
            yield chunk


async def entry_point(store: BlobStore, track: Track, t_ms: int) -> Segment | None:
    """The last segment at or before `t_ms` at which a decoder can begin: for video, one that begins with a key frame.

    The recorder sees to it that there is one every ten seconds or so.
    """
    before = [segment for segment in track.segments if segment.t0_ms <= t_ms]
    for segment in reversed(before):
        if track.kind == "audio":
            return segment
        head = await _whole(store, track.file, segment.offset, min(BLOCK_HEAD, segment.length))
        if webm.begins_with_key(head):
            return segment
    return track.segments[0] if track.segments else None
