"""The niceness of a process counts against other sessions only where it leads one."""

import subprocess
import sys
from pathlib import Path

import pytest

READS = """
from pathlib import Path
from hearing.priority import weigh_session
mine = Path("/proc/self/autogroup")
def niceness():
    return int(mine.read_text().split()[-1]) if mine.exists() else None
before = niceness()
weigh_session(7)
print(before, niceness())
"""


@pytest.mark.parametrize("leads", [True, False])
def test_only_the_leader_of_a_session_gives_it_weight(leads: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READS], capture_output=True, text=True, check=True, start_new_session=leads
    )
    before, after = done.stdout.split()
    weighed = leads and Path("/proc/self/autogroup").exists()
    assert after == ("7" if weighed else before)
