"""A design that cannot bear a load is left out of the round and said so; ours may not be."""

import argparse
from pathlib import Path
from typing import Any, cast

import pytest

from bench import forwarding
from bench.forwarding import Found, Round
from bench.network import Network

pytestmark = pytest.mark.pure
RESULT = dict.fromkeys(
    ("cpu_us_per_packet", "delivered", "latency_p50_ms", "latency_p99_ms", "core_share", "packets_per_s", "load_share"),
    1.0,
)


class Starts:
    only = ()

    def __init__(self, *_: object) -> None:
        pass

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass


@pytest.fixture
def one_round(monkeypatch: pytest.MonkeyPatch) -> Round:
    async def trial(_self: Round, _server: object, load: str) -> dict[str, float]:
        if load == "20-way":
            raise TimeoutError
        return RESULT

    monkeypatch.setattr(Round, "_trial", trial)
    for design in ("hearing", "janus"):
        monkeypatch.setitem(cast(dict[str, Any], forwarding.DESIGNS), design, Starts)
    return Round(argparse.Namespace(loads="5,20-way,10"), Path(), cast(Network, None))


async def test_another_design_is_left_out_of_what_it_cannot_bear(
    one_round: Round, capsys: pytest.CaptureFixture[str]
) -> None:
    found: Found = {}
    await one_round.run(1, "janus", found)
    assert [load for _, load in found] == ["5", "10"]
    assert "not measured in this round" in capsys.readouterr().out


async def test_ours_may_not_be(one_round: Round) -> None:
    with pytest.raises(TimeoutError):
        await one_round.run(1, "hearing", {})
