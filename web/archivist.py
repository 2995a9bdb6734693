"""Attaches to the case file what a hearing leaves behind: its recording, its transcript, its films.

Rule: bytes first, then the item, then the entry; each step may run twice and the second changes nothing. The worker
does the work; this is the web process's side of the job board, and the only writer of items that a machine made.
"""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from hearing.access import ItemVisibility
from hearing.docket import Docket
from hearing.errors import Refused
from hearing.ports import BlobStore, Clock
from hearing.proceedings import COURT
from hearing.proceedings.commands import AttachItem
from hearing.proceedings.events import HearingClosed, SittingEnded, SittingStarted
from hearing.proceedings.state import Hearing
from hearing.store import Store
from hearing.tasks import spawn, stop
from hearing.wire import Entry
from recording.board import Board, Job
from recording.segments import Manifest, manifests
from recording.sitting import LANGUAGE_OF_PACK
from web.parts import JobState

log = logging.getLogger(__name__)

POLL_S = 0.25
RETRY_S = 2.0
# The recorder closes its last segments within some seconds of the closing entry; then nothing more comes.
SETTLES_S = 6.0
CATCHES_UP = timedelta(days=7)
# Recording and machine text are the court's; a party sees them by a grant, or where the court plays them.
VISIBILITY = ItemVisibility.COURT
LABELS = ("machine", "weak", "overlapping", "off_record", "back_on", "no_engine", "failed")
STATUS = {"asked": "waiting", "running": "running", "done": "done", "failed": "failed", "cancelled": "none"}

Text = Callable[[str, str], str]
"""(language, key) -> the sentence of the catalogue."""

Recover = Callable[[str, str, int], Awaitable[None]]
"""(hearing, sitting, hearing clock in ms) -> the notices that lie beside the tracks are entered."""


