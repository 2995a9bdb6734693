"""What one connection may use up, and what it may not do to a call from a proven address."""

import struct
from pathlib import Path
from typing import Any

import pytest

from bench.datagrams import client_hello
from signaling.media import peer as peer_module
from signaling.media import rtcp
from signaling.media import subscriber as subscriber_module
from tests.signaling.media.court import Browser, Court, court, until
from tests.signaling.media.test_node import meeting, unbroken


def line(judge: Browser) -> Any:
    """The DTLS transport of the judge's sending connection."""
    assert judge.pub is not None
    return judge.pub.getSenders()[0].transport


async def goes_on(room: Court, judge: Browser, clerk: Browser) -> None:
    heard = clerk.received["j-mic"]
    await until(lambda: clerk.received["j-mic"] > heard + 10)
    assert judge.pub is not None and judge.pub.connectionState == "connected" and unbroken(clerk)
    assert "judge-pub" in room.node.peers


async def test_a_connection_that_speaks_as_many_is_heard_as_few(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = await meeting(room)
        transport = line(judge)
        for number in range(200):
            packet = struct.pack("!BBHII", 0x80, 33, 1, 0, 0x5000 + number) + b"sound"
            await transport.transport._send(transport._tx_srtp.protect(packet))
        await goes_on(room, judge, clerk)
        limit = peer_module.STREAMS_LIMIT
        assert room.node.mux.dropped["streams"] >= 200 - limit
        assert len(room.node.peers["judge-pub"]._ssrcs) == limit


async def test_without_the_limit_every_one_of_them_would_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(peer_module, "STREAMS_LIMIT", 10_000)
    async with court(tmp_path) as room:
        judge, _ = await meeting(room)
        transport = line(judge)
        for number in range(200):
            packet = struct.pack("!BBHII", 0x80, 33, 1, 0, 0x5000 + number) + b"sound"
            await transport.transport._send(transport._tx_srtp.protect(packet))
        await until(lambda: len(room.node.peers["judge-pub"]._ssrcs) >= 200)


async def test_hellos_and_alerts_in_the_clear_end_no_call(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = await meeting(room)
        alert = b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02"
        for data in (client_hello(), client_hello()[:40], alert + b"\x02\x28", alert + b"\x01\x00"):
            await line(judge).transport._send(data)
        await until(lambda: room.node.mux.dropped["dtls"] == 4)
        await goes_on(room, judge, clerk)


async def test_reports_are_limited_for_each_listener(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = await meeting(room)
        subscriber = room.node.peers["clerk-sub"]
        assert isinstance(subscriber, subscriber_module.Subscriber)
        now = subscriber.agent.heard + 60  # one moment, however long the machine takes for it
        for _ in range(3 * int(subscriber_module.REPORTS_BURST)):
            subscriber.take_rtcp(rtcp.write_pli(7), now)
        assert room.node.mux.dropped["reports"] == 2 * int(subscriber_module.REPORTS_BURST)
        subscriber.take_rtcp(rtcp.write_pli(7), now + 1)
        assert room.node.mux.dropped["reports"] == 2 * int(subscriber_module.REPORTS_BURST), "a second later it is read"
        await goes_on(room, judge, clerk)
