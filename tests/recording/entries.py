"""A record made by hand: events and when they happened, as entries."""

from datetime import UTC, datetime, timedelta

from hearing import wire
from hearing.proceedings.events import Event

BEGAN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def record(*happened: tuple[int, Event]) -> list[wire.Entry]:
    """(milliseconds after `BEGAN`, event) -> entries, numbered from 1."""
    return [
        wire.Entry(
            hearing="hearing",
            number=number,
            at=BEGAN + timedelta(milliseconds=milliseconds),
            by="court",
            kind=type(event).__name__,
            schema=1,
            op_id=f"op-{number}",
            body_sha256="",
            prev="",
            hash="",
            body=wire.encode(event),
            event=event,
        )
        for number, (milliseconds, event) in enumerate(happened, 1)
    ]
