"""Media processes as a supervisor keeps them, and two pages that meet over them."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from hearing import tasks
from tests.signaling.courthouse import SITTING, Courthouse
from tests.signaling.media.court import until
from tests.signaling.page import Page
from tests.support.hearings import CLERK, JUDGE

ROOT = Path(__file__).parents[2]


class Machine:
    """Media processes and a supervisor that starts again whatever dies, unless it is told to `leave` it."""

    def __init__(self, directory: Path, count: int) -> None:
        self.sockets = [directory / f"media.{index}.sock" for index in range(count)]
        self.processes: dict[Path, asyncio.subprocess.Process] = {}
        self.left: set[Path] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        for socket in self.sockets:
            tasks.spawn(self._keep(socket), name=f"supervisor of {socket.name}", owner=self._tasks)
        await until(lambda: all(socket.exists() for socket in self.sockets), what="the media processes")

    async def _keep(self, socket: Path) -> None:
        while socket not in self.left:
            self.processes[socket] = await asyncio.create_subprocess_exec(
                sys.executable, str(Path(__file__).with_name("media_child.py")), str(socket),
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            await self.processes[socket].wait()

    def kill(self, socket: Path) -> int:
        pid = self.processes[socket].pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def drain(self, socket: Path, *, moving: bool = False) -> None:
        os.kill(self.processes[socket].pid, signal.SIGUSR2 if moving else signal.SIGUSR1)

    async def stop(self) -> None:
        self.left.update(self.sockets)
        for process in self.processes.values():
            if process.returncode is None:
                process.terminate()
                await process.wait()
        await tasks.stop(self._tasks)


async def court(courthouse: Courthouse) -> tuple[Page, Page]:
    clerk, judge = await Page.open(courthouse, CLERK), await Page.open(courthouse, JUDGE)
    await clerk.client.command("StartSitting", sitting=SITTING)
    await clerk.client.command("Admit", seats=[CLERK, JUDGE])
    await until(lambda: clerk.hears(judge) and judge.hears(clerk), what="a running courtroom")
    return clerk, judge
