"""What every store must do, tried on each of them; S3 against a real server of that protocol on this machine."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hearing.ports import Blob, BlobStore
from recording.storage import NameTaken, open_store
from tests.support import s3

KINDS = ["memory", "file", "s3"]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with s3.serving() as endpoint:
        yield endpoint


@pytest.fixture(params=KINDS)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[BlobStore]:
    match request.param:
        case "file":
            yield open_store(f"file://{tmp_path}/blobs")
        case "s3":
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            endpoint = request.getfixturevalue("s3_endpoint")
            yield open_store(f"s3://bucket/{tmp_path.name}?endpoint={endpoint}&region=us-east-1")
        case _:
            yield open_store("memory:")


async def content(store: BlobStore, name: str, offset: int = 0, length: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.open(name, offset, length)])


async def test_what_was_put_is_there(store: BlobStore) -> None:
    blob = bytes(range(256)) * 4000
    assert await store.put("case/exhibit-1.pdf", blob) == Blob(name="case/exhibit-1.pdf", size=len(blob))
    assert await store.stat("case/exhibit-1.pdf") == Blob(name="case/exhibit-1.pdf", size=len(blob))
    assert await content(store, "case/exhibit-1.pdf") == blob


async def test_an_empty_blob_is_a_blob(store: BlobStore) -> None:
    await store.put("empty", b"")
    assert await store.stat("empty") == Blob(name="empty", size=0)
    assert await content(store, "empty") == b""


@pytest.mark.parametrize(("offset", "length"), [(0, 5), (3, None), (999_990, 100), (700_000, 2), (1 << 40, 5), (5, 0)])
async def test_a_range_is_what_it_says_and_ends_with_the_blob(
    store: BlobStore, offset: int, length: int | None
) -> None:
    blob = os.urandom(1_000_000)
    await store.put("blob", blob)
    end = None if length is None else offset + length
    assert await content(store, "blob", offset, length) == blob[offset:end]


async def test_a_name_is_written_once_and_the_same_bytes_may_come_again(store: BlobStore) -> None:
    await store.put("name", b"first")
    await store.put("name", b"first")
    with pytest.raises(NameTaken):
        await store.put("name", b"other")
    assert await content(store, "name") == b"first"


async def test_what_is_not_there_is_said_so(store: BlobStore) -> None:
    assert await store.stat("nothing") is None
    with pytest.raises(FileNotFoundError):
        await content(store, "nothing")


async def test_deleting_twice_is_deleting(store: BlobStore) -> None:
    await store.put("name", b"first")
    await store.delete("name")
    await store.delete("name")
    assert await store.stat("name") is None
    await store.put("name", b"other")


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../up", "a/../../up", "a//b", ".hidden", "a/.hidden", "a b", "a\0b", "x" * 600, "a\n"]
)
async def test_a_name_cannot_leave_the_store(store: BlobStore, name: str) -> None:
    for attempt in (store.put(name, b"x"), store.stat(name), store.delete(name), content(store, name)):
        with pytest.raises(ValueError, match="not a blob's name"):
            await attempt


def test_a_url_that_names_no_store_is_refused() -> None:
    for url in ("ftp://host/x", "blobs", "file://host/blobs", "s3:///bucket", "s3://bucket/x?secret=y", "s3://a:b@c/d"):
        with pytest.raises(ValueError):
            open_store(url)


async def test_a_blob_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"file://{tmp_path}")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await store.put("name", b"content")
    assert await store.stat("name") is None and list(tmp_path.iterdir()) == []
