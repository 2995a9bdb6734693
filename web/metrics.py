"""The product's figures for Prometheus, gathered when they are asked for. Rule: figures of processes, never of people;
no name, hearing or address is among them.

`FAMILIES` is the whole list; `docs/operations.md` says what to alarm on.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from hearing import tasks
from hearing.docket import Docket
from hearing.proceedings.values import Hearing
from hearing.wire import Entry
from signaling.health import Figures, Load

LAG_LOOK_S = 0.25
LAG_KEPT_LOOKS = 120
"""Half a minute: two scrapes of the usual fifteen seconds see the worst moment between them."""

# (name, kind, help, the names of its labels)
Family = tuple[str, str, str, tuple[str, ...]]
FAMILIES: tuple[Family, ...] = (
    ("hearing_media_up", "gauge", "1 when the media process answers.", ("process",)),
    ("hearing_media_draining", "gauge", "1 while it takes no new sitting.", ("process",)),
    ("hearing_media_load_ratio", "gauge", "Share of one core, all threads, average of four seconds.", ("process",)),
    ("hearing_media_lag_seconds", "gauge", "How late its loop was at worst, in the last 15 to 30 s.", ("process",)),
    ("hearing_media_sittings", "gauge", "Open courtrooms.", ("process",)),
    ("hearing_media_peers", "gauge", "Connections of pages, two for a person.", ("process",)),
    ("hearing_media_sources", "gauge", "Microphones, cameras and screens.", ("process",)),
    ("hearing_media_packets_in", "counter", "Datagrams received, whatever they were.", ("process",)),
    ("hearing_media_packets_out", "counter", "Datagrams sent.", ("process",)),
    ("hearing_media_bytes_in", "counter", "Bytes of RTP received from sources.", ("process",)),
    ("hearing_media_bytes_out", "counter", "Bytes of RTP forwarded, repairs included.", ("process",)),
    (
        "hearing_media_dropped",
        "counter",
        "Datagrams not taken, or not sent (`unsent`).",
        ("process", "reason"),
    ),
    ("hearing_media_nacks_asked", "counter", "Packets asked again of publishers.", ("process",)),
    ("hearing_media_nacks_received", "counter", "Packets asked again by listeners.", ("process",)),
    ("hearing_media_recovered", "counter", "Packets that came when asked again.", ("process",)),
    ("hearing_media_key_frames_asked", "counter", "Key frames asked of publishers.", ("process",)),
    ("hearing_recorder_queue_bytes", "gauge", "Recorded bytes that are not yet with the kernel.", ("process",)),
    ("hearing_recorder_segments", "counter", "Segments of recordings that became durable.", ("process",)),
    ("hearing_process_cpu_seconds", "counter", "CPU time, user and system.", ("process",)),
    ("hearing_process_resident_bytes", "gauge", "Resident memory.", ("process",)),
    ("hearing_process_starts", "gauge", "How often the supervisor has started it.", ("process",)),
    ("hearing_web_lag_seconds", "gauge", "How late the web process's loop was at worst in 30 s.", ()),
    ("hearing_web_connections", "gauge", "Pages connected to the court.", ()),
    ("hearing_record_entries", "counter", "Entries appended to records by this web process.", ()),
    ("hearing_turned_away", "counter", "Refused for want of capacity: a sitting, a person.", ("what",)),
    ("hearing_jobs", "gauge", "Transcripts and films by state; `asked` is the worker's backlog.", ("state",)),
)
STATES = ("asked", "running", "failed")

# What the media process calls them, and what they are called outside.
_MEDIA = {
    "draining": "hearing_media_draining",
    "rooms": "hearing_media_sittings",
    "peers": "hearing_media_peers",
    "sources": "hearing_media_sources",
    "packets_in": "hearing_media_packets_in",
    "packets_out": "hearing_media_packets_out",
    "bytes_in": "hearing_media_bytes_in",
    "bytes_out": "hearing_media_bytes_out",
    "nacks_asked": "hearing_media_nacks_asked",
    "nacks_received": "hearing_media_nacks_received",
    "recovered": "hearing_media_recovered",
    "key_frames_asked": "hearing_media_key_frames_asked",
    "recorder_queue_bytes": "hearing_recorder_queue_bytes",
    "segments": "hearing_recorder_segments",
}

Sample = tuple[str, tuple[str, ...], float]
"""(family, the values of its labels, figure)."""


class Metrics:
    """Call `start`, then ask for the `page` as often as you like; call `stop` at the end.

    `media` answers for every media process in turn, `jobs` counts jobs by state and may block; `processes` is the
    supervisor's `processes.json`.
    """

    def __init__(
        self,
        docket: Docket,
        *,
        media: Callable[[], Awaitable[list[tuple[Load | None, Figures | None]]]],
        connections: Callable[[], int],
        turned_away: Callable[[], dict[str, int]],
        jobs: Callable[[], dict[str, int]],
        processes: Path,
    ) -> None:
        self._docket, self._media, self._connections = docket, media, connections
        self._turned_away, self._jobs, self._living = turned_away, jobs, processes
        self._entries = 0
        self._lags = [0.0] * LAG_KEPT_LOOKS
        self._follower: Any = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        self._follower = self._docket.follow("metrics", self._count)
        tasks.spawn(self._watch_loop(), name="loop lag", owner=self._tasks)

    async def stop(self) -> None:
        await tasks.stop(self._tasks)
        await self._docket.unfollow(self._follower)

    async def page(self) -> bytes:
        """The text format of Prometheus."""
        return write(await self.gather())

    async def gather(self) -> list[Sample]:
        """Every figure as it is now; a media process that is away has `up` 0 and nothing else."""
        samples: list[Sample] = []
        for index, (load, counted) in enumerate(await self._media()):
            samples += _media(f"media.{index}", load, counted)
        samples += await asyncio.to_thread(lambda: list(_processes(self._living)))
        samples.append(("hearing_web_lag_seconds", (), max(self._lags)))
        samples.append(("hearing_web_connections", (), self._connections()))
        samples.append(("hearing_record_entries", (), self._entries))
        samples += [("hearing_turned_away", (what,), count) for what, count in self._turned_away().items()]
        jobs = await asyncio.to_thread(self._jobs)
        return [*samples, *(("hearing_jobs", (state,), jobs.get(state, 0)) for state in STATES)]

    async def _count(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        self._entries += 1

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_LOOK_S
            await asyncio.sleep(LAG_LOOK_S)
            self._lags = [*self._lags[1:], max(0.0, loop.time() - due)]


def write(samples: list[Sample]) -> bytes:
    """Samples of `FAMILIES` as text."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
    from prometheus_client.registry import Collector

    class Gathered(Collector):
        def collect(self) -> Iterator[Metric]:
            for name, kind, text, labels in FAMILIES:
                of_kind = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
                family = of_kind(name, text, labels=labels)
                for one, values, figure in samples:
                    if one == name:
                        family.add_metric(values, figure)
                yield family

    registry = CollectorRegistry()
    registry.register(Gathered())
    return bytes(generate_latest(registry))


