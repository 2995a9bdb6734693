"""Plays a hearing script: who says what, a line of dashes, what the court answers and how the audience changes.

A script is plain text that a lawyer can read and correct. Lines of a block:

    # a remark
    day 2026-06-12                         the date; times are those of Viet Nam
    hearing vn criminal online public      opens the setting: pack, procedure, mode, visibility
    point central central court            id, kind, host
    seat van presiding_judge central       id, role, point; a `*` after the role marks a mandatory person,
                                           `for=ID` whom this one accompanies
    08:02 van: OpenHearing                 at this time (else one second later) the seat gives a command
    court: LoseConnection seat=thuy        the court itself
    all arrive | all are checked | all enter | all switch on     shortcuts, each many commands
    go to questioning                      the presiding judge goes on, doing what must happen on the way
    turn tuyen                             gives the floor and ends the turn

The answer of a block lists refusals, entries and the edges that opened (+) and closed (-), by source and listener.
Commands that are due by then are given by the court first, as the docket would.
"""

import shlex
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

from hearing import wire
from hearing.errors import Refused
from hearing.proceedings import COURT, audience, checklist, deadlines
from hearing.proceedings import commands as cmd
from hearing.proceedings.events import Event
from hearing.proceedings.roles import Power, Role
from hearing.proceedings.rules import decide
from hearing.proceedings.state import Hearing, evolve
from hearing.proceedings.words import Mode, Place, PointKind, SourceKind, Visibility

LOCAL = timezone(timedelta(hours=7))
DASHES = "----"


