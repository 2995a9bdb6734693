"""Blobs in a bucket of any S3-compatible server, through obstore, which is installed with `hearing[s3]`.

Access keys come from where such servers' clients look for them: the machine's role, a web identity, or
`AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. Never from the URL, which is written to logs.
"""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hearing.ports import Blob
from recording.storage import CHUNK, NameTaken, checked


class S3Store:
    """`put` asks the server to refuse a name that exists (`If-None-Match: *`), so two writers cannot both win."""

    def __init__(self, bucket: str, *, prefix: str = "", **config: str) -> None:
        import obstore
        import obstore.store

        self._obstore = obstore
        client: Any = {"allow_http": config.get("endpoint", "").startswith("http://")}
        settings: Any = dict(config) or None
        self._store = obstore.store.S3Store(bucket, prefix=prefix or None, client_options=client, config=settings)

    @classmethod
    def at(cls, url: str) -> "S3Store":
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if not parts.hostname or parts.password or not query.keys() <= {"endpoint", "region"}:
            raise ValueError("an S3 store is s3://bucket/prefix?endpoint=https://host&region=name")
        return cls(parts.hostname, prefix=parts.path.strip("/"), **query)

    async def put(self, name: str, content: bytes) -> Blob:
        try:
            await self._obstore.put_async(self._store, checked(name), content, mode="create")
        except self._obstore.exceptions.AlreadyExistsError:
            if b"".join([chunk async for chunk in self.open(name)]) != content:
                raise NameTaken(name) from None
        return Blob(name=name, size=len(content))

    async def open(self, name: str, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Raises `FileNotFoundError` at the first step."""
        found = await self.stat(name)
        if found is None:
            raise FileNotFoundError(name)
        end = found.size if length is None else min(found.size, offset + length)
        if offset >= end:
            return
        answer = await self._obstore.get_async(self._store, checked(name), options={"range": (offset, end)})
        async for chunk in answer.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)

    async def stat(self, name: str) -> Blob | None:
        try:
            found = await self._obstore.head_async(self._store, checked(name))
        except FileNotFoundError:
            return None
        return Blob(name=name, size=found["size"])

    async def delete(self, name: str) -> None:
        try:
            await self._obstore.delete_async(self._store, checked(name))
        except FileNotFoundError:
            return
