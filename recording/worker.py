"""The worker process: takes wishes from the job board and does them, portion by portion.

It is linked to nobody: it learns of new segments from the record and of wishes from the board, so it may die and come
back at any moment. It must be started at ordinary niceness; `pace.py` explains why.
"""

import asyncio
import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from hearing.ports import BlobStore, Record
from hearing.wire import Entry
from recording.asr import open_transcriber
from recording.asr.ports import EngineMissing, ModelMissing, Transcriber
from recording.board import Board, Job
from recording.compose import Film, NothingRecorded, compose
from recording.ffmpeg import Cancelled, FfmpegMissing, find_ffmpeg, make_file
from recording.jobs import JobEngine, Outcome
from recording.sitting import Sitting
from recording.slots import Slot, try_lock
from recording.stenographer import Stenographer, StoredTracks, TrackBytes
from recording.storage import open_store as open_blobs
from recording.transcript_formats import Labels, to_json, to_text, to_vtt

log = logging.getLogger(__name__)
Result = TypeVar("Result")

PORTION_S = 30.0
POLL_S = 0.5
DRAFT_S = 1.0
BEAT_S = 5.0
# Hearing a long phrase holds the interpreter for some seconds, on a busy host for many: only a longer silence is death.
DEAD_AFTER_S = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """Where everything is. `jobs` is the URL of the board, `recordings` the root that the record's files are below."""

    jobs: str
    recordings: Path
    # The worker's own directory: locks that say who lives, and films that are being made.
    own: Path
    engines: str = "pocketsphinx:"


class LoopThread:
    """An event loop in a thread of its own, for the few asynchronous edges that blocking work needs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="worker-edges", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Wait for `coroutine` from any other thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        """Stop the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()


class OneAtATime:
    """An engine that several jobs share: one phrase after the other."""

    def __init__(self, engine: Transcriber) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self.info = engine.info

    def prepare(self) -> None:
        """As the engine does."""
        with self._lock:
            self._engine.prepare()

    def transcribe(self, *arguments: Any, **options: Any) -> Any:
        """As the engine does."""
        with self._lock:
            return self._engine.transcribe(*arguments, **options)


def open_engines(urls: str) -> tuple[Transcriber, ...]:
    """The engines that can be opened. One that cannot is a fault of the set-up, told in the log; its languages get no
    text, and the transcript says that no engine speaks them."""
    engines: list[Transcriber] = []
    for url in urls.replace(",", " ").split():
        try:
            engines.append(OneAtATime(open_transcriber(url)))
        except (ModelMissing, EngineMissing, ValueError) as fault:
            log.error("speech engine %s: %s", url, fault)
    return tuple(engines)


