"""A TURN client that says exactly what a test wants it to say (RFC 8656), also what no browser would."""

import asyncio
import base64
import hashlib
import hmac
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from aioice import stun
from aioice.stun import Class, Message, Method

UDP = 17 << 24
PATIENCE_S = 3.0


def credential(secret: bytes, *, ends_in_s: float = 300.0, label: str = "test") -> tuple[str, str]:
    """What coturn's `use-auth-secret` expects: (user name, password)."""
    username = f"{int(time.time() + ends_in_s)}:{label}"
    return username, base64.b64encode(hmac.new(secret, username.encode(), hashlib.sha1).digest()).decode()


class Answered(Exception):
    """The server said no; `code` is its error code."""

    def __init__(self, method: Method, code: int) -> None:
        super().__init__(f"{method.name}: {code}")
        self.code = code


class TurnClient(asyncio.DatagramProtocol):
    """One allocation over UDP. `async with` it; every request raises `Answered` when it is refused."""

    def __init__(self, server: tuple[str, int], username: str, password: str) -> None:
        self.server, self.username, self.password = server, username, password
        self.realm, self.nonce = "", b""
        self.relayed: tuple[str, int] = ("", 0)
        self.data: list[tuple[tuple[str, int], bytes]] = []
        self._waiting: dict[bytes, asyncio.Future[Message]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> "TurnClient":
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=self.server)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if data[0] & 0xC0 == 0x40:  # ChannelData
            number, length = struct.unpack_from("!HH", data)
            self.data.append((("channel", number), data[4 : 4 + length]))
            return
        message = stun.parse_message(data)
        if (future := self._waiting.pop(message.transaction_id, None)) is not None:
            future.set_result(message)
        elif message.message_method is Method.DATA:
            self.data.append((message.attributes["XOR-PEER-ADDRESS"], message.attributes["DATA"]))

    async def ask(self, method: Method, **attributes: Any) -> Message:
        """The answer to a request, signed once the server has said with what."""
        for _ in range(2):
            request = Message(method, Class.REQUEST)
            request.attributes.update({name.replace("_", "-"): value for name, value in attributes.items()})
            if self.nonce:
                request.attributes |= {"USERNAME": self.username, "REALM": self.realm, "NONCE": self.nonce}
                key = f"{self.username}:{self.realm}:{self.password}".encode()
                request.add_message_integrity(hashlib.md5(key).digest())
            answer = await self._transact(request)
            if answer.message_class is Class.RESPONSE:
                return answer
            code = answer.error_code or 0
            fresh = answer.attributes.get("NONCE", b"")
            if code not in (401, 438) or not fresh or (code == 401 and self.nonce):
                break
            self.nonce, self.realm = fresh, answer.attributes["REALM"]
        raise Answered(method, code)

    async def _transact(self, request: Message) -> Message:
        assert self._transport is not None
        future = self._waiting[request.transaction_id] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(PATIENCE_S):
            while not future.done():
                self._transport.sendto(bytes(request))
                await asyncio.wait([future], timeout=0.5)
            return future.result()

    async def allocate(self) -> None:
        answer = await self.ask(Method.ALLOCATE, REQUESTED_TRANSPORT=UDP, LIFETIME=600)
        self.relayed = answer.attributes["XOR-RELAYED-ADDRESS"]

    async def refresh(self, lifetime_s: int = 600) -> None:
        await self.ask(Method.REFRESH, LIFETIME=lifetime_s)

    async def permit(self, host: str) -> None:
        await self.ask(Method.CREATE_PERMISSION, XOR_PEER_ADDRESS=(host, 0))

    async def bind(self, channel: int, peer: tuple[str, int]) -> None:
        await self.ask(Method.CHANNEL_BIND, CHANNEL_NUMBER=channel, XOR_PEER_ADDRESS=peer)

    def send(self, peer: tuple[str, int], data: bytes) -> None:
        """A Send indication: nobody answers it."""
        assert self._transport is not None
        message = Message(Method.SEND, Class.INDICATION)
        message.attributes |= {"XOR-PEER-ADDRESS": peer, "DATA": data}
        self._transport.sendto(bytes(message))

    def send_channel(self, channel: int, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(struct.pack("!HH", channel, len(data)) + data)


class Ear:
    """A UDP socket at `host` that keeps what it hears, and answers it when told to."""

    def __init__(self, host: str, *, answers: Callable[[bytes], bytes] | None = None) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.setblocking(False)
        self.address: tuple[str, int] = self.socket.getsockname()
        self.heard: list[bytes] = []
        self._answers = answers

    def __enter__(self) -> "Ear":
        asyncio.get_running_loop().add_reader(self.socket, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()

    def _read(self) -> None:
        data, sender = self.socket.recvfrom(2048)
        self.heard.append(data)
        if self._answers is not None:
            self.socket.sendto(self._answers(data), sender)
