"""Random hearings for the property tests: a cast, a strategy for commands, and a small machine that plays them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from hearing import wire
from hearing.errors import Refused
from hearing.proceedings import COURT, checklist
from hearing.proceedings import commands as cmd
from hearing.proceedings.events import Event
from hearing.proceedings.roles import Role
from hearing.proceedings.rules import allowed, decide
from hearing.proceedings.state import Hearing, evolve
from hearing.proceedings.words import Mode, PointKind, SourceKind, Visibility

DAWN = datetime(2026, 6, 12, 0, 30, tzinfo=UTC)

CAST = {
    "judge": Role.PRESIDING_JUDGE,
    "lay": Role.ASSESSOR,
    "reserve": Role.RESERVE_ASSESSOR,
    "clerk": Role.CLERK,
    "procurator": Role.PROCURATOR,
    "defendant": Role.DEFENDANT,
    "plaintiff": Role.PLAINTIFF,
    "counsel": Role.DEFENCE_COUNSEL,
    "witness": Role.WITNESS,
    "interpreter": Role.INTERPRETER,
    "officer": Role.DETENTION_OFFICER,
    "press": Role.PRESS,
}
REMOTE = ("defendant", "counsel", "officer")


def schedule(pack: str = "vn", procedure: str = "criminal", **changes: Any) -> cmd.ScheduleHearing:
    fields: dict[str, Any] = {
        "hearing": "hearing",
        "case": "case",
        "court": "court-1",
        "pack": pack,
        "procedure": procedure,
        "courtroom": "room",
        "starts_at": DAWN,
        "mode": Mode.ONLINE,
        "visibility": Visibility.PUBLIC,
        "points": (
            cmd.Point(id="central", kind=PointKind.CENTRAL, host="court"),
            cmd.Point(id="camp", kind=PointKind.COMPONENT, host="detention"),
        ),
        "seats": tuple(
            cmd.Seat(
                id=id,
                person=f"person-{id}",
                role=role,
                point="camp" if id in REMOTE else "central",
                mandatory=id in ("clerk", "procurator", "defendant", "counsel"),
                accompanies="defendant" if id == "counsel" else None,
            )
            for id, role in CAST.items()
        ),
        "admission_notice_ms": 0,
    }
    return cmd.ScheduleHearing(**{**fields, **changes})


@dataclass
class World:
    """A live hearing and everything that was recorded. `give` plays one command and says whether it was accepted."""

    hearing: Hearing
    record: list[tuple[Event, datetime]] = field(default_factory=list)
    now: datetime = DAWN

    def give(self, command: cmd.Command, by: str) -> bool:
        self.now += timedelta(seconds=1)
        try:
            events = decide(self.hearing, command, by=by, now=self.now)
        except Refused:
            return False
        for event in events:
            self.hearing = evolve(self.hearing, event, self.now)
            self.record.append((event, self.now))
        return True


def begin(**changes: Any) -> World:
    events = decide(None, schedule(**changes), by=COURT, now=DAWN)
    hearing = evolve(None, events[0], DAWN)
    return World(hearing=hearing, record=[(events[0], DAWN)])


def assemble(world: World) -> None:
    """Doors open, everybody there with devices on, checked and inside, but for the witness."""
    world.give(cmd.StartSitting(sitting="day-1"), "clerk")
    for id, role in CAST.items():
        world.give(cmd.Arrive(seat=id, connection=f"c-{id}"), COURT)
        world.give(cmd.AcceptDuties(version="1"), id)
        world.give(cmd.CheckPapers(seat=id, document="citizen_id", last4="0001"), "clerk")
        world.give(cmd.CallRoll(seat=id, present=True), "clerk")
        world.give(cmd.AnnounceSource(source=f"mic-{id}", seat=id, kind=SourceKind.MICROPHONE), id)
        world.give(cmd.AnnounceSource(source=f"cam-{id}", seat=id, kind=SourceKind.CAMERA), id)
        if role is not Role.WITNESS:
            world.give(cmd.Admit(seats=(id,)), "clerk")


def go_on(world: World, to: str) -> None:
    """The presiding judge goes on to phase `to`, ticking what is open."""
    for _ in range(len(world.hearing.course.phases)):
        if world.hearing.phase == to:
            return
        for item in checklist.open_items(world.hearing):
            world.give(cmd.TickItem(item=item), "judge")
        if world.hearing.sealed:
            world.give(cmd.FreezeJudgment(sha256="a" * 64), "judge")
            for seat in world.hearing.panel():
                world.give(cmd.SignDeliberationMinutes(), seat.id)
        if world.hearing.phase == "pronouncement":
            world.give(cmd.Pronounce(), "judge")
        world.give(cmd.OpenHearing(), "judge")
        following = world.hearing.course.next_phase(world.hearing.phase)
        if following is not None and world.hearing.phase != to:
            world.give(cmd.EnterPhase(phase=following), "judge")


_PHASES = (
    "opening",
    "challenges",
    "indictment",
    "questioning",
    "debate",
    "last_words",
    "deliberation",
    "pronouncement",
)
_TEXTS = {
    "phase": st.sampled_from(_PHASES),
    "item": st.sampled_from(("roll_called", "rules_announced", "indictment_read", "judgment_frozen", "nonsense")),
    "source": st.sampled_from(
        [f"{kind}-{id}" for id in ("judge", "clerk", "defendant", "witness") for kind in ("mic", "cam")]
    ),
    "point": st.sampled_from(("central", "camp", "elsewhere")),
    "sha256": st.sampled_from(("a" * 64, "b" * 64, "short")),
    "reason": st.sampled_from(("because", "")),
    "last4": st.sampled_from(("0001", "1")),
    "document": st.just("citizen_id"),
    "track": st.sampled_from(("track-1", "track-2")),
    "alarm": st.sampled_from(("disk", "recess-over")),
}
_SEATS = st.sampled_from((*CAST, "nobody"))


def _value(name: str, hint: Any) -> st.SearchStrategy[Any]:
    if name in ("seat", "by_seat", "answering", "about"):
        return st.none() | _SEATS if type(None) in get_args(hint) else _SEATS
    if name in _TEXTS and hint is str:
        return _TEXTS[name]
    if type(None) in get_args(hint):
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return st.none() | _value(name, inner)
    if get_origin(hint) is tuple:
        return st.lists(_SEATS, max_size=3).map(tuple)
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(min_value=0, max_value=90)
    if hint is datetime:
        return st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    if hint is str:
        return st.text(min_size=0, max_size=8)
    return st.sampled_from(list(hint))


def of_kind(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of the dataclass `kind`."""
    if kind is cmd.ScheduleHearing or kind.__name__ == "HearingScheduled":
        scheduled = st.sampled_from(("vn", "open")).map(lambda pack: schedule(pack))
        return scheduled.map(lambda s: kind(**{name: getattr(s, name) for name in get_type_hints(kind)}))
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: _value(name, hint) for name, hint in hints.items()})


