"""The hash chain against the worked example of `docs/record.md`: a change to either fails here."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from hearing import chain

pytestmark = pytest.mark.pure
PAGE = Path(__file__).parents[2] / "docs" / "record.md"
AT = datetime(2026, 6, 12, 1, tzinfo=UTC)


def test_the_worked_example_on_the_page_is_what_is_computed() -> None:
    body = chain.body_sha256(bytes(32), b'{"sitting":"s"}')
    header = chain.entry_hash(
        hearing="h",
        number=1,
        at=AT,
        by="court",
        kind="SittingStarted",
        schema=1,
        op_id="o",
        ordinal=0,
        key_id="none",
        body_sha256=body,
        prev=chain.BEGINNING,
    )
    page = PAGE.read_text()
    assert f"| `body_sha256` | `{body}` |" in page
    assert f"| `hash` | `{header}` |" in page


def test_no_field_can_lend_a_character_to_its_neighbour() -> None:
    assert chain.netstrings(["ab", "c"]) == b"2:ab,1:c,"
    assert chain.netstrings(["a", "bc"]) != chain.netstrings(["ab", "c"])
    assert chain.netstrings(["đ"]) == b"2:\xc4\x91,"


def test_a_time_has_one_spelling_whatever_its_zone() -> None:
    hanoi = AT.astimezone(timezone(timedelta(hours=7)))
    assert chain.instant(hanoi) == chain.instant(AT) == "2026-06-12T01:00:00.000000Z"
    assert chain.parse_instant(chain.instant(AT + timedelta(microseconds=7))) == AT + timedelta(microseconds=7)
