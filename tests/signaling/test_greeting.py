"""What a page sends right behind its hello, while we are still looking up who it is."""

import asyncio
from typing import Any

import pytest
import socketio

from tests.signaling.courthouse import HEARING, Courthouse
from tests.support.hearings import JUDGE

NAMESPACE = "/hearing"


async def test_a_signal_right_behind_hello_waits_for_it_however_long_the_answer_takes(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = courthouse.signaling._gateway
    authenticate, receive = gateway._authenticate, gateway.received
    known, both_here = asyncio.Event(), asyncio.Event()

    async def slow(environ: Any, auth: Any, hearing: str | None) -> str | None:
        if hearing is not None:
            await known.wait()
        return await authenticate(environ, auth, hearing)

    async def received(connection: str, event: str, payload: object) -> dict[str, Any] | None:
        answer = asyncio.ensure_future(receive(connection, event, payload))
        if event == "signal":
            await asyncio.sleep(0)  # it stands where it waits, or has been answered
            both_here.set()
        return await answer

    monkeypatch.setattr(gateway, "_authenticate", slow)
    monkeypatch.setattr(gateway, "received", received)
    page = socketio.AsyncClient(reconnection=False)
    await page.connect(courthouse.origin, auth={"token": JUDGE}, transports=["websocket"], namespaces=[NAMESPACE])
    await page.emit("hello", {"hearing": HEARING}, namespace=NAMESPACE)
    quality = {"type": "quality", "rtt_ms": 31}
    report = asyncio.ensure_future(page.call("signal", quality, namespace=NAMESPACE, timeout=20))
    async with asyncio.timeout(20):
        await both_here.wait()
    known.set()
    assert await report == {}
    assert courthouse.signaling.quality(HEARING) == {JUDGE: {"rtt_ms": 31.0}}
    await page.disconnect()
