"""`python -m tests.support.programs` starts Chromium, Firefox, PostgreSQL and ffmpeg and says which they are.

Rule: started, not looked for. A run whose programs do not work ends here, with the reason, not in the middle.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from playwright.sync_api import sync_playwright

from recording.ffmpeg import find_ffmpeg
from tests.support import firefox as firefox_window
from tests.support import postgres, steady

CHROMIUM = "/usr/bin/chromium"


def chromium() -> str:
    """It draws a page."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_content("<h1>Tòa án</h1>")
        assert page.inner_text("h1") == "Tòa án"
        version = browser.version
        browser.close()
    return version


def firefox() -> str:
    """It draws a page."""

    async def drawn() -> str:
        with tempfile.TemporaryDirectory() as folder:
            async with firefox_window.firefox(Path(folder)) as window:
                await window.goto("data:text/html;charset=utf-8,<h1>Tòa án</h1>")
                assert await window.evaluate("document.querySelector('h1').innerText") == "Tòa án"
                return window.version

    return asyncio.run(drawn())


def postgresql() -> str:
    """It answers."""
    with postgres.running() as server, psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    assert row is not None
    return str(row[0]).split()[0]


def ffmpeg() -> str:
    """It encodes a second of sound and picture as the film does."""
    program = find_ffmpeg()
    source = ["-f", "lavfi", "-i", "testsrc=d=1:s=160x120", "-f", "lavfi", "-i", "sine=d=1"]
    encode = ["-c:v", "libx264", "-c:a", "aac", "-f", "null", "-"]
    subprocess.run([program, "-v", "error", *source, *encode], check=True, stdin=subprocess.DEVNULL)
    told = subprocess.run([program, "-version"], check=True, capture_output=True, text=True).stdout
    return told.split()[2]


if __name__ == "__main__":
    steady.settle()
    started = (("Chromium", chromium), ("Firefox", firefox), ("PostgreSQL", postgresql), ("ffmpeg", ffmpeg))
    sys.stdout.write("· started: " + ", ".join(f"{name} {start()}" for name, start in started) + "\n")
