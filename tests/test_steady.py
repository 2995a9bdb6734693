"""What every run rests on: no test is left out in silence, and the surroundings are the same everywhere."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support import steady

ROOT = Path(__file__).parents[1]

LEFT_OUT = """
import pytest

def test_sound(): pass

def test_left_out(): pytest.skip("no Chromium here")

@pytest.mark.skipif(True, reason="not on this machine")
def test_marked(): pass

@pytest.mark.xfail
def test_forgiven(): assert False

@pytest.mark.xfail
def test_forgiven_in_vain(): pass
"""


def run(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_some.py").write_text(source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.support.steady",
        "-p",
        "no:cacheprovider",
        "--rootdir",
    ]
    return subprocess.run(
        [*command, str(folder), str(folder)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


def test_whatever_is_left_out_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, LEFT_OUT)
    assert done.returncode == 1 and "3 failed, 1 passed, 1 error" in done.stdout, done.stdout
    assert "no Chromium here" in done.stdout


def test_a_module_that_is_left_out_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, "import pytest\npytest.importorskip('no_such_library')\ndef test_sound(): pass\n")
    assert done.returncode != 0 and "nothing may be left out" in done.stdout, done.stdout


def test_what_a_machine_adds_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 20)))
    given = {
        "PGHOST": "db.example",
        "HEARING_DATA": "/srv",
        "HTTPS_PROXY": "http://proxy",
        "HOME": "/proc",
        "PATH": "p",
    }
    steady.settle(given)
    assert {"PGHOST", "HEARING_DATA", "HTTPS_PROXY"}.isdisjoint(given)
    assert given["PATH"] == "p" and given["TMPDIR"] == "/tmp" and given["NO_PROXY"] == "*"
    assert given["HOME"] != "/proc" and os.path.isdir(given["HOME"])
    os.rmdir(given["HOME"])
