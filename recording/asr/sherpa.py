"""sherpa-onnx: an offline transducer (zipformer) from a directory. The choice for Vietnamese on an ordinary processor.

The directory holds `tokens.txt` and one file each of encoder, decoder and joiner, as the published models are packed.
A `sha256.txt` beside them (`<hash>  <file>` per line) is checked where it exists: a changed model is refused.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import ParseResult, parse_qs

import numpy as np

from recording.asr.ports import (
    SAMPLE_RATE,
    EngineInfo,
    EngineMissing,
    ModelMissing,
    Pcm,
    RawSegment,
    Word,
    check_pcm,
)

WORD_START = "▁"
# A token has a start and no end: a word lasts until the next one begins, but no longer than this after its last token.
LONGEST_LAST_TOKEN_MS = 300
PARTS = ("encoder", "decoder", "joiner")


class SherpaTranscriber:
    """One recogniser, one thread."""

    def __init__(self, directory: Path, *, languages: tuple[str, ...] = ("vi",), licence: str = "") -> None:
        files = _files(directory)
        try:
            import sherpa_onnx
        except ImportError as missing:
            raise EngineMissing("sherpa", "install the extra hearing[sherpa]") from missing
        self.info = EngineInfo(
            name="sherpa",
            version=version("sherpa-onnx"),
            model_id=directory.name,
            model_sha256=_model_hash(directory, files),
            languages=languages,
            licence=licence,
        )
        self._recogniser: Any = sherpa_onnx.OfflineRecognizer.from_transducer(
            **{name: str(path) for name, path in files.items()},
            num_threads=1,
            sample_rate=SAMPLE_RATE,
            decoding_method="greedy_search",
        )

    def prepare(self) -> None:
        """It is loaded when it is opened."""

    def transcribe(
        self, pcm: Pcm, *, language: str, hotwords: Sequence[str] = (), words: bool = True
    ) -> list[RawSegment]:
        """Greedy search over the chunk. The tokens' own times make the words' times."""
        if language not in self.info.languages:
            raise ValueError(f"the model {self.info.model_id} does not speak {language!r}")
        check_pcm(pcm)
        if len(pcm) < SAMPLE_RATE // 10:
            return []
        stream = self._recogniser.create_stream()
        stream.accept_waveform(SAMPLE_RATE, pcm.astype(np.float32) / 32_768)
        self._recogniser.decode_stream(stream)
        result = stream.result
        length_ms = len(pcm) * 1000 // SAMPLE_RATE
        heard = words_of_tokens(result.tokens, result.timestamps, length_ms)
        if not heard:
            return []
        return [
            RawSegment(
                t0_ms=heard[0].t0_ms,
                t1_ms=heard[-1].t1_ms,
                text=" ".join(word.text for word in heard),
                words=tuple(heard) if words else (),
                n_tokens=len(result.tokens),
            )
        ]


def words_of_tokens(tokens: Sequence[str], seconds: Sequence[float], length_ms: int) -> list[Word]:
    """Tokens with start times -> words. These models write capitals without punctuation: lower case is the text.

    Greedy search says nothing about how sure it is, so the probability stays unknown.
    """
    starts = [round(second * 1000) for second in seconds]
    groups: list[tuple[str, int, int]] = []
    for index, (token, start) in enumerate(zip(tokens, starts, strict=True)):
        following = starts[index + 1] if index + 1 < len(starts) else length_ms
        end = max(start, min(following, start + LONGEST_LAST_TOKEN_MS, length_ms))
        opens = token.startswith((WORD_START, " ")) or not groups
        text = token.lstrip(WORD_START + " ")
        if opens:
            groups.append((text, start, end))
        else:
            before, first, _ = groups[-1]
            groups[-1] = (before + text, first, end)
    return [
        Word(text=unicodedata.normalize("NFC", text.lower()), t0_ms=first, t1_ms=end, probability=None)
        for text, first, end in groups
        if text
    ]


def open_sherpa(url: ParseResult) -> SherpaTranscriber:
    """`sherpa:///models/zipformer-vi?language=vi&licence=Apache-2.0`."""
    query = parse_qs(url.query)
    languages = tuple(code for value in query.get("language", ["vi"]) for code in value.split(","))
    return SherpaTranscriber(Path(url.netloc + url.path), languages=languages, licence=query.get("licence", [""])[0])


def _files(directory: Path) -> dict[str, Path]:
    """The four files of the model. An int8 file is preferred: that is what an ordinary processor should run."""
    found: dict[str, Path] = {}
    missing: list[str] = []
    for part in PARTS:
        candidates = sorted(path for path in directory.glob(f"*{part}*.onnx") if path.stat().st_size > 0)
        candidates.sort(key=lambda path: ".int8" not in path.name)
        if candidates:
            found[part] = candidates[0]
        else:
            missing.append(f"{part}.onnx")
    tokens = directory / "tokens.txt"
    if tokens.is_file() and tokens.stat().st_size > 0:
        found["tokens"] = tokens
    else:
        missing.append("tokens.txt")
    if missing:
        raise ModelMissing(str(directory), missing)
    return found


def _model_hash(directory: Path, files: dict[str, Path]) -> str:
    """One hash over the four files. Raises ModelMissing when `sha256.txt` names another hash for one of them."""
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files.values()}
    listed = directory / "sha256.txt"
    if listed.is_file():
        expected = {name.lstrip("*"): digest for digest, name in (line.split(None, 1) for line in _lines(listed))}
        wrong = [f"{name} (another sha256)" for name, digest in digests.items() if expected.get(name) != digest]
        if wrong:
            raise ModelMissing(str(directory), wrong)
    together = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(together.encode()).hexdigest()


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text().splitlines() if line.strip()]
