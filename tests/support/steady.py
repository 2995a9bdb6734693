"""The same surroundings for every run: whoever starts it, wherever, whatever stands in the environment.

Rule: nothing here hides a fault. It takes away what a machine may add (proxies, another database's settings, a home
that cannot be written) and makes a test that did not run a test that failed.
"""

import os
import tempfile
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# What would lead a test, or a program that it starts, elsewhere than to this machine.
FOREIGN = ("HEARING_", "PG", "AWS_", "FFMPEG_", "PLAYWRIGHT_", "PYTEST_ADDOPTS")
PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy")
LONGEST_TEMPORARY = 40
"""A Unix socket's path has 107 bytes, and pytest's own folders and the file's name take sixty."""


def settle(environment: Any = os.environ) -> None:
    """Before the first test is read."""
    for name in list(environment):
        if name.startswith(FOREIGN) or name.lower() in PROXIES:
            del environment[name]
    environment["NO_PROXY"] = environment["no_proxy"] = "*"
    if len(tempfile.gettempdir()) > LONGEST_TEMPORARY:
        environment["TMPDIR"] = tempfile.tempdir = "/tmp"
    home = environment.get("HOME", "")
    if not home or not writable(Path(home)):
        # Chromium does not start without one. It stays behind in the folder for temporary files.
        environment["HOME"] = tempfile.mkdtemp(prefix="hearing-home-")


def writable(folder: Path) -> bool:
    """By trying: root is told yes by the permissions of a file system that is read-only."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def same_examples() -> None:
    """Hypothesis draws the same examples on every machine on every day, and gives none a time limit."""
    settings.register_profile("steady", derandomize=True, deadline=None, database=None, print_blob=True)
    settings.load_profile("steady")


settle()
same_examples()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped or hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} did not run to its end ({reason(report)}): nothing may be left out"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        report.longrepr = f"{collector.nodeid} was left out ({reason(report)}): nothing may be left out"
        report.outcome = "failed"
    return report


def reason(report: Any) -> str:
    """What the test said for itself."""
    if hasattr(report, "wasxfail"):
        return f"xfail {report.wasxfail}"
    told = report.longrepr
    return str(told[-1] if isinstance(told, Iterable) and not isinstance(told, str) else told)
