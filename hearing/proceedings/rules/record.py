"""The clerk's log, the official recording, sources, and what the recorder's ledger reports."""

from hearing.errors import Refused
from hearing.proceedings import COURT
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.roles import Power
from hearing.proceedings.rules import guards
from hearing.proceedings.rules.participation import recordable
from hearing.proceedings.values import Hearing, SourceState, TrackState
from hearing.proceedings.words import SourceKind

Events = tuple[ev.Event, ...]


def log_note(hearing: Hearing, command: cmd.LogNote, by: str) -> Events:
    """Notes may still be written after the end: the minutes are finished then."""
    guards.need(hearing, by, Power.NOTE, Power.CONTROL)
    if not command.text.strip():
        raise Refused("note-empty")
    if any(note.id == command.note for note in hearing.notes):
        raise Refused("note-known")
    if command.about is not None and command.about not in hearing.seats:
        raise Refused("no-such-seat")
    return (
        ev.NoteLogged(note=command.note, text=command.text, by=by, about=command.about, said_at_ms=command.said_at_ms),
    )


def start_recording(hearing: Hearing, by: str) -> Events:
    """Earlier than the opening, or after it was stopped; never while the panel deliberates or nothing goes on."""
    guards.need(hearing, by, Power.RECORD)
    guards.in_sitting(hearing)
    if hearing.recording:
        raise Refused("already-recording")
    if not recordable(hearing):
        raise Refused("not-recorded-now")
    return (ev.RecordingStarted(),)


def stop_recording(hearing: Hearing, command: cmd.StopRecording, by: str) -> Events:
    """With the reason, and it stays stopped."""
    guards.need(hearing, by, Power.RECORD)
    guards.reason(command.reason)
    if not hearing.recording:
        raise Refused("not-recording")
    return (ev.RecordingStopped(reason=command.reason),)


def announce_source(hearing: Hearing, command: cmd.AnnounceSource, by: str) -> Events:
    """A device offers what it has; the plan decides what becomes of it. Announcing again after a break is no harm."""
    seat = guards.target(hearing, command.seat)
    if by not in (COURT, command.seat):
        raise Refused("not-your-device")
    guards.over(hearing)
    if not seat.publishes:
        raise Refused("may-not-publish")
    shown = command.kind in (SourceKind.SCREEN, SourceKind.DOCUMENT_CAMERA)
    if shown and not seat.has(Power.EXHIBIT):
        raise Refused("may-not-show")
    if command.kind is SourceKind.INTERPRETATION and not seat.has(Power.SPEAK):
        raise Refused("may-not-publish")
    known = hearing.sources.get(command.source)
    if known is not None and (known.owner, known.kind) != (command.seat, command.kind):
        raise Refused("source-taken")
    announced = ev.SourceAnnounced(source=command.source, seat=command.seat, kind=command.kind, label=command.label)
    return (announced,)


def _source(hearing: Hearing, id: str) -> SourceState:
    source = hearing.sources.get(id)
    if source is None:
        raise Refused("no-such-source")
    return source


def withdraw_source(hearing: Hearing, command: cmd.WithdrawSource, by: str) -> Events:
    """By its owner, or by the court when the device is gone."""
    source = _source(hearing, command.source)
    if by not in (COURT, source.owner):
        raise Refused("not-your-device")
    return (ev.SourceWithdrawn(source=command.source),)


def assign_source(hearing: Hearing, command: cmd.AssignSource, by: str) -> Events:
    """The devices of a room serve the people who sit in it, so all of them sit at one point."""
    guards.need(hearing, by, Power.CONTROL, Power.ADMIT)
    source = _source(hearing, command.source)
    seats = [guards.target(hearing, id) for id in dict.fromkeys(command.seats)]
    if not seats:
        raise Refused("nobody-named")
    if len({seat.located for seat in (*seats, hearing.seats[source.owner])}) > 1:
        raise Refused("different-points")
    if any(not seat.publishes for seat in seats):
        raise Refused("may-not-publish")
    users = tuple(seat.id for seat in seats)
    if users == source.seats:
        raise Refused("no-change")
    return (ev.SourceAssigned(source=command.source, seats=users),)


def open_track(hearing: Hearing, command: cmd.OpenTrack, by: str) -> Events:
    """One source and kind in one publish connection."""
    guards.court_only(by)
    if command.track in hearing.tracks:
        raise Refused("track-known")
    track = ev.TrackOpened(
        track=command.track, source=command.source, kind=command.kind, codec=command.codec, file=command.file
    )
    return (track,)


def _track(hearing: Hearing, id: str) -> TrackState:
    track = hearing.tracks.get(id)
    if track is None:
        raise Refused("no-such-track")
    return track


def close_segment(hearing: Hearing, command: cmd.CloseSegment, by: str) -> Events:
    """In the order of their numbers, each once: after a crash the ledger offers what it may have told already."""
    guards.court_only(by)
    if command.index <= _track(hearing, command.track).last_index:
        raise Refused("segment-known")
    return (
        ev.SegmentClosed(
            track=command.track,
            index=command.index,
            offset=command.offset,
            length=command.length,
            t0_ms=command.t0_ms,
            t1_ms=command.t1_ms,
            sha256=command.sha256,
            prev=command.prev,
            key_id=command.key_id,
        ),
    )


def close_track(hearing: Hearing, command: cmd.CloseTrack, by: str) -> Events:
    """Once."""
    guards.court_only(by)
    if _track(hearing, command.track).closed:
        raise Refused("track-closed")
    return (ev.TrackClosed(track=command.track, reason=command.reason),)


def report_loss(hearing: Hearing, command: cmd.ReportLoss, by: str) -> Events:
    """A gap is a fact like any other: it is never hidden."""
    guards.court_only(by)
    return (
        ev.MediaLost(
            track=command.track,
            source=command.source,
            t0_ms=command.t0_ms,
            t1_ms=command.t1_ms,
            reason=command.reason,
        ),
    )


def raise_alarm(hearing: Hearing, command: cmd.RaiseAlarm, by: str) -> Events:
    """Once, until it is settled."""
    guards.court_only(by)
    if command.alarm in hearing.alarms:
        raise Refused("alarm-known")
    return (ev.AlarmRaised(alarm=command.alarm, reason=command.reason),)


def clear_alarm(hearing: Hearing, command: cmd.ClearAlarm, by: str) -> Events:
    """By the court, when the matter is settled."""
    guards.court_only(by)
    if command.alarm not in hearing.alarms:
        raise Refused("no-such-alarm")
    return (ev.AlarmCleared(alarm=command.alarm),)


def attach_item(command: cmd.AttachItem, by: str) -> Events:
    """The record says what was added to the case file, and its hash."""
    guards.court_only(by)
    attached = ev.ItemAttached(item=command.item, kind=command.kind, sha256=command.sha256, title=command.title)
    return (attached,)
