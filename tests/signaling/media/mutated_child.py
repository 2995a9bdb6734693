"""A media process for mutated descriptions: `python mutated_child.py SOCKET`. Unused connections end after a second.

With `careless` behind it, numbers are read as a careless server would, and unused connections stay.
"""

import asyncio
import resource
import sys
from pathlib import Path

from signaling.media import peer, sdp
from signaling.media.node import serve
from signaling.media.sink import NoSink

MEMORY = 3 << 30

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    peer.SETUP_TIMEOUT = 1.0
    if "careless" in sys.argv:
        sdp._small = lambda text, limit: int(text) <= limit
        peer.SETUP_TIMEOUT = 3600.0
    asyncio.run(serve(socket=Path(sys.argv[1]), sink=lambda notify: NoSink(), host="127.0.0.1"))
