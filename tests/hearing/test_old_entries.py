"""Entries that an earlier version wrote stay readable for ever: add a file for each version, never change one.

`hearing-*.jsonl` is a whole hearing (of its segments only the first of each track), `kinds-*.jsonl` one entry of each
kind of event. Both hold what `hearing.wire` wrote at that version.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hearing import wire
from hearing.proceedings.events import EVENTS
from hearing.proceedings.state import Hearing, evolve
from hearing.proceedings.views import view

pytestmark = pytest.mark.pure

ENTRIES = Path(__file__).parents[1] / "fixtures" / "entries"


def lines(pattern: str) -> list[dict[str, Any]]:
    paths = sorted(ENTRIES.glob(pattern))
    assert paths
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", sorted(ENTRIES.glob("hearing-*.jsonl")), ids=lambda path: path.stem)
def test_an_old_hearing_folds_to_its_end(path: Path) -> None:
    hearing: Hearing | None = None
    for line in lines(path.name):
        event = wire.decode(line["kind"], line["schema"], json.dumps(line["body"]).encode())
        hearing = evolve(hearing, event, datetime.fromisoformat(line["at"]))
    assert hearing is not None
    assert hearing.stage == "closed"
    assert hearing.judgment_sha256
    for seat in hearing.seats:
        assert view(hearing, seat).you.seat == seat


def test_an_old_entry_of_every_kind_is_read() -> None:
    for line in lines("kinds-*.jsonl"):
        event = wire.decode(line["kind"], line["schema"], json.dumps(line["body"]).encode())
        assert type(event).__name__ == line["kind"]


def test_every_kind_of_event_has_an_old_entry() -> None:
    assert {line["kind"] for line in lines("kinds-*.jsonl")} == EVENTS.keys()
