"""A sitting is heard while it runs: whole words on the hearing clock, nothing twice, nothing silently missing."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from hearing.proceedings import events as happened
from hearing.proceedings.roles import Role
from recording.asr.pocketsphinx import PocketsphinxAligner, PocketsphinxTranscriber
from recording.asr.ports import EngineInfo, RawSegment, Transcriber, Truncated, Word
from recording.board import Board
from recording.stenographer import Stenographer, StoredTracks
from recording.storage.file import FileStore
from recording.worker import LoopThread
from tests.recording import speech
from tests.recording.speech import Court, two_cities, word_error_rate

ROOM = {"judge": Role.PRESIDING_JUDGE, "w": Role.WITNESS}


class Counting:
    """Says one word per call, how many samples it was given."""

    info = EngineInfo(name="counting", version="1", model_id="", model_sha256="", languages=("en",))

    def __init__(self, fails: Sequence[int] = (), longest: int = 16_000 * 16) -> None:
        self.calls: list[int] = []
        self.prepared = 0
        self._fails, self._longest = fails, longest

    def prepare(self) -> None:
        self.prepared += 1

    def transcribe(
        self, pcm: np.ndarray, *, language: str, hotwords: Sequence[str] = (), words: bool = True
    ) -> list[RawSegment]:
        if len(pcm) > self._longest:
            raise Truncated
        self.calls.append(len(pcm))
        if len(self.calls) in self._fails:
            raise RuntimeError("the engine broke")
        end = len(pcm) // 16
        said = (Word(text=f"n{len(self.calls)}", t0_ms=100, t1_ms=end - 100, probability=None),)
        return [RawSegment(t0_ms=100, t1_ms=end - 100, text=said[0].text, words=said)]


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    made = LoopThread()
    yield made
    made.close()


class Bench:
    def __init__(self, root: Path, loop: LoopThread, court: Court) -> None:
        self.court = court
        self.board = Board(f"sqlite:///{root / 'jobs.sqlite'}")
        self.seconds = 0.0
        self._tracks = StoredTracks(FileStore(root), loop.run)

    def listener(self, engine: Transcriber) -> Stenographer:
        return Stenographer(
            job="t1",
            sitting="s1",
            board=self.board,
            engines=[engine],
            tracks=self._tracks,
            read=self.read,  # type: ignore[arg-type]
            now=lambda: speech.STARTED + timedelta(seconds=self.seconds),
        )

    def read(self, after: int) -> list[speech.Entry]:
        """What the record holds at this moment of the hearing."""
        now = speech.STARTED + timedelta(seconds=self.seconds)
        return [entry for entry in self.court.entries[after:] if entry.at <= now]

    def hear_all(self, listener: Stenographer, until: float = 1_000.0, step: float = 1.0) -> None:
        while not listener.finished and self.seconds < until:
            if not listener.round():
                self.seconds += step


@pytest.fixture
def bench(tmp_path: Path, loop: LoopThread) -> Iterator[Bench]:
    made = Bench(tmp_path, loop, Court(root=tmp_path, seats=ROOM).begin())
    yield made
    made.board.close()


def test_word_error_rate_after_opus_through_the_whole_pipeline(bench: Bench) -> None:
    """Engine sanity, not product accuracy: English, read aloud, the built-in engine."""
    pcm, truth = two_cities()
    source = bench.court.announce("judge")
    bench.court.say(source, pcm, 12_345)
    bench.court.happens(58_000, happened.HearingClosed())
    bench.seconds = 60.0
    listener = bench.listener(PocketsphinxTranscriber())
    began, cpu = time.monotonic(), time.process_time()
    bench.hear_all(listener)
    result = listener.transcript()
    words = [word for utterance in result.utterances for word in utterance.words]
    rate = word_error_rate(truth, [word.text for word in words])
    spent = time.process_time() - cpu
    print(f"WER {rate:.3f}, {spent:.1f} CPU s and {time.monotonic() - began:.1f} s for {len(pcm) / 16_000:.1f} s")
    assert rate <= 0.45
    assert {utterance.seat for utterance in result.utterances} == {"judge"}
    # An independent aligner says when each true word was spoken; what was heard rightly must stand at that time.
    aligned = PocketsphinxAligner().align(pcm, truth, "en")
    assert aligned is not None
    spoken = {(word.text, round((word.t0_ms + 12_345) / 400)) for word in aligned}
    near = [any((word.text, round(word.t0_ms / 400) + d) in spoken for d in (-1, 0, 1)) for word in words]
    assert sum(near) / len(truth) >= 0.5


def test_phrases_are_heard_while_the_sitting_runs(bench: Bench) -> None:
    pcm, _ = two_cities()
    bench.court.say(bench.court.announce("judge"), pcm, 5_000)
    listener = bench.listener(Counting())
    bench.hear_all(listener, until=25.0)
    assert listener.heard and max(phrase.t1_ms for phrase in listener.heard) <= 25_000
    assert min(25_000 - phrase.t1_ms for phrase in listener.heard) <= 6_000, "no more behind than a segment and a pause"
    assert not listener.finished


def test_the_engine_is_ready_before_anybody_has_spoken(bench: Bench) -> None:
    bench.court.say(bench.court.announce("judge"), np.zeros(8 * 16_000, np.int16), 5_000)
    engine = Counting()
    bench.hear_all(bench.listener(engine), until=15.0)
    assert (engine.prepared, engine.calls) == (1, [])


def test_an_engine_that_cannot_be_loaded_is_told_with_the_phrase(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    pcm, _ = two_cities()
    bench.court.say(bench.court.announce("judge"), pcm[: 8 * 16_000], 5_000)
    bench.court.happens(20_000, happened.HearingClosed())

    def broken() -> None:
        raise RuntimeError("no room for the model")

    engine = PocketsphinxTranscriber()
    monkeypatch.setattr(engine, "prepare", broken)
    listener = bench.listener(engine)
    bench.hear_all(listener)
    assert {one.outcome for one in listener.heard} == {"failed"}
    assert all("no room for the model" in one.detail for one in listener.heard)


def test_a_new_worker_goes_on_where_the_old_one_stopped(bench: Bench) -> None:
    pcm, _ = two_cities()
    bench.court.say(bench.court.announce("judge"), pcm, 5_000)
    bench.court.happens(52_000, happened.HearingClosed())
    first = bench.listener(Counting())
    while len(first.heard) < 4:
        if not first.round():
            bench.seconds += 1
    again = bench.listener(Counting())
    bench.hear_all(again)
    times = [(phrase.t0_ms, phrase.t1_ms) for phrase in bench.board.phrases("t1")]
    assert len(times) > 6 and len(set(times)) == len(times)
    assert all(one[1] <= two[0] for one, two in zip(times, times[1:], strict=False))
    speech_ms = sum(t1 - t0 for t0, t1 in times)
    assert speech_ms >= 34_000, "nothing is missing at the seam"


def test_the_draft_is_finished_soon_after_the_closing_entry(bench: Bench) -> None:
    pcm, _ = two_cities()
    bench.court.say(bench.court.announce("judge"), pcm, 5_000, close=False)
    bench.court.happens(50_000, happened.HearingClosed())
    listener = bench.listener(Counting())
    bench.hear_all(listener)
    assert listener.finished and bench.seconds - 50 <= 8


def test_two_who_speak_at_once_are_both_kept_under_their_own_seats(bench: Bench) -> None:
    pcm, _ = two_cities()
    bench.court.say(bench.court.announce("judge"), pcm[: 16_000 * 12], 5_000)
    bench.court.say(bench.court.announce("w"), pcm[16_000 * 20 : 16_000 * 30], 9_000)
    bench.court.happens(25_000, happened.HearingClosed())
    bench.court.entries.sort(key=lambda entry: entry.at)
    for number, entry in enumerate(bench.court.entries, 1):
        entry.number = number
    listener = bench.listener(Counting())
    bench.hear_all(listener)
    utterances = listener.transcript().utterances
    assert {utterance.seat for utterance in utterances} == {"judge", "w"}
    assert all(utterance.source == f"{utterance.seat}-microphone" for utterance in utterances)
    assert any(utterance.overlap for utterance in utterances)


def test_a_language_no_engine_speaks_gets_no_text_and_the_engine_is_never_run(tmp_path: Path, loop: LoopThread) -> None:
    court = Court(root=tmp_path, pack="vn", seats=ROOM, languages={"w": "en"}).begin()
    pcm, _ = two_cities()
    court.say(court.announce("judge"), pcm[: 16_000 * 8], 5_000)
    court.happens(20_000, happened.HearingClosed())
    bench = Bench(tmp_path, loop, court)
    engine = Counting()
    listener = bench.listener(engine)
    bench.hear_all(listener)
    result = listener.transcript()
    assert engine.calls == [] and result.utterances == ()
    (missing,) = result.untranscribed
    assert (missing.reason, missing.language, missing.seat) == ("no_engine", "vi", "judge")
    assert missing.speech_ms > 3_000
    bench.board.close()


def test_an_engine_that_breaks_costs_one_phrase_and_says_so(bench: Bench) -> None:
    pcm, _ = two_cities()
    bench.court.say(bench.court.announce("judge"), pcm[: 16_000 * 12], 5_000)
    bench.court.happens(20_000, happened.HearingClosed())
    listener = bench.listener(Counting(fails=[2]))
    bench.hear_all(listener)
    result = listener.transcript()
    (missing,) = result.untranscribed
    assert missing.reason == "failed" and "the engine broke" in missing.detail and len(missing.phrases) == 1
    assert sum(phrase.outcome == "text" for phrase in listener.heard) >= 2


def test_a_truncated_answer_is_asked_for_again_in_halves(bench: Bench) -> None:
    pcm, _ = two_cities()
    bench.court.say(bench.court.announce("judge"), pcm[: 16_000 * 8], 5_000)
    bench.court.happens(20_000, happened.HearingClosed())
    engine = Counting(longest=16_000 * 2)
    listener = bench.listener(engine)
    bench.hear_all(listener)
    assert max(engine.calls) <= 16_000 * 2 and all(phrase.outcome == "text" for phrase in listener.heard)
    assert any(len(phrase.words) == 2 for phrase in listener.heard)


def test_changed_bytes_are_never_transcribed(bench: Bench) -> None:
    pcm, _ = two_cities()
    track = bench.court.say(bench.court.announce("judge"), pcm[: 16_000 * 12], 5_000)
    bench.court.happens(20_000, happened.HearingClosed())
    path = bench.court.root / "h1" / "s1" / f"{track}.webm"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    listener = bench.listener(Counting())
    bench.hear_all(listener)
    (missing,) = listener.transcript().untranscribed
    assert missing.reason == "failed" and "Tampered" in missing.detail
