"""What must hold whatever people try. Each secret has a twin: the rule broken on purpose, and caught."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearing import wire
from hearing.errors import Refused
from hearing.proceedings import audience, checklist, secrecy, values
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.audience import RECORDER, Edge
from hearing.proceedings.roles import Power
from hearing.proceedings.rules import decide
from hearing.proceedings.rules.allowed import allowed
from hearing.proceedings.state import Hearing, evolve
from hearing.proceedings.views import view, visible
from hearing.proceedings.words import Place
from tests.hearing.proceedings.world import (
    CAST,
    PACKS,
    STARTS,
    STEPS,
    Steps,
    World,
    assemble,
    begin,
    complete,
    go_on,
    of_kind,
    play,
    resolve,
)

pytestmark = pytest.mark.pure

common = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


# --- the record ------------------------------------------------------------------------------------------------------


@common
@given(PACKS, STARTS, STEPS)
def test_folding_the_record_gives_the_live_hearing(pack: str, start: str, steps: Steps) -> None:
    world = play(pack, start, steps)[-1]
    folded: Hearing | None = None
    for event, at in world.record:
        body = wire.encode(event)
        folded = evolve(folded, wire.decode(type(event).__name__, wire.schema(event), body), at)
    assert folded == world.hearing


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.sampled_from(list(ev.EVENTS.values())).flatmap(of_kind))
def test_every_event_survives_its_own_bytes(event: ev.Event) -> None:
    assert wire.decode(type(event).__name__, wire.schema(event), wire.encode(event)) == event


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.sampled_from(list(cmd.COMMANDS.values())).flatmap(of_kind))
def test_every_command_survives_the_wire(command: cmd.Command) -> None:
    assert wire.parse_command(type(command).__name__, wire.to_json(command)) == command


@common
@given(PACKS, STARTS, STEPS)
def test_the_same_call_gives_the_same_answer_and_changes_nothing(pack: str, start: str, steps: Steps) -> None:
    world = play(pack, start, [])[-1]
    for wish, by in steps:
        command = resolve(world, wish, by)
        if command is None:
            continue
        before = repr(world.hearing)
        answers = []
        for _ in range(2):
            try:
                answers.append(decide(world.hearing, command, by=by, now=world.now))
            except Refused as refusal:
                answers.append((refusal.code,))
        assert answers[0] == answers[1]
        assert repr(world.hearing) == before
        world.give(command, by)


# --- allowed and decide ----------------------------------------------------------------------------------------------

_TARGET: dict[type[Any], Callable[[Any, str], str | None]] = {
    cmd.Admit: lambda c, by: c.seats[0] if len(c.seats) == 1 else None,
    cmd.LowerHand: lambda c, by: c.seat or by,
    cmd.EnterPhase: lambda c, by: c.phase,
    cmd.TickItem: lambda c, by: c.item,
    cmd.WaiveItem: lambda c, by: c.item,
    cmd.RaiseHand: lambda c, by: c.reason.value,
    cmd.ChangeMode: lambda c, by: c.mode.value,
    cmd.ChangeVisibility: lambda c, by: c.visibility.value,
    cmd.EndWithoutJudgment: lambda c, by: c.outcome.value,
    cmd.AssignSource: lambda c, by: c.source,
}
# Given by devices and by the court itself: not offered as buttons, so not in `allowed`.
_NOT_OFFERED = (cmd.AnnounceSource, cmd.WithdrawSource, cmd.OpenConfidentialChannel)


def offered(hearing: Hearing, command: cmd.Command, by: str) -> bool:
    """Whether `allowed` offers `by` this command about this target."""
    targets = allowed(hearing, by).get(type(command).__name__)
    if targets is None:
        return False
    name = _TARGET.get(type(command), lambda c, by: getattr(c, "seat", None))(command, by)
    return name is None or not targets or name in targets


def disagreement(states: list[World], steps: Steps, judge: Callable[..., Any] = decide) -> list[str]:
    """Commands that were accepted without having been offered."""
    found = []
    for world in states:
        for command, by in steps[:20]:
            if isinstance(command, int) or by not in CAST or isinstance(command, _NOT_OFFERED):
                continue
            if isinstance(command, cmd.Mute) and command.locked:
                continue  # the button closes; locking is its second stage, also of what is closed already
            if isinstance(command, cmd.GiveFloor) and world.hearing.floor is not None:
                continue  # the same holder may be given the floor again for another purpose
            try:
                judge(world.hearing, command, by=by, now=world.now)
            except Refused:
                continue
            if not offered(world.hearing, command, by):
                found.append(f"{command} by {by}")
    return found


@common
@given(PACKS, STARTS, STEPS)
def test_whatever_is_accepted_was_offered(pack: str, start: str, steps: Steps) -> None:
    assert not disagreement(play(pack, start, steps)[-4:], steps)


def test_a_command_accepted_without_being_offered_is_found() -> None:
    world = play("vn", "questioning", [])
    careless = lambda *args, **kwargs: ()  # noqa: E731
    assert disagreement(world, [(cmd.GiveFloor(seat="press"), "press")], judge=careless)


@common
@given(PACKS, STARTS, STEPS)
def test_whatever_is_offered_is_accepted(pack: str, start: str, steps: Steps) -> None:
    world = play(pack, start, steps)[-1]
    for who in CAST:
        for name, targets in allowed(world.hearing, who).items():
            for target in targets or ("",):
                if name == "ReleaseWitness" and world.hearing.seats[target].released:
                    continue  # offered to let the witness go; to stay needs no second release
                if name in ("ReplaceMember", "MoveSeat", "OpenConfidentialChannel", "AssignSource"):
                    continue  # two things are named; the target alone does not make the command complete
                command = complete(name, target, world.hearing)
                assert decide(world.hearing, command, by=who, now=world.now)


@common
@given(PACKS, STARTS, STEPS)
def test_who_lacks_a_power_need_not_be_asked_about_everybody(pack: str, start: str, steps: Steps) -> None:
    """What is left out after `Powerless` would have been refused as well."""
    for world in play(pack, start, steps)[-4:]:
        for who in CAST:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sys.modules[allowed.__module__], "Powerless", NotImplementedError)
                asked_about_everybody = allowed(world.hearing, who)
            assert allowed(world.hearing, who) == asked_about_everybody


# --- who hears whom --------------------------------------------------------------------------------------------------

Plan = Callable[[Hearing], frozenset[Edge]]


def deliberation_leaks(hearing: Hearing, plan: Plan = audience.plan) -> bool:
    """Whether anything but the panel hears anything while the panel deliberates."""
    if not hearing.sealed:
        return False
    panel = {seat.id for seat in hearing.panel()}
    edges = plan(hearing)
    if hearing.pack == "vn":
        return bool(edges)
    joined = all(edge.listener in panel and set(hearing.sources[edge.source].seats) <= panel for edge in edges)
    return not joined or any(edge.listener == RECORDER for edge in edges)


def witness_hears(hearing: Hearing, plan: Plan = audience.plan) -> bool:
    """Whether somebody who is kept apart receives anything, or is received by anybody."""
    apart = {seat.id for seat in hearing.seats.values() if seat.kept_apart}
    return any(edge.listener in apart or set(hearing.sources[edge.source].seats) & apart for edge in plan(hearing))


def secret_recorded(hearing: Hearing, plan: Plan = audience.plan) -> bool:
    """Whether the confidential channel has an ear beside its own seats, the recorder's among them."""
    inside = {id for id, seat in hearing.seats.items() if seat.place is Place.CONFIDENTIAL_CHANNEL}
    return any(
        set(hearing.sources[edge.source].seats) & inside and edge.listener not in inside for edge in plan(hearing)
    )


