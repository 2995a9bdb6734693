"""The test network, measured over real devices: what was set is what the kernel's packets meet."""

import socket
import statistics
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import network
from tests.support.link import Conditions
from tests.support.network import CUT, PERFECT, Network

STAMP = struct.Struct("!Id")
TIME = struct.Struct("qq")
TIMESTAMPS = 35  # SO_TIMESTAMPNS: the kernel says when a datagram arrived, however late this process wakes up
HEADERS = 42  # Ethernet, IPv4, UDP


@pytest.fixture
def line() -> Iterator[Network]:
    with network.line() as found:
        yield found


class Probe:
    """Numbered, dated datagrams from the far end to this one."""

    def __init__(self, line: Network) -> None:
        self.taker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.taker.bind((line.here, 0))
        self.taker.settimeout(0.5)
        self.taker.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)
        self.sender = line.socket()
        self.sender.connect(self.taker.getsockname())
        self._send(0, 0)
        self.taker.recv(2048)  # who has which hardware address is asked once, and is no part of a measurement

    def _send(self, number: int, size: int) -> None:
        self.sender.send(STAMP.pack(number, time.time()) + bytes(size))

    def run(self, count: int, every: float, size: int = 0) -> dict[int, tuple[float, float]]:
        """number -> (milliseconds under way, when it arrived) of what arrived."""
        found: dict[int, tuple[float, float]] = {}

        def take() -> None:
            try:
                while True:
                    data, [(_, _, stamp)], _, _ = self.taker.recvmsg(2048, 64)
                    seconds, nanoseconds = TIME.unpack(stamp)
                    number, sent = STAMP.unpack_from(data)
                    found[number] = ((seconds + nanoseconds / 1e9 - sent) * 1000, seconds + nanoseconds / 1e9)
            except TimeoutError:
                pass

        taking = threading.Thread(target=take)
        taking.start()
        start = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, start + number * every - time.monotonic()))
            self._send(number, size)
        taking.join()
        return found

    def close(self) -> None:
        self.taker.close()
        self.sender.close()


@pytest.fixture
def probe(line: Network) -> Iterator[Probe]:
    found = Probe(line)
    yield found
    found.close()


def test_a_perfect_line_loses_nothing_and_adds_next_to_nothing(line: Network, probe: Probe) -> None:
    before = line.link.set(PERFECT)
    there = probe.run(500, 0.002)
    up = line.link.counters()["up"] - before["up"]
    assert len(there) == 500 and up.sent >= 500 and up.lost == 0
    assert statistics.median(late for late, _ in there.values()) < 2


def test_delay_and_jitter_are_as_set(line: Network, probe: Probe) -> None:
    line.link.set(Conditions(delay_ms=150, jitter_ms=15, reorder=True))
    late = sorted(late for late, _ in probe.run(600, 0.003).values())
    lower, middle, upper = statistics.quantiles(late, n=4)
    deviation = (upper - lower) / 1.349  # of a normal distribution, without the few that a busy machine held up
    print(f"\nset 150 +- 15 ms: median {middle:.1f}, deviation {deviation:.1f} ms")
    assert len(late) == 600
    assert middle == pytest.approx(150, abs=3)
    assert deviation == pytest.approx(15, abs=3)


def test_loss_is_as_set_and_is_all_that_is_lost(line: Network, probe: Probe) -> None:
    before = line.link.set(Conditions(loss_pct=10, burst=3))
    there = probe.run(1500, 0.001)
    up = line.link.counters()["up"] - before["up"]
    print(f"\nset 10%: {1500 - len(there)} of 1500 missing, {up.lost} lost by the emulator's count")
    # Of the kernel's own frames (neighbours, routers) one may be among the lost.
    assert 0 <= up.lost - (1500 - len(there)) <= 5
    assert 100 * up.lost / up.received == pytest.approx(10, abs=3.5)


def test_the_rate_is_as_set(line: Network, probe: Probe) -> None:
    before = line.link.set(Conditions(rate_kbps=2000, limit=20))
    there = probe.run(1000, 0.0015, size=988)
    up = line.link.counters()["up"] - before["up"]
    arrived = sorted(at for _, at in there.values())
    kbps = (len(arrived) - 1) * 8 * (1000 + HEADERS) / (arrived[-1] - arrived[0]) / 1000
    print(f"\nset 2000 kbit/s: {kbps:.0f}, {up.overflowed} dropped")
    assert kbps == pytest.approx(2000, rel=0.03)
    assert up.overflowed > 300


def test_a_cut_line_passes_nothing_and_a_mended_one_everything(line: Network, probe: Probe) -> None:
    before = line.link.set(CUT)
    assert probe.run(50, 0.002) == {}
    assert (line.link.counters()["up"] - before["up"]).cut >= 50
    line.link.set(PERFECT)
    assert len(probe.run(50, 0.002)) == 50


def test_the_two_ways_are_set_apart(line: Network, probe: Probe) -> None:
    line.link.set(up=PERFECT, down=CUT)
    assert len(probe.run(50, 0.002)) == 50
    assert line.link.counters()["down"].sent < 50


def test_the_far_end_moves_to_another_address(line: Network, probe: Probe) -> None:
    old = line.there
    line.move()
    assert line.there != old and f" {old}/" not in line.run("ip", "-4", "addr")
    with pytest.raises(OSError):
        probe.sender.send(b"from the old one")
    with line.socket() as sender:
        sender.sendto(b"from the new one", probe.taker.getsockname())
        assert probe.taker.recvfrom(100)[1][0] == line.there


def test_nothing_is_left_behind_even_by_a_run_that_fails() -> None:
    with pytest.raises(RuntimeError), network.line() as found:
        assert Path("/run/netns", found.name).exists()
        raise RuntimeError
    assert not Path("/run/netns", found.name).exists()
    devices = subprocess.run(["ip", "-o", "link"], check=True, capture_output=True, text=True).stdout
    assert found.device.replace("hf", "hn", 1) not in devices
