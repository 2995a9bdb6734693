"""Attacks at the media port, by those who have only its address: garbage, STUN without integrity, DTLS, floods.

Rule: silence is the answer to all of it, and silence proves nothing by itself; so a request with the right password is
sent from the same stranger's socket, and answered, and what was sent is counted on our side.
"""

import asyncio
import re
import secrets
import socket
import struct
import time
from dataclasses import dataclass

from aioice import stun
from OpenSSL import SSL

from tests.product.attack_house import Court, House
from tests.product.attack_socket import SEAT
from web.demo.client import CourtClient
from web.demo.picture import draw
from web.demo.robot import Robot

SILENCE_S = 0.4
FLOOD, FLOOD_S = 6000, 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """The media port, and the credentials of one robot's sending connection."""

    port: int
    ufrag: str
    password: str


def target(robot: Robot) -> Target:
    sdp = robot.publisher.connection.remoteDescription.sdp
    port = re.search(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host", sdp)
    ufrag, password = re.search(r"a=ice-ufrag:(\S+)", sdp), re.search(r"a=ice-pwd:(\S+)", sdp)
    assert port and ufrag and password, sdp
    return Target(int(port[1]), ufrag[1], password[1])


def stranger() -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind(("127.0.0.1", 0))
    found.setblocking(False)
    return found


def binding(user: str, password: str | None) -> bytes:
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    message.attributes["USERNAME"] = user
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 1
    if password is not None:
        message.add_message_integrity(password.encode())
    return bytes(message)


def client_hello() -> bytes:
    """A real one, as OpenSSL writes it."""
    engine = SSL.Connection(SSL.Context(SSL.DTLS_METHOD))
    engine.set_connect_state()
    try:
        engine.do_handshake()
    except SSL.WantReadError:
        pass
    return engine.bio_read(4096)


def hostile(aim: Target) -> dict[str, bytes]:
    good = binding(f"{aim.ufrag}:x", aim.password)
    bare = binding(f"{aim.ufrag}:x", None)
    return {
        "nothing": b"",
        "a zero": b"\0",
        "one byte of DTLS": b"\x16",
        "one byte of RTP": b"\x80",
        "two bytes": b"\x80\x60",
        "looks like RTP": b"\x80\x60" + secrets.token_bytes(200),
        "looks like RTCP": b"\x80\xc8\x00\x06" + secrets.token_bytes(24),
        "a BYE": b"\x81\xcb\x00\x01" + secrets.token_bytes(4),
        "a fatal alert": b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28",
        "a close alert": b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x01\x00",
        "a ClientHello": client_hello(),
        "half a ClientHello": client_hello()[:40],
        "garbage after the handshake": b"\x17\xfe\xfd" + secrets.token_bytes(60),
        "STUN without integrity": bare,
        "STUN with a wrong password": binding(f"{aim.ufrag}:x", "0" * 32),
        "STUN for nobody": binding("nobody00:x", aim.password),
        "STUN with a wrong length": good[:2] + struct.pack("!H", 4000) + good[4:],
        "STUN cut off": good[:30],
        "STUN with a torn attribute": bare[:20] + b"\x00\x06\xff\xff" + b"A" * 8,
        "STUN with a user name that is no text": bare.replace(aim.ufrag.encode(), b"\xff" * len(aim.ufrag)),
        "a STUN error": b"\x01\x11" + good[2:],
        "a STUN answer": b"\x01\x01" + good[2:],
        "a TURN allocation": b"\x00\x03" + good[2:],
        "the largest": secrets.token_bytes(60_000),
        "an unknown first byte": b"\x50" + secrets.token_bytes(100),
    }


async def answered(attacker: socket.socket, patience_s: float = SILENCE_S) -> bytes | None:
    loop = asyncio.get_running_loop()
    try:
        return await asyncio.wait_for(loop.sock_recv(attacker, 2048), patience_s)
    except TimeoutError:
        return None


async def check_datagrams(court: Court) -> None:
    """Each kind from an address of its own: nothing comes back, not even an error."""
    aim = target(court.robots["tp1"])
    attackers = {what: (stranger(), datagram) for what, datagram in hostile(aim).items()}
    try:
        for attacker, datagram in attackers.values():
            for _ in range(3):
                assert attacker.sendto(datagram, ("127.0.0.1", aim.port)) == len(datagram)
        await asyncio.sleep(SILENCE_S)
        for what, (attacker, _) in attackers.items():
            assert await answered(attacker, 0.01) is None, f"{what} was answered"
        # The twin: the same sockets reach the port, and the right password is answered.
        for attacker, _ in list(attackers.values())[:3]:
            attacker.sendto(binding(f"{aim.ufrag}:x", aim.password), ("127.0.0.1", aim.port))
            assert await answered(attacker, 2.0) is not None, "the control was not answered: the port was not reached"
    finally:
        for attacker, _ in attackers.values():
            attacker.close()


def udp(source: tuple[str, int], target: tuple[str, int], data: bytes) -> bytes:
    """A UDP packet with a forged sender, for a raw socket."""
    header = struct.pack("!HHHH", source[1], target[1], 8 + len(data), 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(data), 0, 0, 64, socket.IPPROTO_UDP, 0,
                     socket.inet_aton(source[0]), socket.inet_aton(target[0]))  # fmt: skip
    return ip + header + data


async def check_forged_sender(court: Court) -> None:
    """From the robot's own address, as one on the same network could: dropped by SRTP and DTLS, the call goes on."""
    robot = court.robots["tp1"]
    aim = target(robot)
    ice = robot.publisher.connection.getSenders()[0].transport.transport._connection
    source, server = ice._nominated[1].local_addr, ice._nominated[1].remote_addr
    assert server[1] == aim.port, "the robot sends elsewhere"
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    try:
        sent = 0
        for datagram in hostile(aim).values():
            if len(datagram) < 1400:
                for _ in range(3):
                    raw.sendto(udp(source, server, datagram), (server[0], 0))
                    sent += 1
        assert sent > 60
    finally:
        raw.close()


async def check_flood(court: Court) -> None:
    """Thousands a second of garbage of three kinds from strangers; what was sent is counted here."""
    aim = target(court.robots["tp1"])
    kinds = [hostile(aim)[what] for what in ("looks like RTP", "a ClientHello", "STUN with a wrong password")]

    def pour() -> int:
        attackers = [stranger() for _ in range(3)]
        sent, began = 0, time.monotonic()
        try:
            while sent < FLOOD:
                for attacker, datagram in zip(attackers, kinds, strict=True):
                    try:
                        attacker.sendto(datagram, ("127.0.0.1", aim.port))
                        sent += 1
                    except BlockingIOError:
                        pass
                ahead = sent / FLOOD * FLOOD_S - (time.monotonic() - began)
                if ahead > 0.01:
                    time.sleep(ahead)
        finally:
            for attacker in attackers:
                attacker.close()
        return sent

    assert await asyncio.to_thread(pour) >= FLOOD


async def check_handshake(house: House, court: Court) -> None:
    """A newcomer's handshake succeeds while strangers throw ClientHellos and alerts at the port."""
    client = CourtClient(house.origin, await house.token(SEAT), court.hearing, reconnect=False)
    loop = await asyncio.to_thread(draw, (10, 80, 90), (90, 20, 20))
    robot = Robot(person=SEAT, role="victim", seat=court.seats[SEAT], client=client, loop=loop)
    aim = target(court.robots["tp1"])
    kinds = [hostile(aim)[what] for what in ("a ClientHello", "half a ClientHello", "a fatal alert", "a close alert")]
    attackers = [stranger() for _ in kinds]
    sent = 0

    async def throw() -> None:
        nonlocal sent
        while True:
            for attacker, datagram in zip(attackers, kinds, strict=True):
                attacker.sendto(datagram, ("127.0.0.1", aim.port))
                sent += 1
            await asyncio.sleep(0.002)

    throwing = asyncio.ensure_future(throw())
    try:
        await robot.open_devices()
        end = time.monotonic() + 8
        while robot.publisher.connection.connectionState != "connected":
            assert time.monotonic() < end, robot.publisher.connection.connectionState
            await asyncio.sleep(0.02)
    finally:
        throwing.cancel()
        await asyncio.gather(throwing, return_exceptions=True)
        for attacker in attackers:
            attacker.close()
        await robot.leave()
    assert sent > 40, sent