def outsider_hears(hearing: Hearing, plan: Plan = audience.plan) -> bool:
    """Whether somebody who waits, or is not connected, has an edge in either direction."""
    away = {
        id
        for id, seat in hearing.seats.items()
        if not seat.connected or seat.place in (Place.WAITING_ROOM, Place.WITNESS_ROOM, Place.OUTSIDE)
    }
    return any(
        edge.listener in away
        or hearing.sources[edge.source].owner in away - {id for id in away if hearing.seats[id].connected}
        for edge in plan(hearing)
    )


def muted_heard(hearing: Hearing, plan: Plan = audience.plan) -> bool:
    """Whether a microphone of one person is heard although that person or the court closed it."""
    closed = {
        id
        for id, seat in hearing.seats.items()
        if seat.self_muted and seat.place is not Place.DELIBERATION_ROOM or seat.court is values.CourtMicrophone.LOCKED
    }
    return any(edge.kind == "audio" and set(hearing.sources[edge.source].seats) <= closed for edge in plan(hearing))


SECRETS = {
    "deliberation": deliberation_leaks,
    "witness": witness_hears,
    "confidential": secret_recorded,
    "outside": outsider_hears,
    "muted": muted_heard,
}


@common
@given(PACKS, STARTS, STEPS)
def test_no_secret_leaves_its_room(pack: str, start: str, steps: Steps) -> None:
    for world in play(pack, start, steps):
        assert not [secret for secret, leaks in SECRETS.items() if leaks(world.hearing)]


