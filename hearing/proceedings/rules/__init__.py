"""The court's answer to a command: events, or `Refused`. The rules themselves stand beside this file, by subject."""

from datetime import datetime

from hearing.errors import Refused
from hearing.proceedings.checklist import shown
from hearing.proceedings.commands import Command, ScheduleHearing
from hearing.proceedings.events import Event, ItemTicked
from hearing.proceedings.rules import calendar
from hearing.proceedings.rules.allowed import allowed
from hearing.proceedings.rules.dispatch import answer
from hearing.proceedings.state import Hearing, evolve

__all__ = ["allowed", "decide"]


def decide(hearing: Hearing | None, command: Command, *, by: str, now: datetime) -> tuple[Event, ...]:
    """What happens when `by` gives `command` at `now`. You must append the events before you show them to anybody.

    Items that the court's acts show to be done are ticked in the same breath, so that the record says when.
    """
    if hearing is None:
        if not isinstance(command, ScheduleHearing):
            raise Refused("no-hearing")
        events = calendar.schedule(command)
    else:
        events = answer(hearing, command, by=by, now=now)
    return _with_ticks(hearing, events, now)


def _with_ticks(hearing: Hearing | None, events: tuple[Event, ...], now: datetime) -> tuple[Event, ...]:
    """After each fact the checklist is read again: a turn may complete one phase just before the next begins."""
    complete: list[Event] = []
    for event in events:
        hearing = evolve(hearing, event, now)
        complete.append(event)
        if hearing.sitting is None:
            continue
        for item in shown(hearing):
            ticked = ItemTicked(item=item, automatic=True)
            hearing = evolve(hearing, ticked, now)
            complete.append(ticked)
    return tuple(complete)