class Player:
    """One script's hearing. `say` plays a line and returns the lines of the answer."""

    def __init__(self) -> None:
        self.hearing: Hearing | None = None
        self.log: list[tuple[Event, datetime]] = []
        self.day = datetime(2026, 6, 12, tzinfo=LOCAL)
        self.now = self.day.replace(hour=7, minute=30)
        self.setting: dict[str, Any] = {}
        self.points: list[cmd.Point] = []
        self.seats: list[cmd.Seat] = []
        self.count = 0

    # the world ------------------------------------------------------------------------------------------------------

    def give(self, command: cmd.Command, by: str) -> list[str]:
        """Give one command; the lines of what followed."""
        try:
            events = decide(self.hearing, command, by=by, now=self.now.astimezone(UTC))
        except Refused as refusal:
            more = "".join(f" {name}={self._words(value)}" for name, value in refusal.details.items())
            return [f"refused {refusal.code}{more}"]
        for event in events:
            self.hearing = evolve(self.hearing, event, self.now.astimezone(UTC))
            self.log.append((event, self.now.astimezone(UTC)))
        return [self._event(event) for event in events]

    def tell(self, command: cmd.Command, by: str) -> None:
        """Give a command of a shortcut, which must be accepted."""
        lines = self.give(command, by)
        assert not lines[0].startswith("refused"), f"{type(command).__name__} by {by}: {lines[0]}"

    def plan(self) -> frozenset[audience.Edge]:
        return audience.plan(self.hearing) if self.hearing is not None else frozenset()

    def live(self) -> Hearing:
        if self.hearing is None:
            schedule = cmd.ScheduleHearing(
                hearing="hearing",
                case="case",
                court="court-of-the-script",
                courtroom="room-1",
                starts_at=self.now.astimezone(UTC),
                points=tuple(self.points),
                seats=tuple(self.seats),
                **self.setting,
            )
            self.tell(schedule, COURT)
        assert self.hearing is not None
        return self.hearing

    def holder(self, power: Power) -> str:
        seats = [seat for seat in self.live().seats.values() if seat.has(power) and seat.active]
        return min(seats, key=lambda seat: seat.has(Power.CONTROL) if power is Power.ADMIT else False).id

    # lines ----------------------------------------------------------------------------------------------------------

    def say(self, line: str) -> list[str]:
        words = shlex.split(line)
        if words[0] == "day":
            self.day = datetime.fromisoformat(words[1]).replace(tzinfo=LOCAL)
            self.now = self.day if self.hearing is None else max(self.now, self.day)
            return []
        if words[0] in ("hearing", "point", "seat"):
            self._set(words)
            return []
        if words[0] == "schedule":
            hearing, self.hearing = self.hearing, None
            try:
                self.live()
            except AssertionError as refusal:
                self.hearing = hearing
                return [str(refusal).rsplit(": ", 1)[1]]
            return ["HearingScheduled"]
        self.live()
        told = self._advance(words)
        return told + self._act(words)

    def _set(self, words: list[str]) -> None:
        match words:
            case ["hearing", pack, procedure, mode, visibility, *more]:
                self.setting = {
                    "pack": pack,
                    "procedure": procedure,
                    "mode": Mode(mode),
                    "visibility": Visibility(visibility),
                    "admission_notice_ms": int(more[1]) * 1000 if more else 0,
                }
            case ["point", id, kind, host]:
                self.points.append(cmd.Point(id=id, kind=PointKind(kind), host=host))
            case ["seat", id, role, point, *more]:
                serves = next((word.removeprefix("for=") for word in more if word.startswith("for=")), None)
                self.seats.append(
                    cmd.Seat(
                        id=id,
                        person=id,
                        role=Role(role.rstrip("*")),
                        point=point,
                        mandatory=role.endswith("*"),
                        accompanies=serves,
                    )
                )
            case _:
                raise ValueError(f"not understood: {' '.join(words)}")

    def _advance(self, words: list[str]) -> list[str]:
        """Move the clock to the time of the line, giving what is due on the way."""
        to = self.now + timedelta(seconds=1)
        if words[0][0].isdigit():
            hour, minute, second = (int(part) for part in (words.pop(0) + ":0").split(":")[:3])
            to = self.day.replace(hour=hour, minute=minute, second=second)
        assert to > self.now, f"the clock goes back to {to}"
        told: list[str] = []
        while waiting := [due for due in deadlines.due(self.live()) if due.at <= to]:
            self.now = max(self.now, waiting[0].at.astimezone(LOCAL))
            told += [f"court: {line}" for line in self.give(waiting[0].command, COURT)]
        self.now = to
        return told

    def _act(self, words: list[str]) -> list[str]:
        match words:
            case ["all", *what]:
                return self._all(" ".join(what))
            case ["go", "to", phase]:
                return self._go(phase)
            case ["turn", seat, *more]:
                self.tell(cmd.GiveFloor(seat=seat, answering=more[0] if more else None), self.holder(Power.CONTROL))
                self.tell(cmd.EndTurn(), seat)
                return [f"{seat} spoke"]
            case [who, name, *args] if who.endswith(":"):
                return self.give(self._command(name, args), who.removesuffix(":"))
        raise ValueError(f"not understood: {' '.join(words)}")

    def _all(self, what: str) -> list[str]:
        clerk = self.holder(Power.ADMIT)
        for seat in list(self.live().seats.values()):
            if not seat.active:
                continue
            if what == "arrive" and not seat.connected:
                self.count += 1
                self.tell(cmd.Arrive(seat=seat.id, connection=f"connection-{self.count}"), COURT)
            if what == "are checked" and seat.connected and seat.row.vouched:
                if seat.duties is None:
                    self.tell(cmd.AcceptDuties(version="1"), seat.id)
                if seat.papers is None:
                    self.tell(cmd.CheckPapers(seat=seat.id, document="citizen_id", last4="0001"), clerk)
                if seat.roll is None:
                    self.tell(cmd.CallRoll(seat=seat.id, present=True), clerk)
            waits = seat.place is Place.WAITING_ROOM and seat.connected
            if what == "enter" and waits and (not seat.row.isolated or seat.released):
                self.tell(cmd.Admit(seats=(seat.id,)), clerk)
            if what == "switch on" and seat.publishes and seat.connected:
                for kind, name in ((SourceKind.MICROPHONE, "mic"), (SourceKind.CAMERA, "cam")):
                    if f"{name}-{seat.id}" not in self.live().sources:
                        self.tell(cmd.AnnounceSource(source=f"{name}-{seat.id}", seat=seat.id, kind=kind), seat.id)
        return [f"all {what}"]

    def _go(self, phase: str) -> list[str]:
        judge = self.holder(Power.CONTROL)
        while self.live().phase != phase:
            hearing = self.live()
            for item in checklist.items(hearing):
                if item.waivable and (hearing.phase, item.code) not in hearing.checks:
                    self.tell(cmd.TickItem(item=item.code), judge)
            if hearing.sealed:
                self.tell(cmd.FreezeJudgment(sha256="a" * 64), judge)
                for seat in hearing.panel():
                    self.tell(cmd.SignDeliberationMinutes(), seat.id)
            if hearing.phase == hearing.course.phases[0].code:
                self.tell(cmd.OpenHearing(), judge)
                continue
            if hearing.phase == "pronouncement" and not hearing.pronounced:
                self.tell(cmd.Pronounce(), judge)
            following = hearing.course.next_phase(hearing.phase)
            assert following is not None, f"no way to {phase}"
            self.tell(cmd.EnterPhase(phase=following), judge)
        return [f"now {phase}"]

    # words ----------------------------------------------------------------------------------------------------------

    def _command(self, name: str, args: list[str]) -> cmd.Command:
        hints = get_type_hints(cmd.COMMANDS[name])
        values: dict[str, Any] = {}
        for arg in args:
            key, _, text = arg.partition("=")
            values[key] = self._value(hints[key], text)
        return wire.parse_command(name, values)

    @staticmethod
    def _value(hint: Any, text: str) -> Any:
        if hint == tuple[str, ...]:
            return text.split(",")
        if hint is bool:
            return text == "yes"
        return int(text) if hint in (int, int | None) else text

    def _event(self, event: Event) -> str:
        shown = [type(event).__name__]
        for field in fields(event):
            value = getattr(event, field.name)
            if field.default is MISSING or value != field.default:
                shown.append(f"{field.name}={self._words(value)}")
        return " ".join(shown)

    @staticmethod
    def _words(value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            return ",".join(str(item) for item in value)
        if isinstance(value, datetime):
            return value.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
        text = str(value)
        if len(text) == 64 and len(set(text)) == 1:
            return f"{text[0]}*64"
        return f'"{text}"' if " " in text or not text else text


def _changes(before: frozenset[audience.Edge], after: frozenset[audience.Edge]) -> list[str]:
    opened, closed = audience.changes(before, after)
    lines = []
    for sign, edges in (("-", closed), ("+", opened)):
        by_source: dict[str, list[str]] = {}
        for edge in edges:
            by_source.setdefault(edge.source, []).append(edge.listener)
        lines += [f"{sign} {source} > {', '.join(sorted(ears))}" for source, ears in by_source.items()]
    return lines


def play(text: str) -> str:
    """The script with every answer as the rules give it now."""
    player = Player()
    blocks = []
    for block in text.strip().split("\n\n"):
        asked = block.split(f"\n{DASHES}")[0]
        before, answer = player.plan(), []
        for line in asked.splitlines():
            if line.strip() and not line.startswith("#"):
                answer += player.say(line)
        answer += _changes(before, player.plan())
        blocks.append("\n".join([asked, DASHES, *answer]) if answer else asked)
    return "\n\n".join(blocks) + "\n"
