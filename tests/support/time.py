"""A clock that stands still until told, and ids that count: the same test always sees the same values."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 6, 12, 1, 0, tzinfo=UTC)  # eight o'clock in Hanoi


class SetClock:
    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class CountingIds:
    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        self._last += 1
        return f"id-{self._last:06d}"
