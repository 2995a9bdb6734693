"""How one event changes the hearing. `evolve` never refuses: what is on the record has happened."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from hearing.proceedings import events as ev
from hearing.proceedings.procedures import PROCEDURES
from hearing.proceedings.roles import Power
from hearing.proceedings.values import (
    Alarm,
    Check,
    CourtMicrophone,
    Floor,
    Hand,
    Hearing,
    Note,
    Pause,
    SeatState,
    SourceState,
    TrackState,
)
from hearing.proceedings.words import Interruption, Outcome, Place, Stage

__all__ = ["Hearing", "evolve"]


def _seat(hearing: Hearing, id: str, **changes: Any) -> Hearing:
    return replace(hearing, seats={**hearing.seats, id: replace(hearing.seats[id], **changes)})


def _seats(hearing: Hearing, ids: Iterable[str], **changes: Any) -> Hearing:
    wanted = set(ids)
    moved = {id: replace(seat, **changes) if id in wanted else seat for id, seat in hearing.seats.items()}
    return replace(hearing, seats=moved)


def _leave(hearing: Hearing, id: str, place: Place, **changes: Any) -> Hearing:
    """Move a seat out of the courtroom: hand, announcement and an opened microphone go with it."""
    court = hearing.seats[id].court
    kept = CourtMicrophone.UNDECIDED if court is CourtMicrophone.OPENED else court
    hearing = _seat(
        hearing, id, place=place, hand=None, enters_at_ms=None, came_from=None, **{"court": kept, **changes}
    )
    floor = hearing.floor
    if floor is not None and floor.answering == id:
        hearing = replace(hearing, floor=replace(floor, answering=None))
    if floor is not None and floor.seat == id:
        hearing = replace(hearing, floor=None)
    return hearing


def _close_channel(hearing: Hearing) -> Hearing:
    inside = {id: seat for id, seat in hearing.seats.items() if seat.place is Place.CONFIDENTIAL_CHANNEL}
    back = {
        id: replace(seat, place=seat.came_from or Place.WAITING_ROOM, came_from=None) for id, seat in inside.items()
    }
    return replace(hearing, seats={**hearing.seats, **back})


def _everybody(hearing: Hearing, place: Place) -> Hearing:
    for id, seat in hearing.seats.items():
        if seat.place is not Place.OUTSIDE:
            hearing = _leave(hearing, id, place if seat.connected else Place.OUTSIDE)
    return replace(hearing, floor=None)


def _panel_rooms(hearing: Hearing) -> Hearing:
    """Put the panel into the deliberation room while it is sealed, and back into the courtroom after."""
    origin, target = (
        (Place.COURTROOM, Place.DELIBERATION_ROOM)
        if hearing.sealed and hearing.in_phase
        else (Place.DELIBERATION_ROOM, Place.COURTROOM)
    )
    return _seats(hearing, (seat.id for seat in hearing.panel() if seat.place is origin), place=target)


def _enter_phase(hearing: Hearing, phase: str) -> Hearing:
    """Begin `phase`. A return takes back what later phases had achieved: they will be gone through again."""
    codes = [row.code for row in hearing.course.phases]
    here = codes.index(phase)
    again = set(codes[here + 1 :])
    if here < codes.index(hearing.phase):
        hearing = replace(
            hearing,
            checks={key: check for key, check in hearing.checks.items() if key[0] not in again},
            spoken=frozenset(key for key in hearing.spoken if key[0] not in again),
            answered=frozenset(key for key in hearing.answered if key[0] not in again),
            judgment_sha256=None,
            minutes_signed=frozenset(),
        )
    opened = (seat.id for seat in hearing.seats.values() if seat.court is CourtMicrophone.OPENED)
    hearing = _seats(hearing, opened, court=CourtMicrophone.UNDECIDED)
    hearing = replace(hearing, phase=phase, floor=None)
    if hearing.sealed:
        hearing = _seats(hearing, hearing.seats, hand=None)
    return _panel_rooms(hearing)


def _schedule(event: ev.HearingScheduled) -> Hearing:
    seats = {
        seat.id: SeatState(
            id=seat.id,
            person=seat.person,
            role=seat.role,
            point=seat.point,
            mandatory=seat.mandatory,
            accompanies=seat.accompanies,
            located=seat.point,
        )
        for seat in event.seats
    }
    # The panel is the court: without one of its members nothing can go on, whatever the summons says.
    seats = {id: replace(seat, mandatory=seat.mandatory or seat.has(Power.DELIBERATE)) for id, seat in seats.items()}
    return Hearing(
        id=event.hearing,
        case=event.case,
        court=event.court,
        pack=event.pack,
        procedure=event.procedure,
        courtroom=event.courtroom,
        starts_at=event.starts_at,
        mode=event.mode,
        visibility=event.visibility,
        points=event.points,
        seats=seats,
        admission_notice_ms=event.admission_notice_ms,
        phase=PROCEDURES[event.procedure].phases[0].code,
        checks={},
        sources={},
        tracks={},
        alarms={},
    )


def _arrived(hearing: Hearing, event: ev.Arrived, at: datetime) -> Hearing:
    seat = hearing.seats[event.seat]
    outside = seat.place is Place.OUTSIDE and not hearing.over
    return _seat(
        hearing,
        event.seat,
        connection=event.connection,
        since=seat.since if seat.connected else at,
        located=event.point or seat.point,
        place=Place.WAITING_ROOM if outside else seat.place,
        absence_accepted=False,
    )


def _turn_ended(hearing: Hearing) -> Hearing:
    floor = hearing.floor
    if floor is None:
        return hearing
    asked = {(hearing.phase, floor.answering)} if floor.answering is not None else set()
    return replace(
        hearing,
        floor=None,
        spoken=hearing.spoken | {(hearing.phase, floor.seat)},
        answered=hearing.answered | asked,
    )


def _member_replaced(hearing: Hearing, event: ev.MemberReplaced) -> Hearing:
    role = hearing.seats[event.seat].role
    hearing = _leave(hearing, event.seat, Place.OUTSIDE, replaced=True, mandatory=False)
    return _seat(hearing, event.by_seat, role=role, mandatory=True)


def _undecided(seat: SeatState) -> CourtMicrophone:
    """What is left of the court's decision when the person is given the floor: a lock stays."""
    return seat.court if seat.court is CourtMicrophone.LOCKED else CourtMicrophone.UNDECIDED


