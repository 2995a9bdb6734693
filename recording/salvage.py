"""What a dead media process left open: read the side-car, seal the last whole blocks, say what is lost. Rule: nothing
that was written is changed; lines are only added to the side-car, so that doing it twice does nothing the second time.

Whether the writer is dead is asked of the kernel, which frees a process's locks when it ends, however it ended.
"""

import fcntl
import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from recording import webm
from recording.depacketise import opus_duration_ms
from recording.trackfile import CLUSTER_MS, KEY_ID, SEGMENT_MS, Body

CRASHED = "recorder-crashed"
PICTURE_MS = 40
LONGEST_PICTURE_MS = 1000


@dataclass(kw_only=True, slots=True)
class SideCar:
    """The lines of a side-car, and what follows from them."""

    path: Path
    lines: list[Body] = field(default_factory=list)

    @property
    def opened(self) -> Body | None:
        return next((line for line in self.lines if line["kind"] == "track"), None)

    @property
    def segments(self) -> list[Body]:
        return [line for line in self.lines if line["kind"] == "segment"]

    @property
    def closed(self) -> bool:
        return any(line["kind"] == "closed" for line in self.lines)

    @property
    def paused(self) -> bool:
        """The last thing said about listening is that the recorder did not listen."""
        said = [line for line in self.lines if line["kind"] in ("paused", "gap", "segment")]
        return bool(said) and said[-1]["kind"] == "paused"


def read(path: Path) -> SideCar:
    """The whole lines of a side-car; the last one may have been cut by the crash and is left out."""
    sidecar = SideCar(path=path)
    for raw in path.read_bytes().split(b"\n"):
        try:
            line: Any = json.loads(raw)
        except ValueError:
            continue
        if isinstance(line, dict) and "kind" in line:
            sidecar.lines.append(line)
    return sidecar


def seal(path: Path, now_ms: int) -> SideCar:
    """Read a side-car; when its writer is dead, close the track first. `now_ms`: the loss is told up to here."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return read(path)
        sidecar = read(path)
        if sidecar.closed or sidecar.opened is None:
            return sidecar
        added = _rest(sidecar, now_ms)
        # a line cut by the crash is ended first, so that it cannot swallow the next one
        torn = b"" if path.read_bytes().endswith(b"\n") else b"\n"
        os.write(descriptor, torn + b"".join(json.dumps(line).encode() + b"\n" for line in added))
        os.fsync(descriptor)
        sidecar.lines += added
        return sidecar
    finally:
        os.close(descriptor)


def _rest(sidecar: SideCar, now_ms: int) -> list[Body]:
    opened = sidecar.opened
    assert opened is not None
    track, audio = opened["track"], opened["media"] == "audio"
    segments = _unsealed(sidecar, sidecar.path.with_name(opened["file"]), track, audio)
    known = sidecar.segments + segments
    lines = list(segments)
    if known and not sidecar.paused and now_ms > known[-1]["t1_ms"]:
        end = known[-1]["t1_ms"]
        lines.append({"kind": "gap", "track": track, "t0_ms": end, "t1_ms": now_ms, "reason": CRASHED})
    return [*lines, {"kind": "closed", "track": track, "reason": CRASHED}]


def _unsealed(sidecar: SideCar, media: Path, track: str, audio: bool) -> list[Body]:
    """Segments of what lies in the file behind the last sealed byte, up to the last whole block."""
    try:
        descriptor = os.open(media, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    with os.fdopen(descriptor, "rb") as file:
        os.fsync(descriptor)
        if sidecar.segments:
            last = sidecar.segments[-1]
            offset, index, prev = last["offset"] + last["length"], last["index"] + 1, last["sha256"]
            file.seek(offset)
            content = file.read()
        else:
            content, index = file.read(), 0
            offset = webm.header_length(content) or len(content)
            prev = sha256(content[:offset]).hexdigest()
            content = content[offset:]
    lines: list[Body] = []
    for run in _runs(content):
        first, last_block = run[0], run[-1]
        if audio:
            duration = opus_duration_ms(content[last_block.data_at : last_block.end])
        else:
            duration = min(last_block.t_ms - run[-2].t_ms, LONGEST_PICTURE_MS) if len(run) > 1 else PICTURE_MS
        digest = sha256(content[first.at : last_block.end]).hexdigest()
        lines.append(
            {
                "kind": "segment",
                "track": track,
                "index": index,
                "offset": offset + first.at,
                "length": last_block.end - first.at,
                "t0_ms": first.t_ms,
                "t1_ms": min(first.t_ms + SEGMENT_MS, last_block.t_ms + round(duration)),
                "sha256": digest,
                "prev": prev,
                "key_id": KEY_ID,
            }
        )
        index, prev = index + 1, digest
    return lines


def _runs(content: bytes) -> list[list[webm.Block]]:
    """Whole clusters (the last one up to its last whole block) in runs that are at most a segment long."""
    runs: list[list[webm.Block]] = []
    for block in webm.blocks(content):
        if not runs or (block.begins_cluster and block.t_ms - runs[-1][0].t_ms > SEGMENT_MS - CLUSTER_MS):
            runs.append([])
        runs[-1].append(block)
    return runs
