"""What writing the record costs: entries a second through the docket, to three databases in turn.

`sqlite` is what the product does (WAL, synchronous=FULL: each answered entry has survived a power cut). Beside it
`sqlite-normal` (synchronous=NORMAL, which may lose the last entries) and `postgresql` (a real server of its own, fsync
on). Each command is a closed segment of a track, the commonest entry of a sitting, through `docket.handle` with rules,
chain and a follower. `load` is the number of hearings at once; within a hearing one command follows on the other.
Rounds are interleaved; all are printed, the median stands in `bench/results.json` under `record`.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from hearing.docket import Docket
from hearing.proceedings import COURT
from hearing.proceedings.commands import CloseSegment, OpenTrack
from hearing.proceedings.state import Hearing
from hearing.proceedings.words import Kind
from hearing.store import open_store
from hearing.wire import Entry
from tests.support import postgres
from tests.support.hearings import schedule

RESULTS = Path(__file__).parent / "results.json"
DESIGNS = ("sqlite", "sqlite-normal", "postgresql")
LOADS = (1, 10)
ENTRIES, ROUNDS = 200, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    design: str
    load: int
    entries_per_s: float
    latency_p50_ms: float
    latency_p99_ms: float
    fold_entries_per_s: float


def segment(index: int) -> CloseSegment:
    return CloseSegment(
        track="track",
        index=index,
        offset=100 + index * 1000,
        length=1000,
        t0_ms=index * 4000,
        t1_ms=index * 4000 + 4000,
        sha256=f"{index + 1:064x}",
        prev=f"{index:064x}",
        key_id="none",
    )


async def write(docket: Docket, hearing: str, entries: int, latencies: list[float]) -> None:
    for index in range(entries):
        began = time.perf_counter()
        await docket.handle(hearing, segment(index), by=COURT, op_id=f"segment-{index}")
        latencies.append(time.perf_counter() - began)


async def measure(design: str, url: str, load: int, entries: int) -> Measured:
    store = await open_store(url, synchronous="NORMAL" if design == "sqlite-normal" else "FULL")
    docket = Docket(store.record, store.clock, store.ids, placements=store.placements)
    told = 0

    async def listen(entry: Entry, before: Hearing | None, after: Hearing) -> None:
        nonlocal told
        told += 1

    docket.follow("bench", listen)
    hearings = [store.ids.new() for _ in range(load)]
    opening = OpenTrack(track="track", source="source", kind=Kind.AUDIO, codec="opus", file="track.webm")
    for hearing in hearings:
        await docket.handle(hearing, schedule(hearing), by="person", op_id="schedule")
        await docket.handle(hearing, opening, by=COURT, op_id="open")
    latencies: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(write(docket, hearing, entries // load, latencies) for hearing in hearings))
    took = time.perf_counter() - began
    await docket.settled()
    assert told == len(latencies) + 2 * load
    await docket.close()
    fresh = Docket(store.record, store.clock, store.ids)
    began = time.perf_counter()
    await fresh.resume(hearings)
    folding = time.perf_counter() - began
    await fresh.close()
    await store.close()
    ordered = sorted(latencies)
    return Measured(
        design=design,
        load=load,
        entries_per_s=round(len(ordered) / took, 1),
        latency_p50_ms=round(ordered[len(ordered) // 2] * 1000, 2),
        latency_p99_ms=round(ordered[len(ordered) * 99 // 100] * 1000, 2),
        fold_entries_per_s=round(told / folding, 0),
    )


def median(runs: list[Measured]) -> Measured:
    names = ("entries_per_s", "latency_p50_ms", "latency_p99_ms", "fold_entries_per_s")
    values = {name: statistics.median(getattr(run, name) for run in runs) for name in names}
    return Measured(design=runs[0].design, load=runs[0].load, **values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it runs; nothing is written")
    quick = parser.parse_args().quick
    runs: dict[tuple[str, int], list[Measured]] = {}
    with tempfile.TemporaryDirectory() as home, postgres.running(durable=True) as server:
        for round in range(1 if quick else ROUNDS):
            for load in LOADS:
                for design in DESIGNS:
                    file = Path(home) / f"{design}-{load}-{round}.sqlite"
                    url = server.create() if design == "postgresql" else f"sqlite:///{file}"
                    run = asyncio.run(measure(design, url, load, 50 if quick else ENTRIES))
                    runs.setdefault((design, load), []).append(run)
                    print(describe(run), flush=True)
    print("\nmedian of", 1 if quick else ROUNDS)
    medians = [median(measured) for measured in runs.values()]
    for measured in medians:
        print(describe(measured))
    if quick:
        return 0
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**results, "record": [asdict(one) for one in medians]}, indent=2) + "\n")
    return 0


def describe(run: Measured) -> str:
    return (
        f"{run.design:<14} {run.load:>2} hearings {run.entries_per_s:>8.1f} entries/s   "
        f"p50 {run.latency_p50_ms:6.2f} ms   p99 {run.latency_p99_ms:6.2f} ms   "
        f"folded {run.fold_entries_per_s:>7.0f} entries/s"
    )


if __name__ == "__main__":
    raise SystemExit(main())
