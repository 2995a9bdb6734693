"""The built-in engine on the real reading. These are checks of the engine's sanity, no statement about accuracy."""

import numpy as np
import pytest

from recording.asr.pocketsphinx import PocketsphinxAligner, PocketsphinxTranscriber
from tests.recording.speech import two_cities, word_error_rate, words_of


def test_it_hears_the_first_clauses_with_their_times() -> None:
    pcm, _ = two_cities()
    (segment,) = PocketsphinxTranscriber().transcribe(pcm[: 9 * 16_000], language="en")
    wanted = words_of("it was the best of times it was the worst of times it was the age of wisdom")
    heard = [word.text for word in segment.words][: len(wanted)]
    assert word_error_rate(wanted, heard) <= 0.3
    assert all(word.t0_ms < word.t1_ms for word in segment.words)
    assert all(one.t1_ms <= two.t0_ms for one, two in zip(segment.words, segment.words[1:], strict=False))
    assert all(word.probability is not None and 0 <= word.probability <= 1 for word in segment.words)


def test_it_says_nothing_where_nothing_was_said() -> None:
    engine = PocketsphinxTranscriber()
    assert engine.transcribe(np.zeros(32_000, np.int16), language="en") == []
    assert engine.transcribe(np.zeros(100, np.int16), language="en") == []


def test_it_never_runs_for_another_language() -> None:
    with pytest.raises(ValueError, match="does not speak 'vi'"):
        PocketsphinxTranscriber().transcribe(np.zeros(16_000, np.int16), language="vi")


def test_it_is_labelled_as_weak() -> None:
    assert PocketsphinxTranscriber().info.weak


def test_the_aligner_finds_every_word_of_the_known_text_or_says_that_it_cannot() -> None:
    pcm, truth = two_cities()
    found = PocketsphinxAligner().align(pcm, truth, "en")
    assert found is not None and [word.text for word in found] == truth
    assert all(one.t0_ms < two.t0_ms for one, two in zip(found, found[1:], strict=False))
    assert PocketsphinxAligner().align(pcm, ["xyzzyqq"], "en") is None
    assert PocketsphinxAligner().align(pcm, truth, "vi") is None
