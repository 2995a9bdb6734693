"""What robots can read, and what they say when they cannot."""

import wave
from pathlib import Path

import numpy as np
import pytest

from web.demo.speech import EMBEDDED, RATE, UnusableSpeech, load


def sound(path: Path, seconds: float, rate: int = 16_000) -> Path:
    """A WAV of tone bursts of a second with half a second of silence between."""
    t = np.arange(int(seconds * rate)) / rate
    pcm = (8000 * np.sin(2 * np.pi * 440 * t) * ((t % 1.5) < 1.0)).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text("some words\n  read aloud")
    return path


def test_the_embedded_reading_is_cut_only_at_pauses() -> None:
    speech = load(EMBEDDED, EMBEDDED.with_suffix(".txt"))
    assert len(speech.text.split()) >= 119
    clauses = speech.clauses(6_500)
    assert sum(map(len, clauses)) == len(speech.pcm)
    for clause in clauses[1:]:
        edge = clause[: RATE // 50].astype(np.float64)
        assert np.sqrt((edge**2).mean()) < 0.01 * 32768


def test_a_file_of_an_unknown_rate_keeps_its_length(tmp_path: Path, text: Path) -> None:
    speech = load(sound(tmp_path / "a.wav", 7.0, rate=22_050), text)
    assert abs(speech.duration_ms - 7000) < 30
    assert speech.text == "some words read aloud"
    assert speech.shortened_from_s is None


def test_a_long_file_is_cut_at_a_pause_and_says_so(tmp_path: Path, text: Path) -> None:
    speech = load(sound(tmp_path / "long.wav", 75.0), text)
    assert 50_000 < speech.duration_ms <= 60_000
    assert speech.shortened_from_s == 75.0


@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_a_short_file_is_refused_with_its_length(tmp_path: Path, text: Path, seconds: float) -> None:
    with pytest.raises(UnusableSpeech, match=r"lasts \d\.\d s"):
        load(sound(tmp_path / "short.wav", seconds), text)


def test_what_is_no_sound_or_no_text_is_refused(tmp_path: Path, text: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"not a sound at all")
    with pytest.raises(UnusableSpeech, match="cannot be read as sound"):
        load(tmp_path / "noise.wav", text)
    with pytest.raises(UnusableSpeech, match="cannot be read"):
        load(sound(tmp_path / "a.wav", 6.0), tmp_path / "missing.txt")
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(UnusableSpeech, match="is empty"):
        load(sound(tmp_path / "b.wav", 6.0), tmp_path / "empty.txt")
