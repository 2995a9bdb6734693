"""The supervisor with real processes: what is killed comes back, and nothing is left behind."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

import web.supervisor
from web.settings import Settings
from web.supervisor import Supervisor


@pytest.fixture
def idle_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children that only wait: this test is about their lives, not their work."""
    start = asyncio.create_subprocess_exec

    async def idle(*command: str, **options: object) -> asyncio.subprocess.Process:
        return await start(sys.executable, "-c", "import time; time.sleep(600)", **options)  # type: ignore[arg-type]

    monkeypatch.setattr(web.supervisor.asyncio, "create_subprocess_exec", idle)


async def living(data: Path) -> dict[str, int]:
    for _ in range(1_200):
        await asyncio.sleep(0.05)
        path = data / "processes.json"
        if path.exists():
            found = {name: row["pid"] for name, row in json.loads(path.read_text()).items()}
            if {"media.0", "web.0", "worker.0"} <= set(found):
                return found
    raise AssertionError("the children did not start")


async def test_a_killed_child_is_replaced_and_the_others_stay(tmp_path: Path, idle_children: None) -> None:
    supervisor = Supervisor(Settings(data=tmp_path))
    supervisor.start()
    before = await living(tmp_path)
    os.kill(before["media.0"], signal.SIGKILL)
    for _ in range(1_200):
        await asyncio.sleep(0.05)
        after = await living(tmp_path)
        if after["media.0"] != before["media.0"]:
            break
    assert after["media.0"] != before["media.0"]
    assert psutil.pid_exists(after["media.0"])
    assert (after["web.0"], after["worker.0"]) == (before["web.0"], before["worker.0"])
    await supervisor.close()
    assert not any(psutil.pid_exists(pid) for name, pid in after.items() if name != "supervisor")
    assert not (tmp_path / "processes.json").exists()


async def test_each_child_leads_a_session_of_its_own(tmp_path: Path, idle_children: None) -> None:
    """Only so it can go before or behind what else the machine does (`hearing/priority.py`)."""
    supervisor = Supervisor(Settings(data=tmp_path))
    supervisor.start()
    children = {name: pid for name, pid in (await living(tmp_path)).items() if name != "supervisor"}
    sessions = {name: os.getsid(pid) for name, pid in children.items()}
    await supervisor.close()
    assert sessions == children
