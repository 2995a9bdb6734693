"""The floor under every server's cost: SRTP in place and a batched send of the same packets, and nothing else.

`python -m bench.floor ADDRESS SECONDS RATE PICTURES SOUNDS PORT...` is the program that is measured; `floor`
starts it and counts what arrives.
"""

import asyncio
import itertools
import json
import secrets
import socket
import struct
import sys
import time
from pathlib import Path
from typing import NamedTuple

from pylibsrtp import Policy, Session

from bench.line import RECEIVE_BUFFER
from bench.network import Network
from bench.packets import STAMP, make_audio, make_video
from signaling.media.batch import ADDRESS, SLOT, ReceiveBatch, SendBatch
from signaling.media.dtls import protect_rtp, srtp_ffi


class Burst(NamedTuple):
    """What leaves at once, so many packets for each listener; in between the process sleeps, as a server does."""

    listeners: int
    pictures: int
    sounds: int


BURSTS = {"96kpps": Burst(20, 8, 4), "6-way": Burst(6, 10, 5)}
"""By the load at whose pace they leave. That of a six-party room is what our server finds at a look, every 20 ms."""


async def floor(network: Network, directory: Path, seconds: float, burst: Burst, rate: int) -> dict[str, float]:
    """`floor_us` a packet at `rate` packets a second, and the share of the packets that `arrived`."""
    loop = asyncio.get_running_loop()
    batch = ReceiveBatch(64, 16)
    arrived = 0

    def read(descriptor: int) -> None:
        nonlocal arrived
        count = batch.size
        while count == batch.size:
            count = batch.receive(descriptor)
            arrived += count

    sockets = []
    for _ in range(burst.listeners):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((network.load_address, 0))
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        loop.add_reader(one.fileno(), read, one.fileno())
        sockets.append(one)
    try:
        ports = [str(one.getsockname()[1]) for one in sockets]
        numbers = [str(one) for one in (seconds, rate, burst.pictures, burst.sounds)]
        command = [sys.executable, "-m", "bench.floor", network.load_address, *numbers, *ports]
        log = directory / "floor.log"
        log.unlink(missing_ok=True)
        process = network.launch(command, directory, log)
        assert await asyncio.to_thread(process.wait) == 0, log.read_text()
        await asyncio.sleep(0.2)
    finally:
        for one in sockets:
            loop.remove_reader(one.fileno())
            one.close()
    told = json.loads(log.read_text())
    return {"floor_us": told["floor_us"], "arrived": arrived / told["packets"]}


def measure(address: str, seconds: float, rate: int, burst: Burst, ports: list[int]) -> dict[str, float]:
    """Send bursts for `seconds`; packets are protected over and over where they lie, so that nothing is copied."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setblocking(False)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, RECEIVE_BUFFER)
    packets = _packets(burst)
    size = len(packets) * len(ports)
    batch = SendBatch(size, 16, sender.fileno())
    keys = [Session(_policy()) for _ in ports]
    lengths, whole = srtp_ffi.new("int[]", size), srtp_ffi.new("int[]", size)
    order = list(itertools.product(packets, range(len(ports))))
    for slot, (packet, listener) in enumerate(order):
        batch.view[slot * SLOT : slot * SLOT + len(packet)] = packet
        name = socket.AF_INET.to_bytes(2, sys.byteorder) + ports[listener].to_bytes(2, "big")
        batch.names[slot * ADDRESS : slot * ADDRESS + 16] = name + socket.inet_aton(address) + bytes(8)
        whole[slot] = len(packet)
    pointers = [lengths + slot for slot in range(size)]
    sessions = [keys[listener]._srtp[0] for _, listener in order]
    sent, end = 0, time.monotonic() + seconds
    due = time.monotonic()
    before = time.process_time_ns()
    while due < end:
        srtp_ffi.memmove(lengths, whole, srtp_ffi.sizeof(lengths))
        failed = any(map(protect_rtp, sessions, batch.slots, pointers))
        assert not failed, "libsrtp refuses a packet"
        if not sent:
            for slot in range(size):
                batch.iov_words[2 * slot + 1] = lengths[slot]
        batch.count = size
        batch.flush()
        sent += size
        due += size / rate
        time.sleep(max(0.0, due - time.monotonic()))
    took = time.process_time_ns() - before
    assert not batch.dropped, f"the kernel refused {batch.dropped} packets"
    return {"floor_us": took / 1000 / sent, "packets": sent}


def _packets(burst: Burst) -> list[bytes]:
    """As they leave our server: a header extension of one word, and the stamp."""
    found = []
    for payload_type, payloads in ((96, make_video()[: burst.pictures]), (111, make_audio()[::25][: burst.sounds])):
        for number, packet in enumerate(payloads):
            payload = packet.payload if payload_type == 96 else packet.payload + bytes(STAMP.size)
            head = struct.pack("!BBHIIII", 0x90, payload_type, number, 0, payload_type, 0xBEDE0001, 0)
            found.append(head + payload)
    return found


def _policy() -> Policy:
    """What our server and Janus agree upon with the load."""
    policy = Policy(
        key=secrets.token_bytes(44),
        ssrc_type=Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    )
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return policy


if __name__ == "__main__":
    address, seconds, *numbers = sys.argv[1:]
    rate, pictures, sounds, *ports = (int(one) for one in numbers)
    print(json.dumps(measure(address, float(seconds), rate, Burst(len(ports), pictures, sounds), ports)))