@dataclass(slots=True)
class Work:
    """Does the portions of jobs. One per worker process."""

    board: Board
    recordings: Path
    engines: tuple[Transcriber, ...]
    read: Callable[[str, int], list[Entry]]
    put: Callable[[str, bytes], None]
    tracks: TrackBytes
    scratch: Path
    stopping: threading.Event = field(default_factory=threading.Event)
    portion_s: float = PORTION_S
    _listening: dict[str, Stenographer] = field(default_factory=dict)

    def portion(self, job: str, number: int) -> Outcome:
        """The next portion of a job."""
        try:
            return self._portion(job)
        except Exception:
            # Speech that is being heard ends when it ends, on a busy host after the board was closed: no failure.
            if self.stopping.is_set():
                raise Stopping from None
            raise

    def _portion(self, job: str) -> Outcome:
        wish = self.board.job(job)
        if wish is None:
            return "failed"
        if wish.cancel:
            self._listening.pop(job, None)
            self.board.finish(job, "cancelled")
            return "cancelled"
        if self.stopping.is_set():
            raise Stopping
        self.board.running(job)
        return KINDS[wish.kind](self, wish)

    def failed(self, job: str, reason: str) -> None:
        """The engine has given this job up."""
        self._listening.pop(job, None)
        self.board.finish(job, "failed", error=reason)

    def transcribe(self, job: Job) -> Outcome:
        """Listen for a while; when the sitting is over, write the transcript."""
        stenographer = self._listening.get(job.id)
        if stenographer is None:
            stenographer = self._listening[job.id] = Stenographer(
                job=job.id,
                sitting=job.sitting,
                board=self.board,
                engines=self.engines,
                tracks=self.tracks,
                read=lambda after: self.read(job.hearing, after),
                now=lambda: datetime.now(UTC),
                languages=job.input.get("languages", {}),
            )
        names = job.input.get("names", {})
        until = time.monotonic() + self.portion_s
        drafted, next_draft = -1, 0.0
        while not stenographer.finished and time.monotonic() < until:
            busy = stenographer.round()
            if len(stenographer.heard) != drafted and time.monotonic() >= next_draft:
                drafted, began = len(stenographer.heard), time.monotonic()
                draft = to_json(stenographer.sitting, stenographer.transcript(names))
                self.board.keep_draft(job.id, job.hearing, draft)
                # A long transcript takes longer to write down; the drafts never take more than a twentieth.
                next_draft = time.monotonic() + max(DRAFT_S, 20 * (time.monotonic() - began))
                if self.board.progress(job.id, 0, "listening"):
                    return "more"
            if self.stopping.wait(0 if busy else POLL_S):
                # The portion is done again by whoever comes next; what was heard is on the board.
                raise Stopping
        if not stenographer.finished:
            return "more"
        self.board.finish(job.id, "done", result=self._write_transcript(job, stenographer))
        del self._listening[job.id]
        return "done"

    def _write_transcript(self, job: Job, stenographer: Stenographer) -> list[dict[str, Any]]:
        labels = Labels.of(job.input["labels"])
        transcript = stenographer.transcript(job.input.get("names", {}))
        sitting = stenographer.sitting
        master = to_json(sitting, transcript)
        self.board.keep_draft(job.id, job.hearing, master)
        forms = (
            ("json", "application/json", master),
            ("vtt", "text/vtt; charset=utf-8", to_vtt(sitting, transcript, labels).encode()),
            ("txt", "text/plain; charset=utf-8", to_text(sitting, transcript, labels).encode()),
        )
        return [
            self.keep(job, "transcript", form, media_type, content, item=form == "json")
            for form, media_type, content in forms
        ]

    def compose(self, job: Job) -> Outcome:
        """Make the film, then put it into the blob store; a film that is made already is not made again."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        target = self.scratch / f"{job.id}.mp4"
        if not target.exists():
            return self._make_film(job, target)
        result = [self.keep(job, "film", "mp4", "video/mp4", target.read_bytes(), item=True)]
        self.board.finish(job.id, "done", result=result)
        target.unlink()
        return "done"

    def _make_film(self, job: Job, target: Path) -> Outcome:
        sitting = Sitting(job.sitting)
        sitting.take_all(self.read(job.hearing, 0))
        live = any(other.kind == "transcribe" for other in self.board.in_state("running"))
        try:
            film = compose(
                sitting,
                self.recordings,
                names=job.input.get("names", {}),
                program=find_ffmpeg(),
                threads=1 if live else os.cpu_count() or 1,
            )
            make_file(film.arguments, target, progress=lambda done_ms: self._film_progress(job.id, film, done_ms))
        except Cancelled:
            if self.stopping.is_set():
                raise Stopping from None
            self.board.finish(job.id, "cancelled")
            return "cancelled"
        except (NothingRecorded, FfmpegMissing) as reason:
            # Doing it again would not help.
            self.board.finish(job.id, "failed", error=f"{type(reason).__name__}: {reason}")
            return "failed"
        return "more"

    def _film_progress(self, job: str, film: Film, done_ms: int) -> bool:
        thousandths = min(999, done_ms * 1000 // max(1, film.length_ms))
        return self.board.progress(job, thousandths, "composing") or self.stopping.is_set()

    def keep(self, job: Job, kind: str, form: str, media_type: str, content: bytes, *, item: bool) -> dict[str, Any]:
        """Put one file into the blob store under its own hash, so that doing it twice is doing it once."""
        sha256 = hashlib.sha256(content).hexdigest()
        name = f"{kind}/{job.hearing}/{sha256}.{form}"
        self.put(name, content)
        return {
            "kind": kind,
            "form": form,
            "blob": name,
            "sha256": sha256,
            "size": len(content),
            "media_type": media_type,
            "title": job.input.get("title", kind),
            "item": item,
        }


class Stopping(BaseException):
    """The worker is going down. Not an `Exception`: the engine must not take it for the failure of a portion."""


KINDS: dict[str, Callable[[Work, Job], Outcome]] = {"transcribe": Work.transcribe, "compose": Work.compose}


class Worker:
    """The process: takes its slot, starts the engine, hands wishes to it, and takes over from the dead."""

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        read: Callable[[str, int], list[Entry]],
        put: Callable[[str, bytes], None],
    ) -> None:
        self.slot = Slot(settings.own)
        self.board = Board(settings.jobs)
        self._loop = LoopThread()
        recordings = open_blobs(f"file://{quote(str(settings.recordings.resolve()))}")
        self.work = Work(
            board=self.board,
            recordings=settings.recordings,
            engines=open_engines(settings.engines),
            read=read,
            put=put,
            tracks=StoredTracks(recordings, self._loop.run),
            scratch=settings.own / "films",
        )
        self.engine = JobEngine(settings.jobs, self.slot.executor, portion=self.work.portion, failed=self.work.failed)
        self._handed_on: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        next_beat = 0.0
        while not stop.is_set():
            self.hand_on()
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + BEAT_S
                self.board.beat(self.slot.executor, self.slot.host, self.slot.lock_file, time.time())
                self.take_over()
                self.notice_given_up()
            stop.wait(POLL_S)

    def hand_on(self) -> None:
        """Every wish that no worker has begun."""
        for job in self.board.in_state("asked"):
            if job.cancel:
                self.board.finish(job.id, "cancelled")
            elif job.kind not in KINDS:
                self.board.finish(job.id, "failed", error=f"unknown kind of job: {job.kind}")
            elif job.id not in self._handed_on:
                self._handed_on.add(job.id)
                self.engine.enqueue(job.id, job.kind)

    def take_over(self) -> None:
        """Go on with what dead workers have left."""
        for executor, host, lock_file, beat in self.board.workers():
            if executor == self.slot.executor:
                continue
            lock: int | None = None
            if host == self.slot.host:
                lock = try_lock(Path(lock_file))
                dead = lock is not None
            else:
                dead = time.time() - beat > DEAD_AFTER_S
            if dead and self.board.claim_worker(executor, beat, time.time()):
                taken = self.engine.take_over(executor, self._kind)
                self.board.forget_worker(executor)
                log.warning("took over %d jobs of %s, which is dead", len(taken), executor)
            if lock is not None:
                os.close(lock)

    def notice_given_up(self) -> None:
        """What the engine has given up must not look as if it were running."""
        for job in self.board.in_state("running"):
            reason = self.engine.given_up(job.id)
            if reason is not None:
                self.board.finish(job.id, "failed", error=reason)

    def close(self) -> None:
        """Interrupt what is running and let go."""
        self.work.stopping.set()
        self.engine.close()
        self.board.close()
        self._loop.close()
        self.slot.release()

    def _kind(self, job: str) -> str:
        found = self.board.job(job)
        return found.kind if found else "transcribe"


def edges(loop: LoopThread, record: Record, blobs: BlobStore) -> tuple[Any, Any]:
    """`read` and `put` for blocking work, over the asynchronous edges."""

    def read(hearing: str, after: int) -> list[Entry]:
        return loop.run(record.read(hearing, after))

    async def put_once(name: str, content: bytes) -> None:
        if await blobs.stat(name) is None:
            await blobs.put(name, content)

    def put(name: str, content: bytes) -> None:
        loop.run(put_once(name, content))

    return read, put
