"""Blobs as files below one directory. A blob appears whole and durable, or not at all."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from hearing.ports import Blob
from recording.storage import CHUNK, NameTaken, checked


class FileStore:
    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def at(cls, url: str) -> "FileStore":
        parts = urlsplit(url)
        if parts.netloc or not parts.path.startswith("/"):
            raise ValueError("a file store needs an absolute directory: file:///var/lib/hearing/blobs")
        return cls(Path(unquote(parts.path)))

    async def put(self, name: str, content: bytes) -> Blob:
        await asyncio.to_thread(self._put, self._root / checked(name), content)
        return Blob(name=name, size=len(content))

    async def open(self, name: str, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Raises `FileNotFoundError` at the first step. A file that still grows may be read as well."""
        file = await asyncio.to_thread((self._root / checked(name)).open, "rb")
        try:
            await asyncio.to_thread(file.seek, offset)
            left = length
            while left is None or left > 0:
                chunk = await asyncio.to_thread(file.read, CHUNK if left is None else min(CHUNK, left))
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk
        finally:
            file.close()

    async def stat(self, name: str) -> Blob | None:
        try:
            found = await asyncio.to_thread((self._root / checked(name)).stat)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Blob(name=name, size=found.st_size)

    async def delete(self, name: str) -> None:
        await asyncio.to_thread((self._root / checked(name)).unlink, missing_ok=True)

    def _put(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{token_hex(8)}")  # no blob's name begins with a dot
        try:
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(unfinished, path)
            except FileExistsError:
                if path.read_bytes() != content:
                    raise NameTaken(path.name) from None
        finally:
            unfinished.unlink(missing_ok=True)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
