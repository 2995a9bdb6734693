"""How good everybody's connection is: kept as the pages report it, and told to those who look after the lines.

Kept in memory only and never part of the record. Who may know of whom is the proceedings' to say.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from hearing import tasks
from hearing.errors import Refused
from signaling.court import Court
from signaling.presence import Presence
from signaling.protocol import Down, LineReport, LineReports

log = logging.getLogger(__name__)

TELL_EVERY_S = 2.0

FIGURES = frozenset({"rtt_ms", "loss", "outgoing_bps", "sending_bps", "receiving_bps"})
"""What is passed on of a report; a page may send what it likes."""

Tell = Callable[[str, str, Down], Awaitable[bool]]


class Monitor:
    """`take` what the pages report; `start` and `stop` telling it.

    `states(hearing)` says how the connections of each seat stand.
    """

    def __init__(self, court: Court, presence: Presence, states: Callable[[str], dict[str, str]], tell: Tell) -> None:
        self._court, self._presence, self._states, self._tell = court, presence, states, tell
        self._reports: dict[str, dict[str, tuple[float, dict[str, float]]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        tasks.spawn(self._tell_all(), name="line reports", owner=self._tasks)

    async def stop(self) -> None:
        await tasks.stop(self._tasks)

    def take(self, hearing: str, seat: str, report: dict[str, float]) -> None:
        self._reports.setdefault(hearing, {})[seat] = time.monotonic(), report

    def reports(self, hearing: str) -> dict[str, dict[str, float]]:
        """The last report of each seat of a hearing."""
        return {seat: report for seat, (_, report) in self._reports.get(hearing, {}).items()}

    async def _tell_all(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            for hearing in list(self._reports):
                try:
                    await self._tell_one(hearing)
                except Refused as refusal:  # its owner is another process now, or it is closing
                    log.info("hearing %s: no line reports: %s", hearing, refusal.code)

    async def _tell_one(self, hearing: str) -> None:
        here = self._presence.seats(hearing)
        if not here:
            del self._reports[hearing]
            return
        now, states, known = await self._court.hearing(hearing), self._states(hearing), self._reports[hearing]
        at = time.monotonic()
        lines: dict[str, LineReport] = {}
        for seat in here:
            since, report = known.get(seat, (at, {}))
            figures = {name: figure for name, figure in report.items() if name in FIGURES}
            lines[seat] = LineReport(state=states.get(seat, "none"), age_s=int(at - since), figures=figures)
        for seat in here:
            if watched := self._court.watched_lines(now, seat):
                mine = {one: line for one, line in lines.items() if one in watched}
                await self._tell(hearing, seat, LineReports(lines=mine))
