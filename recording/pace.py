"""How hard the worker may work. While a sitting is live on this host, people come first.

Linux gives every thread a niceness of its own, and a thread may always make itself nicer but not less nice. So each
piece of work runs in a thread of its own that first sets its niceness: afterwards the next piece may be less nice
again, without any privilege. The worker itself must be started at ordinary niceness.
"""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from hearing.priority import weigh_session

Result = TypeVar("Result")

# Behind by this much speech, the worker takes a larger share, so that the draft is there soon after closing.
BEHIND_MS = 15_000
FAR_BEHIND_MS = 40_000
COURTEOUS, HURRIED, LATE, AFTER_CLOSING = 19, 10, 5, 0


def niceness(*, live: bool, waiting_ms: int) -> int:
    """The niceness for the next phrase when `waiting_ms` of speech are still to be heard."""
    if not live:
        return AFTER_CLOSING
    if waiting_ms > FAR_BEHIND_MS:
        return LATE
    return HURRIED if waiting_ms > BEHIND_MS else COURTEOUS


def run_at(nice: int, work: Callable[[], Result]) -> Result:
    """Do `work` in a thread of its own at this niceness, and wait for it."""
    result: list[Result] = []
    fault: list[BaseException] = []

    def body() -> None:
        try:
            make_nicer(nice)
            # On a full machine a draft came 30 s after closing: the session never steps back behind everything.
            weigh_session(min(nice, LATE))
            result.append(work())
        except BaseException as raised:
            fault.append(raised)

    thread = threading.Thread(target=body, name=f"worker-nice-{nice}", daemon=True)
    thread.start()
    thread.join()
    if fault:
        raise fault[0]
    return result[0]


def make_nicer(nice: int) -> None:
    """Set the niceness of the calling thread, unless it is as nice already."""
    thread = threading.get_native_id()
    if os.getpriority(os.PRIO_PROCESS, thread) < nice:
        os.setpriority(os.PRIO_PROCESS, thread, nice)
