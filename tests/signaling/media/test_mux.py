"""The one socket: whom it serves, what it announces, and what happens when the kernel says no."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest

from signaling.media.batch import SLOT, SendBatch
from signaling.media.mux import FAULTS_TOLD, LONGEST_MEDIA, LONGEST_PAUSE, SHORTEST_PAUSE, Mux, pause


@pytest.fixture
def mux() -> Iterator[Mux]:
    found = Mux()
    yield found
    found.close()


def test_every_address_is_announced_and_loopback_last(mux: Mux) -> None:
    found = mux.announced(["203.0.113.9", "127.0.0.1"])
    assert found[:2] == ["203.0.113.9", "127.0.0.1"], "what is configured comes first"
    assert mux.announced([])[-1] == "127.0.0.1" and len(set(found)) == len(found)


def test_a_fixed_address_is_the_only_one() -> None:
    mux = Mux("127.0.0.1")
    assert mux.announced([]) == ["127.0.0.1"] and mux.announced(["198.51.100.1"]) == ["198.51.100.1", "127.0.0.1"]
    mux.close()


def test_a_port_in_use_is_an_error(mux: Mux) -> None:
    with pytest.raises(OSError):
        Mux("", mux.port)


def loopbacks() -> list[tuple[int, str]]:
    """Those of this machine: a container often has no IPv6, and there only IPv4 is served."""
    found = [(socket.AF_INET, "127.0.0.1")]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1", 0))
        found.append((socket.AF_INET6, "::1"))
    return found


@pytest.mark.parametrize(("family", "host"), loopbacks())
async def test_both_kinds_of_addresses_reach_the_one_socket(mux: Mux, family: int, host: str) -> None:
    mux.start()
    agent_address: list[bytes] = []

    class Owner:
        def address_chosen(self, address: bytes) -> None:
            agent_address.append(address)

    from signaling.media.icelite import Agent
    from tests.signaling.media.test_icelite import request

    agent = Agent(mux.ice, Owner(), 0.0)
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.bind((host, 0))
        loop = asyncio.get_running_loop()
        await loop.sock_sendto(client, request(agent), (host, mux.port))
        answer = await asyncio.wait_for(loop.sock_recv(client, 2000), 60)
        assert answer[:2] == b"\x01\x01" and len(agent_address) == 1
        mux.send_plain(b"hello", agent_address[0])
        assert await asyncio.wait_for(loop.sock_recv(client, 2000), 60) == b"hello"


async def test_a_fault_on_one_datagram_costs_the_others_of_its_batch_nothing(
    mux: Mux, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(data: bytes, address: bytes, now: float) -> bytes:
        if data[19:20] == b"!":
            raise LookupError("nobody has thought of this")
        return bytes(data)

    monkeypatch.setattr(mux.ice, "answer", answer)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.bind(("127.0.0.1", 0))
        for end in (b"!" * FAULTS_TOLD, b"a!b!c"):
            for letter in end:
                client.sendto(bytes(19) + bytes((letter,)), ("127.0.0.1", mux.port))
        mux.start()  # all of them are one batch
        loop = asyncio.get_running_loop()
        for letter in b"abc":
            answered = await asyncio.wait_for(loop.sock_recv(client, 2000), 60)
            assert answered[19] == letter
    assert mux.dropped["fault"] == FAULTS_TOLD + 2
    assert len(caplog.records) == FAULTS_TOLD, "the log cannot be filled"


async def test_a_datagram_that_has_waited_is_told_by_when_it_came(mux: Mux, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[float] = []
    monkeypatch.setattr(mux.ice, "answer", lambda data, address, now: came.append(now))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        sent = []
        for _ in range(3):
            sent.append(time.monotonic())
            client.sendto(bytes(20), ("127.0.0.1", mux.port))
            await asyncio.sleep(0.1)
        mux.start()
        async with asyncio.timeout(60):
            while len(came) < 3:
                await asyncio.sleep(0.01)
    assert came == pytest.approx(sent, abs=0.05)


async def test_a_clock_that_was_set_makes_no_arrival(mux: Mux, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[float] = []
    monkeypatch.setattr(mux.ice, "answer", lambda data, address, now: came.append(now))
    right = time.time
    for wrong in (-3600.0, 3600.0):
        monkeypatch.setattr(time, "time", lambda wrong=wrong: right() + wrong)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(bytes(20), ("127.0.0.1", mux.port))
        began = time.monotonic()
        mux.take_in()
        assert began <= came.pop() <= time.monotonic()


def test_packets_wait_for_each_other_when_that_saves_something() -> None:
    assert pause(4_500) == LONGEST_PAUSE, "six who hear one another"
    assert LONGEST_PAUSE > pause(9_000) > pause(18_000) > SHORTEST_PAUSE
    assert pause(57_000) == pause(96_000) == SHORTEST_PAUSE


def address(port: int, host: str = "127.0.0.1") -> bytes:
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host) + bytes(8)


def test_one_listener_who_cannot_be_reached_costs_the_others_nothing() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening,
    ):
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(60)
        port = listening.getsockname()[1]
        batch = SendBatch(8, 16, sending.fileno())
        for number in range(6):
            # A broadcast address is refused by the kernel without SO_BROADCAST.
            batch.plain(b"%d" % number, address(port, "255.255.255.255" if number in (0, 3) else "127.0.0.1"))
        batch.flush()
        assert [listening.recv(10) for _ in range(4)] == [b"1", b"2", b"4", b"5"]
        assert (batch.sent, batch.dropped, batch.count) == (4, 2, 0)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause so long that a busy machine does not take it for calm."""
    monkeypatch.setattr("signaling.media.mux.SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr("signaling.media.mux.LONGEST_PAUSE", 0.05)
    monkeypatch.setattr("signaling.media.mux.BUSY_GAP", 0.03)


async def test_a_busy_socket_is_looked_at_now_and_then_and_a_calm_one_wakes_us(mux: Mux, slow: None) -> None:
    mux.start()
    taken: list[int] = []
    take_in = mux.take_in

    def counted() -> int:
        taken.append(count := take_in())
        return count

    mux.take_in = counted  # type: ignore[method-assign]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for _ in range(300):
            client.sendto(bytes(20), ("127.0.0.1", mux.port))
            await asyncio.sleep(0.001)
        assert mux._look is not None and len(taken) < 150, "several are taken at once"
        async with asyncio.timeout(60):
            while mux._look is not None:
                await asyncio.sleep(0.01)
        looks = len(taken)
        await asyncio.sleep(0.4)
        assert len(taken) == looks and sum(taken) == 300, "nobody looks at a calm socket"
        client.sendto(bytes(20), ("127.0.0.1", mux.port))
        async with asyncio.timeout(60):
            while sum(taken) < 301:
                await asyncio.sleep(0.01)


async def test_a_fault_that_nobody_expects_does_not_end_the_looking(mux: Mux, slow: None) -> None:
    mux.start()
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context["exception"]))

    def fails(places: Iterator[int], now: float) -> None:
        raise ZeroDivisionError

    mux._take = fails  # type: ignore[method-assign]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        async with asyncio.timeout(60):
            while mux._look is None or len(faults) < 25:
                client.sendto(bytes(20), ("127.0.0.1", mux.port))
                await asyncio.sleep(0.001)
            looks = len(faults)
            while len(faults) < looks + 3:
                client.sendto(bytes(20), ("127.0.0.1", mux.port))
                await asyncio.sleep(0.001)


