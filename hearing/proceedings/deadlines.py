"""When the court must next be woken, and by which command of its own.

A command that was carried out is no longer due, because the hearing has changed; so a restarted timer does no harm.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hearing.proceedings.commands import Command, Enter, RaiseAlarm
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import Interruption

INCIDENT_ALARM = "incident-too-long"
RECESS_ALARM = "recess-over"


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """At this moment the court itself gives this command."""

    at: datetime
    command: Command


def _pause_alarm(hearing: Hearing) -> tuple[datetime, str] | None:
    pause = hearing.pause
    if pause is None:
        return None
    if pause.kind is Interruption.INCIDENT_HOLD:
        return pause.since + timedelta(milliseconds=hearing.law.incident_limit_ms), INCIDENT_ALARM
    if pause.kind is Interruption.RECESS and pause.until is not None:
        return pause.until, RECESS_ALARM
    return None


def due(hearing: Hearing) -> tuple[Deadline, ...]:
    """Every deadline of the hearing, soonest first."""
    found = []
    if hearing.sitting_started is not None:
        for seat in hearing.seats.values():
            if seat.enters_at_ms is not None:
                at = hearing.sitting_started + timedelta(milliseconds=seat.enters_at_ms)
                found.append(Deadline(at=at, command=Enter(seat=seat.id)))
    alarm = _pause_alarm(hearing)
    if alarm is not None and alarm[1] not in hearing.alarms:
        found.append(Deadline(at=alarm[0], command=RaiseAlarm(alarm=alarm[1], reason=alarm[1])))
    return tuple(sorted(found, key=lambda deadline: deadline.at))
