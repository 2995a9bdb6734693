"""Phrases become utterances: by source and time, both sides of an overlap kept, nothing lost without a reason."""

from pathlib import Path

import pytest

from hearing.proceedings import events as happened
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Kind
from recording.asr.ports import Word
from recording.sitting import Sitting
from recording.transcript import HeardPhrase, Outcome, merge
from tests.recording.speech import Court

pytestmark = pytest.mark.pure


def room(*, shared: bool = False) -> Sitting:
    court = Court(root=Path(), seats={"judge": Role.PRESIDING_JUDGE, "w": Role.WITNESS}).begin()
    for seat in ("judge", "w"):
        source = court.announce(seat, source=f"mic-{seat}")
        opened = happened.TrackOpened(track=f"t-{seat}", source=source, kind=Kind.AUDIO, codec="opus", file="f")
        court.happens(2, opened)
    if shared:
        court.happens(3, happened.SourceAssigned(source="mic-judge", seats=("judge", "w")))
        court.happens(1_000, happened.FloorGiven(seat="judge"))
        court.happens(2_000, happened.FloorGiven(seat="w"))
    sitting = Sitting("s1")
    sitting.take_all(court.entries)  # type: ignore[arg-type]
    return sitting


def said(seat: str, at_ms: int, text: str, *, each_ms: int = 300, level: float = -30.0) -> HeardPhrase:
    words = tuple(
        Word(text=word, t0_ms=at_ms + n * each_ms, t1_ms=at_ms + (n + 1) * each_ms, probability=0.5)
        for n, word in enumerate(text.split())
    )
    end = words[-1].t1_ms
    return HeardPhrase(
        track=f"t-{seat}", t0_ms=at_ms, t1_ms=end, language="en", outcome="text", words=words, level_db=level
    )


def unheard(seat: str, at_ms: int, outcome: Outcome, language: str = "vi") -> HeardPhrase:
    return HeardPhrase(track=f"t-{seat}", t0_ms=at_ms, t1_ms=at_ms + 1_500, language=language, outcome=outcome)


def test_phrases_of_one_turn_become_one_utterance_with_its_breaks() -> None:
    result = merge(room(), [said("judge", 3_000, "please go on"), said("judge", 1_000, "we are listening")])
    (utterance,) = result.utterances
    assert utterance.text == "we are listening please go on"
    assert utterance.seat == "judge" and utterance.breaks == (0, 3)
    assert (utterance.t0_ms, utterance.t1_ms) == (1_000, 3_900)


def test_a_long_pause_or_another_speaker_begins_a_new_utterance() -> None:
    pause = merge(room(), [said("judge", 1_000, "one two"), said("judge", 5_000, "three four")])
    assert [u.text for u in pause.utterances] == ["one two", "three four"]
    between = merge(
        room(),
        [
            said("judge", 1_000, "where were you"),
            said("w", 2_000, "i was there sir"),
            said("judge", 3_300, "thank you"),
        ],
    )
    assert [(u.seat, u.text) for u in between.utterances] == [
        ("judge", "where were you"),
        ("w", "i was there sir"),
        ("judge", "thank you"),
    ]


def test_overlapping_speech_is_kept_on_both_sides_and_marked() -> None:
    result = merge(room(), [said("judge", 1_000, "a b c d e f g h i j"), said("w", 2_500, "k l m n o p q r s t")])
    first, second = result.utterances
    assert first.text == "a b c d e f g h i j" and second.text == "k l m n o p q r s t"
    assert first.overlap == (second.id,) and second.overlap == (first.id,)


def test_a_touch_of_less_than_300_ms_is_no_overlap() -> None:
    result = merge(room(), [said("judge", 1_000, "a b c"), said("w", 1_700, "d e f")])
    assert [u.overlap for u in result.utterances] == [(), ()]


def test_the_same_words_much_weaker_on_another_microphone_are_flagged() -> None:
    result = merge(
        room(),
        [said("judge", 1_000, "the court will rise now"), said("w", 1_100, "the court will rise now", level=-45)],
    )
    flags = {u.seat: u.flags for u in result.utterances}
    assert flags == {"judge": (), "w": ("bleed",)}
    near = merge(
        room(), [said("judge", 1_000, "the court will rise"), said("w", 1_100, "the court will rise", level=-35)]
    )
    assert all(u.flags == () for u in near.utterances)


def test_a_phrase_over_a_shared_microphone_is_cut_where_the_floor_passes() -> None:
    result = merge(room(shared=True), [said("judge", 1_100, "you may answer yes your honour", each_ms=300)])
    assert [(u.seat, u.text) for u in result.utterances] == [("judge", "you may answer"), ("w", "yes your honour")]


def test_every_phrase_ends_as_text_or_as_a_stated_reason() -> None:
    phrases = [
        said("judge", 1_000, "hello there"),
        unheard("w", 3_000, "no_engine"),
        unheard("w", 6_000, "failed", "en"),
    ]
    result = merge(room(), phrases)
    reasons = {entry.reason: entry for entry in result.untranscribed}
    assert reasons["no_engine"].language == "vi" and reasons["no_engine"].seat == "w"
    assert reasons["no_engine"].speech_ms == 1_500 and reasons["failed"].phrases == ((6_000, 7_500),)
    assert result.speech_ms == 600 + 1_500 + 1_500
