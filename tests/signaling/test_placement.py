"""Where a sitting goes, and when nothing more is taken: figures in, a choice out."""

from dataclasses import dataclass, replace

import pytest

from signaling.health import Load
from signaling.placement import (
    LAG_LIMIT_MS,
    SITTING_PACKETS,
    UNSENT_LIMIT,
    Limits,
    lightest,
    takes_person,
    takes_sitting,
)

pytestmark = pytest.mark.pure

IDLE = Load(rooms=0, peers=0, cpu=5, lag_ms=2, packets=0, unsent=0, draining=False, moving=False)
LIMITS = Limits.at(60)


@dataclass(frozen=True)
class Process:
    name: str
    load: Load | None = IDLE
    up: bool = True


def test_a_sitting_goes_where_the_fewest_packets_flow_however_few_people_sit_there() -> None:
    crowd = Process("many people, nobody speaks", replace(IDLE, rooms=3, peers=60, packets=900))
    pair = Process("two people with large pictures", replace(IDLE, rooms=1, peers=4, packets=2_400))
    assert lightest([(pair, 0), (crowd, 0)], LIMITS) is crowd


def test_sittings_that_open_together_are_spread_before_anything_flows() -> None:
    processes = [Process("a"), Process("b"), Process("c")]
    young = {process: 0 for process in processes}
    for _ in range(9):
        chosen = lightest(list(young.items()), LIMITS)
        assert chosen is not None
        young[chosen] += 1
    assert set(young.values()) == {3}


def test_a_young_sitting_weighs_as_much_as_a_room_of_six() -> None:
    busy = Process("busy", replace(IDLE, packets=SITTING_PACKETS - 1))
    assert lightest([(Process("one just opened"), 1), (busy, 0)], LIMITS) is busy


@pytest.mark.parametrize(
    "load",
    [
        replace(IDLE, cpu=LIMITS.sitting),
        replace(IDLE, lag_ms=LAG_LIMIT_MS + 1),
        replace(IDLE, unsent=UNSENT_LIMIT + 1),
        replace(IDLE, draining=True),
    ],
)
def test_a_full_late_choked_or_draining_process_takes_no_new_sitting(load: Load) -> None:
    assert lightest([(Process("this", load), 0)], LIMITS) is None
    other = Process("other", replace(IDLE, packets=50_000, cpu=LIMITS.sitting - 1))
    assert lightest([(Process("this", load), 0), (other, 9)], LIMITS) is other


def test_a_sitting_that_is_open_goes_somewhere_whatever_the_load_but_not_where_it_would_be_sent_away() -> None:
    full, draining = Process("full", replace(IDLE, cpu=990, lag_ms=9_000)), Process("d", replace(IDLE, draining=True))
    assert lightest([(full, 0), (draining, 0)], None) is full
    assert lightest([(draining, 0)], None) is None


def test_people_are_taken_in_beyond_the_point_where_sittings_are_not() -> None:
    assert LIMITS == Limits(sitting=600, person=800)
    between = Process("between", replace(IDLE, cpu=700, draining=True))
    assert takes_person(between, LIMITS) and not takes_sitting(between, LIMITS)
    assert not takes_person(Process("full", replace(IDLE, cpu=800)), LIMITS)


def test_of_a_process_that_has_not_spoken_yet_only_its_presence_is_known() -> None:
    assert takes_sitting(Process("new", None), LIMITS)
    assert not takes_sitting(Process("away", None, up=False), LIMITS)
    assert not takes_sitting(Process("away", IDLE, up=False), LIMITS)
