"""Who goes first on a machine that is full: this process, against those of other sessions too."""

import os
from contextlib import suppress
from pathlib import Path

_SESSION = Path("/proc/self/autogroup")


def weigh_session(niceness: int) -> None:
    """Give the session of this process a niceness; nothing happens unless it leads that session.

    Linux shares a processor among sessions first and by niceness only within each (sched(7), "The autogroup feature"):
    beside a busy process of another session the niceness of a process alone means nothing. One below 0 needs the
    privilege (`CAP_SYS_NICE`), without which nothing happens either.
    """
    if os.getsid(0) != os.getpid():
        return
    # A kernel without autogroups has no such file, and listens to the unprivileged ten times a second at most.
    with suppress(OSError):
        _SESSION.write_text(str(niceness))
