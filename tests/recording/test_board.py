"""The board keeps wishes, ends and phrases; whatever is written twice counts once. On both databases."""

from collections.abc import Iterator

import pytest

from recording.asr.ports import Word
from recording.board import Board
from recording.transcript import HeardPhrase


@pytest.fixture
def board(database_url: str) -> Iterator[Board]:
    made = Board(database_url)
    yield made
    made.close()


def ask(board: Board, job: str = "j1") -> None:
    board.ask(job, "transcribe", hearing="h1", sitting="s1", input={"names": {"a": "Đặng"}}, by="court", at=1.0)


def phrase(t0_ms: int) -> HeardPhrase:
    words = (Word(text="phiên", t0_ms=t0_ms, t1_ms=t0_ms + 300, probability=None),)
    return HeardPhrase(
        track="t1",
        t0_ms=t0_ms,
        t1_ms=t0_ms + 400,
        language="vi",
        outcome="text",
        words=words,
        engine="e",
        level_db=-31.5,
    )


def test_a_wish_is_made_once_and_ends_once(board: Board) -> None:
    ask(board)
    ask(board)
    (job,) = board.jobs("h1")
    assert (job.state, job.input["names"], job.cancel) == ("asked", {"a": "Đặng"}, False)
    board.running("j1")
    assert board.progress("j1", 300, "listening") is False
    board.cancel("j1")
    assert board.progress("j1", 400, "listening") is True
    board.finish("j1", "done", result=[{"kind": "transcript"}])
    board.finish("j1", "failed", error="too late")
    board.running("j1")
    done = board.job("j1")
    assert done is not None and (done.state, done.progress, done.error) == ("done", 1000, "")
    assert [job.id for job in board.unfiled()] == ["j1"]
    board.filed("j1")
    assert board.unfiled() == []


def test_phrases_come_back_as_they_were_and_once(board: Board) -> None:
    board.keep_phrase("j1", phrase(5_000), settled_ms=5_400)
    board.keep_phrase("j1", phrase(1_000), settled_ms=1_400)
    board.keep_phrase("j1", phrase(5_000), settled_ms=5_400)
    assert board.phrases("j1") == [phrase(1_000), phrase(5_000)]
    assert board.settled("j1") == {"t1": 5_400}, "a cursor never goes back"
    assert board.phrases("j2") == []


def test_exactly_one_takes_over_from_the_dead(board: Board) -> None:
    board.beat("host:0", "host", "/lock", 10.0)
    board.beat("host:0", "host", "/lock", 11.0)
    assert board.workers() == [("host:0", "host", "/lock", 11.0)]
    assert board.claim_worker("host:0", 11.0, 20.0) is True
    assert board.claim_worker("host:0", 11.0, 20.5) is False
    board.forget_worker("host:0")
    assert board.workers() == []


def test_the_draft_is_replaced_as_it_grows(board: Board) -> None:
    board.keep_draft("j1", "h1", "một".encode())
    board.keep_draft("j1", "h1", "một hai".encode())
    assert board.drafts("h1") == ["một hai".encode()]
