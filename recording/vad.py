"""Where somebody speaks, phrase by phrase, while the sound is still arriving.

Rules: a phrase ends at a pause, never inside a word if there is any pause at all; it is at most 15 s long; a gap in
the track ends it, because sound from both sides of a gap was never one sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import webrtcvad

from recording.asr.ports import LONGEST_CHUNK_MS, SAMPLE_RATE, Pcm
from recording.decode import Sound

FRAME_MS = 30
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tuning:
    """The numbers of the phrase finder.

    Measured on the real reading of 44 s after Opus 32 kb/s, built-in engine, word error rate: with a pause of 300 ms
    and padding of 200 / 270 / 300 ms 32 / 29 / 29 %; a pause of 500 or 800 ms gives up to 35 and 37 %.
    """

    aggressiveness: int = 2
    pause_ms: int = 300
    padding_ms: int = 270
    # Shorter than this is a cough, a key or a click.
    shortest_ms: int = 250
    longest_ms: int = LONGEST_CHUNK_MS
    # How far back from the limit the quietest place is looked for when somebody speaks without any pause.
    search_ms: int = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """One stretch of speech. `t0_ms` is the hearing time of the first sample; the padding is inside."""

    t0_ms: int
    t1_ms: int
    pcm: Pcm

    @property
    def level_db(self) -> float:
        """Loudness in dBFS, for the comparison of the same words on two microphones."""
        power = float(np.mean(np.square(self.pcm.astype(np.float64)))) if len(self.pcm) else 0.0
        return 10 * float(np.log10(max(power, 1e-3) / 32_768**2))


@dataclass(slots=True)
class _Frame:
    t_ms: int
    pcm: Pcm
    voiced: bool


@dataclass(slots=True)
class PhraseFinder:
    """Sound in, finished phrases out. `settled_ms`: nothing before this hearing time will be in a later phrase."""

    tuning: Tuning = field(default_factory=Tuning)
    settled_ms: int = 0
    _vad: webrtcvad.Vad = field(init=False)
    _frames: list[_Frame] = field(default_factory=list)
    _rest: Pcm = field(default_factory=lambda: np.zeros(0, np.int16))
    _rest_t_ms: float = 0.0
    _speaking: bool = False

    def __post_init__(self) -> None:
        self._vad = webrtcvad.Vad(self.tuning.aggressiveness)

    def feed(self, sound: Sound) -> Iterator[Phrase]:
        """The phrases that this sound brings to an end."""
        if sound.after_gap:
            yield from self.flush()
            self._rest = np.zeros(0, np.int16)
        if len(self._rest) == 0:
            self._rest_t_ms = sound.t_ms
        else:
            # Each packet corrects the clock, so that drift never adds up.
            self._rest_t_ms = sound.t_ms - len(self._rest) * 1000 / SAMPLE_RATE
        pcm = np.concatenate([self._rest, sound.pcm])
        whole = len(pcm) // FRAME_SAMPLES
        for index in range(whole):
            piece = pcm[index * FRAME_SAMPLES : (index + 1) * FRAME_SAMPLES]
            t_ms = round(self._rest_t_ms + index * FRAME_MS)
            voiced = self._vad.is_speech(piece.tobytes(), SAMPLE_RATE)
            yield from self._frame(_Frame(t_ms, piece, voiced))
        self._rest = pcm[whole * FRAME_SAMPLES :]
        self._rest_t_ms += whole * FRAME_MS

    def flush(self) -> Iterator[Phrase]:
        """The phrase that was still open: the track, or this part of it, has ended."""
        if self._speaking:
            yield from self._close(len(self._frames))
        if self._frames:
            self.settled_ms = self._frames[-1].t_ms + FRAME_MS
        self._frames.clear()
        self._speaking = False

    def _frame(self, frame: _Frame) -> Iterator[Phrase]:
        tuning = self.tuning
        self._frames.append(frame)
        if not self._speaking:
            self._keep_padding()
            # Two voiced frames of the last three: one alone is a click.
            if frame.voiced and sum(f.voiced for f in self._frames[-3:]) >= 2:
                self._speaking = True
            return
        silent = 0
        for past in reversed(self._frames):
            if past.voiced:
                break
            silent += FRAME_MS
        if silent >= max(tuning.pause_ms, tuning.padding_ms):
            yield from self._close(len(self._frames) - (silent - tuning.padding_ms) // FRAME_MS)
            self._speaking = False
            self._keep_padding()
        elif len(self._frames) * FRAME_MS >= tuning.longest_ms:
            yield from self._close(self._quietest())

    def _quietest(self) -> int:
        """The place to cut speech that has no pause: the middle of its quietest 90 ms, in the last seconds."""
        first = len(self._frames) - self.tuning.search_ms // FRAME_MS
        energy = np.array([float(np.mean(np.square(f.pcm.astype(np.float64)))) for f in self._frames[first:]])
        smooth = np.convolve(energy, np.ones(3), mode="valid")
        return first + int(np.argmin(smooth)) + 1

    def _close(self, end: int) -> Iterator[Phrase]:
        taken, self._frames = self._frames[:end], self._frames[end:]
        if not taken:
            return
        self.settled_ms = taken[-1].t_ms + FRAME_MS
        if sum(f.voiced for f in taken) * FRAME_MS >= self.tuning.shortest_ms:
            yield Phrase(t0_ms=taken[0].t_ms, t1_ms=self.settled_ms, pcm=np.concatenate([frame.pcm for frame in taken]))

    def _keep_padding(self) -> None:
        excess = len(self._frames) - max(3, self.tuning.padding_ms // FRAME_MS)
        if excess > 0:
            self.settled_ms = self._frames[excess - 1].t_ms + FRAME_MS
            del self._frames[:excess]
