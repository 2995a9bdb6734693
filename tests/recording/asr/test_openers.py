"""Engines are chosen by a URL, and only for a language they speak."""

import numpy as np
import pytest

from recording.asr import engine_for, open_transcriber


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match=r"unknown speech engine 'whisper:base'; known are: none:, pocketsphinx:, sherpa:"
    ):
        open_transcriber("whisper:base")


def test_none_speaks_no_language_and_says_nothing() -> None:
    none = open_transcriber("none:")
    assert none.info.languages == () and none.transcribe(np.zeros(16_000, np.int16), language="en") == []


def test_the_first_engine_that_speaks_the_language_is_taken() -> None:
    none, english = open_transcriber("none:"), open_transcriber("pocketsphinx:")
    assert engine_for((none, english), "en") is english
    assert engine_for((none, english), "vi") is None