@pytest.mark.parametrize(("leaving", "runs"), [(4_500, True), (1_500, False)])
async def test_where_much_leaves_it_leaves_in_runs_until_there_is_calm(mux: Mux, leaving: int, runs: bool) -> None:
    mux.start()
    taken = 1

    def take_in() -> int:
        mux.outgoing._sent += int(leaving * mux._pause) * taken
        return taken

    mux.take_in = take_in  # type: ignore[method-assign]
    asyncio.get_running_loop().remove_reader(mux.socket.fileno())
    for _ in range(200):
        mux._look_in()
    assert mux.outgoing.runs.possible and mux.outgoing._make_runs is runs
    taken = 0
    while mux._look is not None:
        mux._look_in()
    assert not mux.outgoing._make_runs


async def test_a_packet_for_which_a_slot_would_be_too_small_when_it_leaves_is_dropped(mux: Mux) -> None:
    taken: list[int] = []

    class Owner:
        def take_srtp(self, pointer: object, length: int, control: bool, now: float) -> None:
            taken.append(length)

    class Known:
        owner = Owner()
        packets = bytes = 0

    class Everybody(dict[bytes, Any]):
        def get(self, address: bytes, default: object = None) -> Any:  # type: ignore[override]
            return Known

    mux.ice.by_address = Everybody()
    mux.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for size in (LONGEST_MEDIA + 1, LONGEST_MEDIA, SLOT):
            client.sendto(b"\x80\x60" + bytes(size - 2), ("127.0.0.1", mux.port))
        async with asyncio.timeout(60):
            while mux.received < 3:
                await asyncio.sleep(0.01)
    assert taken == [LONGEST_MEDIA] and mux.dropped["long"] == 2
