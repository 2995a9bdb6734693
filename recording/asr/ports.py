"""What a speech engine is to the rest of the product: sound in, words with times out.

An engine never returns text it did not hear, and is never given a language it does not speak. Times are integer
milliseconds from the start of the sound that was handed in; the caller moves them onto the hearing clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
# Whisper-like engines stop after 224 tokens, about 20 s of quick Vietnamese. So 15 s is a rule of correctness.
LONGEST_CHUNK_MS = 15_000

WordTimes = Literal["native", "attention", "none"]
Pcm = NDArray[np.int16]


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineInfo:
    """Which engine made a text: it stands in the transcript, because int8 results differ between machines."""

    name: str
    version: str
    model_id: str
    model_sha256: str
    languages: tuple[str, ...]
    streaming: bool = False
    word_times: WordTimes = "native"
    licence: str = ""
    # A weak engine is good enough to search and to find a place in the sound, not to read as what was said.
    weak: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """One word as it was heard; `probability` is the engine's own and is not calibrated."""

    text: str
    t0_ms: int
    t1_ms: int
    # None: this engine says nothing about how sure it is.
    probability: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawSegment:
    """What an engine made of one stretch of sound."""

    t0_ms: int
    t1_ms: int
    text: str
    words: tuple[Word, ...]
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    n_tokens: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class WordTime:
    """Where one word of a known text lies in the sound."""

    text: str
    t0_ms: int
    t1_ms: int


class Transcriber(Protocol):
    """Turns one chunk of at most `LONGEST_CHUNK_MS` into words."""

    info: EngineInfo

    def prepare(self) -> None:
        """Load what the first phrase would wait for; harmless when it is loaded."""
        ...

    def transcribe(
        self, pcm: Pcm, *, language: str, hotwords: Sequence[str] = (), words: bool = True
    ) -> list[RawSegment]:
        """Mono int16 sound at 16 kHz -> segments in order of time; an empty list means: nothing was said."""
        ...


class Aligner(Protocol):
    """Finds the times of words that are already known, after an edit for example."""

    def align(self, pcm: Pcm, words: Sequence[str], language: str) -> list[WordTime] | None:
        """None means that the words could not be found in the sound. It never guesses."""
        ...


class ModelMissing(Exception):
    """A model's directory lacks `files`. The message names them, because the reader is who installs the model."""

    def __init__(self, directory: str, files: Sequence[str]) -> None:
        super().__init__(f"The speech model in {directory} lacks: {', '.join(files)}")
        self.directory = directory
        self.files = tuple(files)


class EngineMissing(Exception):
    """The program library of an engine is not installed. `how` says how to add it."""

    def __init__(self, engine: str, how: str) -> None:
        super().__init__(f"The speech engine {engine} is not installed: {how}")
        self.engine = engine
        self.how = how


class Truncated(Exception):
    """The engine stopped before the end of the sound: cut the chunk in two and call again."""


class BadAudio(Exception):
    """What was handed in is not mono 16 kHz int16 sound of an allowed length."""


def check_pcm(pcm: Pcm) -> None:
    """Refuse sound that no engine accepts; one second over the longest chunk is allowed for its padding."""
    if pcm.dtype != np.int16 or pcm.ndim != 1:
        raise BadAudio(f"expected mono int16, got {pcm.dtype} with {pcm.ndim} dimensions")
    if len(pcm) > (LONGEST_CHUNK_MS + 1000) * SAMPLE_RATE // 1000:
        raise BadAudio(f"{len(pcm) * 1000 // SAMPLE_RATE} ms are more than the longest chunk")
