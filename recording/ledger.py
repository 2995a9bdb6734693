"""Notices of the recorder -> entries of the record. Rule: every notice is entered once, whoever dies in between.

The side-cars on disk are the queue: a notice that no web process heard is found there by `recover`, which must be
called for every room when the web process starts and whenever a media process has died. A repeated notice is entered
only once: a segment is known by its number, everything else by its `op_id`, made of the track and what is told.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

from hearing.errors import Refused
from hearing.proceedings import COURT, commands
from hearing.proceedings.commands import Command
from hearing.proceedings.words import Kind
from hearing.tasks import spawn, stop
from recording import salvage
from recording.trackfile import Body

log = logging.getLogger(__name__)

RETRY_S = 1.0
TOGETHER = 50
"""So many notices become entries at once. Forty tracks close a segment in the same second; but people wait their turn
behind a transaction, so it stays short."""
LOSS_REASONS = frozenset({"lost", "overload", salvage.CRASHED})
CAME_BACK_MS = 15_000  # a source that is back within this time after a crash would have been recorded all along
NOT_ENTERED = "recording-not-entered"
# the record has it already: an older process entered it
ALREADY = frozenset({"track-known", "segment-known", "track-closed", "alarm-known", "no-such-alarm"})


class Docket(Protocol):
    async def handle_all(
        self, hearing_id: str, orders: Sequence[tuple[str, Command]], *, by: str
    ) -> Sequence[object]: ...


@dataclass(slots=True)
class Room:
    """Where a room's notices go, and what is entered of them.

    `segments`: how many of each track. `lost`: up to when a crash's loss is told, with its track, by source and medium.
    """

    hearing: str
    directory: Path
    notices: asyncio.Queue[Body] = field(default_factory=asyncio.Queue)
    tracks: dict[str, Body] = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)
    lost: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)


class Ledger:
    """You must call `open` for a room before its notices come, and `close` at the end."""

    def __init__(self, docket: Docket, recordings: Path) -> None:
        self._docket = docket
        self._recordings = recordings
        self._rooms: dict[str, Room] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def open(self, room: str, hearing: str, directory: Path) -> None:
        """`directory` is where the recorder writes this room's files, below the directory of all recordings."""
        if room in self._rooms:
            return
        directory.relative_to(self._recordings)
        self._rooms[room] = Room(hearing, directory)
        spawn(self._enter_all(self._rooms[room]), name=f"ledger {room}", owner=self._tasks)

    def notice(self, room: str, body: Body) -> None:
        """Take a notice of the media process. For a room that is not open it is left to `recover`."""
        if room in self._rooms:
            self._rooms[room].notices.put_nowait(body)

    async def recover(self, room: str, now_ms: int) -> None:
        """Enter what the side-cars hold and close what dead processes left open; `now_ms` is the hearing clock."""
        place = self._rooms[room]
        for sidecar in await asyncio.to_thread(_seal_all, place.directory, now_ms):
            for line in sidecar.lines:
                place.notices.put_nowait(line)
        await place.notices.join()

    async def settled(self, room: str) -> None:
        """Wait until every notice taken so far is entered."""
        await self._rooms[room].notices.join()

    async def close(self) -> None:
        await stop(self._tasks)
        self._rooms.clear()

    async def _enter_all(self, room: Room) -> None:
        while True:
            bodies = [await room.notices.get()]
            while len(bodies) < TOGETHER and not room.notices.empty():
                bodies.append(room.notices.get_nowait())
            orders: dict[str, Command] = {}
            for body in bodies:
                for line in await _with_missed(room, body):
                    orders.update(commands_for(room, line, self._recordings))
            await self._enter(room, list(orders.items()))
            for _ in bodies:
                room.notices.task_done()

    async def _enter(self, room: Room, orders: list[tuple[str, Command]]) -> None:
        """Until they are entered: what the recorder keeps meanwhile waits in the queue and on the disk."""
        while orders:
            now, later = orders[:TOGETHER], orders[TOGETHER:]
            try:
                outcomes = await self._docket.handle_all(room.hearing, now, by=COURT)
            except Exception:
                log.exception("the notice %s waits: the docket failed", now[0][0])
                await asyncio.sleep(RETRY_S)
                continue
            orders = [*_alarms(room, now, outcomes), *later]


