"""The token bucket, the folding of names and the ids: small things that others lean on."""

import pytest

from hearing.errors import Refused
from hearing.limits import Limit
from hearing.system import Uuid7Ids
from hearing.text import folded
from tests.support.time import SetClock

pytestmark = pytest.mark.pure


def spend(limit: Limit, key: str) -> bool:
    try:
        limit.spend(key)
    except Refused as no:
        assert no.code == "too-many-attempts"
        return False
    return True


def test_tokens_are_spent_come_back_with_time_and_never_pile_up(clock: SetClock) -> None:
    limit = Limit(clock, per_minute=6)
    assert [spend(limit, "a") for _ in range(8)] == [True] * 6 + [False] * 2
    clock.advance(20)
    assert [spend(limit, "a") for _ in range(3)] == [True, True, False]
    clock.advance(86_400)
    assert [spend(limit, "a") for _ in range(7)] == [True] * 6 + [False]
    assert spend(limit, "b")


def test_a_clock_set_back_gives_no_tokens_and_takes_none(clock: SetClock) -> None:
    limit = Limit(clock, per_minute=2)
    spend(limit, "a")
    clock.advance(-3600)
    assert [spend(limit, "a"), spend(limit, "a")] == [True, False]


def test_the_memory_for_keys_is_bounded(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hearing.limits.LARGEST", 3)
    limit = Limit(clock, per_minute=1)
    for key in "abcdef":
        spend(limit, key)
    assert len(limit._buckets) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Đặng Quốc Khải", "dang quoc khai"), ("  NGUYỄN\tThị ", "nguyen thi"), ("Ngo\u0302", "ngo"), ("", "")],
)
def test_names_are_folded_alike_however_they_are_typed(text: str, expected: str) -> None:
    assert folded(text) == expected


def test_ids_are_version_seven_unique_and_sort_by_time() -> None:
    ids = Uuid7Ids()
    made = [ids.new() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {(id[14], id[19] in "89ab") for id in made} == {("7", True)}
    assert [id[:13] for id in made] == sorted(id[:13] for id in made)