def everybody_hears_everybody(hearing: Hearing) -> frozenset[Edge]:
    """A broken plan: no room has walls."""
    ears = [*hearing.seats, RECORDER]
    return frozenset(
        Edge(source=source.id, listener=ear, kind=source.kind.media)
        for source in hearing.sources.values()
        for ear in ears
        if ear not in source.seats
    )


def _in_session(pack: str, phase: str, *steps: tuple[cmd.Command, str]) -> Hearing:
    world = begin(pack=pack)
    assemble(world)
    go_on(world, phase)
    for command, by in steps:
        assert not isinstance(command, int) and world.give(command, by), command
    return world.hearing


@pytest.mark.parametrize(
    ("secret", "pack", "phase", "steps"),
    [
        ("deliberation", "vn", "deliberation", []),
        ("deliberation", "open", "deliberation", []),
        ("witness", "vn", "questioning", []),
        (
            "confidential",
            "vn",
            "questioning",
            [(cmd.OpenConfidentialChannel(seats=("counsel", "defendant")), "judge")],
        ),
        ("outside", "vn", "questioning", [(cmd.ReturnToWaitingRoom(seat="press", reason="noise"), "clerk")]),
        ("muted", "vn", "questioning", [(cmd.Mute(seat="procurator", locked=True), "clerk")]),
    ],
)
def test_a_plan_without_walls_is_found_out(secret: str, pack: str, phase: str, steps: Steps) -> None:
    hearing = _in_session(pack, phase, *steps)
    assert not SECRETS[secret](hearing)
    assert SECRETS[secret](hearing, everybody_hears_everybody)


def test_an_open_panel_that_lets_the_recorder_in_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hearing = _in_session("open", "deliberation")
    assert audience.plan(hearing), "the open panel hears itself"
    whole = audience._deliberation
    leak = Edge(source="mic-judge", listener=RECORDER, kind=hearing.sources["mic-judge"].kind.media)
    monkeypatch.setattr(audience, "_deliberation", lambda hearing: whole(hearing) | {leak})
    assert deliberation_leaks(_in_session("open", "deliberation"))


