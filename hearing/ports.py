"""What the court needs from the world: protocols of a few lines. Rule: nothing here knows an implementation."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hearing.proceedings.events import Event
from hearing.wire import Entry


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware and in UTC."""
        ...


class Ids(Protocol):
    def new(self) -> str:
        """A new id, never given before."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An entry before the record has numbered and chained it. `body` is the exact bytes that will be hashed."""

    at: datetime
    by: str
    kind: str
    schema: int
    op_id: str
    ordinal: int
    body: bytes
    event: Event
    key_id: str = "none"


class Conflict(Exception):
    """Somebody else appended first: read the record again before deciding anew."""


class Fenced(Exception):
    """Another process owns this hearing by a higher generation: stop writing and forget what you hold."""


class Record(Protocol):
    """The append-only record of every hearing. An entry that `append` has returned survives a power cut."""

    async def append(
        self, hearing: str, expected: int, drafts: Sequence[Draft], *, generation: int | None = None
    ) -> tuple[Entry, ...]:
        """Write `drafts` after entry `expected`, all or none. Raises `Conflict`, or `Fenced` for an old generation."""
        ...

    async def read(self, hearing: str, after: int = 0, limit: int | None = None) -> list[Entry]:
        """The entries numbered above `after`, in order, at most `limit` of them."""
        ...

    async def heads(self) -> dict[str, int]:
        """The last number of every hearing."""
        ...


class Placements(Protocol):
    """Which process owns a hearing. A lease that is not renewed ends by itself; a generation never comes back."""

    async def take(self, hearing: str, owner: str) -> int:
        """Own the hearing and get the generation to write with. Raises `Refused("hearing-elsewhere")`.

        The same owner's name takes over at once (a restarted process), another's only when the lease has run out.
        """
        ...

    async def renew(self, owner: str) -> None:
        """Prolong every lease of `owner`; call it well within the lease."""
        ...

    async def release(self, hearing: str, owner: str, generation: int) -> None:
        """Give the hearing back, so that another process need not wait for the lease to end."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Blob:
    name: str
    size: int


class BlobStore(Protocol):
    """Bytes by name. A name is written once."""

    async def put(self, name: str, content: bytes) -> Blob: ...

    def open(self, name: str, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]: ...

    async def stat(self, name: str) -> Blob | None: ...

    async def delete(self, name: str) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """`algorithm` is `none` when nobody signed; then the value and the certificate are empty."""

    algorithm: str
    value: bytes
    certificate: bytes


class Signer(Protocol):
    async def sign(self, content: bytes) -> Signature: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One message to one person. `to` is an e-mail address, or empty when the person has none."""

    to: str
    name: str
    subject: str
    text: str


class Notifier(Protocol):
    async def send(self, notice: Notice) -> None:
        """Deliver, or raise: a notice that was not handed on is a fault for the caller to show."""
        ...
