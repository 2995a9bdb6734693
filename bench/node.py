"""Our media process without a recorder, for the measurement: `python -m bench.node SOCKET ADDRESS [LAG]`.

Into the file `LAG` it writes each second by how many milliseconds its loop was late at most: a timer of 5 ms asks.
"""

import asyncio
import sys
from pathlib import Path

from hearing import tasks
from signaling.media.node import serve
from signaling.media.sink import NoSink

EVERY_S, TOLD_S = 0.005, 1.0


async def watch(path: Path) -> None:
    loop = asyncio.get_running_loop()
    worst, tell = 0.0, loop.time() + TOLD_S
    while True:
        due = loop.time() + EVERY_S
        await asyncio.sleep(EVERY_S)
        now = loop.time()
        worst = max(worst, now - due)
        if now >= tell:
            with path.open("a") as file:
                file.write(f"{worst * 1000:.1f}\n")
            worst, tell = 0.0, now + TOLD_S


async def main() -> None:
    watching: set[asyncio.Task[None]] = set()
    for path in sys.argv[3:4]:
        tasks.spawn(watch(Path(path)), name="lag", owner=watching)
    await serve(socket=Path(sys.argv[1]), addresses=[sys.argv[2]], sink=lambda notify: NoSink())


if __name__ == "__main__":
    asyncio.run(main())
