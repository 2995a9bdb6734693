"""How the report measures: from the robots' logs, the files on disk and the published rules; never from the server.

Pure but for `recorded_ms`, which reads one file.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import av

# Two frames of one track further apart than this are not one recording with a late packet, but a gap.
GAP_MS = {"audio": 60.0, "video": 500.0}

Interval = tuple[float, float]


def words(text: str) -> list[str]:
    """The words of `text` as they are compared: lower case, no punctuation, apostrophes kept inside a word."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower())


def errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest substitutions, deletions and insertions that turn `reference` into `heard`."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != got))
    return row[-1]


def word_error_rate(reference: str, heard: str) -> float:
    """Errors per word of the reference (0 is perfect; insertions can take it above 1)."""
    wanted = words(reference)
    return errors(wanted, words(heard)) / max(1, len(wanted))


def recorded_ms(path: Path, kind: str) -> int:
    """Milliseconds of sound or picture in a track's file, read by ffmpeg's demuxer: every frame to the next, gaps out.

    The last frame of each run counts with the usual distance of its neighbours.
    """
    with av.open(str(path)) as container:
        stream = container.streams[0]
        times = sorted(
            float(packet.pts * packet.time_base) * 1000
            for packet in container.demux(stream)
            if packet.pts is not None and packet.time_base is not None
        )
    if not times:
        return 0
    steps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    within = [step for step in steps if step <= GAP_MS[kind]]
    usual = sorted(within)[len(within) // 2] if within else 20.0
    runs = 1 + len(steps) - len(within)
    return round(sum(within) + runs * usual)
