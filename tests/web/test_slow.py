"""Who sends slowly holds a place only for a while: heads by the connection's limit, bodies by `hurry`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

import web.app as app_module
from tests.web.scene import Scene, build
from web.app import BODY_WITHIN_S, HEAD_WITHIN_S, LOOK_EVERY_S, runner

Address = tuple[str, int]
PATIENCE_S = 10.0


@asynccontextmanager
async def served(app: web.Application, *, proxied: bool = False) -> AsyncIterator[Address]:
    """The application behind the very server that the product starts."""
    serving = runner(app, proxied=proxied)
    await serving.setup()
    try:
        await web.TCPSite(serving, "127.0.0.1", 0).start()
        yield serving.addresses[0][:2]
    finally:
        await serving.cleanup()


async def trickle(address: Address, head: bytes, drop: bytes, every_s: float) -> bytes:
    """`head`, then `drop` again and again until the other end closes; what it had said until then."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(head)

    async def drip() -> None:
        while True:
            await asyncio.sleep(every_s)
            writer.write(drop)

    dripping = asyncio.ensure_future(drip())
    said = b""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while more := await reader.read(1 << 16):
                said += more
        return said
    except ConnectionError:  # a drop that found the door closed already
        return said
    finally:
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        writer.close()


def test_the_limits_are_short() -> None:
    assert HEAD_WITHIN_S <= 30 and LOOK_EVERY_S <= 5 and BODY_WITHIN_S <= 60


@pytest.fixture
def short_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "HEAD_WITHIN_S", 0.6)


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"", b""),
        (b"GET /sign-in HT", b""),
        (b"GET /sign-in HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n"),
        (b"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n"),
    ],
)
async def test_a_head_that_does_not_end_is_given_up(scene: Scene, short_heads: None, head: bytes, drop: bytes) -> None:
    async with served(build(scene.parts)) as address:
        answer = await trickle(address, head, drop, 0.1)
        assert answer.count(b"HTTP/1.1 ") == head.count(b"\r\n\r\n")
        async with aiohttp.ClientSession() as session, session.get(f"http://{address[0]}:{address[1]}/sign-in") as got:
            assert got.status == 200, "the twin: whoever asks at once is served"


async def test_a_connection_that_is_idle_after_an_answer_is_closed_and_a_slow_answer_is_not(short_heads: None) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(1.5)
        return web.Response(text="done")

    async def socket(request: web.Request) -> web.WebSocketResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        async for message in answer:
            await answer.send_str(message.data)
        return answer

    app = web.Application()
    app.router.add_get("/slow", slow)
    app.router.add_get("/socket", socket)
    async with served(app) as address, aiohttp.ClientSession() as session:
        origin = f"http://{address[0]}:{address[1]}"
        async with session.ws_connect(origin + "/socket") as open_socket:
            answer = await trickle(address, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", b"", 1.0)
            assert answer.endswith(b"done")  # answered after the limit, then closed because nothing more came
            await open_socket.send_str("still here")
            assert await open_socket.receive_str(timeout=PATIENCE_S) == "still here"


async def test_behind_a_proxy_its_connections_are_left_to_it(short_heads: None) -> None:
    app = web.Application()

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app.router.add_get("/", hello)
    async with served(app, proxied=True) as address:
        reader, writer = await asyncio.open_connection(*address)
        request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        for pause_s in (1.2, 0.0):
            writer.write(request)
            assert (await asyncio.wait_for(reader.readuntil(b"hello"), PATIENCE_S)).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(pause_s)
        writer.close()


Post = Callable[[bytes, bytes, float], Awaitable[bytes]]


@pytest.fixture
async def post(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    """A body of 1,000 bytes for the API, its beginning and then a drop every so many seconds."""
    monkeypatch.setattr(app_module, "LOOK_EVERY_S", 0.5)
    monkeypatch.setattr(app_module, "LEAST_IN_A_LOOK", 10)
    monkeypatch.setattr(app_module, "BODY_WITHIN_S", 2.0)
    token = await scene.token("clerk")
    async with served(build(scene.parts)) as address:

        async def send(begin: bytes, drop: bytes, every_s: float) -> bytes:
            head = f"POST /api/cases HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
            head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
            return await trickle(address, head.encode() + begin, drop, every_s)

        yield send


@pytest.mark.parametrize(
    ("begin", "drop", "every_s"),
    [
        (b'{"title"', b"", 1.0),  # nothing more comes
        (b'{"title"', b" ", 0.2),  # a byte now and then
        (b"", b" " * 20, 0.2),  # enough in each look, but not all of it before the end
    ],
)
async def test_a_body_that_does_not_end_is_told_408(post: Post, begin: bytes, drop: bytes, every_s: float) -> None:
    assert (await post(begin, drop, every_s)).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_comes_slowly_enough_is_read(post: Post) -> None:
    answer = await post(b"{" + b" " * 399, b" " * 100, 0.2)
    assert answer.startswith(b"HTTP/1.1 422 ")  # it was read to its end, and found wanting
