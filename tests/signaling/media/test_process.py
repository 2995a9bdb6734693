"""The media process as a process: started, greeted, killed, started again at the same socket."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from signaling import control
from signaling.link import NodeFailed, NodeLink
from tests.signaling.media.court import until

PROGRAM = """
import asyncio, signal, sys
from pathlib import Path
from signaling.media.node import serve
from signaling.media.sink import MemorySink

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(socket=Path(sys.argv[1]), sink=lambda notify: MemorySink(), addresses=["192.0.2.5"], stop=stop)

asyncio.run(main())
"""


async def start(path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, str(path))


async def greet(path: Path, generation: int, lost: asyncio.Event) -> NodeLink:
    for _ in range(3_000):
        try:
            return await NodeLink.connect(path, generation, lambda news: None, lost.set)
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(0.02)
    raise AssertionError("the media process does not listen")


async def test_a_killed_process_is_noticed_at_once_and_a_new_one_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "media.sock"
    process, lost = await start(path), asyncio.Event()
    link = await greet(path, 1, lost)
    assert link.ready is not None
    assert link.ready.pid == process.pid and link.ready.addresses[0] == "192.0.2.5"
    assert oct(path.stat().st_mode)[-3:] == "600", "nobody else may give orders"
    await link.ask(control.OpenRoom(room="room", hearing_ms=0, directory=str(tmp_path)))
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.wait_for(lost.wait(), 60)
    assert await process.wait() == -signal.SIGKILL
    with pytest.raises(NodeFailed):
        await link.ask(control.Statistics(room="room"))
    await link.close()

    again, ended = await start(path), asyncio.Event()
    link = await greet(path, 1, ended)
    assert link.ready is not None and link.ready.pid == again.pid != process.pid
    assert link.state.rooms == (), "the new process knows nothing; the switchboard tells it"
    again.terminate()
    assert await asyncio.wait_for(again.wait(), 60) == 0
    await until(ended.is_set)
    await link.close()


async def test_the_process_loads_neither_database_nor_web(tmp_path: Path) -> None:
    names = ("sqlalchemy", "aiohttp", "socketio")
    code = f"import signaling.media.node, sys; print([one for one in {names} if one in sys.modules])"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.strip() == b"[]"
