"""The sherpa engine over a scripted model: real loading and decoding, known text, known times."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from recording.asr import open_transcriber
from recording.asr.ports import BadAudio, ModelMissing
from recording.asr.sherpa import words_of_tokens
from tests.recording.asr.scripted_zipformer import build

SCRIPT = {25: "▁HỘI", 35: "▁ĐỒNG", 45: "▁XÉT", 55: "▁XỬ", 65: "▁KHAI", 75: "▁M", 77: "ẠC", 85: "▁PHIÊN", 95: "▁TÒA"}
SOUND = np.zeros(10 * 16_000, np.int16)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return build(tmp_path / "scripted", SCRIPT)


def test_text_and_times_are_exactly_those_of_the_script(model: Path) -> None:
    engine = open_transcriber(f"sherpa://{model}?language=vi&licence=Apache-2.0")
    (segment,) = engine.transcribe(SOUND, language="vi")
    assert segment.text == "hội đồng xét xử khai mạc phiên tòa"
    assert [word.t0_ms for word in segment.words] == [1_000, 1_400, 1_800, 2_200, 2_600, 3_000, 3_400, 3_800]
    assert segment.words[5].text == "mạc" and segment.words[5].t1_ms == 3_380
    assert segment.words[0].t1_ms == 1_300, "a word does not last until the next one begins"
    assert all(word.probability is None for word in segment.words)
    assert (
        engine.info.languages == ("vi",) and engine.info.model_id == "scripted" and engine.info.licence == "Apache-2.0"
    )
    assert len(engine.info.model_sha256) == 64


def test_it_never_runs_for_a_language_it_does_not_speak(model: Path) -> None:
    with pytest.raises(ValueError, match="does not speak 'en'"):
        open_transcriber(f"sherpa://{model}").transcribe(SOUND, language="en")


@pytest.mark.parametrize("name", ["encoder.onnx", "decoder.onnx", "joiner.onnx", "tokens.txt"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_file_that_is_missing_or_empty_is_named(model: Path, name: str, how: str) -> None:
    (model / name).unlink()
    if how == "empty":
        (model / name).touch()
    with pytest.raises(ModelMissing, match=name) as refusal:
        open_transcriber(f"sherpa://{model}")
    assert refusal.value.files == (name,)


def test_a_model_that_is_not_the_listed_one_is_refused(model: Path) -> None:
    listed = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in model.iterdir())
    (model / "sha256.txt").write_text(listed)
    open_transcriber(f"sherpa://{model}")
    tokens = model / "tokens.txt"
    tokens.write_text(tokens.read_text().replace("HỘI", "HOI"))
    with pytest.raises(ModelMissing, match=r"tokens\.txt \(another sha256\)"):
        open_transcriber(f"sherpa://{model}")


def test_sound_longer_than_a_chunk_is_refused(model: Path) -> None:
    with pytest.raises(BadAudio):
        open_transcriber(f"sherpa://{model}").transcribe(np.zeros(17 * 16_000, np.int16), language="vi")


def test_words_are_rebuilt_from_tokens_and_end_with_the_sound() -> None:
    words = words_of_tokens(["▁XIN", "▁CHÀ", "O"], [0.0, 0.4, 0.6], 700)
    assert [(word.text, word.t0_ms, word.t1_ms) for word in words] == [("xin", 0, 300), ("chào", 400, 700)]
