"""Speech engines, chosen by a URL whose scheme is the name of a file in this folder.

`none:` runs none, `pocketsphinx:` is built in (English, weak), `sherpa:///models/zipformer-vi?language=vi` loads a
directory. A model is always a directory, never a name: an engine that is given a name goes to the network for it.
"""

from collections.abc import Callable
from urllib.parse import ParseResult, urlparse

from recording.asr.ports import Transcriber


def _none(url: ParseResult) -> Transcriber:
    from recording.asr.none import NoTranscriber

    return NoTranscriber()


def _pocketsphinx(url: ParseResult) -> Transcriber:
    from recording.asr.pocketsphinx import PocketsphinxTranscriber

    return PocketsphinxTranscriber()


def _sherpa(url: ParseResult) -> Transcriber:
    from recording.asr.sherpa import open_sherpa

    return open_sherpa(url)


# Opened lazily: an engine's library is loaded only where the engine is asked for.
OPENERS: dict[str, Callable[[ParseResult], Transcriber]] = {
    "none": _none,
    "pocketsphinx": _pocketsphinx,
    "sherpa": _sherpa,
}


def open_transcriber(url: str) -> Transcriber:
    """The engine that `url` names. Raises ValueError for an unknown scheme, ModelMissing or EngineMissing."""
    parsed = urlparse(url)
    opener = OPENERS.get(parsed.scheme)
    if opener is None:
        raise ValueError(f"unknown speech engine {url!r}; known are: {', '.join(f'{name}:' for name in OPENERS)}")
    return opener(parsed)


def engine_for(engines: tuple[Transcriber, ...], language: str) -> Transcriber | None:
    """The first engine that speaks `language`. None: this source gets no text, and the transcript says why."""
    return next((engine for engine in engines if language in engine.info.languages), None)