def _floor_given(hearing: Hearing, event: ev.FloorGiven, at: datetime) -> Hearing:
    for id in filter(None, (event.seat, event.answering)):
        hearing = _seat(hearing, id, hand=None, court=_undecided(hearing.seats[id]))
    floor = Floor(seat=event.seat, answering=event.answering, purpose=event.purpose, since=at)
    return replace(hearing, floor=floor)


def _muted(hearing: Hearing, event: ev.Muted) -> Hearing:
    if event.own:
        return _seat(hearing, event.seat, self_muted=True)
    return _seat(hearing, event.seat, court=CourtMicrophone.LOCKED if event.locked else CourtMicrophone.MUTED)


def _unmuted(hearing: Hearing, event: ev.Unmuted) -> Hearing:
    if not event.own:
        return _seat(hearing, event.seat, court=CourtMicrophone.OPENED)
    # One's own switch never opens more than the court gave: a plain mute by the court falls back to undecided.
    court = hearing.seats[event.seat].court
    left = CourtMicrophone.UNDECIDED if court is CourtMicrophone.MUTED else court
    return _seat(hearing, event.seat, self_muted=False, court=left)


def _paused(hearing: Hearing, kind: Interruption, reason: str, since: datetime, until: datetime | None) -> Hearing:
    pause = Pause(kind=kind, reason=reason, since=since, until=until)
    return replace(hearing, stage=Stage.INTERRUPTED, pause=pause)


def _resumed(hearing: Hearing) -> Hearing:
    return _panel_rooms(replace(hearing, stage=Stage.IN_SESSION, pause=None))


def _ended(hearing: Hearing, stage: Stage, outcome: Outcome) -> Hearing:
    hearing = _close_channel(hearing)
    return replace(
        _panel_rooms(replace(hearing, stage=stage, outcome=outcome)), pause=None, floor=None, recording_resumes=False
    )


