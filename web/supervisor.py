"""The parent process: starts web, media and worker, and starts again whatever dies. It never serves anything.

`<data>/processes.json` always names the living children, so that a person (or a test) can see which process is which
and that one was replaced.
"""

import asyncio
import contextlib
import ctypes
import json
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hearing.tasks import spawn, stop
from web.settings import Settings

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
FIRST_PAUSE_S = 0.05  # a killed process is back at once; one that dies at its start is not hammered
LONGEST_PAUSE_S = 5.0
STEADY_AFTER_S = 10.0
GRACE_S = 10.0


def _end_with_parent() -> None:
    """In the child: be told to end when the supervisor is gone (prctl(2)), so that nothing is left behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One place in the plan; the process in it may change."""

    kind: str
    index: int
    process: asyncio.subprocess.Process | None = None
    started: datetime | None = None
    starts: int = 0

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.index}"


@dataclass
class Supervisor:
    """Keeps one process per `Child` alive until `close`."""

    settings: Settings
    children: list[Child] = field(default_factory=list)
    closing: bool = False
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        media = [Child("media", index) for index in range(self.settings.media_count)]
        self.children = [*media, Child("web", 0), Child("worker", 0)]

    def start(self) -> None:
        self.settings.data.mkdir(parents=True, exist_ok=True)
        for child in self.children:
            spawn(self._keep(child), name=f"keep {child.name}", owner=self._tasks)

    async def close(self) -> None:
        """Ask every child to end (web first, so that it can say good-bye), then insist."""
        self.closing = True
        for kind in ("web", "worker", "media"):
            await asyncio.gather(*(self._end(child) for child in self.children if child.kind == kind))
        await stop(self._tasks)
        with contextlib.suppress(FileNotFoundError):
            (self.settings.data / "processes.json").unlink()

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE_S
        while not self.closing:
            began = time.monotonic()
            child.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "web.processes", child.kind, str(child.index),
                env={**os.environ, **self.settings.environment()},
                preexec_fn=_end_with_parent,
                start_new_session=True,
            )  # fmt: skip
            child.started = datetime.now(UTC)
            child.starts += 1
            self._write()
            code = await child.process.wait()
            if self.closing:
                return
            # A process that was drained, or told to end, has done its work and ends with 0.
            level = logging.ERROR if code else logging.INFO
            log.log(level, "process %s (pid %d) ended with %s; starting it again", child.name, child.process.pid, code)
            pause = FIRST_PAUSE_S if time.monotonic() - began > STEADY_AFTER_S else min(pause * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause)

    async def _end(self, child: Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), GRACE_S)
        except TimeoutError:
            log.error("process %s did not end in %.0f s; killed", child.name, GRACE_S)
            process.kill()
            await process.wait()

    def _write(self) -> None:
        living = {
            child.name: {"pid": child.process.pid, "started": child.started.isoformat(), "starts": child.starts}
            for child in self.children
            if child.process is not None and child.started is not None and child.process.returncode is None
        }
        path = self.settings.data / "processes.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"supervisor": {"pid": os.getpid()}, **living}, indent=1))
        part.replace(path)
