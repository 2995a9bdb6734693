"""While a sitting is live people come first, and the draft is still there soon after closing."""

import os
import threading
from pathlib import Path

import pytest

from recording.pace import niceness, run_at
from recording.slots import Slot, try_lock

pytestmark = pytest.mark.pure


def my_niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_the_worker_is_nicest_while_it_keeps_up_and_hurries_when_it_does_not() -> None:
    steps = [niceness(live=True, waiting_ms=ms) for ms in (0, 15_000, 15_001, 40_001)]
    assert steps == [19, 19, 10, 5] and niceness(live=False, waiting_ms=100_000) == 0


def test_nice_work_leaves_the_caller_as_it_was_and_may_be_less_nice_next_time() -> None:
    before = my_niceness()
    assert run_at(19, my_niceness) == 19
    assert run_at(max(before, 10), my_niceness) == max(before, 10)
    assert my_niceness() == before


def test_a_failure_of_the_work_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        run_at(19, lambda: 1 // 0)


def test_a_slot_belongs_to_one_alive_process(tmp_path: Path) -> None:
    first, second = Slot(tmp_path), Slot(tmp_path)
    assert first.executor != second.executor
    assert try_lock(Path(first.lock_file)) is None
    first.release()
    again = Slot(tmp_path)
    assert again.executor == first.executor
    again.release()
    second.release()
    assert Slot(tmp_path / "elsewhere").executor != first.executor
