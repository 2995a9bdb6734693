"""The niceness of a process counts against other sessions only where it leads one."""

import subprocess
import sys
from pathlib import Path

import pytest

READS = """
import os, sys
from pathlib import Path
from hearing.priority import weigh_session
mine = Path("/proc/self/autogroup")
def niceness():
    return int(mine.read_text().split()[-1]) if mine.exists() else None
if sys.argv[1] == "member" and (follower := os.fork()):
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(follower, 0)[1]))
before = niceness()
weigh_session(7)
print(before, niceness())
"""


@pytest.mark.parametrize("place", ["leader", "member"])
def test_only_the_leader_of_a_session_gives_it_weight(place: str) -> None:
    # Always in a session of its own: the one the tests run in may have no autogroup, and then the file is empty.
    done = subprocess.run(
        [sys.executable, "-c", READS, place], capture_output=True, text=True, check=True, start_new_session=True
    )
    before, after = done.stdout.split()
    weighed = place == "leader" and Path("/proc/self/autogroup").exists()
    assert after == ("7" if weighed else before)
