"""Who may know what: the questions that `view` and `visible` share, so that the two cannot disagree."""

from hearing.proceedings import events as ev
from hearing.proceedings.roles import Power, Scope
from hearing.proceedings.values import Hearing, SeatState
from hearing.proceedings.words import Place


def is_inside(seat: SeatState) -> bool:
    """Whether the person is in the courtroom or in one of the rooms that belong to it."""
    return seat.place in (Place.COURTROOM, Place.DELIBERATION_ROOM, Place.CONFIDENTIAL_CHANNEL)


def follows(seat: SeatState) -> bool:
    """Whether the person may know what is going on in the courtroom, beyond who is there."""
    return seat.staff or is_inside(seat)


def looks_after(me: SeatState, seat: SeatState) -> bool:
    """Whether the person may know how far somebody's checks have come: their own, or as a part of their work."""
    at_my_point = me.row.scope is Scope.OWN_POINT and me.has(Power.ADMIT) and me.located == seat.located
    return me.id == seat.id or me.staff or at_my_point


_APART = frozenset({Place.CONFIDENTIAL_CHANNEL, Place.DELIBERATION_ROOM})


def watched_lines(hearing: Hearing, who: str) -> frozenset[str]:
    """The seats of which the person on seat `who` may know how good the connection is.

    How much is sent behind a closed door is part of what is said there: only who is inside may know that.
    """
    me = hearing.seats.get(who)
    if me is None or not me.active or not me.has(Power.WATCH_LINES):
        return frozenset()
    hidden = _APART - {me.place}
    return frozenset(seat.id for seat in hearing.seats.values() if seat.active and seat.place not in hidden)


_COURTROOM = (
    ev.HandRaised,
    ev.HandLowered,
    ev.FloorGiven,
    ev.TurnEnded,
    ev.Muted,
    ev.Unmuted,
    ev.WitnessCalled,
    ev.SourceAnnounced,
)
_CHECKS = (ev.DutiesAccepted, ev.PapersChecked, ev.RollCalled, ev.IdentityConfirmed, ev.AdmissionAnnounced)
_STAFF = (
    ev.ItemTicked,
    ev.ItemWaived,
    ev.NoteLogged,
    ev.AlarmRaised,
    ev.AlarmCleared,
    ev.MediaLost,
    ev.ItemAttached,
)
_PANEL = (ev.JudgmentFrozen, ev.DeliberationMinutesSigned)
_NOBODY = (ev.ClockAnchored, ev.TrackOpened, ev.SegmentClosed, ev.TrackClosed)


def visible(event: ev.Event, hearing: Hearing, who: str) -> bool:
    """Whether the person on seat `who` is told of `event`; `hearing` is the hearing after it.

    Nobody is told what their view hides, and whoever's view an event changes is told of it.
    """
    me = hearing.seats.get(who)
    if me is None:
        return False
    if not me.active:
        return isinstance(event, (ev.Removed, ev.MemberReplaced)) and event.seat == who
    if isinstance(event, _NOBODY):
        return False
    if isinstance(event, _PANEL):
        return me.has(Power.DELIBERATE)
    if isinstance(event, _STAFF):
        return me.staff
    if isinstance(event, _CHECKS):
        return looks_after(me, hearing.seats[event.seat])
    if isinstance(event, _COURTROOM):
        return follows(me) or event.seat == who
    # What is left says who is here and where the hearing stands: everybody who is summoned may know that.
    return True
