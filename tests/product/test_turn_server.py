"""A real coturn with the configuration that this product writes: whom it serves, until when, and towards whom.

Every denial has its twin: the same question, with the rule taken out of the configuration or to the media server, is
answered.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aioice.stun import Method

from tests.support.relay import PLAIN_PORT, Coturn, Place, place
from tests.support.turn_client import Answered, Ear, TurnClient, credential

OLD, NEW = b"the-secret-of-last-week", b"the-secret-of-this-week"
SHORT_S = 3.0
A_MOMENT_S = 0.5


@pytest.fixture(scope="module")
def somewhere() -> Iterator[Place]:
    with place() as made:
        yield made


@pytest.fixture
def coturn(somewhere: Place, tmp_path: Path) -> Iterator[Coturn]:
    server = Coturn(somewhere, tmp_path, keys=(NEW, OLD))
    yield server
    server.stop()


@pytest.fixture
async def client(coturn: Coturn) -> AsyncIterator[TurnClient]:
    """An allocation, to be asked things by."""
    coturn.start()
    async with TurnClient((coturn.place.far, PLAIN_PORT), *credential(NEW)) as found:
        await found.allocate()
        yield found


def open_for(coturn: Coturn, username: str, password: str) -> TurnClient:
    return TurnClient((coturn.place.far, PLAIN_PORT), username, password)


async def code_of(client: TurnClient) -> int:
    """With which error an allocation is refused; 0 when it is not."""
    async with client:
        try:
            await client.allocate()
        except Answered as refused:
            return refused.code
    return 0


async def test_only_a_credential_of_a_known_secret_that_has_not_ended_opens_anything(coturn: Coturn) -> None:
    coturn.start()
    assert await code_of(open_for(coturn, *credential(NEW))) == 0
    assert await code_of(open_for(coturn, *credential(OLD))) == 0, "both secrets hold while one follows the other"
    assert await code_of(open_for(coturn, *credential(b"somebody else's"))) == 401
    assert await code_of(open_for(coturn, *credential(NEW, ends_in_s=-1))) == 401
    username, password = credential(NEW, ends_in_s=-1)
    later = f"{int(username.partition(':')[0]) + 3600}:test"
    assert await code_of(open_for(coturn, later, password)) == 401, "an old password under a later name"
    assert await code_of(open_for(coturn, "nobody", "nothing")) == 401


async def test_an_allocation_outlives_its_credential_and_no_other_begins_with_it(coturn: Coturn) -> None:
    coturn.start(leave_out="stale-nonce", put_in="stale-nonce=2")
    ends = credential(NEW, ends_in_s=SHORT_S)
    with Ear(coturn.place.court) as media:
        async with open_for(coturn, *ends) as client:
            await client.allocate()
            await client.permit(media.address[0])
            await asyncio.sleep(SHORT_S + 1.5)
            assert await code_of(open_for(coturn, *ends)) == 401, "the credential has ended, so something is proved"
            nonce = client.nonce
            await client.refresh()
            assert client.nonce != nonce, "the server asked for the credential again, as it does every ten minutes"
            await client.permit(media.address[0])
            client.send(media.address, b"still here")
            await asyncio.sleep(A_MOMENT_S)
            assert media.heard == [b"still here"]


async def test_the_media_server_is_reached_there_and_back(client: TurnClient, coturn: Coturn) -> None:
    with Ear(coturn.place.court, answers=lambda data: data[::-1]) as media:
        await client.permit(media.address[0])
        client.send(media.address, b"abc")
        await client.bind(0x4000, media.address)
        client.send_channel(0x4000, b"def")
        await asyncio.sleep(A_MOMENT_S)
        assert media.heard == [b"abc", b"def"]
        assert {data for _, data in client.data} == {b"cba", b"fed"}


def others(somewhere: Place) -> tuple[str, ...]:
    """Whatever else coturn could reach: a neighbour, the client, itself, loopback, a cloud's secrets, a group."""
    return (somewhere.elsewhere, somewhere.here, somewhere.far, somewhere.near, "127.0.0.1", "169.254.169.254",
            "192.168.1.1", "8.8.8.8", "0.0.0.0", "224.0.0.1", "255.255.255.255")  # fmt: skip


async def test_every_other_peer_is_refused(client: TurnClient, coturn: Coturn) -> None:
    told: dict[str, list[int]] = {}
    for host in others(coturn.place):
        for ask in (client.permit(host), client.bind(0x4001, (host, 4000))):
            try:
                await ask
                told.setdefault(host, []).append(0)
            except Answered as refused:
                told.setdefault(host, []).append(refused.code)
    print("\n" + ", ".join(f"{host}: {codes}" for host, codes in told.items()))
    assert all(codes == [403, 403] for codes in told.values()), told
    with Ear(coturn.place.elsewhere) as other, Ear(coturn.place.court) as media:
        await client.permit(media.address[0])
        client.send(other.address, b"without permission")
        client.send(media.address, b"with permission")
        await asyncio.sleep(A_MOMENT_S)
        assert media.heard == [b"with permission"] and other.heard == []


async def test_without_the_rule_the_same_peer_is_reached(coturn: Coturn) -> None:
    coturn.start(leave_out="denied-peer-ip")
    async with open_for(coturn, *credential(NEW)) as client:
        await client.allocate()
        with Ear(coturn.place.elsewhere) as other:
            await client.permit(other.address[0])
            client.send(other.address, b"anywhere")
            await asyncio.sleep(A_MOMENT_S)
            assert other.heard == [b"anywhere"]


async def test_nobody_connects_by_tcp_through_it(client: TurnClient) -> None:
    async with TurnClient(client.server, client.username, client.password) as other:
        other.nonce, other.realm = client.nonce, client.realm
        with pytest.raises(Answered) as refused:
            await other.ask(Method.ALLOCATE, REQUESTED_TRANSPORT=6 << 24)
    assert refused.value.code == 442  # unsupported transport (RFC 8656 18)
