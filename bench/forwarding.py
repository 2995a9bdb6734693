"""What forwarding a packet costs: ours, the tutorial's way, and Janus, under the same load on the same machine.

Each publisher sends 100 packets a second of video (1,125 bytes) and 50 of Opus, or many times that. The server has one
core, the load the other. CPU is user plus system time of all server threads; a packet counts when it has arrived. Five
rounds, the designs taking turns; everything is printed, the median stands in `bench/results.json`.
"""

import argparse
import asyncio
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.floor import BURSTS, floor
from bench.network import LOAD_CORE, Network
from bench.packets import STAMP, make_audio, make_video
from bench.servers import DESIGNS, Server
from bench.trial import LOADS, Trial

RESULTS = Path(__file__).parent / "results.json"
FLOOR_SECONDS = 4.0
SETTING_UP = 1.5, 0.06, 3.0
"""Seconds around a trial, and for each of its connections, and for starting a server; only to say how long it takes."""
LARGEST_RATIOS = {"6-way": 1.0, "10": 1.0, "20": 1.0, "18kpps": 0.8, "48kpps": 0.8}
"""Of our cost to tuned Janus's."""
LARGEST_RATIO_TO_FLOOR = {"96kpps": 1.6}
HEAVIEST = "96kpps"
"""At its pace the floor is lowest: it is the one meant where none is named."""
OURS = "hearing"
LARGEST_RECORDING_SHARE = 0.10
"""Of a core, for a six-party room."""

Found = dict[tuple[str, str], list[dict[str, float]]]
"""Results by design and load."""


class Round:
    """One design's turn: its server is started, meets every load, and ends."""

    def __init__(self, arguments: argparse.Namespace, directory: Path, network: Network) -> None:
        self._arguments = arguments
        self._directory, self._network = directory, network
        self._sound, self._picture = make_audio(), make_video()

    async def run(self, number: int, design: str, found: Found) -> None:
        loads = loads_of(design, self._arguments)
        if not loads:
            return
        server = await self._start(design)
        try:
            for load in loads:
                for tries_left in (1, 0):
                    try:
                        result = await self._trial(server, load)
                        break
                    except (TimeoutError, ConnectionError, AssertionError) as error:
                        # A connection that did not come about is no measurement; once more, with a fresh server.
                        then = "again" if tries_left else "not measured in this round"
                        said = str(error) or type(error).__name__
                        print(f"{number:>5} {design:<17} {load:<6} did not come about ({said}); {then}", flush=True)
                        if not tries_left and design.startswith(OURS):
                            raise
                        await server.stop()
                        server = await self._start(design)
                else:
                    continue
                found.setdefault((design, load), []).append(result)
                print(
                    f"{number:>5} {design:<17} {load:<6} {result['cpu_us_per_packet']:>9.2f} "
                    f"{result['delivered']:>9.5f} {result['latency_p50_ms']:>8.2f} {result['latency_p99_ms']:>8.2f} "
                    f"{result['core_share']:>6.1%} {result['packets_per_s']:>7.0f} {result['load_share']:>6.1%}",
                    flush=True,
                )
        finally:
            await server.stop()

    async def _start(self, design: str) -> Server:
        server = DESIGNS[design](self._directory, self._network)
        await server.start()
        return server

    async def _trial(self, server: Server, load: str) -> dict[str, float]:
        return await Trial(server, LOADS[load], self._arguments.seconds, self._sound, self._picture).run()


def designs_of(arguments: argparse.Namespace) -> list[str]:
    designs = [one for one in arguments.designs.split(",") if one in DESIGNS]
    return designs if shutil.which("janus") else [one for one in designs if not one.startswith("janus")]


def loads_of(design: str, arguments: argparse.Namespace) -> list[str]:
    only = DESIGNS[design].only
    return [one for one in arguments.loads.split(",") if not only or one in only]


def minutes(arguments: argparse.Namespace) -> float:
    """About how long `rounds` will take."""
    around, connection, start = SETTING_UP
    total: float = len(BURSTS) * (FLOOR_SECONDS + 1)
    for design in designs_of(arguments):
        total += start
        for load in (LOADS[one] for one in loads_of(design, arguments)):
            total += min(arguments.seconds, load.seconds or arguments.seconds) + around
            total += connection * (load.publishers + load.listeners)
    return total * float(arguments.rounds) / 60


