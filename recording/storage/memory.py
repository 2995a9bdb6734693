"""Blobs in a dictionary, for tests and trials."""

from collections.abc import AsyncIterator

from hearing.ports import Blob
from recording.storage import CHUNK, NameTaken, checked


class MemoryStore:
    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def put(self, name: str, content: bytes) -> Blob:
        if self._blobs.setdefault(checked(name), content) != content:
            raise NameTaken(name)
        return Blob(name=name, size=len(content))

    async def open(self, name: str, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Raises `FileNotFoundError` at the first step."""
        blob = self._blobs.get(checked(name))
        if blob is None:
            raise FileNotFoundError(name)
        end = len(blob) if length is None else min(len(blob), offset + length)
        for at in range(offset, end, CHUNK):
            yield blob[at : min(at + CHUNK, end)]

    async def stat(self, name: str) -> Blob | None:
        blob = self._blobs.get(checked(name))
        return None if blob is None else Blob(name=name, size=len(blob))

    async def delete(self, name: str) -> None:
        self._blobs.pop(checked(name), None)