def evolve(hearing: Hearing | None, event: ev.Event, at: datetime) -> Hearing:
    """The hearing after `event`, which happened at `at`. The first event of every hearing is `HearingScheduled`."""
    if isinstance(event, ev.HearingScheduled):
        return _schedule(event)
    assert hearing is not None, "the first entry of a hearing schedules it"
    match event:
        case ev.SittingStarted(sitting=sitting):
            waiting = (s.id for s in hearing.seats.values() if s.connected and s.active and not hearing.over)
            stage = Stage.DOORS_OPEN if hearing.stage is Stage.SCHEDULED else hearing.stage
            hearing = replace(hearing, sitting=sitting, sitting_started=at, stage=stage)
            return _seats(hearing, waiting, place=Place.WAITING_ROOM)
        case ev.SittingEnded():
            hearing = replace(_everybody(_close_channel(hearing), Place.OUTSIDE), sitting=None)
            return replace(hearing, stage=Stage.SCHEDULED) if hearing.stage is Stage.DOORS_OPEN else hearing
        case ev.Arrived():
            return _arrived(hearing, event, at)
        case ev.ConnectionLost(seat=id):
            return _seat(hearing, id, connection=None, since=at, hand=None, enters_at_ms=None)
        case ev.DutiesAccepted(seat=id, version=version):
            return _seat(hearing, id, duties=version)
        case ev.PapersChecked(seat=id, document=document):
            return _seat(hearing, id, papers=document)
        case ev.RollCalled(seat=id, present=present, reason=reason):
            return _seat(hearing, id, roll=present, roll_reason=reason)
        case ev.IdentityConfirmed(seat=id):
            return _seat(hearing, id, oral=True)
        case ev.AdmissionAnnounced(seat=id, enters_at_ms=enters):
            return _seat(hearing, id, enters_at_ms=enters)
        case ev.Admitted(seat=id):
            return _panel_rooms(_seat(hearing, id, place=Place.COURTROOM, enters_at_ms=None))
        case ev.ReturnedToWaitingRoom(seat=id):
            return _leave(hearing, id, Place.WAITING_ROOM, called=False, attended=False)
        case ev.Removed(seat=id):
            return _leave(hearing, id, Place.OUTSIDE, removed=True, attended=False)
        case ev.HearingOpened():
            here = (seat.id for seat in hearing.seats.values() if seat.place is Place.COURTROOM)
            return replace(_seats(hearing, here, attended=True), stage=Stage.IN_SESSION)
        case ev.PhaseEntered(phase=phase):
            return _enter_phase(hearing, phase)
        case ev.ItemTicked(item=item):
            return replace(hearing, checks={**hearing.checks, (hearing.phase, item): Check(done=True)})
        case ev.ItemWaived(item=item, reason=reason):
            return replace(hearing, checks={**hearing.checks, (hearing.phase, item): Check(done=False, reason=reason)})
        case ev.HandRaised(seat=id, reason=why, text=text):
            return _seat(hearing, id, hand=Hand(reason=why, text=text, at=at))
        case ev.HandLowered(seat=id):
            return _seat(hearing, id, hand=None)
        case ev.FloorGiven():
            return _floor_given(hearing, event, at)
        case ev.TurnEnded():
            return _turn_ended(hearing)
        case ev.Muted():
            return _muted(hearing, event)
        case ev.Unmuted():
            return _unmuted(hearing, event)
        case ev.WitnessCalled(seat=id):
            return _seat(hearing, id, called=True, released=False)
        case ev.WitnessReleased(seat=id, stays=stays):
            if stays:
                return _seat(hearing, id, released=True)
            return _leave(hearing, id, Place.OUTSIDE, released=True)
        case ev.SentToWitnessRoom(seat=id):
            return _leave(hearing, id, Place.WITNESS_ROOM, called=False)
        case ev.RecessStarted(minutes=minutes, reason=reason):
            return _paused(hearing, Interruption.RECESS, reason, at, at + timedelta(minutes=minutes))
        case ev.IncidentHeld(reason=reason):
            return _paused(hearing, Interruption.INCIDENT_HOLD, reason, at, None)
        case ev.HearingSuspended(reason=reason, resumes_at=until):
            hearing = _paused(hearing, Interruption.SUSPENSION, reason, at, until)
            return _everybody(_close_channel(hearing), Place.WAITING_ROOM)
        case ev.RecessEnded() | ev.IncidentEnded() | ev.HearingResumed():
            return _resumed(hearing)
        case ev.HearingAdjourned():
            return _ended(hearing, Stage.ADJOURNED, Outcome.ADJOURNED)
        case ev.HearingEnded(outcome=outcome):
            return _ended(hearing, Stage.ENDED, outcome)
        case ev.HearingClosed():
            return _ended(hearing, Stage.CLOSED, Outcome.CLOSED)
        case ev.AbsenceAccepted(seat=id):
            return _seat(hearing, id, absence_accepted=True)
        case ev.TriedInAbsence(seat=id):
            return _seat(hearing, id, in_absence=True)
        case ev.MemberReplaced():
            return _member_replaced(hearing, event)
        case ev.SeatMoved(seat=id, point=point):
            return _seat(hearing, id, point=point, located=point)
        case ev.ModeChanged(mode=mode):
            return replace(hearing, mode=mode)
        case ev.VisibilityChanged(visibility=visibility):
            return replace(hearing, visibility=visibility)
        case ev.ConfidentialChannelOpened(seats=ids):
            for id in ids:
                hearing = _seat(
                    hearing, id, came_from=hearing.seats[id].place, place=Place.CONFIDENTIAL_CHANNEL, hand=None
                )
            return hearing
        case ev.ConfidentialChannelClosed():
            return _close_channel(hearing)
        case ev.JudgmentFrozen(sha256=sha256):
            # A changed text needs the panel's signatures again.
            kept = hearing.minutes_signed if hearing.judgment_sha256 in (None, sha256) else frozenset[str]()
            return replace(hearing, judgment_sha256=sha256, minutes_signed=kept)
        case ev.DeliberationMinutesSigned(seat=id):
            return replace(hearing, minutes_signed=hearing.minutes_signed | {id})
        case ev.JudgmentPronounced():
            return replace(hearing, pronounced=True)
        case ev.NoteLogged():
            t_ms = hearing.clock_ms(at) if event.said_at_ms is None else event.said_at_ms
            note = Note(id=event.note, text=event.text, about=event.about, t_ms=t_ms, by=event.by)
            return replace(hearing, notes=(*hearing.notes, note))
        case ev.RecordingStarted():
            return replace(hearing, recording=True, recording_since=at, recording_resumes=False)
        case ev.RecordingStopped(resumes=resumes):
            return replace(hearing, recording=False, recording_since=at, recording_resumes=resumes)
        case ev.SourceAnnounced(source=source, seat=owner, kind=kind, label=label):
            known = hearing.sources.get(source)
            users = known.seats if known is not None else (owner,)
            state = SourceState(id=source, owner=owner, seats=users, kind=kind, label=label)
            return replace(hearing, sources={**hearing.sources, source: state})
        case ev.SourceWithdrawn(source=source):
            return replace(hearing, sources={id: s for id, s in hearing.sources.items() if id != source})
        case ev.SourceAssigned(source=source, seats=users):
            changed = replace(hearing.sources[source], seats=users)
            return replace(hearing, sources={**hearing.sources, source: changed})
        case ev.TrackOpened(track=track, source=source, kind=media):
            return replace(hearing, tracks={**hearing.tracks, track: TrackState(source=source, kind=media)})
        case ev.SegmentClosed(track=track, index=index):
            longer = replace(hearing.tracks[track], last_index=index)
            return replace(hearing, tracks={**hearing.tracks, track: longer})
        case ev.TrackClosed(track=track):
            ended = replace(hearing.tracks[track], closed=True)
            return replace(hearing, tracks={**hearing.tracks, track: ended})
        case ev.AlarmRaised(alarm=alarm, reason=reason):
            return replace(hearing, alarms={**hearing.alarms, alarm: Alarm(reason=reason, since=at)})
        case ev.AlarmCleared(alarm=alarm):
            return replace(hearing, alarms={id: a for id, a in hearing.alarms.items() if id != alarm})
        case ev.ClockAnchored() | ev.MediaLost() | ev.ItemAttached():
            # Kept for the recording's time line and for the case file; nothing the rules ask about.
            return hearing
    assert_never(event)