async def rounds(arguments: argparse.Namespace, directory: Path, network: Network) -> tuple[Found, dict[str, float]]:
    """The results, and the median floor by the load at whose pace it was measured."""
    designs = designs_of(arguments)
    if not shutil.which("janus"):
        print("Janus is not installed (apt install janus): its two rows are left out")
    for design in designs:
        if left_out := [one for one in arguments.loads.split(",") if one not in loads_of(design, arguments)]:
            print(f"{design} is not measured under {', '.join(left_out)}")
    found: Found = {}
    floors: dict[str, list[float]] = {load: [] for load in BURSTS}
    one_round = Round(arguments, directory, network)
    print("round design            load   us/packet delivered   p50 ms   p99 ms   core   a second   load's core")
    for number in range(arguments.rounds):
        for load, burst in BURSTS.items():
            lowest = await floor(network, directory, FLOOR_SECONDS, burst, LOADS[load].packets_per_s())
            floors[load].append(lowest["floor_us"])
            print(
                f"{number + 1:>5} {'floor':<17} {load:<6} {lowest['floor_us']:>9.2f} {lowest['arrived']:>9.5f}",
                flush=True,
            )
        for design in designs[number % len(designs) :] + designs[: number % len(designs)]:
            await one_round.run(number + 1, design, found)
    return found, {load: statistics.median(costs) for load, costs in floors.items()}


def medians(found: Found) -> list[dict[str, Any]]:
    """One row for each design and load, printed too."""
    rows = []
    print("\nmedians")
    for (design, load), results in found.items():
        row: dict[str, Any] = {"design": design, "load": load}
        for key in ("cpu_us_per_packet", "delivered", "latency_p50_ms", "latency_p99_ms", "core_share"):
            middle = statistics.median(one[key] for one in results)
            # A server so late that no onset could be told from the next has no latency to state.
            row[key] = None if math.isnan(middle) else round(middle, 5 if key == "delivered" else 3)
        rows.append(row)
        print(
            f"{design:<17} {load:<6} {row['cpu_us_per_packet']:>9.2f} us  delivered {row['delivered']:.5f}  "
            f"p50 {row['latency_p50_ms']} ms  p99 {row['latency_p99_ms']} ms  {row['core_share']:.1%} of a core  "
            f"({len(results)} rounds)"
        )
    return rows


def compare(rows: list[dict[str, Any]], floors: dict[str, float]) -> None:
    """Print our cost beside the others' and the floor, and whether it is where it should be."""
    costs = {(row["design"], row["load"]): row["cpu_us_per_packet"] for row in rows}
    floor_us = floors[HEAVIEST]
    print("\nfloor: " + ", ".join(f"{cost:.2f} us a packet at {load}" for load, cost in floors.items()))
    for load in LOADS:
        if (ours := costs.get(("hearing", load))) is None:
            continue
        said = [f"{ours / floor_us:.2f} of the floor" + _verdict(ours / floor_us, LARGEST_RATIO_TO_FLOOR.get(load))]
        if load in floors and load != HEAVIEST:
            said.append(f"{ours / floors[load]:.2f} of the floor at its own pace")
        for other in ("janus-tuned", "janus", "mediarelay"):
            if (theirs := costs.get((other, load))) is not None:
                limit = LARGEST_RATIOS.get(load) if other == "janus-tuned" else None
                said.append(f"{ours / theirs:.2f} of {other}" + _verdict(ours / theirs, limit))
        print(f"{load}: hearing is " + ", ".join(said))
    for row in rows:
        if row["design"] == "hearing-recording":
            verdict = _verdict(row["core_share"], LARGEST_RECORDING_SHARE)
            alone = floors[row["load"]] * LOADS[row["load"]].packets_per_s() / 1e6
            print(
                f"{row['load']} with recording: {row['core_share']:.1%} of a core{verdict}; "
                f"to protect and send those packets, and nothing else, is {alone:.1%} here"
            )


def _verdict(value: float, limit: float | None) -> str:
    return "" if limit is None else f" (at most {limit:g}: {'yes' if value <= limit else 'NO'})"


def write(rows: list[dict[str, Any]], floors: dict[str, float]) -> None:
    """Replace what this measurement wrote and leave what others did."""
    whole = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    whole["forwarding"] = rows
    whole["floor_us"], whole["floor_us_at_6_way"] = round(floors[HEAVIEST], 3), round(floors["6-way"], 3)
    RESULTS.write_text(json.dumps(whole, indent=2) + "\n")


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__)
    found.add_argument(
        "--quick", action="store_true", help="one round of three seconds, to see that it runs; nothing is written"
    )
    found.add_argument("--rounds", type=int, default=5)
    found.add_argument("--seconds", type=float, default=10.0)
    found.add_argument("--designs", default=",".join(DESIGNS))
    found.add_argument("--loads", default=",".join(LOADS))
    return found


def main() -> int:
    arguments = parser().parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 3.0
    if os.geteuid() != 0:
        print("forwarding: needs root, for a network namespace of its own", file=sys.stderr)
        return 1
    print(f"about {minutes(arguments):.0f} minutes", flush=True)
    os.sched_setaffinity(0, {LOAD_CORE})
    # The thread that sends must not wait 5 ms, the default, for the one that counts.
    sys.setswitchinterval(0.0005)
    assert STAMP.size == 12
    with tempfile.TemporaryDirectory(prefix="hearing-bench-") as directory, Network() as network:
        found, floors = asyncio.run(rounds(arguments, Path(directory), network))
    rows = medians(found)
    compare(rows, floors)
    if not arguments.quick:
        write(rows, floors)
    return 0


if __name__ == "__main__":
    sys.exit(main())
