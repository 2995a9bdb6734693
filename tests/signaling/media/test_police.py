"""How much one connection may send: within its limit nothing is lost, above it no more than the limit gets through."""

from typing import Any

import pytest

from signaling.media.icelite import Agent, IceTable
from signaling.media.police import PUBLISHER, Limit, Police

pytestmark = pytest.mark.pure

TICK = 0.1


class Peer:
    def __init__(self) -> None:
        self.taken = self.handshakes = self.moves = 0

    def take_srtp(self, pointer: Any, length: int, control: bool, now: float) -> str | None:
        self.taken += 1
        return None

    def take_dtls(self, data: bytes) -> bool:
        self.handshakes += 1
        return True

    def address_chosen(self, address: bytes) -> None:
        self.moves += 1


class Wire:
    """One connection: what `mux` does with each packet, and the tick of the process."""

    def __init__(self, limit: Limit) -> None:
        self.peer = Peer()
        self.agent = Agent(IceTable(), self.peer, 0.0)
        self.police = Police(self.peer, self.agent, limit, 0.0)
        self.now = 0.0
        self.dropped: list[str] = []

    def sends(self, packets: int, size: int, *, seconds: float) -> int:
        """`packets` a second for so long; returns how many were taken."""
        before = self.peer.taken
        for _ in range(round(seconds / TICK)):
            for _ in range(round(packets * TICK)):
                self.agent.packets += 1
                self.agent.bytes += size
                owner: Any = self.agent.owner
                if reason := owner.take_srtp(None, size, False, self.now):
                    self.dropped.append(reason)
            self.now += TICK
            self.police.look(self.now)
        return self.peer.taken - before


def test_within_the_limit_nothing_is_lost_not_even_of_a_burst() -> None:
    wire = Wire(PUBLISHER)
    wire.sends(1_000, 1_000, seconds=5)
    wire.sends(2 * PUBLISHER.packets, 400, seconds=0.4)  # a key frame with all that was repaired
    wire.sends(1_000, 1_000, seconds=5)
    assert wire.dropped == []


@pytest.mark.parametrize(("packets", "size", "allowed"), [(8_000, 100, 1_000), (900, 1_200, 250)])
def test_a_flood_gets_through_at_the_limit_and_what_follows_is_heard_again(
    packets: int, size: int, allowed: int
) -> None:
    limit = Limit(packets=1_000, bytes=300_000)
    wire = Wire(limit)
    taken = wire.sends(packets, size, seconds=20)
    burst = allowed + packets * TICK  # one bucket, and what came before the first look
    assert allowed * 20 * 0.9 <= taken <= allowed * 20 + burst
    assert set(wire.dropped) == {"rate"} and len(wire.dropped) == packets * 20 - taken
    wire.sends(10, 50, seconds=2)
    wire.dropped.clear()
    wire.sends(100, 200, seconds=3)
    assert wire.dropped == [], "once it behaves it is heard again"


def test_without_police_a_flood_is_taken_whole() -> None:
    wire = Wire(Limit(packets=1 << 30, bytes=1 << 40))
    assert wire.sends(8_000, 100, seconds=2) == 16_000


def test_who_floods_still_shakes_hands_and_changes_address() -> None:
    wire = Wire(Limit(packets=10, bytes=1_000))
    wire.sends(1_000, 100, seconds=1)
    owner: Any = wire.agent.owner
    assert owner is not wire.peer
    assert owner.take_dtls(b"x") and wire.peer.handshakes == 1
    owner.address_chosen(b"y")
    assert wire.peer.moves == 1
