"""Our media process for the measurement: `python -m bench.node SOCKET ADDRESS [LAG] [--record]`.

Without a recorder unless told. Into the file `LAG` it writes each second by how many milliseconds its loop was late at
most: a timer of 5 ms asks.
"""

import asyncio
import sys
from pathlib import Path

from hearing import tasks
from recording.capture import Capture
from signaling.media.node import serve
from signaling.media.sink import NoSink, Notify, Sink

EVERY_S, TOLD_S = 0.005, 1.0
RECORD = "--record"


def sink(notify: Notify) -> Sink:
    return Capture(notify) if RECORD in sys.argv else NoSink()


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
    path, address, *lag = [one for one in sys.argv[1:] if one != RECORD]
    for one in lag:
        tasks.spawn(watch(Path(one)), name="lag", owner=watching)
    await serve(socket=Path(path), addresses=[address], sink=sink)


if __name__ == "__main__":
    asyncio.run(main())
