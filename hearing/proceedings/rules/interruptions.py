"""Stops that keep the phase, and endings without a judgment."""

from hearing.errors import Refused
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.deadlines import INCIDENT_ALARM, RECESS_ALARM
from hearing.proceedings.roles import Power
from hearing.proceedings.rules import guards
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import Interruption, Place, Stage

Events = tuple[ev.Event, ...]

LONGEST_RECESS = 24 * 60


def _paused_by(hearing: Hearing, kind: Interruption) -> bool:
    return hearing.pause is not None and hearing.pause.kind is kind


def _settled(hearing: Hearing, alarm: str) -> Events:
    return (ev.AlarmCleared(alarm=alarm),) if alarm in hearing.alarms else ()


def _pause_alarms(hearing: Hearing) -> Events:
    return (*_settled(hearing, INCIDENT_ALARM), *_settled(hearing, RECESS_ALARM))


def _turn(hearing: Hearing) -> Events:
    return (ev.TurnEnded(seat=hearing.floor.seat),) if hearing.floor is not None else ()


def _resumed_recording(hearing: Hearing) -> Events:
    return (ev.RecordingStarted(),) if hearing.recording_resumes and not hearing.sealed else ()


def _stopped_recording(hearing: Hearing, reason: str, *, resumes: bool) -> Events:
    if hearing.recording:
        return (ev.RecordingStopped(reason=reason, resumes=resumes),)
    return ()


def start_recess(hearing: Hearing, command: cmd.StartRecess, by: str) -> Events:
    """Everybody stays where they are; nothing is heard and nothing is recorded."""
    guards.need(hearing, by, Power.CONTROL)
    guards.running(hearing)
    guards.not_sealed(hearing)
    if not 1 <= command.minutes <= LONGEST_RECESS:
        raise Refused("minutes-invalid")
    stopped = _stopped_recording(hearing, "recess", resumes=True)
    return (*_turn(hearing), *stopped, ev.RecessStarted(minutes=command.minutes, reason=command.reason))


def end_recess(hearing: Hearing, by: str) -> Events:
    """With everybody there, as for any step forward."""
    guards.need(hearing, by, Power.CONTROL)
    if not _paused_by(hearing, Interruption.RECESS):
        raise Refused("not-in-recess")
    guards.everybody_there(hearing)
    return (*_settled(hearing, RECESS_ALARM), ev.RecessEnded(), *_resumed_recording(hearing))


def hold(hearing: Hearing, command: cmd.HoldForIncident, by: str) -> Events:
    """No legal effect: the panel may hold, and so may whoever keeps the minutes."""
    guards.need(hearing, by, Power.CONTROL, Power.NOTE)
    guards.running(hearing)
    guards.not_sealed(hearing)
    guards.reason(command.reason)
    return (ev.IncidentHeld(reason=command.reason),)


def resume_after_incident(hearing: Hearing, by: str) -> Events:
    """When everybody is back, or the presiding judge has said on the record to go on without."""
    guards.need(hearing, by, Power.CONTROL)
    if not _paused_by(hearing, Interruption.INCIDENT_HOLD):
        raise Refused("not-on-hold")
    guards.everybody_there(hearing)
    return (*_settled(hearing, INCIDENT_ALARM), ev.IncidentEnded())


def suspend(hearing: Hearing, command: cmd.SuspendHearing, by: str) -> Events:
    """Only a hearing that has begun is suspended; out of a recess or a technical pause as well."""
    guards.need(hearing, by, Power.CONTROL)
    guards.over(hearing)
    guards.reason(command.reason)
    if hearing.stage in (Stage.SCHEDULED, Stage.DOORS_OPEN):
        raise Refused("not-open")
    if _paused_by(hearing, Interruption.SUSPENSION):
        raise Refused("already-suspended")
    if hearing.pronounced:
        raise Refused("already-pronounced")
    stopped = _stopped_recording(hearing, "suspension", resumes=True)
    suspended = ev.HearingSuspended(reason=command.reason, resumes_at=command.resumes_at)
    return (*_pause_alarms(hearing), *_turn(hearing), *stopped, suspended)


def resume(hearing: Hearing, by: str) -> Events:
    """The same panel, the same phase."""
    guards.need(hearing, by, Power.CONTROL)
    if not _paused_by(hearing, Interruption.SUSPENSION):
        raise Refused("not-suspended")
    guards.in_sitting(hearing)
    guards.everybody_there(hearing)
    return (ev.HearingResumed(), *_resumed_recording(hearing))


def adjourn(hearing: Hearing, command: cmd.AdjournHearing, by: str) -> Events:
    """This attempt ends; the next one opens from the start."""
    guards.need(hearing, by, Power.CONTROL)
    guards.over(hearing)
    guards.reason(command.reason)
    if hearing.pronounced:
        raise Refused("already-pronounced")
    ended = ev.HearingAdjourned(reason=command.reason, reopens_at=command.reopens_at)
    return (*_before_the_end(hearing, "adjourned"), ended)


def end_without_judgment(hearing: Hearing, command: cmd.EndWithoutJudgment, by: str) -> Events:
    """By one of the decisions this kind of case knows."""
    guards.need(hearing, by, Power.CONTROL)
    guards.over(hearing)
    guards.reason(command.reason)
    if command.outcome not in hearing.course.outcomes:
        raise Refused("outcome-unknown-here")
    if hearing.pronounced:
        raise Refused("already-pronounced")
    ended = ev.HearingEnded(outcome=command.outcome, reason=command.reason)
    return (*_before_the_end(hearing, command.outcome.value), ended)


def _before_the_end(hearing: Hearing, reason: str) -> Events:
    inside = any(seat.place is Place.CONFIDENTIAL_CHANNEL for seat in hearing.seats.values())
    channel: Events = (ev.ConfidentialChannelClosed(),) if inside else ()
    stopped = _stopped_recording(hearing, reason, resumes=False)
    return (*_pause_alarms(hearing), *_turn(hearing), *channel, *stopped)
