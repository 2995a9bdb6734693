"""The hash chain of the record, as `docs/record.md` defines it. Rule: change neither without the other, ever.

The definition is written so that a program in any language can follow it; `hearing.verify` is one such program and
shares no code with this module on purpose.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from hearing.ports import Draft
from hearing.wire import Entry

FORMAT = "hearing-entry-1"
BEGINNING = "0" * 64
SALT_BYTES = 32


def body_sha256(salt: bytes, body: bytes) -> str:
    """The salt keeps a short body (yes, no, a name) from being guessed out of its hash after it was erased."""
    return hashlib.sha256(salt + body).hexdigest()


def entry_hash(
    *,
    hearing: str,
    number: int,
    at: datetime,
    by: str,
    kind: str,
    schema: int,
    op_id: str,
    ordinal: int,
    key_id: str,
    body_sha256: str,
    prev: str,
) -> str:
    fields = (FORMAT, hearing, number, instant(at), by, kind, schema, op_id, ordinal, key_id, body_sha256, prev)
    return hashlib.sha256(netstrings(str(field) for field in fields)).hexdigest()


def netstrings(fields: Iterable[str]) -> bytes:
    """`<length in bytes>:<UTF-8>,` one after the other: no field can lend a character to its neighbour."""
    encoded = (field.encode() for field in fields)
    return b"".join(b"%d:%s," % (len(field), field) for field in encoded)


def instant(at: datetime) -> str:
    """The one spelling of a time in the record: UTC, always six decimals, always Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def seal(hearing: str, expected: int, prev: str, drafts: Sequence[Draft], salts: Sequence[bytes]) -> tuple[Entry, ...]:
    """Number and chain `drafts` after entry `expected`, whose hash is `prev`."""
    written = []
    for number, (draft, salt) in enumerate(zip(drafts, salts, strict=True), start=expected + 1):
        body_hash = body_sha256(salt, draft.body)
        hash = entry_hash(
            hearing=hearing,
            number=number,
            at=draft.at,
            by=draft.by,
            kind=draft.kind,
            schema=draft.schema,
            op_id=draft.op_id,
            ordinal=draft.ordinal,
            key_id=draft.key_id,
            body_sha256=body_hash,
            prev=prev,
        )
        written.append(
            Entry(
                hearing=hearing,
                number=number,
                at=draft.at,
                by=draft.by,
                kind=draft.kind,
                schema=draft.schema,
                op_id=draft.op_id,
                body_sha256=body_hash,
                prev=prev,
                hash=hash,
                body=draft.body,
                event=draft.event,
            )
        )
        prev = hash
    return tuple(written)
