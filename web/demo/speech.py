"""Speech that robots read: a sound file with its text, cut at its own pauses, never inside a word.

The embedded reading is real speech (its licence stands beside it). It is test speech, in English, whatever the court.
"""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
FRAME_MS = 20
SHORTEST_S = 5.0
LONGEST_S = 60.0
PAUSE_MS = 300
# A frame counts as silence this far above the quietest tenth of the file.
ABOVE_FLOOR_DB = 12.0

EMBEDDED = Path(__file__).parent / "speech" / "two_cities.flac"

Pcm = NDArray[np.int16]


class UnusableSpeech(Exception):
    """The file given with `--speech` cannot be read by a robot; the message tells the person at the terminal why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speech:
    """One reading. `pcm` is mono, int16, 48,000 Hz; `text` is what is read in it."""

    name: str
    pcm: Pcm
    text: str
    shortened_from_s: float | None = None

    @property
    def duration_ms(self) -> int:
        return len(self.pcm) * 1000 // RATE

    def clauses(self, longest_ms: int) -> list[Pcm]:
        """The reading in runs of whole phrases, each at most `longest_ms` unless one phrase alone is longer."""
        cuts = [0, *_pauses(self.pcm), len(self.pcm)]
        phrases = [self.pcm[a:b] for a, b in zip(cuts, cuts[1:], strict=False) if b > a]
        runs: list[Pcm] = []
        for phrase in phrases:
            if runs and (len(runs[-1]) + len(phrase)) * 1000 // RATE <= longest_ms:
                runs[-1] = np.concatenate([runs[-1], phrase])
            else:
                runs.append(phrase)
        return runs


def load(sound: Path, text: Path) -> Speech:
    """Read `sound` (WAV or FLAC, 5 to 60 s; longer is cut at its last pause before 60 s) and its text.

    Raises `UnusableSpeech` with a sentence for the person who named the files.
    """
    try:
        words = " ".join(text.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as fault:
        raise UnusableSpeech(f"The text file {text} cannot be read: {fault}.") from fault
    if not words:
        raise UnusableSpeech(f"The text file {text} is empty; it must hold the words read in {sound}.")
    pcm = _decode(sound)
    seconds = len(pcm) / RATE
    if seconds < SHORTEST_S:
        raise UnusableSpeech(f"{sound} lasts {seconds:.1f} s; a reading lasts {SHORTEST_S:.0f} to {LONGEST_S:.0f} s.")
    if seconds <= LONGEST_S:
        return Speech(name=sound.stem, pcm=pcm, text=words)
    limit = int(LONGEST_S * RATE)
    cut = max((at for at in _pauses(pcm) if at <= limit), default=limit)
    return Speech(name=sound.stem, pcm=pcm[:cut], text=words, shortened_from_s=round(seconds, 1))


def _decode(sound: Path) -> Pcm:
    parts = []
    try:
        with av.open(str(sound)) as container:
            if not container.streams.audio:
                raise UnusableSpeech(f"{sound} holds no sound.")
            resampler = av.AudioResampler("s16", "mono", RATE)
            for frame in container.decode(audio=0):
                parts += [piece.to_ndarray().reshape(-1) for piece in resampler.resample(frame)]
            parts += [piece.to_ndarray().reshape(-1) for piece in resampler.resample(None)]
    except (OSError, av.FFmpegError) as fault:
        raise UnusableSpeech(f"{sound} cannot be read as sound (WAV or FLAC): {fault}.") from fault
    if not parts:
        raise UnusableSpeech(f"{sound} holds no sound.")
    return np.concatenate(parts).astype(np.int16)


def _pauses(pcm: Pcm) -> list[int]:
    """Sample positions in the middle of every pause of at least `PAUSE_MS`, none at the very ends."""
    size = RATE * FRAME_MS // 1000
    count = len(pcm) // size
    frames = pcm[: count * size].reshape(count, size).astype(np.float64) / 32768
    level = 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) + 1e-9)
    silent = level < np.percentile(level, 10) + ABOVE_FLOOR_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(np.int8), [0]])))
    return [
        int(start + end) * size // 2
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if (end - start) * FRAME_MS >= PAUSE_MS and start > 0 and end < count
    ]
