"""A page tries whether media reach the process: it is answered as in a hearing, for seconds, a few at a time."""

from pathlib import Path

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from hearing.errors import Malformed
from signaling import control
from signaling.media import probe as probe_module
from signaling.probing import Probe
from tests.signaling.media.court import CONFIGURATION, Court, court, until
from tests.signaling.media.test_node import meeting, unbroken


async def offer() -> tuple[RTCPeerConnection, str]:
    connection = RTCPeerConnection(CONFIGURATION)
    connection.addTransceiver("audio", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    return connection, connection.localDescription.sdp


async def probed(room: Court) -> RTCPeerConnection:
    connection, sdp = await offer()
    answer = await room.ask(Probe(sdp=sdp))
    assert answer.sdp
    await connection.setRemoteDescription(RTCSessionDescription(sdp=answer.sdp, type="answer"))
    return connection


async def test_a_probe_is_connected_as_in_a_hearing_and_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with court(tmp_path) as room:
        before = set(room.node.mux.ice.agents)
        connection = await probed(room)
        await until(lambda: connection.connectionState == "connected", what="ICE and DTLS are done")
        assert room.node.probes.connected == 1
        assert len(room.node.mux.ice.agents) == len(before) + 1
        monkeypatch.setattr(probe_module, "LIFE_S", 0.0)
        await until(lambda: connection.connectionState == "closed", what="the process says goodbye")
        await until(lambda: set(room.node.mux.ice.agents) == before and not room.node.probes._tasks)
        assert not room.node.peers and not any(
            isinstance(one, control.PeerConnected | control.PeerLost) for one in room.news
        )
        await connection.close()


async def test_probes_are_few_at_a_time_and_their_places_become_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, sdp = await offer()
    await connection.close()
    async with court(tmp_path) as room:
        answers = [(await room.ask(Probe(sdp=sdp))).sdp for _ in range(probe_module.AT_ONCE + 2)]
        assert [bool(one) for one in answers] == [True] * probe_module.AT_ONCE + [False] * 2
        monkeypatch.setattr(probe_module, "LIFE_S", 0.0)
        await until(lambda: not room.node.probes._live, what="all have ended")
        assert (await room.ask(Probe(sdp=sdp))).sdp


async def test_what_is_no_offer_is_refused_and_takes_no_place(tmp_path: Path) -> None:
    connection, sdp = await offer()
    await connection.close()
    line = sdp[sdp.index("m=audio") :]
    crowded = sdp + "".join(line.replace("a=mid:0", f"a=mid:{number}") for number in range(1, 4))
    async with court(tmp_path) as room:
        for text in ("", "v=0", sdp.replace("a=fingerprint", "a=nothing"), crowded):
            with pytest.raises(Malformed):
                await room.ask(Probe(sdp=text))
        assert not room.node.probes._live and room.node.probes.answered == 0


async def test_a_full_house_of_probes_disturbs_no_hearing(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = await meeting(room)
        connections = [await probed(room) for _ in range(probe_module.AT_ONCE)]
        await until(lambda: all(one.connectionState == "connected" for one in connections), what="all are connected")
        await room.flows(25)
        assert unbroken(clerk) and judge.pub is not None and judge.pub.connectionState == "connected"
        for connection in connections:
            await connection.close()
