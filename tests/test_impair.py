"""How `make impair` judges: what was promised and not kept is missed, also when a run brought nothing."""

import pytest

from bench.impair import medians, missed, summary
from bench.rows import LIMITS, ROWS
from bench.stage import longest_gap, packets

pytestmark = pytest.mark.pure

KEPT = {"audio_missing_pct": 0.5, "freeze_s": 0.4, "freeze_back_s": 0.6, "fault": {"up": "9 lost"}}
BROKEN = {"error": "AssertionError: waited in vain"}


def test_every_row_promises_something() -> None:
    assert ROWS.keys() == LIMITS.keys() and all(LIMITS.values())


def test_the_median_decides_and_words_are_no_figures() -> None:
    runs = [{**KEPT, "freeze_s": at} for at in (0.2, 0.3, 0.9, 4.0, 5.0)]
    assert medians(runs) == {"audio_missing_pct": 0.5, "freeze_s": 0.9, "freeze_back_s": 0.6}
    assert missed("loss-5", runs) == []
    assert missed("loss-5", [{**KEPT, "freeze_s": at} for at in (0.2, 1.1, 4.0)]) == ["freeze_s 1.1 > 1"]


def test_runs_that_broke_keep_no_promise() -> None:
    assert missed("loss-5", [KEPT, KEPT, BROKEN]) == []
    assert missed("loss-5", [KEPT, BROKEN]) == ["1 of 2 runs broke"]
    assert len(missed("loss-5", [BROKEN])) == 4
    _, lines = summary({"loss-5": [KEPT], "loss-10": [BROKEN]})
    assert [line.split()[0] for line in lines] == ["holds", "MISSED"]


def test_a_gap_reaches_from_edge_to_edge() -> None:
    assert longest_gap([], 10.0, 15.0) == 5.0
    assert longest_gap([9.0, 11.0, 14.5, 99.0], 10.0, 15.0) == 3.5


def test_packets_are_counted_for_each_stream() -> None:
    notes = [{"ssrc": 1, "packets": 100}, {"ssrc": 2, "packets": 5}, {"ssrc": 1, "packets": 150}]
    assert packets(notes) == 50
