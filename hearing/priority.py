"""Who goes first on a machine that is full: this process, against those of other sessions too."""

import os
from contextlib import suppress
from pathlib import Path

_SESSION = Path("/proc/self/autogroup")


def weigh_session(niceness: int) -> None:
    """Give the session of this process a niceness; nothing happens unless it leads that session.

    Linux shares a processor among sessions first and by niceness only within each (sched(7), "The autogroup feature"):
    beside a busy process of another session the niceness of a process alone means nothing. Raises `PermissionError`
    for one below 0 without the privilege.
    """
    if os.getsid(0) != os.getpid():
        return
    # A kernel without autogroups has no such file; without privilege one change in 0.1 s is heard, the next says more.
    with suppress(FileNotFoundError, BlockingIOError):
        _SESSION.write_text(str(niceness))
