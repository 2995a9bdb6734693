"""The three written forms: they say that a machine wrote them, and they say what is missing."""

import json
import re

import pytest

from recording.asr.ports import EngineInfo
from recording.transcript import merge
from recording.transcript_formats import Labels, to_json, to_text, to_vtt
from tests.recording.test_transcript import room, said, unheard

pytestmark = pytest.mark.pure

LABELS = Labels(
    machine="MACHINE",
    weak="WEAK",
    overlapping="OVERLAP",
    off_record="OFF",
    back_on="ON",
    no_engine="NO ENGINE",
    failed="FAILED",
)
WEAK = EngineInfo(name="weak", version="1", model_id="m", model_sha256="", languages=("en",), weak=True, licence="MIT")


def test_json_is_marked_as_machine_text_and_says_how_to_add_an_engine() -> None:
    result = merge(room(), [said("judge", 1_000, "hello"), unheard("w", 3_000, "no_engine")], engines=[WEAK])
    document = json.loads(to_json(room(), result))
    assert document["schema"] == "hearing-transcript/1" and document["status"] == "machine"
    assert document["segments"][0]["words"] == [["hello", 1_000, 1_300, 0.5, "asr"]]
    assert document["segments"][0]["role"] == "presiding_judge" and document["engines"][0]["weak"]
    (missing,) = document["untranscribed"]
    assert missing["reason"] == "no_engine" and missing["language"] == "vi" and missing["seat"] == "w"
    assert missing["how"]["setting"] == "HEARING_ASR" and "language=vi" in missing["how"]["example"]
    assert document["clock"]["epoch_utc"] == "2026-05-04T01:00:00.000Z"


def test_the_same_transcript_has_the_same_bytes() -> None:
    phrases = [said("judge", 1_000, "hello there"), said("w", 1_200, "yes indeed it is")]
    assert to_json(room(), merge(room(), phrases)) == to_json(room(), merge(room(), reversed(phrases)))


def test_vtt_has_a_voice_and_a_time_per_word_and_escapes_what_could_break_it() -> None:
    result = merge(room(), [said("judge", 1_000, "a <b> --> c&d")], names={"judge": "J <script>"}, engines=[WEAK])
    written = to_vtt(room(), result, LABELS)
    assert written.startswith("WEBVTT\n\nNOTE MACHINE WEAK\n")
    assert "<v J &lt;script&gt;>a <00:00:01.300>&lt;b&gt; <00:00:01.600>--&gt; <00:00:01.900>c&amp;d" in written
    assert re.findall(r"^(\S+) --> (\S+)$", written, re.M) == [("00:00:01.000", "00:00:02.200")]


def test_a_cue_never_runs_over_a_break_and_stays_readable() -> None:
    result = merge(room(), [said("judge", 1_000, " ".join(["word"] * 30)), said("judge", 11_000, "next phrase")])
    cues = [cue for cue in to_vtt(room(), result, LABELS).split("\n\n") if "-->" in cue]
    assert [cue.count("word") + cue.count("phrase") for cue in cues] == [14, 14, 2, 1]


def test_text_prints_overlaps_and_what_could_not_be_written() -> None:
    phrases = [said("judge", 1_000, "a b c d"), said("w", 1_500, "e f g h"), unheard("w", 9_000, "no_engine")]
    written = to_text(room(), merge(room(), phrases, names={"judge": "Judge A", "w": "Witness B"}), LABELS)
    assert "[00:00:01] JUDGE A: [OVERLAP] a b c d" in written
    assert "[00:00:09] WITNESS B: [NO ENGINE (vi, 00:00:01)]" in written
    assert written.startswith("MACHINE\n00:00:00 = 2026-05-04 01:00:00 UTC")
