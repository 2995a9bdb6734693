"""Where bytes lie, chosen by a URL. Rule: a name is written once; the same bytes may be put again, others not."""

import re
from urllib.parse import urlsplit

from hearing.ports import BlobStore

CHUNK = 256 * 1024
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class NameTaken(Exception):
    """Other bytes already lie under this name."""


def checked(name: str) -> str:
    """`name`, when its parts are letters, digits, `.`, `_`, `-` and begin with no dot. Else `ValueError`."""
    if not NAME.fullmatch(name) or len(name) > 512:
        raise ValueError(f"not a blob's name: {name!r}")
    return name


def open_store(url: str) -> BlobStore:
    """`memory:`, `file:///directory` or `s3://bucket/prefix?endpoint=https://host&region=name`."""
    scheme = urlsplit(url).scheme
    match scheme:
        case "memory":
            from recording.storage.memory import MemoryStore

            return MemoryStore()
        case "file":
            from recording.storage.file import FileStore

            return FileStore.at(url)
        case "s3":
            from recording.storage.s3 import S3Store

            return S3Store.at(url)
        case _:
            raise ValueError(f"no store for {scheme!r}: use memory, file or s3")
