"""Who goes first on a full machine: sound, then pages, before all else; where nobody may ask for it, nothing breaks."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.support.product import Product
from web.processes import MEDIA_NICE, WEB_NICE


def allowed() -> bool:
    """May this user go before others? Asked of the system by a process that ends at once."""
    asks = f"import os; os.setpriority(os.PRIO_PROCESS, 0, {MEDIA_NICE})"
    return subprocess.run([sys.executable, "-c", asks], stderr=subprocess.DEVNULL, check=False).returncode == 0


def test_sound_goes_before_pages_and_pages_before_all_else(product: Product) -> None:
    may = allowed()
    for name, niceness in (("media.0", MEDIA_NICE), ("web.0", WEB_NICE)):
        pid = product.pid(name)
        assert pid is not None and os.getsid(pid) == pid
        wanted = niceness if may else os.getpriority(os.PRIO_PROCESS, 0)
        assert psutil.Process(pid).nice() == wanted
        session = Path(f"/proc/{pid}/autogroup")
        if session.exists() and may:
            assert int(session.read_text().split()[-1]) == niceness
