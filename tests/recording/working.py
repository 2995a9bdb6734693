"""A real worker process on a real record, for tests that kill it. The wiring is the product's own (`web.processes`)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hearing import wire
from hearing.ports import Draft
from hearing.proceedings import COURT
from hearing.store import open_store
from recording.board import Board, Job
from tests.recording.speech import Court

LABELS = {
    "machine": "Machine text",
    "weak": "Weak engine",
    "overlapping": "overlapping",
    "off_record": "off the record",
    "back_on": "back on the record",
    "no_engine": "no engine",
    "failed": "not transcribed",
}


class Site:
    """A data directory with a record, a board and, when started, a worker."""

    def __init__(self, data: Path, *, postgres: str = "") -> None:
        self.data = data
        self.recordings = data / "recordings"
        self.database = postgres or f"sqlite:///{data / 'hearing.sqlite'}"
        self.environment = {"HEARING_DATA": str(data), "HEARING_ASR": "pocketsphinx:", "HEARING_DATABASE": postgres}
        self.board = Board(postgres or f"sqlite:///{data / 'jobs.sqlite'}")
        self.workers: list[subprocess.Popen[bytes]] = []

    async def enter(self, court: Court) -> None:
        """Every entry of `court` that is not in the record yet."""
        store = await open_store(self.database)
        known = len(await store.record.read(court.hearing))
        drafts = [
            Draft(
                at=entry.at,
                by=COURT,
                kind=type(entry.event).__name__,
                schema=1,
                op_id=f"op{entry.number}",
                ordinal=0,
                body=wire.encode(entry.event),
                event=entry.event,
            )
            for entry in court.entries[known:]
        ]
        if drafts:
            await store.record.append(court.hearing, known, drafts)
        await store.close()

    def ask(self, job: str, kind: str, court: Court, **wish: object) -> None:
        """As the web process asks."""
        wish = {"labels": LABELS, "names": {}, "title": kind, **wish}
        self.board.ask(job, kind, hearing=court.hearing, sitting=court.sitting, input=wish, by=COURT, at=time.time())

    def start(self, index: int = 0) -> subprocess.Popen[bytes]:
        """One more worker."""
        with (self.data / f"worker.{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "web.processes", "worker", str(index)],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(worker)
        return worker

    def until(self, true: Callable[[], bool], seconds: float = 240.0) -> None:
        """Wait for something that another process does."""
        limit = time.monotonic() + seconds
        while not true():
            if time.monotonic() > limit:
                logs = "\n".join(path.read_text() for path in sorted(self.data.glob("worker.*.log")))
                raise AssertionError(f"it did not come true in {seconds} s; the workers said:\n{logs}")
            time.sleep(0.1)

    def job(self, job: str) -> Job:
        """The job as the board has it."""
        found = self.board.job(job)
        assert found is not None
        return found

    def close(self) -> None:
        """End every worker."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            try:
                worker.wait(timeout=20)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self.board.close()
