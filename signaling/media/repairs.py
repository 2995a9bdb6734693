"""How long a missing packet is worth asking for, and how often. Pure."""

NACK_INTERVAL, NACK_TRIES = 0.04, 10
"""Asked at once, then by the clock: never before the answer to the last question can have come."""

NACK_AGE = {"audio": 0.3, "video": 1.0}
"""Seconds after which a repair near by is worth nothing; farther away the third answer is still waited for."""

SWAPPED = 0.01
"""Seconds by which packets may be late because they changed places on the way; later ones were sent again."""

STALE_SOUND = 0.25
"""A repair this late is for the recorder. A player has gone on, or asks for it by itself."""


class Missing:
    """A packet that did not come."""

    __slots__ = ("asked", "since", "tries")

    def __init__(self, since: float, tries: int) -> None:
        self.since, self.asked, self.tries = since, since, tries


def interval(round_trip: float) -> float:
    """Seconds between asking and asking again."""
    return max(NACK_INTERVAL, 1.25 * round_trip + 0.02)


def patience(kind: str, round_trip: float) -> float:
    """Seconds after which a missing packet is given up: no repair comes later."""
    age = max(NACK_AGE[kind], 3.5 * round_trip + 0.15 if round_trip else 0.0)
    return min(age, NACK_TRIES * interval(round_trip) + round_trip)
