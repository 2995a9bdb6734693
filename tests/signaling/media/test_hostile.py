"""A call under attack: the kinds of `bench.hostile`, slower and shorter; the whole rate is measured by that program."""

import math
import os
from pathlib import Path

import pytest

from bench.datagrams import KINDS
from bench.hostile import attack
from signaling.media.subscriber import REPAIRS_BURST, REPAIRS_PER_SECOND

RATE, SECONDS = 2000.0, 3.0

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may forge the address of a sender"),
]


async def test_a_call_goes_on_under_thirteen_kinds_of_hostile_datagrams(tmp_path: Path) -> None:
    result = await attack(tmp_path, KINDS, RATE, SECONDS)
    assert not result.faults(longest_lag_ms=math.inf), result
    assert len([kind for kind, count in result.thrown.items() if count > 100]) == 13, result.thrown
    assert result.repaired_per_s <= REPAIRS_PER_SECOND + REPAIRS_BURST / SECONDS + 5
    assert result.dropped["repairs"] > 1000


async def test_a_server_that_trusts_strangers_would_be_seen(tmp_path: Path) -> None:
    """The twin: newcomers are disturbed, and strangers are not counted as strangers."""
    kinds = ("hello", "srtp")
    result = await attack(tmp_path, kinds, RATE, SECONDS, module="tests.signaling.media.trusting_child")
    faults = "\n".join(result.faults(longest_lag_ms=math.inf))
    assert "newcomers did not come in" in faults and "dropped as stranger" in faults