COMMAND_KINDS = [kind for kind in cmd.COMMANDS.values() if kind is not cmd.ScheduleHearing]
# What makes a hearing move is asked for more often than what only adds to the file.
_COMMON = (
    cmd.Arrive, cmd.LoseConnection, cmd.Admit, cmd.GiveFloor, cmd.EndTurn, cmd.Mute, cmd.Unmute, cmd.EnterPhase,
    cmd.CallWitness, cmd.ReleaseWitness, cmd.AssignSource, cmd.ReturnToWaitingRoom, cmd.OpenConfidentialChannel,
    cmd.ResumeAfterIncident, cmd.EndRecess, cmd.StartRecording,
)  # fmt: skip
COMMANDS = st.sampled_from([*COMMAND_KINDS, *_COMMON, *_COMMON]).flatmap(of_kind)
ACTORS = st.sampled_from((COURT, "judge", "judge", "clerk", "clerk", *CAST))
# A wish is a command drawn blindly, or a number that picks one of the commands the actor is offered: blind commands
# are mostly refused, picked ones carry the hearing on.
Steps = list[tuple[cmd.Command | int, str]]


def _mixed(seed: int, blind: Steps) -> Steps:
    """Thirty evenly drawn picks, with the blind commands strewn among them.

    Drawn from a seed of their own: numbers that Hypothesis draws crowd around zero and would pick the same command.
    """
    dice = Random(seed)
    actors = (COURT, "judge", "judge", "judge", "clerk", *CAST)
    steps: Steps = [(dice.randrange(10_000), dice.choice(actors)) for _ in range(30)]
    for wish in blind:
        steps.insert(dice.randrange(len(steps)), wish)
    return steps


