"""Which worker am I? A slot per host, held by a lock on a file for as long as the process lives.

Two live processes with one name would do every job twice, so a name is only ever had together with its lock; and
whoever can take the lock of another name knows that its owner is dead.
"""

import fcntl
import hashlib
import os
import socket
from pathlib import Path

SLOTS = 64


class Slot:
    """A name of our own, until `release` or the end of the process."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.host = socket.gethostname()
        # Two installations on one host, or two workers with directories of their own, are never the same executor.
        place = hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:8]
        for number in range(SLOTS):
            path = directory / f"worker.{number}.lock"
            descriptor = try_lock(path)
            if descriptor is not None:
                self._descriptor = descriptor
                self.lock_file = str(path)
                self.executor = f"{self.host}:{place}:{number}"
                return
        raise RuntimeError(f"all {SLOTS} worker slots in {directory} are taken")

    def release(self) -> None:
        """Give the name back."""
        os.close(self._descriptor)


def try_lock(path: Path) -> int | None:
    """The locked file's descriptor, or None while somebody alive holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
