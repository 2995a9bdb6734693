"""Garbage of a process that serves is found soon, however much the process held when it was ready."""

import subprocess
import sys

import pytest

LIVES = """
import gc, weakref
from hearing import heap
start = [[] for _ in range(300_000)]
{ready}
class Knot:
    def __init__(self):
        self.self = self
        self.ring = [[] for _ in range(50)]
kept = []
waiting = []
most = 0
for _ in range(3_000):
    # A knot that outlives the collector's young generations before it is let go.
    waiting.append(Knot())
    kept.append(weakref.ref(waiting[-1]))
    if len(waiting) > 300:
        del waiting[0]
    kept = [one for one in kept if one() is not None]
    most = max(most, len(kept) - len(waiting))
print(most)
"""


def lying_about(ready: str) -> int:
    """The most knots of 50 objects that were let go and not yet collected."""
    done = subprocess.run([sys.executable, "-c", LIVES.format(ready=ready)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize(("ready", "soon"), [("heap.set_aside()", True), ("gc.set_threshold(700, 10, 1)", False)])
def test_garbage_does_not_wait_for_a_quarter_of_the_start(ready: str, soon: bool) -> None:
    assert (lying_about(ready) < 600) is soon
