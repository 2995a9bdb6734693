"""Cases, their numbers, parties and items. A case item is anything in the file; a recording is one kind of it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hearing.errors import Refused

# `12/2026/TLST-HS`, also untidy: `02/2022/QĐXX - LĐST`, `50/TLST-HS` (no year).
NUMBER = re.compile(r"^\s*(\d{1,6})\s*(?:/\s*(\d{4}))?\s*/\s*([A-ZĐ]{2,8}(?:\s*-\s*[A-ZĐ]{1,8})+)\s*$")
# The `open` pack: `2026-CV-000123`.
OPEN_NUMBER = re.compile(r"^\s*(\d{4})-([A-Z]{1,8})-(\d{1,6})\s*$")


class NumberState(StrEnum):
    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    VOID = "void"


class Purpose(StrEnum):
    """What carries the number."""

    ACCEPTANCE = "acceptance"
    DECISION = "decision"
    JUDGMENT = "judgment"


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    sequence: int
    year: int
    symbol: str
    raw: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseNumber:
    id: str
    case: str
    number: Number
    purpose: Purpose
    state: NumberState
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """`number` is the acceptance number as written, empty until one is confirmed."""

    id: str
    court: str
    court_at_acceptance: str
    kind: str
    title: str
    status: str
    sealed: bool
    accepted_on: str | None
    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    id: str
    case: str
    person: str
    role: str
    accompanies: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """`seal` is the reason it is sealed, None when it is not. The bytes are `blob` in the blob store."""

    id: str
    case: str
    hearing: str | None
    kind: str
    source: str
    title: str
    blob: str
    sha256: str
    size: int
    media_type: str
    visibility: str
    seal: str | None
    folio: tuple[int, int] | None
    created_at: datetime
    created_by: str


def parse_number(text: str, *, year: int | None = None) -> Number:
    """Read a number as people write it; `year` stands in where they left it out. Raises `Refused`."""
    upper = unicodedata.normalize("NFC", text).upper()
    if (found := NUMBER.match(upper)) is not None:
        sequence, written_year, symbol = found[1], found[2], found[3]
        if written_year is None and year is None:
            raise Refused("number-without-year")
        symbol = re.sub(r"\s*-\s*", "-", symbol)
        return Number(sequence=int(sequence), year=int(written_year or year or 0), symbol=symbol, raw=text.strip())
    if (found := OPEN_NUMBER.match(upper)) is not None:
        return Number(sequence=int(found[3]), year=int(found[1]), symbol=found[2], raw=text.strip())
    raise Refused("number-not-understood")


def written(sequence: int, year: int, symbol: str) -> str:
    """The usual spelling: two digits at least in the pattern with a symbol of parts, six in the open pattern."""
    return f"{sequence:02d}/{year}/{symbol}" if "-" in symbol else f"{year}-{symbol}-{sequence:06d}"
