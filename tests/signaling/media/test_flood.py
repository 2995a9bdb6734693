"""A participant of the hearing who floods: from a proven address, over a connection that stands. The others go on."""

import asyncio
import os
from pathlib import Path

import pytest

from signaling.media import node as node_module
from signaling.media.police import Limit
from tests.signaling.media.court import Court, Picture, Tone, court, until

MIC, CAM, OTHER = ("j-mic", "clerk", "audio"), ("j-cam", "clerk", "video"), ("p-mic", "clerk", "audio")
PACKETS = 12_000
LIMIT = Limit(packets=300, bytes=1_000_000)
GARBAGE = bytes([128, 111]) + os.urandom(200)  # looks like SRTP, and is not


async def flooded(room: Court) -> tuple[int, int]:
    """The judge floods while the plaintiff speaks: garbage that was decrypted, and garbage that was not."""
    judge, clerk, plaintiff = room.seat("judge"), room.seat("clerk"), room.seat("plaintiff")
    await room.plan(MIC, CAM, OTHER)
    await clerk.subscribe()
    await judge.publish({"j-mic": Tone(), "j-cam": Picture()})
    await plaintiff.publish({"p-mic": Tone()})
    await until(
        lambda: all(clerk.received.get(one, 0) > 5 for one in ("j-mic", "j-cam", "p-mic")), what="all are heard"
    )
    assert judge.pub is not None
    ice = judge.pub.getTransceivers()[0].sender.transport.transport._connection
    arrived, before = room.node.mux.received, room.node.mux.dropped.copy()
    heard = clerk.received["p-mic"]
    for _ in range(PACKETS // 40):
        for _ in range(40):
            await ice.send(GARBAGE)
        await asyncio.sleep(0.005)
    await until(lambda: clerk.received["p-mic"] > heard + 20, what="the plaintiff is heard all the while")
    dropped = room.node.mux.dropped - before
    assert room.node.mux.received - arrived >= PACKETS * 0.9, "the flood was delivered"
    heard = clerk.received["j-mic"]
    await until(lambda: clerk.received["j-mic"] > heard + 20, what="the judge is heard again after the flood")
    return dropped["srtp"], dropped["rate"]


async def test_a_flood_is_dropped_unread_and_its_sender_is_heard_again_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_module, "PUBLISHER", LIMIT)
    async with court(tmp_path) as room:
        read, unread = await flooded(room)
    assert unread > PACKETS * 0.5 and read < PACKETS * 0.4, (read, unread)


async def test_without_a_limit_all_of_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "PUBLISHER", Limit(packets=1 << 30, bytes=1 << 40))
    async with court(tmp_path) as room:
        read, unread = await flooded(room)
    assert unread == 0 and read >= PACKETS * 0.9
