"""One track on disk: `<track>.webm` and its side-car `<track>.jsonl`. Rule: both only ever grow, and bytes come first.

Belongs to the writer's thread. Frames and marks go into memory (`frame`, `cut`, `note`, `close`: these never fail);
`flush` hands the bytes to the kernel and `sync` makes them durable, and these two raise `OSError` and may simply be
called again: what was written is remembered, so a full disk that is emptied goes on at the very byte where it stopped.

A segment is a run of whole clusters, at most 4 s. Its line stands in the side-car, and is published, only after its
bytes are durable. Segments are chained: `prev` is the SHA-256 of the segment before, for the first one that of the
file's header, so that every byte of the file up to the last segment is spoken for.

The side-car is locked as long as its process lives: whoever gets the lock knows that the writer is dead.
"""

import fcntl
import json
import os
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from recording import webm

Body = dict[str, Any]

SEGMENT_MS = 4000
CLUSTER_MS = 1000
KEY_SEGMENT_MS = 1000  # a key frame begins a new segment when the present one is at least this long
KEY_ID = "none"


class Growing:
    """A file that is only ever appended to."""

    def __init__(self, path: Path, *, lock: bool = False) -> None:
        self.written = 0
        self.durable = 0
        self._path = path
        self._lock = lock
        self._buffer = bytearray()
        self._descriptor: int | None = None

    @property
    def end(self) -> int:
        """How long the file will be when all is written."""
        return self.written + len(self._buffer)

    @property
    def unwritten(self) -> int:
        return len(self._buffer)

    def append(self, content: bytes) -> None:
        self._buffer += content

    def since(self, offset: int) -> memoryview:
        """What has been appended from `offset` on and is not yet written. Release it before the next `append`."""
        return memoryview(self._buffer)[offset - self.written :]

    def flush(self) -> None:
        if self._descriptor is None:
            self._create()
        assert self._descriptor is not None
        while self._buffer:
            count = os.write(self._descriptor, self._buffer)
            self.written += count
            del self._buffer[:count]

    def sync(self) -> None:
        self.flush()
        if self._descriptor is not None and self.durable < self.written:
            written = self.written
            os.fdatasync(self._descriptor)
            self.durable = written

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _create(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        if self._lock:
            # locked first and named then, so that nobody ever finds it without its lock
            unnamed = self._path.with_suffix(".new")
            descriptor = os.open(unnamed, flags, 0o640)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.rename(unnamed, self._path)
            except OSError:
                os.close(descriptor)
                raise
        else:
            descriptor = os.open(self._path, flags | os.O_EXCL, 0o640)
        self._descriptor = descriptor
        self._make_name_durable()

    def _make_name_durable(self) -> None:
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


class TrackFile:
    """The frames of one track, cut into clusters and segments, and the notices about them."""

    def __init__(self, room: str, directory: Path, track: str, opened: Body, publish: Callable[[Body], None]) -> None:
        self.room = room
        self.track = track
        self.directory = directory
        self.urgent = False  # a mark waits: make durable now rather than at the next second
        self.finished = False
        self._media = Growing(directory / f"{track}.webm")
        self._sidecar = Growing(directory / f"{track}.jsonl", lock=True)
        self.publish = publish
        self._waiting: deque[tuple[int, Body, bool]] = deque()
        self._published: deque[tuple[int, Body]] = deque()
        self._line({**opened, "file": f"{track}.webm"})
        self._index = 0
        self._prev = ""
        self._hash = sha256()
        self._hashed = 0
        self._offset = 0
        self._segment: int | None = None  # hearing ms of its first block
        self._cluster = 0
        self._last = 0
        self._last_end = 0.0

    @property
    def unwritten(self) -> int:
        return self._media.unwritten + self._sidecar.unwritten

    @property
    def written(self) -> int:
        return self._media.written

    @property
    def pending(self) -> bool:
        """Something is not yet durable or not yet told."""
        return bool(self.unwritten or self._waiting or self._published)

    # -- in memory -------------------------------------------------------------------------------------------------

    def header(self, content: bytes) -> None:
        """The file's first bytes. You must call this once, before the first frame."""
        self._media.append(content)
        self._prev = sha256(content).hexdigest()
        self._offset = self._hashed = len(content)

    def frame(self, t_ms: int, duration_ms: float, key: bool, picture: bool, data: bytes) -> None:
        """One frame; times must grow. `picture`: key frames are rare, and a segment likes to begin with one."""
        if self._segment is not None:
            length = t_ms - self._segment
            if length + duration_ms > SEGMENT_MS or (picture and key and length >= KEY_SEGMENT_MS):
                self.cut(t_ms)
        begins = self._segment is None
        if begins:
            self._segment = t_ms
        if begins or t_ms - self._cluster >= CLUSTER_MS or (picture and key):
            self._cluster = t_ms
            self._media.append(webm.cluster(t_ms))
        self._media.append(webm.block_head(t_ms - self._cluster, key, len(data)))
        self._media.append(data)
        self._last, self._last_end = t_ms, t_ms + duration_ms

    def cut(self, until_ms: int, *, reached: bool = True) -> None:
        """Close the segment. `until_ms` is the next frame's time when there was no hole (`reached`), else a limit."""
        if self._segment is None:
            return
        end = until_ms if reached else min(until_ms, round(self._last_end))
        end = max(self._last, min(end, self._segment + SEGMENT_MS))
        length = self._media.end - self._offset
        self._digest()
        digest = self._hash.hexdigest()
        self._line(
            {
                "kind": "segment",
                "track": self.track,
                "index": self._index,
                "offset": self._offset,
                "length": length,
                "t0_ms": self._segment,
                "t1_ms": end,
                "sha256": digest,
                "prev": self._prev,
                "key_id": KEY_ID,
            }
        )
        self._index += 1
        self._prev = digest
        self._hash = sha256()
        self._offset = self._media.end
        self._segment = None
        self.urgent = True

    def note(self, body: Body, *, public: bool = True) -> None:
        """A line of the side-car; `public` ones are published too."""
        self._line(body, public)

    def close(self, reason: str) -> None:
        self.cut(round(self._last_end), reached=False)
        self._line({"kind": "closed", "track": self.track, "reason": reason})
        self.urgent = True
        self.finished = True

    # -- on disk ---------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Hand the media bytes to the kernel. Raises `OSError`; call again later."""
        if not self._sidecar.durable:
            self._tell()  # before the first frame: a file without its side-car would have no source
        self._digest()
        self._media.flush()

    def sync(self) -> None:
        """Make all of it durable, then tell. Raises `OSError`; call again later."""
        if not self._sidecar.durable:
            self._tell()
        self._digest()
        self._media.sync()
        self._tell()
        self.urgent = False

    def _tell(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._media.durable:
            _, body, public = self._waiting.popleft()
            self._sidecar.append(json.dumps(body, separators=(",", ":")).encode() + b"\n")
            if public:
                self._published.append((self._sidecar.end, body))
        self._sidecar.sync()
        while self._published and self._published[0][0] <= self._sidecar.durable:
            self.publish(self._published.popleft()[1])

    def release(self) -> None:
        """Let go of the descriptors and of the lock. Nothing may follow."""
        self._media.close()
        self._sidecar.close()

    def _digest(self) -> None:
        """Hash what has come since the last time, in one piece, before it leaves the memory."""
        if self._hashed < self._media.end:
            with self._media.since(self._hashed) as content:
                self._hash.update(content)
            self._hashed = self._media.end

    def _line(self, body: Body, public: bool = True) -> None:
        self._waiting.append((self._media.end if body["kind"] == "segment" else 0, body, public))
