"""Our media process for the measurement: `python -m bench.node SOCKET ADDRESS [--record]`.

Without a recorder unless told.
"""

import asyncio
import sys
from pathlib import Path

from recording.capture import Capture
from signaling.media.node import serve
from signaling.media.sink import NoSink, Notify, Sink


def sink(notify: Notify) -> Sink:
    return Capture(notify) if "--record" in sys.argv else NoSink()


if __name__ == "__main__":
    asyncio.run(serve(socket=Path(sys.argv[1]), addresses=[sys.argv[2]], sink=sink))
