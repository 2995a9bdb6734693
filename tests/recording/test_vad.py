"""Phrases end at pauses, are never longer than an engine bears, and lose no speech."""

import numpy as np

from recording.decode import Sound
from recording.vad import Phrase, PhraseFinder, Tuning
from tests.recording.speech import two_cities


def packets(pcm: np.ndarray, at_ms: int = 0, *, after_gap: bool = True) -> list[Sound]:
    return [
        Sound(t_ms=at_ms + n * 20, pcm=pcm[n * 320 : (n + 1) * 320], after_gap=after_gap and n == 0)
        for n in range(len(pcm) // 320)
    ]


def phrases_of(sounds: list[Sound], tuning: Tuning | None = None) -> list[Phrase]:
    finder = PhraseFinder(tuning or Tuning())
    return [*(phrase for sound in sounds for phrase in finder.feed(sound)), *finder.flush()]


def test_phrases_are_at_most_15_s_in_order_and_hold_the_speech() -> None:
    pcm, _ = two_cities()
    found = phrases_of(packets(pcm, 60_000))
    assert len(found) > 5 and all(phrase.t1_ms - phrase.t0_ms <= 15_000 for phrase in found)
    assert all(one.t1_ms <= two.t0_ms for one, two in zip(found, found[1:], strict=False))
    assert all(abs(len(p.pcm) / 16 - (p.t1_ms - p.t0_ms)) <= 40 for p in found)
    kept = sum(float(np.sum(np.square(phrase.pcm.astype(float)))) for phrase in found)
    assert kept / float(np.sum(np.square(pcm.astype(float)))) >= 0.99


def test_speech_without_any_pause_is_cut_at_its_quietest_place() -> None:
    pcm, _ = two_cities()
    speech = np.concatenate([phrase.pcm[4_500:-4_500] for phrase in phrases_of(packets(pcm))])
    assert len(speech) > 16 * 16_000
    never = Tuning(pause_ms=60_000)
    found = phrases_of(packets(speech), never)
    assert len(found) >= 2 and max(phrase.t1_ms - phrase.t0_ms for phrase in found) <= 15_000
    for one, two in zip(found, found[1:], strict=False):
        assert one.t1_ms == two.t0_ms, "nothing falls between the two"
        seam = np.concatenate([one.pcm[-480:], two.pcm[:480]]).astype(float)
        assert np.mean(np.square(seam)) < 0.1 * np.mean(np.square(one.pcm.astype(float)))


def test_a_gap_ends_the_phrase() -> None:
    pcm, _ = two_cities()
    first, second = pcm[16_000 : 16_000 * 3], pcm[16_000 * 3 : 16_000 * 5]
    joined = phrases_of(packets(first, 1_000) + packets(second, 3_000, after_gap=False))
    apart = phrases_of(packets(first, 1_000) + packets(second, 43_000))
    assert any(phrase.t0_ms < 3_000 < phrase.t1_ms for phrase in joined)
    assert all(phrase.t1_ms <= 3_000 or phrase.t0_ms >= 43_000 for phrase in apart)


def test_silence_noise_and_a_click_are_no_speech() -> None:
    generator = np.random.default_rng(7)
    noise = (generator.standard_normal(16_000 * 60) * 30).astype(np.int16)
    click = np.zeros(16_000 * 2, np.int16)
    click[16_000:16_300] = 20_000
    assert phrases_of(packets(np.zeros(16_000 * 5, np.int16))) == []
    assert phrases_of(packets(noise)) == []
    assert phrases_of(packets(click)) == []


def test_what_is_settled_will_not_be_in_a_later_phrase() -> None:
    pcm, _ = two_cities()
    finder = PhraseFinder()
    settled = 0
    for sound in packets(pcm):
        for phrase in finder.feed(sound):
            assert phrase.t0_ms >= settled
        settled = finder.settled_ms
    for phrase in finder.flush():
        assert phrase.t0_ms >= settled
