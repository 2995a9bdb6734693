"""The private names of aiortc and pylibsrtp are where we need them; without one of them the process does not start."""

import asyncio
from pathlib import Path

import aiortc
import pylibsrtp
import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport

from signaling.media import dtls
from signaling.media.node import serve
from signaling.media.sink import MemorySink


async def test_the_installed_versions_pass() -> None:
    await dtls.self_test()


@pytest.mark.parametrize("name", ["_set_role", "_setup_srtp"])
async def test_a_moved_name_is_named(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(RTCDtlsTransport, name)
    with pytest.raises(dtls.NameMoved) as refused:
        await serve(socket=tmp_path / "media.sock", sink=lambda notify: MemorySink())
    assert name in str(refused.value) and aiortc.__version__ in str(refused.value)
    assert not (tmp_path / "media.sock").exists()


async def test_srtp_that_no_longer_works_in_place_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "protect_rtp", lambda session, buffer, length: 0)
    with pytest.raises(dtls.NameMoved, match="srtp_protect") as refused:
        await dtls.self_test()
    assert pylibsrtp.__version__ in str(refused.value)


async def test_a_flood_before_the_handshake_is_bounded() -> None:
    one = dtls.Dtls(dtls.Certificate(), lambda data: None, lambda: None, lambda reason: None)
    taken = [one.take(b"\x16" + bytes(20)) for _ in range(100)]
    assert taken == [None] * dtls.HANDSHAKE_BACKLOG + ["dtls-backlog"] * (100 - dtls.HANDSHAKE_BACKLOG)
    await one.close()


async def test_another_certificate_than_the_announced_is_refused() -> None:
    closed: list[str] = []
    ends: list[dtls.Dtls] = []
    server = dtls.Dtls(
        dtls.Certificate(),
        lambda data: client_ice.inbox.put_nowait(data),
        lambda: closed.append("connected"),
        closed.append,
    )
    ends.append(server)
    client_ice = dtls._Ice(lambda data: server.take(data) or None)
    certificate = dtls.Certificate()
    client = certificate.transport(client_ice)
    client._set_role("client")
    server.start((("sha-256", ":".join(["00"] * 32)),))
    fingerprint = dtls.RTCDtlsFingerprint("sha-256", ":".join(["00"] * 32))
    await asyncio.wait_for(client.start(dtls.RTCDtlsParameters(fingerprints=[fingerprint])), 5)
    while not closed:
        await asyncio.sleep(0.01)
    assert closed == ["dtls"] and server.sending is None
    await server.close()
    await client.stop()
