"""Attacks off the beaten track: parallel replays, WebSocket below the messages, odd names.

Rule: as in the other attacks, beside what is refused stands what is taken.
"""

import asyncio
import base64
import json
import os
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.product import attack_http
from tests.product.attack_house import Court, House
from tests.product.attack_sdp import offer
from tests.product.attack_socket import KB, Raw

INVITED = "ks1"
ENDED_WITHIN_S = 9.0


async def check_parallel_replays(house: House, court: Court) -> None:
    """One invitation, twenty requests at the same moment by both doors: one session, and the others are told so."""
    code = court.codes[INVITED]
    async with attack_http.elsewhere(house, "127.0.0.40") as one, attack_http.elsewhere(house, "127.0.0.41") as other:
        answers = await asyncio.gather(
            *(attack_http.exchange(one, code) for _ in range(10)),
            *(attack_http.join(other, code) for _ in range(10)),
        )
    good = [answer for answer in answers if answer.status in (200, 303)]
    assert len(good) == 1, [answer.status for answer in answers]
    assert {answer.status for answer in answers} - {good[0].status} <= {410, 429}
    if good[0].status == 200:
        house.secrets.add(good[0].json["token"])
    else:
        house.secrets.add(good[0].headers["Set-Cookie"].split("session=")[1].split(";")[0])


def frame(opcode: int, body: bytes = b"", *, final: bool = True, bits: int = 0, masked: bool = True) -> bytes:
    """One WebSocket frame as it stands on the wire."""
    head = bytes([(0x80 if final else 0) | bits | opcode])
    mark = 0x80 if masked else 0
    if len(body) < 126:
        head += bytes([mark | len(body)])
    elif len(body) < 1 << 16:
        head += bytes([mark | 126]) + struct.pack("!H", len(body))
    else:
        head += bytes([mark | 127]) + struct.pack("!Q", len(body))
    return head + ((b"\0\0\0\0" + body) if masked else body)  # a mask of zeros changes nothing


def squeezed(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return (packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


@asynccontextmanager
async def wire(
    house: House, extensions: str = "permessage-deflate"
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A socket after a good handshake that offered `extensions`; what comes next is ours."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.product.port)
    try:
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{house.product.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Extensions: {extensions}\r\n\r\n".encode()
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert b" 101 " in head.split(b"\r\n")[0], head
        yield reader, writer
    finally:
        writer.close()


async def ends(house: House, what: str, sent: bytes) -> None:
    async with wire(house) as (reader, writer):
        writer.write(sent)
        try:
            async with asyncio.timeout(ENDED_WITHIN_S):
                while await reader.read(64 * KB):
                    pass
        except ConnectionError:
            pass
        except TimeoutError:
            raise AssertionError(f"{what}: the connection stayed open") from None


async def check_frames_below(house: House, token: str) -> None:
    """Frames that break WebSocket itself: the connection ends, at once or as a silent one does."""
    hello = b"40/hearing," + json.dumps({"token": token}).encode()
    bomb = squeezed(b"4" + b"A" * 30_000_000)
    assert len(bomb) < 64 * KB
    cases = (
        ("not masked", frame(1, hello, masked=False)),
        ("a reserved bit", frame(1, hello, bits=0x20)),
        ("an unknown opcode", frame(3, hello)),
        ("a continuation of nothing", frame(0, hello)),
        ("a new message in the middle of one", frame(1, b"4", final=False) + frame(1, b"0")),
        ("a control frame in pieces", frame(9, b"x", final=False)),
        ("a control frame too long", frame(9, b"x" * 200)),
        ("a length without end", bytes([0x81, 0xFF]) + struct.pack("!Q", (1 << 63) - 1) + b"\0\0\0\0" + b"A" * 1000),
        ("a length above the limit", bytes([0x81, 0xFF]) + struct.pack("!Q", 1 << 30) + b"\0\0\0\0"),
        ("no UTF-8", frame(1, b"4\xff\xfe\xed\xa0\x80")),
        ("a close with a wrong code", frame(8, struct.pack("!H", 5))),
        ("a close that is no text", frame(8, struct.pack("!H", 1000) + b"\xff")),
        ("a bomb", frame(1, bomb, bits=0x40)),
        ("a broken squeeze", frame(1, b"\xff" * 100, bits=0x40)),
        ("a message of endless pieces", frame(1, b"4", final=False) + frame(0, b"A" * 1000, final=False) * 300),
        ("a message that never ends", frame(1, hello, final=False)),
        ("pings without end", frame(9, b"x") * 3000),
        ("HTTP again", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    )
    await asyncio.gather(*(ends(house, what, sent) for what, sent in cases))
    async with wire(house, extensions="") as (reader, writer):  # the twin: masked and whole, it is understood
        writer.write(frame(1, hello))
        async with asyncio.timeout(10):
            await reader.readuntil(b"40/hearing")


async def check_odd_ids(court: Court, token: str) -> None:
    """Names of things that would lead out of a folder or out of a line: refused, or only a name."""
    good, sources = await offer()
    before = {path for path in court.house.product.data.rglob("*") if "evil" in path.name}
    for odd in ("../../evil", "/tmp/evil", "evil\\..\\x", "\u202eevil"):
        for message in (
            ("signal", {"type": "publish", "sdp": good, "sources": [{**sources[0], "source": odd}]}),
            ("signal", {"type": "publish", "sdp": good, "sources": [{**sources[0], "label": odd}]}),
            ("command", {"op_id": odd, "name": "RaiseHand", "args": {"reason": "speak", "text": odd}}),
        ):
            async with Raw(court.house) as one:
                await one.enter(token, court.hearing)
                answer = await one.ask(*message)
                assert answer is None or answer.get("refused") != "internal", (odd, message[0], answer)
        async with Raw(court.house) as one:
            await (await one.open()).sign_in(token)
            answer = await one.ask("hello", {"hearing": odd})
            assert answer is None or set(answer) <= {"refused", "malformed"}, (odd, answer)
    found = {path for path in court.house.product.data.rglob("*") if "evil" in path.name}
    assert found == before == set(), found
    async with Raw(court.house) as one:
        await one.enter(token, court.hearing)
        await one.command("LowerHand", {})
