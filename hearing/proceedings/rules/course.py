"""Opening, going from phase to phase, what must happen, the judgment, closing."""

from hearing.errors import Refused
from hearing.proceedings import checklist
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.phases import Act, Guard, Media, PhaseRow
from hearing.proceedings.roles import Power
from hearing.proceedings.rules import guards
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import Place, Stage

Events = tuple[ev.Event, ...]


def _items_done(hearing: Hearing) -> None:
    if left := checklist.open_items(hearing):
        raise Refused("items-open", items=left)


def _turn(hearing: Hearing) -> Events:
    return (ev.TurnEnded(seat=hearing.floor.seat),) if hearing.floor is not None else ()


def _channel(hearing: Hearing) -> Events:
    inside = any(seat.place is Place.CONFIDENTIAL_CHANNEL for seat in hearing.seats.values())
    return (ev.ConfidentialChannelClosed(),) if inside else ()


def public_out(hearing: Hearing, reason: str) -> Events:
    """Press and public leave the courtroom, and nobody of them is on the way in."""
    return tuple(
        ev.ReturnedToWaitingRoom(seat=seat.id, reason=reason)
        for seat in hearing.seats.values()
        if seat.public and seat.active and (seat.place is Place.COURTROOM or seat.enters_at_ms is not None)
    )


def open_hearing(hearing: Hearing, by: str) -> Events:
    """The recording starts and the opening begins."""
    guards.need(hearing, by, Power.CONTROL)
    guards.in_sitting(hearing)
    if hearing.stage is not Stage.DOORS_OPEN:
        raise Refused("already-open")
    _items_done(hearing)
    guards.everybody_there(hearing)
    first = hearing.course.next_phase(hearing.phase)
    assert first is not None, "a procedure has more than its preparation"
    recording: Events = () if hearing.recording else (ev.RecordingStarted(),)
    return (*_turn(hearing), ev.HearingOpened(), *recording, *_enter(hearing, hearing.course.row(first)))


def enter_phase(hearing: Hearing, command: cmd.EnterPhase, by: str) -> Events:
    """Forward when everything that must happen has happened and everybody is there; back along a return at any time."""
    guards.need(hearing, by, Power.CONTROL)
    if hearing.stage in (Stage.SCHEDULED, Stage.DOORS_OPEN):
        raise Refused("open-first")
    guards.running(hearing)
    if command.phase not in hearing.course.steps(hearing.phase):
        raise Refused("no-such-step")
    row = hearing.course.row(command.phase)
    if command.phase == hearing.course.next_phase(hearing.phase):
        _guarded(hearing, row)
        _items_done(hearing)
        guards.everybody_there(hearing)
    if hearing.sitting is None:
        raise Refused("doors-closed")
    return (*_turn(hearing), *_enter(hearing, row))


def _guarded(hearing: Hearing, row: PhaseRow) -> None:
    """No judgment is pronounced before its text is fixed and every member of the panel has signed (art. 326)."""
    if Guard.JUDGMENT_FROZEN in row.guards and hearing.judgment_sha256 is None:
        raise Refused("judgment-not-frozen")
    if Guard.MINUTES_SIGNED in row.guards and not checklist.signed_by_all(hearing):
        raise Refused("deliberation-minutes-unsigned")


def _enter(hearing: Hearing, row: PhaseRow) -> Events:
    out = public_out(hearing, "closed-to-public") if hearing.visibility not in row.public_when else ()
    entered = ev.PhaseEntered(phase=row.code)
    if row.media is Media.SEALED:
        stopped: Events = (ev.RecordingStopped(reason="deliberation", resumes=True),) if hearing.recording else ()
        return (*out, *_channel(hearing), *stopped, entered)
    started: Events = (ev.RecordingStarted(),) if hearing.recording_resumes else ()
    return (*out, entered, *started)


def tick(hearing: Hearing, command: cmd.TickItem, by: str) -> Events:
    """By hand, what no act of the court shows. The clerk ticks before the opening."""
    seat = guards.need(hearing, by, Power.CONTROL, Power.NOTE)
    guards.in_sitting(hearing)
    item = checklist.item(hearing, command.item)
    if item is None:
        raise Refused("no-such-item")
    if not seat.has(Power.CONTROL) and not (hearing.row.clerk_ticks and item.act is None):
        raise Refused("not-your-power")
    if not item.waivable:
        raise Refused("cannot-tick")
    if (hearing.phase, item.code) in hearing.checks:
        raise Refused("already-ticked")
    return (ev.ItemTicked(item=item.code),)


def waive(hearing: Hearing, command: cmd.WaiveItem, by: str) -> Events:
    """Not applicable, with the reason."""
    guards.need(hearing, by, Power.CONTROL)
    guards.in_sitting(hearing)
    guards.reason(command.reason)
    item = checklist.item(hearing, command.item)
    if item is None:
        raise Refused("no-such-item")
    if not item.waivable:
        raise Refused("cannot-waive")
    if (hearing.phase, item.code) in hearing.checks:
        raise Refused("already-ticked")
    return (ev.ItemWaived(item=item.code, reason=command.reason),)


def freeze_judgment(hearing: Hearing, command: cmd.FreezeJudgment, by: str) -> Events:
    """The judgment is known by its hash from here on: what is pronounced is what was decided."""
    guards.need(hearing, by, Power.CONTROL)
    guards.running(hearing)
    if not hearing.sealed:
        raise Refused("not-deliberating")
    if len(command.sha256) != 64 or set(command.sha256) - set("0123456789abcdef"):
        raise Refused("hash-invalid")
    if command.sha256 == hearing.judgment_sha256:
        raise Refused("already-frozen")
    return (ev.JudgmentFrozen(sha256=command.sha256),)


def sign_minutes(hearing: Hearing, by: str) -> Events:
    """Every member signs in the deliberation room, before pronouncement (art. 259)."""
    guards.need(hearing, by, Power.DELIBERATE)
    guards.running(hearing)
    if not hearing.sealed:
        raise Refused("not-deliberating")
    if by in hearing.minutes_signed:
        raise Refused("already-signed")
    return (ev.DeliberationMinutesSigned(seat=by),)


def pronounce(hearing: Hearing, by: str) -> Events:
    """In the phase that asks for it."""
    guards.need(hearing, by, Power.CONTROL)
    guards.running(hearing)
    if not any(item.act is Act.PRONOUNCED for item in hearing.row.items):
        raise Refused("not-pronouncing")
    if hearing.pronounced:
        raise Refused("already-pronounced")
    return (ev.JudgmentPronounced(),)


def close_hearing(hearing: Hearing, by: str) -> Events:
    """At the end of the last phase."""
    guards.need(hearing, by, Power.CONTROL)
    guards.running(hearing)
    if hearing.course.next_phase(hearing.phase) is not None:
        raise Refused("not-closing")
    _items_done(hearing)
    stopped: Events = (ev.RecordingStopped(reason="closed"),) if hearing.recording else ()
    return (*_turn(hearing), *_channel(hearing), *stopped, ev.HearingClosed())
