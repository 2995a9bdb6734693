"""What forwarding a packet costs: ours, the tutorial's way, and Janus, under the same load on the same machine.

Each publisher sends 100 packets a second of video (1,125 bytes) and 50 of Opus. The server has one core, the load the
other. CPU is user plus system time of all server threads; a packet counts when it has arrived. Five rounds, the
designs taking turns; everything is printed, the median stands in `bench/results.json`.
"""

import argparse
import asyncio
import json
import math
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.line import (
    AUDIO_INTERVAL,
    LOUD_BYTES,
    STAMP,
    VIDEO_INTERVAL,
    Feed,
    Line,
    Packet,
    Sender,
    attribute,
    make_audio,
    make_video,
    sections,
)
from bench.servers import DESIGNS, Network, Server

RESULTS = Path(__file__).parent / "results.json"
LOADS: dict[str, tuple[int, int]] = {"1": (1, 1), "5": (1, 5), "10": (1, 10), "20": (1, 20), "6-way": (6, 6)}
"""Publishers and subscribers; in the 6-way meeting everybody is both and hears everybody else."""


class Trial:
    """One load on one running server."""

    def __init__(self, server: Server, load: str, seconds: float, sound: list[Packet], picture: list[Packet]) -> None:
        self.server, self.seconds = server, seconds
        self.room = str(secrets.randbelow(1 << 30) + 1)
        self.publishers, self.subscribers = LOADS[load]
        self._sound, self._picture = sound, picture
        self._lines: list[Line] = []
        self._receivers: list[tuple[Line, int]] = []
        self._feeds: list[tuple[Line, Feed]] = []

    async def run(self) -> dict[str, float]:
        for number in range(self.publishers):
            await self._publish(number)
        sender = Sender(self._feeds, self.server.stamped)
        sender.start()
        reports: list[asyncio.Task[Any]] = []
        try:
            await asyncio.sleep(0.3)  # Janus offers a publisher's streams only when it has seen media of it
            for number in range(self.subscribers):
                await self._subscribe(number)
            reports.append(asyncio.ensure_future(self._report()))
            await self._flowing()
            return await self._measure()
        finally:
            sender.stop()
            for task in reports:
                task.cancel()
            await asyncio.gather(*(one.close() for one in self._lines))
            await self.server.leave(self.room)

    async def _publish(self, number: int) -> None:
        line = Line(controlling=True)
        self._lines.append(line)
        feeds = [
            Feed(2 * number, 111, secrets.randbits(31) | 1, AUDIO_INTERVAL, self._sound),
            Feed(2 * number + 1, 96, secrets.randbits(31) | 1, VIDEO_INTERVAL, self._picture),
        ]
        answer = await self.server.publish(self.room, f"seat{number}", await line.offer(feeds))
        setup = attribute(sections(answer)[0], "setup")
        await line.connect(answer, server=setup == "active")
        self._feeds += [(line, one) for one in feeds]

    async def _subscribe(self, number: int) -> None:
        own = number if self.publishers > 1 else -1
        seat = f"seat{number}" if own >= 0 else f"listener{number}"
        line = Line(controlling=False)
        line.stamped = self.server.stamped
        self._lines.append(line)
        self._receivers.append((line, own))
        offers: list[str] = []

        async def answering(offer: str) -> str:
            offers.append(offer)
            return await line.answer(offer)

        heard = [f"seat{one}" for one in range(self.publishers) if one != own]
        await self.server.subscribe(self.room, seat, heard, answering)
        await line.connect(offers[0], server=False)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(1)
            for line, _ in self._receivers:
                line.report()

    async def _flowing(self) -> None:
        """Wait until every stream arrives everywhere, and a little longer."""
        end = time.monotonic() + 12
        while any(len(line.highest) < 2 * (self.publishers - (own >= 0)) for line, own in self._receivers):
            if time.monotonic() > end:
                raise TimeoutError(f"only {[len(line.highest) for line, _ in self._receivers]} streams arrive")
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.7)

    async def _measure(self) -> dict[str, float]:
        for line, _ in self._receivers:
            line.arrivals.clear()
            line.raw.clear()
        begin, before = time.monotonic_ns(), self.server.cpu_ns()
        await asyncio.sleep(self.seconds)
        end, after = time.monotonic_ns(), self.server.cpu_ns()
        await asyncio.sleep(0.5)
        count = self._stamped(begin, end) if self.server.stamped else self._relayed(begin, end)
        packets, delivered, delays = count
        delays.sort()
        return {
            "cpu_us_per_packet": (after - before) / 1000 / max(1, packets),
            "delivered": delivered,
            "latency_p50_ms": delays[len(delays) // 2] / 1e6 if delays else float("nan"),
            "latency_p99_ms": delays[int(len(delays) * 0.99)] / 1e6 if delays else float("nan"),
            "packets": packets,
            "cpu_share": (after - before) / (end - begin),
        }

    def _stamped(self, begin: int, end: int) -> tuple[int, float, list[int]]:
        """Every packet by its own number: sent within the window, arrived at each listener or not."""
        sent = {
            feed.number: {count for count, at in enumerate(feed.sent) if begin <= at < end} for _, feed in self._feeds
        }
        expected = arrived = 0
        delays: list[int] = []
        for line, own in self._receivers:
            got: dict[int, set[int]] = {}
            for number, delay in line.arrivals:
                got.setdefault(number >> 24, set()).add(number & 0xFFFFFF)
                if not number >> 24 & 1:
                    delays.append(delay)
            for feed, numbers in sent.items():
                if feed // 2 != own:
                    expected += len(numbers)
                    arrived += len(numbers & got.get(feed, set()))
        return arrived, arrived / expected, delays

    def _relayed(self, begin: int, end: int) -> tuple[int, float, list[int]]:
        """After re-encoding packets are others: count sound packets and pictures, and find the onsets of the sound."""
        packets = seen = 0
        expected = 0.0
        delays: list[int] = []
        for line, own in self._receivers:
            inside = [one for one in line.raw if begin <= one[0] < end]
            packets += len(inside)
            streams = {one[4] for one in inside}
            for stream in streams:
                mine = [one for one in line.raw if one[4] == stream]
                step = min((b[2] - a[2] for a, b in zip(mine, mine[1:], strict=False) if b[2] > a[2]), default=960)
                if step == 960:
                    seen += sum(begin <= one[0] < end for one in mine)
                    delays += self._onsets(mine, begin, end)
                else:
                    seen += len({one[2] for one in mine if begin <= one[0] < end})
            heard = self.publishers - (own >= 0)
            pictures = sum(one.timestamp_step > 0 for one in self._picture) / len(self._picture) / VIDEO_INTERVAL
            expected += heard * (end - begin) / 1e9 * (1 / AUDIO_INTERVAL + pictures)
        return packets, min(1.0, seen / expected), delays

    def _onsets(self, packets: list[tuple[int, int, int, int, int]], begin: int, end: int) -> list[int]:
        """From the first loud packet sent to the first large packet received."""
        large = [
            at
            for (at, _, _, size, _), (_, _, _, last, _) in zip(packets[1:], packets, strict=False)
            if size > LOUD_BYTES >= last
        ]
        found = []
        for onset in (at for _, feed in self._feeds for at in feed.onsets if begin <= at < end):
            later = [at - onset for at in large if 0 <= at - onset < 1_700_000_000]
            found += later[:1]
        return found


class Round:
    """One design's turn: its server is started, meets every load, and ends."""

    def __init__(self, arguments: argparse.Namespace, directory: Path) -> None:
        self._loads: list[str] = arguments.loads.split(",")
        self._seconds: float = arguments.seconds
        self._directory = directory
        self._sound, self._picture = make_audio(), make_video()

    async def run(self, number: int, design: str, found: dict[tuple[str, str], list[dict[str, float]]]) -> None:
        server = await self._start(design)
        try:
            for load in self._loads:
                try:
                    result = await self._trial(server, load)
                except (TimeoutError, ConnectionError, AssertionError) as error:
                    # A connection that did not come about is no measurement; once more, with a fresh server.
                    print(f"{number:>5} {design:<12} {load:<6} did not come about ({error}); again")
                    await server.stop()
                    server = await self._start(design)
                    result = await self._trial(server, load)
                found.setdefault((design, load), []).append(result)
                print(
                    f"{number:>5} {design:<12} {load:<6} {result['cpu_us_per_packet']:>9.2f} "
                    f"{result['delivered']:>9.5f} {result['latency_p50_ms']:>8.2f} "
                    f"{result['latency_p99_ms']:>8.2f} {result['cpu_share']:>6.1%}",
                    flush=True,
                )
        finally:
            await server.stop()

    async def _start(self, design: str) -> Server:
        server = DESIGNS[design](self._directory)
        await server.start()
        return server

    async def _trial(self, server: Server, load: str) -> dict[str, float]:
        return await Trial(server, load, self._seconds, self._sound, self._picture).run()


async def rounds(arguments: argparse.Namespace, directory: Path) -> dict[tuple[str, str], list[dict[str, float]]]:
    designs = [one for one in arguments.designs.split(",") if one in DESIGNS]
    if not shutil.which("janus"):
        print("Janus is not installed (apt install janus): its two rows are left out")
        designs = [one for one in designs if not one.startswith("janus")]
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    one_round = Round(arguments, directory)
    print("round design       load   us/packet delivered   p50 ms   p99 ms   core")
    for number in range(arguments.rounds):
        for design in designs[number % len(designs) :] + designs[: number % len(designs)]:
            await one_round.run(number + 1, design, found)
    return found


def medians(found: dict[tuple[str, str], list[dict[str, float]]]) -> list[dict[str, Any]]:
    """One row for each design and load, printed too."""
    rows = []
    print("\nmedians")
    for (design, load), results in found.items():
        row: dict[str, Any] = {"design": design, "load": load}
        for key in ("cpu_us_per_packet", "delivered", "latency_p50_ms", "latency_p99_ms"):
            middle = statistics.median(one[key] for one in results)
            # A server so late that no onset could be told from the next has no latency to state.
            row[key] = None if math.isnan(middle) else round(middle, 5 if key == "delivered" else 3)
        rows.append(row)
        print(
            f"{design:<12} {load:<6} {row['cpu_us_per_packet']:>9.2f} us  delivered {row['delivered']:.5f}  "
            f"p50 {row['latency_p50_ms']} ms  p99 {row['latency_p99_ms']} ms"
        )
    costs = {(row["design"], row["load"]): row["cpu_us_per_packet"] for row in rows}
    for other in ("janus", "janus-tuned", "mediarelay"):
        if ("hearing", "6-way") in costs and (other, "6-way") in costs:
            print(f"6-way: hearing / {other} = {costs['hearing', '6-way'] / costs[other, '6-way']:.2f}")
    return rows


def write(rows: list[dict[str, Any]]) -> None:
    """Replace the list `forwarding` and leave what other measurements wrote."""
    whole = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    whole["forwarding"] = rows
    RESULTS.write_text(json.dumps(whole, indent=2) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one round of three seconds, to see that it runs; nothing is written"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--designs", default=",".join(DESIGNS))
    parser.add_argument("--loads", default=",".join(LOADS))
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 3.0
    if os.geteuid() != 0:
        print("forwarding: needs root, for a network namespace of its own", file=sys.stderr)
        return 1
    os.sched_setaffinity(0, {0})
    assert STAMP.size == 12
    with tempfile.TemporaryDirectory(prefix="hearing-bench-") as directory, Network():
        found = asyncio.run(rounds(arguments, Path(directory)))
    rows = medians(found)
    if not arguments.quick:
        write(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