def _alarms(room: Room, orders: list[tuple[str, Command]], outcomes: Sequence[object]) -> Iterator[tuple[str, Command]]:
    """The court's own recorder is never out of turn: when it is refused, somebody must look at it."""
    for (op_id, command), outcome in zip(orders, outcomes, strict=True):
        if not isinstance(outcome, Refused) or outcome.code in ALREADY:
            continue
        if isinstance(command, commands.RaiseAlarm):
            log.error("hearing %s refuses an alarm of the recorder: %s", room.hearing, outcome.code)
        else:
            yield f"{op_id}:refused", commands.RaiseAlarm(alarm=NOT_ENTERED, reason=outcome.code)


async def _with_missed(room: Room, body: Body) -> list[Body]:
    """`body`, and before it what its side-car says that never reached us: segments are entered in their order."""
    track = body.get("track")
    if track is None or body["kind"] == "track":
        return [body]
    if track in room.tracks and (body["kind"] != "segment" or body["index"] <= room.segments.get(track, 0)):
        return [body]
    sidecar = await asyncio.to_thread(_read, room.directory / f"{track}.jsonl")
    return [*sidecar, body]


def _read(path: Path) -> list[Body]:
    return salvage.read(path).lines if path.exists() else []


def _seal_all(directory: Path, now_ms: int) -> list[salvage.SideCar]:
    """Names are ids that grow with time, so an earlier track comes first."""
    return [salvage.seal(path, now_ms) for path in sorted(directory.glob("*.jsonl"))]


def commands_for(room: Room, body: Body, recordings: Path) -> list[tuple[str, Command]]:
    """(op_id, command) of one notice; none for a line that is no matter of the record."""
    track = body.get("track", "")
    if track and track not in room.tracks and body["kind"] != "track":
        return []  # not even its side-car knows it
    match body["kind"]:
        case "track":
            room.tracks[track] = body
            file = (room.directory / body["file"]).relative_to(recordings).as_posix()
            kind = Kind(body["media"])
            opened = commands.OpenTrack(track=track, source=body["source"], kind=kind, codec=body["codec"], file=file)
            return [(f"{track}:opened", opened)]
        case "segment":
            back = _came_back(room, track, body["t0_ms"])
            if body["index"] < room.segments.get(track, 0):
                return back
            room.segments[track] = body["index"] + 1
            fields = {name: body[name] for name in commands.CloseSegment.__dataclass_fields__}
            return [*back, (f"{track}:segment:{body['index']}", commands.CloseSegment(**fields))]
        case "gap" if body["reason"] in LOSS_REASONS:
            source = room.tracks[track]["source"]
            t0_ms, t1_ms, reason = body["t0_ms"], body["t1_ms"], body["reason"]
            if reason == salvage.CRASHED:
                room.lost[source, room.tracks[track]["media"]] = (track, t1_ms)
            return [(f"{track}:lost:{t0_ms}", _loss(track, source, t0_ms, t1_ms, reason))]
        case "closed":
            return [(f"{track}:closed", commands.CloseTrack(track=track, reason=body["reason"]))]
        case "alarm":
            raised = commands.RaiseAlarm(alarm=body["reason"], reason=body["reason"])
            return [(f"alarm:{token_hex(8)}", raised)]
        case "alarm-cleared":
            return [(f"alarm:{token_hex(8)}", commands.ClearAlarm(alarm=body["reason"]))]
        case _:
            return []


def _came_back(room: Room, track: str, t0_ms: int) -> list[tuple[str, Command]]:
    """The first segment after a crash tells how long the source was really missing."""
    opened = room.tracks[track]
    lost = room.lost.pop((opened["source"], opened["media"]), None)
    if lost is None or lost[0] == track:
        return []
    dead, told_ms = lost
    if not 0 < t0_ms - told_ms <= CAME_BACK_MS:
        return []
    return [(f"{dead}:lost:back", _loss(dead, opened["source"], told_ms, t0_ms, salvage.CRASHED))]


def _loss(track: str, source: str, t0_ms: int, t1_ms: int, reason: str) -> commands.ReportLoss:
    return commands.ReportLoss(track=track, source=source, t0_ms=t0_ms, t1_ms=t1_ms, reason=reason)
