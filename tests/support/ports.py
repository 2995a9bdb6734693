"""Free ports for servers that must be told theirs. Rule: none that the kernel gives to somebody else a moment later.

A port below the kernel's own range is never the near end of anybody's connection, so between looking and listening only
another server that was told the very same number can take it.
"""

import random
import socket
from pathlib import Path

LOWEST = 12_000
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port of loopback on which nobody listens, by TCP or by UDP."""
    ends = int(RANGE.read_text().split()[0]) if RANGE.exists() else 32_768
    chance = random.SystemRandom()
    for _ in range(1_000):
        port = chance.randrange(LOWEST, ends) if ends > LOWEST + 1_000 else 0
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            try:
                stream.bind(("0.0.0.0", port))
                datagrams.bind(stream.getsockname())
            except OSError:
                continue
            return int(stream.getsockname()[1])
    raise RuntimeError("no free port was found")
