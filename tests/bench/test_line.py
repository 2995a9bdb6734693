"""A connection of the load to a server that is no longer there."""

import asyncio
import time

import pytest

from bench import line
from bench.packets import Feed


async def test_a_server_that_dies_while_it_is_connected_to_ends_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "CONNECTS_WITHIN_S", 1.0)
    server, client = line.Line(controlling=True), line.Line(controlling=False)
    offer = await server.offer([Feed(place, 96, place + 1, 0.02, []) for place in range(2)])
    await client.answer(offer)
    await server.ice.close()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.connect(offer, server=False), 10)
    assert time.monotonic() - began < 5, "by itself, and not because this test had enough"
    await asyncio.wait_for(client.close(), 5)
