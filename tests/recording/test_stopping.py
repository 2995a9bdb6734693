"""A worker that goes down in the middle of a portion: the job is interrupted, and nothing calls that a failure."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recording import jobs, worker
from recording.board import Board, Job
from recording.worker import Stopping, Work


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    board = Board(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    board.ask("t1", "transcribe", hearing="hearing", sitting="sitting", input={}, by="court", at=0.0)
    not_reached: Any = None
    yield Work(
        board=board,
        recordings=tmp_path,
        engines=(),
        read=not_reached,
        put=not_reached,
        tracks=not_reached,
        scratch=tmp_path,
    )
    board.close()


@pytest.mark.parametrize("stopping", [True, False])
def test_a_fault_while_the_worker_goes_down_is_no_failure(
    work: Work, monkeypatch: pytest.MonkeyPatch, stopping: bool
) -> None:
    def hearing(work: Work, job: Job) -> jobs.Outcome:
        if stopping:
            work.stopping.set()
        raise sqlite3.ProgrammingError("Cannot operate on a closed database.")

    monkeypatch.setitem(worker.KINDS, "transcribe", hearing)
    with pytest.raises(Stopping if stopping else sqlite3.ProgrammingError):
        work.portion("t1", 0)
