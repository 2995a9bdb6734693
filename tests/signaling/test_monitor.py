"""How good everybody's connection is reaches those who look after the lines, and nobody else."""

import asyncio
from typing import Any

import pytest

from hearing.proceedings import secrecy
from signaling import monitor
from tests.signaling.courthouse import HEARING, Courthouse
from tests.signaling.media.court import until
from tests.support.hearings import CLERK, JUDGE
from web.demo.client import CourtClient

PLAINTIFF = "seat-plaintiff"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "TELL_EVERY_S", 0.05)


def told(client: CourtClient) -> list[dict[str, Any]]:
    return [body["lines"] for kind, body in client.signals if kind == "lines"]


async def test_the_clerk_is_told_of_everybody_and_the_others_of_nobody(courthouse: Courthouse) -> None:
    clerk, judge = await courthouse.arrives(CLERK), await courthouse.arrives(JUDGE)
    plaintiff = await courthouse.arrives(PLAINTIFF)
    entries = len(await courthouse.entries())
    await plaintiff.signal("quality", rtt_ms=820, loss=0.14, sending_bps=96_000, name="Lê Văn Tám", secret=7)
    await until(lambda: told(clerk) and told(clerk)[-1].get(PLAINTIFF, {}).get("figures"), what="the clerk is told")
    line = told(clerk)[-1][PLAINTIFF]
    assert line["figures"] == {"rtt_ms": 820.0, "loss": 0.14, "sending_bps": 96_000.0}, "nothing else is passed on"
    assert (line["state"], line["age_s"]) == ("none", 0)
    assert set(told(clerk)[-1]) == {CLERK, JUDGE, PLAINTIFF}
    heard = len(told(clerk))
    await until(lambda: len(told(clerk)) > heard + 3, what="some rounds more")
    assert told(judge) == told(plaintiff) == []
    assert len(await courthouse.entries()) == entries, "nothing of it is on the record"


async def test_without_the_question_for_the_power_everybody_would_be_told(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the rule is broken, and the judge is told."""
    monkeypatch.setattr(secrecy, "watched_lines", lambda hearing, who: frozenset(hearing.seats))
    judge = await courthouse.arrives(JUDGE)
    await judge.signal("quality", rtt_ms=20, loss=0.0)
    await until(lambda: told(judge), what="the judge is told")


async def test_what_is_behind_a_closed_door_is_not_told(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        secrecy, "watched_lines", lambda hearing, who: frozenset({CLERK, JUDGE}) if who == CLERK else ()
    )
    clerk, judge = await courthouse.arrives(CLERK), await courthouse.arrives(JUDGE)
    plaintiff = await courthouse.arrives(PLAINTIFF)
    for client in (judge, plaintiff):
        await client.signal("quality", rtt_ms=20, loss=0.0)
    await until(lambda: told(clerk) and told(clerk)[-1][JUDGE]["figures"], what="the clerk is told")
    assert all(PLAINTIFF not in lines for lines in told(clerk))


async def test_figures_grow_old_when_a_page_falls_silent_and_go_with_it(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, plaintiff = await courthouse.arrives(CLERK), await courthouse.arrives(PLAINTIFF)
    await plaintiff.signal("quality", rtt_ms=20, loss=0.0)
    await until(lambda: told(clerk) and told(clerk)[-1][PLAINTIFF]["age_s"] >= 1, what="the age of the figures")
    await plaintiff.close()
    await until(lambda: PLAINTIFF not in told(clerk)[-1], what="the line of who has left is gone")
    await clerk.close()
    async with asyncio.timeout(20):
        while courthouse.signaling.quality(HEARING):
            await asyncio.sleep(0.02)
