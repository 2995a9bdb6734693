"""A record that is a list: the same chain as the database's, nothing kept. For tests of what stands above it."""

from collections.abc import Sequence

from hearing import chain
from hearing.ports import Conflict, Draft, Fenced
from hearing.wire import Entry


class ListRecord:
    """`failing` makes the next appends raise it; `generations` refuses every other generation of a hearing."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.generations: dict[str, int] = {}
        self.failing: list[Exception] = []
        self.failing_reads: list[Exception] = []
        self.reads = 0

    async def append(
        self, hearing: str, expected: int, drafts: Sequence[Draft], *, generation: int | None = None
    ) -> tuple[Entry, ...]:
        if self.failing:
            raise self.failing.pop(0)
        if generation is not None and self.generations.get(hearing, generation) != generation:
            raise Fenced(hearing)
        held = self.entries.get(hearing, [])
        if len(held) != expected:
            raise Conflict(hearing)
        prev = held[-1].hash if held else chain.BEGINNING
        written = chain.seal(hearing, expected, prev, drafts, [b"salt" for _ in drafts])
        self.entries[hearing] = [*held, *written]
        return written

    async def read(self, hearing: str, after: int = 0, limit: int | None = None) -> list[Entry]:
        self.reads += 1
        if self.failing_reads:
            raise self.failing_reads.pop(0)
        found = [entry for entry in self.entries.get(hearing, []) if entry.number > after]
        return found if limit is None else found[:limit]

    async def heads(self) -> dict[str, int]:
        return {hearing: len(entries) for hearing, entries in self.entries.items()}