class Archivist:
    """Call `start` with the hearings under way, `follow` with every entry, `stop` at the end."""

    def __init__(
        self,
        store: Store,
        docket: Docket,
        blobs: BlobStore,
        board: Board,
        clock: Clock,
        text: Text,
        recover: Recover,
    ) -> None:
        self._store, self._docket, self._blobs, self._board = store, docket, blobs, board
        self._clock, self._text, self._recover = clock, text, recover
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        spawn(self._file_what_is_done(), name="archivist", owner=self._tasks)
        spawn(self._catch_up_all(), name="archivist catches up", owner=self._tasks)

    async def stop(self) -> None:
        await stop(self._tasks)

    async def follow(self, entry: Entry, before: Hearing | None, after: Hearing) -> None:
        """Begin a transcript when the doors open; keep the recording when they, or the hearing, have closed."""
        match entry.event:
            case SittingStarted(sitting=sitting):
                await self._ask("transcribe", after, sitting)
            case SittingEnded() | HearingClosed():
                spawn(self._keep_recording_later(entry.hearing), name="keep recording", owner=self._tasks)
            case _:
                pass

    # -- what pages ask ------------------------------------------------------------------------------------------------

    async def request(self, kind: str, hearing: str) -> None:
        """Ask for a film of each sitting. One that is being made, or is made, stays as it is."""
        if kind != "film":
            raise Refused("unknown-job")
        now = await self._docket.hearing(hearing)
        for sitting in manifests(await self._store.record.read(hearing)):
            await self._ask("compose", now, sitting, again=True)

    async def cancel(self, kind: str, hearing: str) -> None:
        """Stop what is under way; what is done stays."""
        for job in await asyncio.to_thread(self._board.jobs, hearing):
            if job.kind == {"film": "compose", "transcript": "transcribe"}[kind]:
                await asyncio.to_thread(self._board.cancel, job.id)

    async def state(self, kind: str, hearing: str) -> JobState:
        """The latest job of this kind."""
        wanted = {"film": "compose", "transcript": "transcribe"}[kind]
        jobs = [job for job in await asyncio.to_thread(self._board.jobs, hearing) if job.kind == wanted]
        if not jobs:
            return JobState(status="none")
        job = jobs[-1]
        blob = next((file["blob"] for file in job.result if file["item"]), "")
        return JobState(
            status=STATUS[job.state], percent=job.progress // 10, step=job.stage, reason=job.error, blob=blob
        )

    async def draft(self, hearing: str) -> bytes | None:
        """The transcript as far as it has come: JSON `hearing-transcript/1`."""
        drafts = await asyncio.to_thread(self._board.drafts, hearing)
        return drafts[-1] if drafts else None

    async def written(self, hearing: str, form: str) -> str | None:
        """The blob of the finished transcript in this form (json, vtt, txt)."""
        for job in reversed(await asyncio.to_thread(self._board.jobs, hearing)):
            for file in job.result:
                if file["kind"] == "transcript" and file["form"] == form:
                    return str(file["blob"])
        return None

    # -- asking --------------------------------------------------------------------------------------------------------

    async def _ask(self, kind: str, hearing: Hearing, sitting: str, *, again: bool = False) -> None:
        language = LANGUAGE_OF_PACK[hearing.pack]
        people = await self._store.people.people(seat.person for seat in hearing.seats.values())
        wish = {
            "title": self._text(language, f"playback.item.{kind}"),
            "labels": {label: self._text(language, f"playback.transcript.{label}") for label in LABELS},
            "names": {
                seat.id: f"{self._text(language, f'role.{seat.role}')} – {people[seat.person].name}"
                for seat in hearing.seats.values()
                if seat.person in people
            },
        }
        job = str(uuid5(NAMESPACE_URL, f"{kind}:{hearing.id}:{sitting}"))
        if again:
            ended = [one for one in await asyncio.to_thread(self._board.jobs, hearing.id) if one.kind == kind]
            if any(one.sitting == sitting and one.state in ("asked", "running", "done") for one in ended):
                return
            job = str(uuid5(NAMESPACE_URL, f"{job}:{len(ended)}"))
        await asyncio.to_thread(
            self._board.ask, job, kind, hearing=hearing.id, sitting=sitting, input=wish, by=COURT, at=time.time()
        )

    async def _catch_up_all(self) -> None:
        """Hearings that nobody has touched for days were finished by an earlier process."""
        for hearing, head in (await self._store.record.heads()).items():
            last = await self._store.record.read(hearing, head - 1)
            if last and self._clock.now() - last[-1].at < CATCHES_UP:
                try:
                    await self._catch_up(hearing)
                except Exception:
                    log.exception("hearing %s: what was left undone is left for the next start", hearing)

    async def _catch_up(self, hearing: str) -> None:
        """After a start: whatever the process before had no time for."""
        entries = await self._store.record.read(hearing)
        for entry in entries:
            if isinstance(entry.event, SittingStarted):
                await self._ask("transcribe", await self._docket.hearing(hearing), entry.event.sitting)
        ended = [entry for entry in entries if isinstance(entry.event, (SittingEnded, HearingClosed))]
        if ended:
            # What the recorder told a web process that is gone still lies beside the tracks.
            now = await self._docket.hearing(hearing)
            for sitting, manifest in manifests(entries).items():
                if any(track.closed is None for track in manifest.tracks.values()):
                    await self._recover(hearing, sitting, now.clock_ms(ended[-1].at))
            spawn(self._keep_recording_later(hearing), name="keep recording", owner=self._tasks)

    # -- filing --------------------------------------------------------------------------------------------------------

    async def _file_what_is_done(self) -> None:
        while True:
            filed = [await self._filed(job) for job in await asyncio.to_thread(self._board.unfiled)]
            await asyncio.sleep(POLL_S if all(filed) else RETRY_S)

    async def _filed(self, job: Job) -> bool:
        """Whether it is in the case file now. What fails stays on the board and holds up nothing else."""
        try:
            await self._file(job)
        except Exception:
            log.exception("hearing %s: its %s could not be filed yet", job.hearing, job.kind)
            return False
        return True

    async def _file(self, job: Job) -> None:
        for file in job.result:
            if file["item"]:
                await self._attach(job.hearing, file["kind"], file, f"{job.id}:{file['kind']}")
        await asyncio.to_thread(self._board.filed, job.id)

    async def _keep_recording_later(self, hearing: str) -> None:
        """Write down what was recorded, once nothing more comes: the list of all tracks with every segment's hash."""
        entries = await self._store.record.read(hearing)
        ended = max((e.at for e in entries if isinstance(e.event, (SittingEnded, HearingClosed))), default=None)
        if ended is None:
            return
        wait = ended + timedelta(seconds=SETTLES_S) - self._clock.now()
        await asyncio.sleep(max(0.0, wait.total_seconds()))
        for manifest in manifests(await self._store.record.read(hearing)).values():
            if manifest.tracks:
                await self._keep_recording(hearing, manifest)

    async def _keep_recording(self, hearing: str, manifest: Manifest) -> None:
        tracks = [asdict(track) for track in manifest.tracks.values()]
        content = json.dumps({"schema": "hearing-recording/1", "hearing": hearing, "sitting": manifest.sitting,
                              "tracks": tracks}, separators=(",", ":"), sort_keys=True).encode()  # fmt: skip
        sha256 = hashlib.sha256(content).hexdigest()
        name = f"recording/{hearing}/{sha256}.json"
        if await self._blobs.stat(name) is None:
            await self._blobs.put(name, content)
        language = LANGUAGE_OF_PACK[(await self._docket.hearing(hearing)).pack]
        file = {
            "blob": name, "sha256": sha256, "size": len(content), "media_type": "application/json",
            "title": self._text(language, "playback.item.recording"),
        }  # fmt: skip
        await self._attach(hearing, "recording", file, f"recording:{manifest.sitting}")

    async def _attach(self, hearing: str, kind: str, file: dict[str, Any], operation: str) -> None:
        """The item, whose id follows from the operation, then the entry; a repeat finds both."""
        now = await self._docket.hearing(hearing)
        item = str(uuid5(NAMESPACE_URL, operation))
        sha256 = await self._store.cases.item_sha256(item)
        if sha256 is None:
            sha256 = str(file["sha256"])
            await self._store.cases.add_item(
                id=item, case=now.case, hearing=hearing, kind=kind, source="machine", title=file["title"],
                blob=file["blob"], sha256=sha256, size=file["size"], media_type=file["media_type"],
                visibility=VISIBILITY, by=COURT,
            )  # fmt: skip
        try:
            await self._docket.handle(
                hearing,
                AttachItem(item=item, kind=kind, sha256=sha256, title=file["title"]),
                by=COURT,
                op_id=f"attach:{item}",
            )
        except Refused as no:
            log.error("hearing %s does not take the %s: %s", hearing, kind, no.code)
