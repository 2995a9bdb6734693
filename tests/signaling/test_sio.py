"""The door itself: hostile frames, floods, silence and foreign pages, on a raw WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from hearing.errors import Malformed, Refused
from signaling import sio
from signaling.sio import Bucket, Door, Environ, fault_of

LIMIT = 4000
CONNECT = '40/hearing,{"token":"t"}'


class Greeter:
    """Accepts everybody but the token `no`, and remembers."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.left: list[str] = []
        self.heard: list[tuple[str, object]] = []

    async def connected(self, connection: str, environ: Environ, auth: object) -> None:
        if auth == {"token": "no"}:
            raise Refused("not-signed-in")
        self.came.append(connection)

    async def received(self, connection: str, event: str, payload: object) -> dict[str, Any] | None:
        self.heard.append((event, payload))
        if payload == "fault":
            raise RuntimeError("a fault of ours")
        if payload == "malformed":
            raise Malformed("nonsense")
        return {"heard": len(self.heard)}

    async def gone(self, connection: str) -> None:
        self.left.append(connection)


class House:
    def __init__(self, greeter: Greeter, door: Door, url: str, session: aiohttp.ClientSession) -> None:
        self.greeter, self.door, self.url, self.session = greeter, door, url, session

    def socket(self, **headers: str) -> Any:
        return self.session.ws_connect(f"{self.url}/socket.io/?EIO=4&transport=websocket", headers=headers)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    greeter = Greeter()
    door = Door("/hearing", greeter, frame_limit=LIMIT, origins=("https://court.example",))
    app = web.Application()
    door.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield House(greeter, door, f"http://127.0.0.1:{runner.addresses[0][1]}", session)
    await door.close()
    await runner.cleanup()


async def text(socket: aiohttp.ClientWebSocketResponse) -> str:
    """The next frame that is not a ping; `closed <code>` at the end."""
    async with asyncio.timeout(5):
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return f"closed {socket.close_code}"
            if message.data == "2":
                await socket.send_str("3")
            elif not message.data.startswith("0"):
                return str(message.data)


HOSTILE = [
    "", "x", "b", "2", "5", "6", "4", "43", "44{}", "45", "49", "4" + "9" * 300, "42", "42/hearing,", "42/hearing,{",
    "42/hearing,{}", "42/hearing,[]", "42/hearing,[{}]", '42/hearing,["connect"]', '42/hearing,["disconnect",1]',
    "451-/hearing,[]", "461-/hearing,[]", "42" + "[" * 3000, "40/hearing,[", "4" + "0" * 3000, "\x00", "\ud7ff",
]  # fmt: skip


@pytest.mark.parametrize("frame", HOSTILE)
async def test_a_hostile_frame_ends_its_own_connection_and_no_other(house: House, frame: str) -> None:
    async with house.socket() as victim, house.socket() as attacker:
        await victim.send_str(CONNECT)
        assert (await text(victim)).startswith("40/hearing,")
        await attacker.send_str(CONNECT)
        assert (await text(attacker)).startswith("40/hearing,")
        await attacker.send_str(frame)
        assert await text(attacker) == "closed 1002"
        await victim.send_str('421["hello",{}]'.replace("42", "42/hearing,"))
        assert await text(victim) == '43/hearing,1[{"heard":1}]'
        attacker_left = house.greeter.came[1]
        async with asyncio.timeout(2):
            while attacker_left not in house.greeter.left:
                await asyncio.sleep(0.01)
        assert len(house.greeter.left) == 1


async def test_a_frame_above_the_limit_and_a_binary_one_end_the_connection(house: House) -> None:
    async with house.socket() as socket:
        await socket.send_str("4" + "x" * LIMIT)
        assert await text(socket) == "closed 1009"
    async with house.socket() as socket:
        await socket.send_bytes(b"\x04")
        assert await text(socket) == "closed 1003"


async def test_a_flood_of_frames_ends_the_connection(house: House) -> None:
    async with house.socket() as socket:
        for _ in range(int(sio.FRAMES_BURST) + 20):
            await socket.send_str("3")
        assert await text(socket) == "closed 1008"


async def test_whoever_opens_a_socket_and_says_nothing_is_let_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sio, "CONNECT_WITHIN_S", 0.1)
    async with house.socket() as socket:
        assert (await text(socket)) in ("1", "closed 1000")


async def test_only_the_hearing_namespace_exists_and_a_refusal_names_its_code(house: House) -> None:
    async with house.socket() as socket:
        await socket.send_str("40")
        assert (await text(socket)).startswith("44")
        await socket.send_str('40/hearing,{"token":"no"}')
        assert await text(socket) == '44/hearing,{"message":"not-signed-in"}'


async def test_a_page_of_another_origin_cannot_open_a_socket_with_our_cookie(house: House) -> None:
    for foreign in ("https://evil.example", "null", house.url.replace("127.0.0.1", "127.0.0.1.evil.example")):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with house.socket(Origin=foreign):
                pass
    for ours in ("https://court.example", house.url):
        async with house.socket(Origin=ours) as socket:
            await socket.send_str(CONNECT)
            assert (await text(socket)).startswith("40/hearing,")


async def test_long_polling_is_not_spoken(house: House) -> None:
    async with house.session.get(f"{house.url}/socket.io/?EIO=4&transport=polling") as answer:
        assert answer.status == 400


async def test_a_fault_of_ours_is_answered_and_the_connection_goes_on(
    house: House,
) -> None:
    async with house.socket() as socket:
        await socket.send_str(CONNECT)
        await text(socket)
        await socket.send_str('42/hearing,7["command","fault"]')
        assert await text(socket) == '43/hearing,7[{"refused":"internal"}]'
        await socket.send_str('42/hearing,8["command","malformed"]')
        assert await text(socket) == '43/hearing,8[{"malformed":"nonsense"}]'
        assert (await text(socket)).startswith("41")


async def test_a_connection_that_does_not_read_shows_its_backlog(house: House) -> None:
    async with house.socket() as socket:
        await socket.send_str(CONNECT)
        await text(socket)
        (connection,) = house.greeter.came
        assert house.door.backlog(connection) == 0
        async with asyncio.timeout(30):  # how much the kernel's buffers swallow first differs from machine to machine
            while house.door.backlog(connection) <= 100:
                await house.door.send(connection, "entry", {"text": "x" * 100_000})
        assert house.door.backlog("somebody else") == 0


@pytest.mark.pure
def test_a_bucket_allows_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(10, 5, 0)
    assert [bucket.take(0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.take(0.1)
    assert not bucket.take(0.1)
    assert [bucket.take(1000) for _ in range(6)] == [True] * 5 + [False]


@pytest.mark.pure
def test_the_frames_of_a_page_are_in_order() -> None:
    for frame in ("3", "1", "40/hearing,", CONNECT, "41/hearing,", '42/hearing,["hello",{}]', '42/hearing,7["a"]'):
        assert fault_of(frame) is None