@common
@given(PACKS, STARTS, STEPS)
def test_changes_lead_from_one_plan_to_the_next_without_a_wrong_moment(pack: str, start: str, steps: Steps) -> None:
    states = play(pack, start, steps)
    for before, after in zip(states, states[1:], strict=False):
        was, will = audience.plan(before.hearing), audience.plan(after.hearing)
        opened, closed = audience.changes(was, will)
        open_now = set(was)
        for edge in closed:
            open_now.remove(edge)
            assert open_now >= was & will
        assert open_now <= will
        for edge in opened:
            assert edge not in open_now
            open_now.add(edge)
        assert open_now == will
        assert list(opened) == sorted(opened) and list(closed) == sorted(closed)


# --- who knows what --------------------------------------------------------------------------------------------------


def told_too_much(event: ev.Event, hearing: Hearing, who: str, tells: Callable[..., bool] = visible) -> bool:
    """Whether `who` is told of an event whose content their view hides."""
    if not tells(event, hearing, who):
        return False
    seen = partial(view, hearing, who)
    match event:
        case ev.NoteLogged(note=note):
            return note not in {line.id for line in seen().notes}
        case ev.HandRaised(seat=seat):
            return seat != who and seat not in {hand.seat for hand in seen().hands}
        case ev.FloorGiven():
            return seen().floor is None
        case ev.ItemTicked() | ev.ItemWaived():
            return not seen().checklist
        case ev.AlarmRaised(alarm=alarm):
            return alarm not in {raised.id for raised in seen().alarms}
        case ev.PapersChecked(seat=seat) | ev.DutiesAccepted(seat=seat) | ev.IdentityConfirmed(seat=seat):
            row = next(line for line in seen().seats if line.id == seat)
            return hearing.seats[seat].row.vouched and None in (row.papers, row.duties, row.oral)
        case ev.RollCalled(seat=seat):
            return next(line for line in seen().seats if line.id == seat).roll is None
        case ev.Muted(seat=seat) | ev.Unmuted(seat=seat):
            return next(line for line in seen().seats if line.id == seat).microphone is None
        case ev.JudgmentFrozen() | ev.DeliberationMinutesSigned():
            return not hearing.seats[who].has(Power.DELIBERATE)
        case ev.SegmentClosed() | ev.TrackOpened() | ev.TrackClosed() | ev.ClockAnchored():
            return True
        case _:
            return False


def told_to(states: list[World], tells: Callable[..., bool] = visible) -> list[str]:
    """Who was told too much of what happened from the first of `states` to the last."""
    hearing, begun = states[0].hearing, len(states[0].record)
    wrong = []
    for event, at in states[-1].record[begun:]:
        hearing = evolve(hearing, event, at)
        wrong += [f"{event} to {who}" for who in CAST if told_too_much(event, hearing, who, tells)]
    return wrong


@settings(common, max_examples=8)
@given(PACKS, STARTS, STEPS)
def test_nobody_is_told_what_their_view_hides(pack: str, start: str, steps: Steps) -> None:
    assert not told_to(play(pack, start, steps))


def test_telling_everybody_everything_is_found_out() -> None:
    states = play("vn", "questioning", [(cmd.LogNote(note="n", text="t"), "clerk")])
    assert told_to(states, lambda *_: True)


@settings(common, max_examples=8)
@given(PACKS, STARTS, STEPS)
def test_whoever_sees_something_change_is_told(pack: str, start: str, steps: Steps) -> None:
    states = play(pack, start, steps)
    world, hearing = states[-1], states[0].hearing
    seen = {who: view(hearing, who) for who in CAST}
    for event, at in world.record[len(states[0].record) :]:
        hearing = evolve(hearing, event, at)
        for who in CAST:
            now = view(hearing, who)
            if now != seen[who] and hearing.seats[who].active:
                assert visible(event, hearing, who), f"{event} is hidden from {who}"
            seen[who] = now


def test_the_cast_has_secrets_to_keep() -> None:
    hearing = _in_session("vn", "questioning")
    assert hearing.seats["witness"].kept_apart
    assert not secrecy.follows(hearing.seats["witness"])
    assert view(hearing, "witness").sources == ()
    assert len(view(hearing, "judge").sources) > 10
    assert checklist.open_items(hearing)
