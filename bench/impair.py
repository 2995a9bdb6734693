"""`make impair`: what a hearing in real browsers keeps of sound and picture when the line of one party is bad.

Every round opens a hearing of its own and goes through the rows; a row that breaks the hearing costs the next row a new
one. Every run is printed, then the medians beside what is promised; they stand in `bench/impair.json`.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.rows import LIMITS, ROWS, Figures
from bench.stage import Stage, end_gently, stage

RESULTS = Path(__file__).with_name("impair.json")


class Rounds:
    """Runs the rows and keeps what each run gave."""

    def __init__(self, rows: list[str], folder: Path) -> None:
        self.runs: dict[str, list[Figures]] = {name: [] for name in rows}
        self._folder = folder
        self._stages = 0

    async def run(self, rounds: int) -> None:
        for number in range(1, rounds + 1):
            waiting = list(self.runs)
            while waiting:
                waiting = await self._hearing(waiting, number)

    async def _hearing(self, rows: list[str], number: int) -> list[str]:
        """Rows in one hearing, until one breaks it; the rows that are left."""
        self._stages += 1
        folder = self._folder / f"hearing-{self._stages}"
        folder.mkdir()
        async with AsyncExitStack() as stack:
            try:
                here = await stack.enter_async_context(stage(folder, seed=number))
            except Exception as error:
                self._note(rows[0], number, {"error": f"the hearing did not begin: {_told(error)}"})
                return rows[1:]
            for place, name in enumerate(rows):
                figures = await self._one(here, name)
                self._note(name, number, figures)
                if "error" in figures:
                    return rows[place + 1 :]
        return []

    async def _one(self, here: Stage, name: str) -> Figures:
        try:
            await here.well()
            return await asyncio.wait_for(ROWS[name](here), 120)
        except Exception as error:
            return {"error": _told(error)}

    def _note(self, name: str, number: int, figures: Figures) -> None:
        self.runs[name].append(figures)
        told = ", ".join(f"{key} {value}" for key, value in figures.items())
        print(f"{time.strftime('%H:%M:%S')} {name} run {number}: {told}", flush=True)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def medians(runs: list[Figures]) -> dict[str, float]:
    """Of every figure that is a number, over the runs that came to an end."""
    names = [key for one in runs for key, value in one.items() if isinstance(value, int | float)]
    return {
        name: round(statistics.median(one[name] for one in runs if name in one), 3) for name in dict.fromkeys(names)
    }


def missed(name: str, runs: list[Figures]) -> list[str]:
    """What this row promises and does not keep; a run without figures counts as one that kept nothing."""
    found = [f"{sum('error' in one for one in runs)} of {len(runs)} runs broke"] if broke(runs) else []
    middle = medians(runs)
    for figure, limit in LIMITS[name].items():
        value = middle.get(figure)
        if value is None or value > limit:
            found.append(f"{figure} {value} > {limit}")
    return found


def broke(runs: list[Figures]) -> bool:
    return sum("error" in one for one in runs) * 2 >= len(runs)


def summary(runs: dict[str, list[Figures]]) -> tuple[dict[str, Any], list[str]]:
    """For the file, and the lines of the table."""
    kept: dict[str, Any] = {}
    lines = []
    for name, mine in runs.items():
        middle, wrong = medians(mine), missed(name, mine)
        kept[name] = {"medians": middle, "limits": LIMITS[name], "missed": wrong, "runs": mine}
        judged = ", ".join(f"{key} {middle.get(key, '-')} (<= {limit})" for key, limit in LIMITS[name].items())
        lines.append(f"{'MISSED' if wrong else 'holds':7} {name:10} {len(mine)} runs: {judged}")
    return kept, lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="make impair", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help="which rows, with commas between")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    rows = asked.rows.split(",")
    if unknown := [name for name in rows if name not in ROWS]:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    end_gently()
    with tempfile.TemporaryDirectory(prefix="impair-") as folder:
        rounds = Rounds(rows, Path(folder))
        try:
            asyncio.run(rounds.run(asked.runs))
        except KeyboardInterrupt:
            print("\nstopped; what there is:", file=sys.stderr)
    kept, lines = summary({name: runs for name, runs in rounds.runs.items() if runs})
    print("\n" + "\n".join(lines))
    if rows == list(ROWS) and asked.runs >= 5:
        RESULTS.write_text(json.dumps({"at": time.strftime("%Y-%m-%d %H:%M"), "rows": kept}, indent=1) + "\n")
    return 1 if any(one["missed"] for one in kept.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