def _media(process: str, load: Load | None, counted: Figures | None) -> Iterator[Sample]:
    yield "hearing_media_up", (process,), int(counted is not None)
    if counted is None:
        return
    for name, family in _MEDIA.items():
        yield family, (process,), counted.values[name]
    yield "hearing_media_lag_seconds", (process,), counted.values["lag_ms"] / 1000
    for reason, count in sorted(counted.dropped.items()):
        yield "hearing_media_dropped", (process, reason), count
    if load is not None:
        yield "hearing_media_load_ratio", (process,), load.cpu / 1000


def _processes(path: Path) -> Iterator[Sample]:
    """From proc(5), so that the worker and the supervisor need not be asked."""
    try:
        living: dict[str, dict[str, Any]] = json.loads(path.read_text())
    except FileNotFoundError:  # started without a supervisor
        living = {}
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    for name, row in living.items():
        try:
            # The second field is the command's name in brackets and may hold anything; user and system time are the
            # 14th and 15th.
            times = Path(f"/proc/{row['pid']}/stat").read_text().rpartition(")")[2].split()
            resident = int(Path(f"/proc/{row['pid']}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        yield "hearing_process_cpu_seconds", (name,), (int(times[11]) + int(times[12])) / ticks
        yield "hearing_process_resident_bytes", (name,), resident * page
        if "starts" in row:
            yield "hearing_process_starts", (name,), row["starts"]
