"""The built-in English engine. It needs no model to be installed, and it is weak: about one word in three is wrong.

Good for a demonstration, for tests, and for finding a place in the sound. The transcript labels it as weak.
"""

import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from recording.asr.ports import SAMPLE_RATE, EngineInfo, Pcm, RawSegment, Word, WordTime, check_pcm

FRAME_MS = 10
SILENCE = 32  # -60 dBFS, at the loudest sample
# The default (30,000 states a frame) costs more than twice as much and hears no more: of a reading of 44 s 39% of the
# words are wrong with it and 35% with this, under white noise at 30, 20 and 12 dB 47, 50, 77% and 40, 49, 74%. To look
# five frames ahead at the phones that may come saves another tenth, and as many words are wrong.
NARROW = {"maxhmmpf": 2000, "maxwpf": 5, "pl_window": 5}
# With the decoder's default beam of 1e-48 alignment of ordinary speech fails; 1e-80 finds every word (median 10 ms).
ALIGNMENT_BEAM = 1e-80
_VARIANT = re.compile(r"\(\d+\)$")


class PocketsphinxTranscriber:
    """One decoder, one thread. The decoder holds about 110 MB and is made by `prepare`, or on first use."""

    def __init__(self) -> None:
        self.info = EngineInfo(
            name="pocketsphinx",
            version=version("pocketsphinx"),
            model_id="en-us (embedded)",
            model_sha256="",
            languages=("en",),
            licence="BSD-2-Clause",
            weak=True,
        )
        self._decoder: Any = None

    def prepare(self) -> None:
        """Make the decoder."""
        if self._decoder is None:
            from pocketsphinx import Decoder

            self._decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL", **NARROW)

    def transcribe(
        self, pcm: Pcm, *, language: str, hotwords: Sequence[str] = (), words: bool = True
    ) -> list[RawSegment]:
        """The best path through the whole chunk. `hotwords` cannot bias this engine and are not used."""
        if language not in self.info.languages:
            raise ValueError(f"pocketsphinx does not speak {language!r}")
        check_pcm(pcm)
        if len(pcm) < SAMPLE_RATE // 10 or int(np.abs(pcm.astype(np.int32)).max()) < SILENCE:
            # Given digital silence, the decoder answers with a word of its own invention.
            return []
        self.prepare()
        _hear(self._decoder, pcm)
        heard = tuple(
            Word(
                text=_VARIANT.sub("", segment.word),
                t0_ms=segment.start_frame * FRAME_MS,
                t1_ms=(segment.end_frame + 1) * FRAME_MS,
                probability=min(1.0, max(0.0, float(segment.prob))),
            )
            for segment in self._decoder.seg() or ()
            if segment.word[0] not in "<["
        )
        if not heard:
            return []
        return [
            RawSegment(
                t0_ms=heard[0].t0_ms,
                t1_ms=heard[-1].t1_ms,
                text=" ".join(word.text for word in heard),
                words=heard if words else (),
                n_tokens=len(heard),
            )
        ]


class PocketsphinxAligner:
    """Times of known English words in the sound, to about 10 ms."""

    def align(self, pcm: Pcm, words: Sequence[str], language: str) -> list[WordTime] | None:
        """None when the words are not in the sound or a word is not in the dictionary."""
        if language != "en" or not words:
            return None
        from pocketsphinx import Decoder

        beams = {name: ALIGNMENT_BEAM for name in ("beam", "pbeam", "wbeam")}
        decoder = Decoder(samprate=SAMPLE_RATE, bestpath=False, loglevel="FATAL", **beams)
        try:
            decoder.set_align_text(" ".join(word.lower() for word in words))
        except RuntimeError:
            return None
        _hear(decoder, pcm)
        found = [
            WordTime(
                text=_VARIANT.sub("", segment.word),
                t0_ms=segment.start_frame * FRAME_MS,
                t1_ms=(segment.end_frame + 1) * FRAME_MS,
            )
            for segment in decoder.seg() or ()
            if segment.word[0] not in "<[("
        ]
        return found if len(found) == len(words) else None


def _hear(decoder: Any, pcm: Pcm) -> None:
    # The whole chunk at once, so that the mean of the sound is taken over all of it: fed piece by piece, the engine
    # misses the first words of each chunk.
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), no_search=False, full_utt=True)
    decoder.end_utt()
