"""Three thousand mutated descriptions given to a real media process: it lives, answers soon, and keeps nothing."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hearing.errors import Malformed
from signaling import control
from signaling.link import NodeFailed, NodeLink
from tests.signaling.media.test_process import greet
from tests.signaling.media.test_sdp import AIORTC, CHROMIUM, FIREFOX
from tests.support.mutations import answer_to, mutations

CASES, WARM = 3000, 1500
SLOWEST_S = 0.5
"""Of the process's own time on a processor, which does not depend on what else the machine does."""

KEPT_KB = 12_000
"""Growth allowed in the second half: the heap settles after about 4,500 cases; connections that stay would be 60 MB."""

ROOT = Path(__file__).parents[3]


@dataclass
class Node:
    """The process and what it answered: how often it took a description, refused it, or failed (never, it should)."""

    link: NodeLink
    pid: int
    lost: asyncio.Event
    taken: int = 0
    refused: int = 0
    failed: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    peers: int = 0

    async def asks(self, request: control.Request[control.R]) -> None:
        began = self.cpu_s()
        try:
            await asyncio.wait_for(self.link.ask(request), 60)
            self.taken += 1
        except Malformed:
            self.refused += 1
        except NodeFailed as error:
            self.failed.append(str(error))
        if not self.lost.is_set():
            self.slowest_s = max(self.slowest_s, self.cpu_s() - began)

    async def offered(self, sdp: str) -> None:
        self.peers += 1
        peer, seat = f"p{self.peers}", f"seat{self.peers % 40}"
        await self.link.ask(control.CreatePeer(peer=peer, room="room", seat=seat, direction="pub"))
        sources = {"0": f"{seat}-mic", "1": f"{seat}-cam"}
        await self.asks(control.Offer(peer=peer, sdp=sdp, sources=sources))

    async def answered(self, mutated: str) -> None:
        """`mutated` is made of an offer to another listener: its mids fit, its credentials are nobody's."""
        self.peers += 1
        peer = f"s{self.peers}"
        seat = f"listener{self.peers % 40}"
        await self.link.ask(control.CreatePeer(peer=peer, room="room", seat=seat, direction="sub"))
        offer = await self.link.ask(control.MakeOffer(peer=peer))
        await self.asks(control.AcceptAnswer(peer=peer, offer=offer.offer, sdp=mutated))

    async def people(self) -> int:
        state = await self.link.ask(control.Hello(generation=1))
        return sum(len(room.peers) for room in state.rooms)

    def cpu_s(self) -> float:
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def memory_kb(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def files(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))


@pytest.fixture
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Node]:
    path, lost = tmp_path / "media.sock", asyncio.Event()
    command = [sys.executable, "-m", "tests.signaling.media.mutated_child", str(path), getattr(request, "param", "")]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        link = await greet(path, 1, lost)
        await link.ask(control.OpenRoom(room="room", hearing_ms=0, directory=str(tmp_path)))
        yield Node(link, process.pid, lost)
        await link.close()
    finally:
        process.kill()
        await process.wait()


async def empty(node: Node) -> None:
    """Whoever brought no media has been given up."""
    end = time.monotonic() + 60
    while await node.people():
        assert time.monotonic() < end, "connections that were never used stay"
        await asyncio.sleep(0.2)


async def test_three_thousand_mutated_descriptions_leave_nothing_behind(node: Node) -> None:
    await node.offered(CHROMIUM)
    await node.link.ask(control.CreatePeer(peer="model", room="room", seat="model", direction="sub"))
    edges = tuple((f"seat1-{name}", "model", kind) for name, kind in (("mic", "audio"), ("cam", "video")))
    await node.link.ask(control.SetEdges(room="room", version=1, edges=edges))
    model = answer_to((await node.link.ask(control.MakeOffer(peer="model"))).sdp)
    await node.asks(control.AcceptAnswer(peer="model", offer=1, sdp=model))
    assert node.taken == 2 and not node.refused, "the unchanged ones are taken"
    before = (0, 0)
    for number, sdp in enumerate(mutations([CHROMIUM, AIORTC, FIREFOX, model], CASES, 2026)):
        if number == WARM:
            await empty(node)
            before = (node.memory_kb(), node.files())
        await (node.answered(sdp) if number % 4 == 3 else node.offered(sdp))
    assert not node.failed, node.failed[:5]
    assert node.taken + node.refused == CASES + 2
    assert node.taken > 200 and node.refused > 200, "the mutations neither all pass nor all fail"
    assert node.slowest_s < SLOWEST_S
    await empty(node)
    after = (node.memory_kb(), node.files())
    assert after[1] == before[1], "open files"
    assert after[0] - before[0] < KEPT_KB, f"{before[0]} -> {after[0]} kB"
    assert not node.lost.is_set(), "the process has ended"
    taken = node.taken
    await node.offered(CHROMIUM)
    assert node.taken == taken + 1, "and it still works"


@pytest.mark.parametrize("node", ["careless"], indirect=True)
async def test_a_careless_server_would_have_been_seen(node: Node) -> None:
    """The twin: it fails inside where ours refuses, and keeps whoever brought nothing."""
    for number, sdp in enumerate(mutations([CHROMIUM, AIORTC], 300, 2026)):
        if number == 3:
            assert await node.people() > 0
            await asyncio.sleep(2.5)
            assert await node.people() > 0
        await node.offered(sdp)
    assert node.failed