STEPS = st.builds(_mixed, st.integers(0, 2**32), st.lists(st.tuples(COMMANDS, ACTORS), max_size=10))
STARTS = st.sampled_from(("prep", "opening", "questioning", "questioning", "debate", "deliberation", "deliberation"))
PACKS = st.sampled_from(("vn", "open"))
# What ends the day for everybody, or moves nothing, is picked seldom.
_RARE = (
    "AcceptDuties", "AdjournHearing", "EndWithoutJudgment", "EndSitting", "SuspendHearing", "Remove", "CloseHearing",
    "TryInAbsence", "ReturnToWaitingRoom", "CheckPapers", "CallRoll", "ChangeMode",
)  # fmt: skip


def complete(name: str, target: str, hearing: Hearing) -> cmd.Command:
    """One whole command for what `allowed` names and this target."""
    values: dict[str, Any] = {"seat": target, "seats": [target], "phase": target, "item": target, "reason": "because"}
    values |= {"mode": target, "visibility": target, "outcome": target, "document": "passport", "last4": "1234"}
    values |= {"present": False, "stays": True, "minutes": 5, "sha256": "c" * 64, "note": "new", "text": "text"}
    values |= {"sitting": "new", "version": "new", "by_seat": "reserve", "point": "central", "source": target}
    if name == "RaiseHand":
        values["reason"] = target
    if name == "OpenConfidentialChannel":
        values["seats"] = ["counsel", "defendant"]
    if name == "AssignSource":
        owner = hearing.seats[hearing.sources[target].owner]
        near = [seat.id for seat in hearing.seats.values() if seat.located == owner.located and seat.publishes]
        values["seats"] = near[:3] if len(hearing.sources[target].seats) == 1 else [owner.id]
    if name == "AcceptDuties":  # a version that nobody has accepted yet
        values["version"] = "+".join(sorted({seat.duties or "" for seat in hearing.seats.values()})) + "+"
    if name == "FreezeJudgment":
        values["sha256"] = ("d" if hearing.judgment_sha256 == "c" * 64 else "c") * 64
    if name == "LogNote":
        values |= {"about": None, "note": f"note-{len(hearing.notes)}"}
    kind = cmd.COMMANDS[name]
    return wire.parse_command(name, {key: values[key] for key in kind.__dataclass_fields__ if key in values})


def resolve(world: World, wish: cmd.Command | int, by: str) -> cmd.Command | None:
    """The command of a wish; a number picks among what `by` is offered now."""
    if not isinstance(wish, int):
        return wish
    if by == COURT:
        id = list(CAST)[wish % len(CAST)]
        lost = world.hearing.seats[id].connected and wish % 3 == 0
        return cmd.LoseConnection(seat=id) if lost else cmd.Arrive(seat=id, connection=f"c-{wish}")
    open_to = allowed(world.hearing, by)
    names = [name for name in open_to if name not in _RARE or wish % 11 == 0]
    if not names:
        return None
    name = names[wish % len(names)]
    targets = open_to[name] or ("",)
    return complete(name, targets[wish // len(names) % len(targets)], world.hearing)


@cache
def ready(pack: str, start: str) -> World:
    """A hearing of `pack` that has come as far as phase `start`. Never change it: it is shared."""
    world = begin(pack=pack)
    assemble(world)
    go_on(world, start)
    assert world.hearing.phase == start, f"stuck in {world.hearing.phase}"
    return world


def play(pack: str, start: str, steps: Steps) -> list[World]:
    """The world after each accepted step."""
    first = ready(pack, start)
    world = World(first.hearing, list(first.record), first.now)
    states = [World(world.hearing, list(world.record), world.now)]
    for wish, by in steps:
        command = resolve(world, wish, by)
        if command is not None and world.give(command, by):
            states.append(World(world.hearing, list(world.record), world.now))
    return states
