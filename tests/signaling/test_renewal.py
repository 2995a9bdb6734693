"""A page always holds TURN credentials that are still good: it gets new ones in time, and at once when it returns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hearing.store import open_store
from signaling import signaling as signaling_module
from signaling.turn import LIFETIME, RENEWED_EVERY, Turn
from tests.signaling.courthouse import Courthouse
from tests.support.hearings import JUDGE
from web.demo.client import CourtClient

URL = "turns:turn.example:443"


def given(client: CourtClient) -> list[str]:
    """The user names that this page was told after its welcome, in order."""
    return [body["servers"][0]["username"] for kind, body in client.signals if kind == "ice-servers"]


@asynccontextmanager
async def opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: bytes, every_s: float = 1.1
) -> AsyncIterator[Courthouse]:
    monkeypatch.setattr(signaling_module, "RENEWED_EVERY", timedelta(seconds=every_s))
    store = await open_store(f"sqlite:///{tmp_path / 'hearing.sqlite'}")
    found = Courthouse(store.record, tmp_path, turn=Turn(urls=(URL,), secret=secret))
    await found.start()
    await found.schedules()
    yield found
    await found.close()
    await store.close()


async def test_credentials_are_renewed_while_the_page_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path, monkeypatch, b"secret") as house:
        judge = await house.arrives(JUDGE)
        first = judge.media["iceServers"][0]["username"]
        assert given(judge) == []
        await judge.until("two renewals", lambda: len(given(judge)) >= 2)
        ends = [int(one.partition(":")[0]) for one in (first, *given(judge))]
        assert ends == sorted(set(ends)), "each ends later than the one before"


async def test_a_page_that_returns_is_given_new_ones_before_it_connects_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, monkeypatch, b"secret", every_s=600) as house:
        judge = await house.arrives(JUDGE)
        first, told = judge.connection, list[str]()

        async def heard(kind: str, body: Any) -> None:
            if kind == "ice-servers":
                told.append(judge.connection)  # the name of the connection comes with the welcome

        judge.on_signal = heard
        await house.restart()
        await judge.until("the page is back", lambda: judge.connection != first)
        assert told == [first], "the servers came once, and before the welcome"


async def test_without_a_secret_nothing_ends_and_nothing_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, monkeypatch, b"") as house:
        judge = await house.arrives(JUDGE)
        assert judge.media == {"iceServers": [{"urls": [URL]}]}
        await asyncio.sleep(1.5)  # longer than the time of a renewal, which the first test waits for twice
        assert given(judge) == []


def test_what_a_page_holds_is_good_for_more_than_a_minute_whenever_it_is_used() -> None:
    assert LIFETIME - RENEWED_EVERY >= timedelta(minutes=1)
