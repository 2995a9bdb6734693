"""No speech engine. It speaks no language: nothing is ever handed to it, every source is listed as untranscribed."""

from collections.abc import Sequence

from recording.asr.ports import EngineInfo, Pcm, RawSegment


class NoTranscriber:
    """Stands where an engine would stand."""

    info = EngineInfo(
        name="none", version="1", model_id="", model_sha256="", languages=(), word_times="none", licence="Apache-2.0"
    )

    def prepare(self) -> None:
        """Nothing is needed."""

    def transcribe(
        self, pcm: Pcm, *, language: str, hotwords: Sequence[str] = (), words: bool = True
    ) -> list[RawSegment]:
        """Nothing is heard."""
        return []
