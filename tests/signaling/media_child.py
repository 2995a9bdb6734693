"""A media process for the tests, to be killed: `python media_child.py SOCKET`. It keeps nothing."""

import asyncio
import sys
from pathlib import Path

from signaling.media.node import serve
from signaling.media.sink import NoSink

if __name__ == "__main__":
    asyncio.run(serve(socket=Path(sys.argv[1]), sink=lambda notify: NoSink(), host="127.0.0.1"))
