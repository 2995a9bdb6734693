"""Notices as files: one `.eml` per notice in a directory, for a court without a mail server and for the demo.

Rule: a file appears whole or not at all, so that a program that picks them up never sends half a letter.
"""

import asyncio
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hearing.notify.letter import letter
from hearing.ports import Clock, Ids, Notice
from hearing.system import SystemClock, Uuid7Ids


class FileNotifier:
    def __init__(self, directory: Path, clock: Clock, ids: Ids) -> None:
        self.directory = directory
        self._clock = clock
        self._ids = ids

    async def send(self, notice: Notice) -> None:
        content = letter(notice, sender="hearing@localhost", clock=self._clock).as_bytes()
        await asyncio.to_thread(self._write, self._ids.new(), content)

    def _write(self, name: str, content: bytes) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self.directory / f".{name}"
        # Readable by the owner only: the letter holds the invitation's secret.
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.directory / f"{name}.eml")


def at(url: str) -> FileNotifier:
    parts = urlsplit(url)
    if parts.netloc or not parts.path.startswith("/"):
        raise ValueError("the file notifier needs an absolute directory: file:///var/lib/hearing/outbox")
    return FileNotifier(Path(unquote(parts.path)), SystemClock(), Uuid7Ids())
