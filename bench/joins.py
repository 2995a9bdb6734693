"""Does a server keep something of everybody who was there? Its memory before and after a hundred joins and leaves.

Two seats stay in a room. Another joins, sends, receives, and leaves; twenty times first, so that what a server
allocates once is not counted. Memory is the resident set of the server's process.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.line import Line, Sender, attribute, sections
from bench.network import LOAD_CORE, Network
from bench.packets import AUDIO_INTERVAL, VIDEO_INTERVAL, Feed, make_audio, make_video
from bench.servers import DESIGNS, Server

RESULTS = Path(__file__).parent / "results.json"
JOINS, BEFOREHAND, STAYING = 100, 20, 2
SETTLING = 3.0
"""Seconds after the last has left."""


class Room:
    """A room on one server, and who is in it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.room = str(secrets.randbelow(1 << 30) + 1)
        self._sound, self._picture = make_audio(), make_video()
        self._seats: dict[str, tuple[list[Line], Sender]] = {}
        self._joined = 0

    async def join(self, seat: str) -> None:
        """Publish, be heard, hear everybody else; returns when every stream has arrived."""
        line = Line(controlling=True)
        number = self._joined % 128
        self._joined += 1
        feeds = [
            Feed(2 * number, 111, secrets.randbits(31) | 1, AUDIO_INTERVAL, self._sound),
            Feed(2 * number + 1, 96, secrets.randbits(31) | 1, VIDEO_INTERVAL, self._picture),
        ]
        answer = await self._server.publish(self.room, seat, await line.offer(feeds))
        await line.connect(answer, server=attribute(sections(answer)[0], "setup") == "active")
        sender = Sender([(line, one) for one in feeds], stamped=True)
        sender.start()
        lines = [line]
        others = list(self._seats)
        self._seats[seat] = (lines, sender)
        await asyncio.sleep(0.1)
        if not others:
            return
        listener = Line(controlling=False)
        lines.append(listener)
        offers: list[str] = []

        async def answering(offer: str) -> str:
            offers.append(offer)
            return await listener.answer(offer)

        await self._server.subscribe(self.room, seat, others, answering)
        await listener.connect(offers[0], server=False)
        end = time.monotonic() + 10
        while len(listener.arrivals.numbers) < 2 * len(others):
            if time.monotonic() > end:
                raise TimeoutError(f"{seat} receives {len(listener.arrivals.numbers)} streams of {2 * len(others)}")
            await asyncio.sleep(0.02)

    async def leave(self, seat: str) -> None:
        lines, sender = self._seats.pop(seat)
        sender.stop()
        await self._server.depart(self.room, seat)
        await asyncio.gather(*(one.close() for one in lines))

    async def empty(self) -> None:
        for seat in list(self._seats):
            await self.leave(seat)


async def measure(server: Server, joins: int) -> dict[str, Any]:
    await server.start()
    room = Room(server)
    try:
        for number in range(STAYING):
            await room.join(f"stays{number}")
        for number in range(BEFOREHAND):
            await room.join(f"before{number}")
            await room.leave(f"before{number}")
        await asyncio.sleep(SETTLING)
        before = server.resident_bytes()
        for number in range(joins):
            await room.join(f"seat{number}")
            await room.leave(f"seat{number}")
        await asyncio.sleep(SETTLING)
        after = server.resident_bytes()
    finally:
        await room.empty()
        await server.stop()
    return {"joins": joins, "before_mb": round(before / 1e6, 2), "after_mb": round(after / 1e6, 2)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten joins, to see that it runs; nothing is written")
    parser.add_argument("--designs", default="hearing,janus-tuned")
    arguments, _ = parser.parse_known_args()
    if os.geteuid() != 0:
        print("joins: needs root, for a network namespace of its own", file=sys.stderr)
        return 1
    os.sched_setaffinity(0, {LOAD_CORE})
    rows = []
    with tempfile.TemporaryDirectory(prefix="hearing-bench-") as directory, Network() as network:
        for design in arguments.designs.split(","):
            if design.startswith("janus") and not shutil.which("janus"):
                print(f"{design} is left out: Janus is not installed (apt install janus)")
                continue
            server = DESIGNS[design](Path(directory), network)
            row = {"design": design, **asyncio.run(measure(server, 10 if arguments.quick else JOINS))}
            rows.append(row)
            print(
                f"{design:<12} {row['joins']} joins and leaves: {row['before_mb']:.2f} MB before, "
                f"{row['after_mb']:.2f} MB after",
                flush=True,
            )
    if not arguments.quick:
        whole = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        whole["joins"] = rows
        RESULTS.write_text(json.dumps(whole, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
