"""Hearings as lists and calendars know them. Rule: a projection of the record; nothing is ever decided upon it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingSummary:
    """One line of a list. `started_at` and `ended_at` are of the latest sitting; `number` the last entry projected."""

    id: str
    case: str
    court: str
    courtroom: str | None
    pack: str
    procedure: str
    mode: str
    visibility: str
    starts_at: datetime
    stage: str
    phase: str | None
    interruption: str | None
    outcome: str | None
    started_at: datetime | None
    ended_at: datetime | None
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitting:
    id: str
    hearing: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatSummary:
    hearing: str
    seat: str
    person: str
    role: str
    point: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    hearing: str
    courtroom: str
    starts_at: datetime
    ends_at: datetime
