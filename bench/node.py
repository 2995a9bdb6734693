"""Our media process without a recorder, for the measurement: `python -m bench.node SOCKET ADDRESS`."""

import asyncio
import sys
from pathlib import Path

from signaling.media.node import serve
from signaling.media.sink import NoSink

if __name__ == "__main__":
    asyncio.run(serve(socket=Path(sys.argv[1]), addresses=[sys.argv[2]], sink=lambda notify: NoSink()))
