"""`hearing drain`: one process of a running product is to end in order, so that the supervisor starts it anew.

A media process first serves its open sittings to their end, or has them taken elsewhere at once; the web process and
the worker end what they are at. Nothing is asked of the product itself but a signal, so it works whatever it is busy
with.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

LOOK_EVERY_S = 0.2


def drain(data: Path, name: str, *, moves: bool, waits: bool) -> int:
    """Tell process `name` of the product over `data`; with `waits` return when another has its place.

    Returns the exit code: 0 when told (and replaced), 1 when there is no such process.
    """
    before = _processes(data).get(name)
    if before is None or name == "supervisor":
        known = ", ".join(one for one in _processes(data) if one != "supervisor") or "none: it does not run"
        print(f"There is no process {name} over {data}. Processes: {known}.", file=sys.stderr)
        return 1
    number = signal.SIGTERM
    if name.startswith("media."):
        number = signal.SIGUSR2 if moves else signal.SIGUSR1
    try:
        os.kill(before["pid"], number)
    except ProcessLookupError:
        pass  # it ended by itself meanwhile, which is what was wanted
    print(f"{name} (pid {before['pid']}) {_promise(number)}", flush=True)
    while waits:
        if not (there := _processes(data)):
            print("The product has been stopped meanwhile.", file=sys.stderr)
            return 1
        now = there.get(name)
        if now is not None and now["pid"] != before["pid"]:
            print(f"{name} has been started again (pid {now['pid']}).")
            return 0
        time.sleep(LOOK_EVERY_S)
    return 0


def _promise(number: int) -> str:
    match number:
        case signal.SIGUSR1:
            return "takes no new sitting and is started again when its last one has ended."
        case signal.SIGUSR2:
            return "gives its sittings away and is started again when the last one has left."
        case _:
            return "ends what it is at and is started again."


def _processes(data: Path) -> dict[str, Any]:
    """What the supervisor last wrote; empty when it does not run."""
    try:
        found: dict[str, Any] = json.loads((data / "processes.json").read_text())
    except FileNotFoundError:
        return {}
    return found
