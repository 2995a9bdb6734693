"""Who sees and hears whom: a pure function of the hearing. The recorder is a listener like any other.

The media plane makes the world equal to this plan, so a rule about secrecy stands here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hearing.proceedings.once import once
from hearing.proceedings.values import CourtMicrophone, Hearing, SeatState, SourceState
from hearing.proceedings.words import Interruption, Kind, Place, SourceKind

RECORDER = "recorder"
"""The listener that keeps what it receives."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Edge:
    """One source reaches one listener: a seat, or the recorder."""

    source: str
    listener: str
    kind: Kind


def audible(hearing: Hearing, seat: SeatState) -> bool:
    """Whether the court lets this person be heard in the courtroom now."""
    if seat.place is not Place.COURTROOM or seat.self_muted:
        return False
    if seat.court in (CourtMicrophone.LOCKED, CourtMicrophone.MUTED):
        return False
    floor = hearing.floor
    has_floor = floor is not None and seat.id in (floor.seat, floor.answering)
    return seat.row.open_microphone or has_floor or seat.court is CourtMicrophone.OPENED


def _users(hearing: Hearing, source: SourceState) -> tuple[SeatState, ...]:
    return tuple(hearing.seats[id] for id in source.seats if hearing.seats[id].place is not Place.OUTSIDE)


def _together(hearing: Hearing, source: SourceState, place: Place) -> bool:
    """Whether everybody this source would pick up is in `place`.

    One person who waits, is kept apart or talks in confidence closes the shared microphone of a room for all.
    """
    users = _users(hearing, source)
    owner = hearing.seats[source.owner]
    return owner.connected and owner.active and bool(users) and all(seat.place is place for seat in users)


def _heard(hearing: Hearing, source: SourceState) -> bool:
    users = _users(hearing, source)
    if source.kind is SourceKind.INTERPRETATION:
        # The interpreter's channel is not a turn: it runs beside whoever speaks.
        closed = (CourtMicrophone.LOCKED, CourtMicrophone.MUTED)
        return any(not seat.self_muted and seat.court not in closed for seat in users)
    return any(audible(hearing, seat) for seat in users)


def _joined(sources: Iterable[SourceState], listeners: Iterable[str]) -> set[Edge]:
    ears = tuple(listeners)
    return {
        Edge(source=source.id, listener=ear, kind=source.kind.media)
        for source in sources
        for ear in ears
        if ear not in source.seats and ear != source.owner
    }


def _listeners(hearing: Hearing, place: Place) -> list[str]:
    return [seat.id for seat in hearing.seats.values() if seat.active and seat.connected and seat.place is place]


def _deliberation(hearing: Hearing) -> set[Edge]:
    """The panel alone, where the law of the place lets a panel deliberate over a line. Never the recorder."""
    if not hearing.law.deliberation_media:
        return set()
    panel = {seat.id for seat in hearing.panel()}
    closed = (CourtMicrophone.LOCKED, CourtMicrophone.MUTED)
    sources = [
        source
        for source in hearing.sources.values()
        if _together(hearing, source, Place.DELIBERATION_ROOM)
        and set(source.seats) <= panel
        and (
            source.kind.media is Kind.VIDEO
            or any(not seat.self_muted and seat.court not in closed for seat in _users(hearing, source))
        )
    ]
    return _joined(sources, (id for id in _listeners(hearing, Place.DELIBERATION_ROOM) if id in panel))


def _confidential(hearing: Hearing) -> set[Edge]:
    """Counsel and client, sound only, never the recorder."""
    sources = [
        source
        for source in hearing.sources.values()
        if source.kind.media is Kind.AUDIO
        and _together(hearing, source, Place.CONFIDENTIAL_CHANNEL)
        and any(not seat.self_muted for seat in _users(hearing, source))
    ]
    return _joined(sources, _listeners(hearing, Place.CONFIDENTIAL_CHANNEL))


def _courtroom(hearing: Hearing) -> set[Edge]:
    present = [
        source
        for source in hearing.sources.values()
        if _together(hearing, source, Place.COURTROOM) and (source.kind.media is Kind.VIDEO or _heard(hearing, source))
    ]
    listeners = [
        id
        for id in _listeners(hearing, Place.COURTROOM)
        if not hearing.seats[id].kept_apart and (hearing.public_now() or not hearing.seats[id].public)
    ]
    return _joined(present, [*listeners, RECORDER] if hearing.recording else listeners)


@once
def plan(hearing: Hearing) -> frozenset[Edge]:
    """Every edge that should be open now."""
    if hearing.sitting is None or hearing.over:
        return frozenset()
    if hearing.sealed:
        return frozenset(_deliberation(hearing) if hearing.in_phase else ())
    edges = _confidential(hearing)
    quiet = hearing.pause is not None and hearing.pause.kind in (Interruption.RECESS, Interruption.SUSPENSION)
    return frozenset(edges if quiet else edges | _courtroom(hearing))


@once
def received(hearing: Hearing) -> Mapping[str, tuple[str, ...]]:
    """Listener -> the sources that reach it, in a fixed order."""
    found: dict[str, set[str]] = {}
    for edge in plan(hearing):
        found.setdefault(edge.listener, set()).add(edge.source)
    return {listener: tuple(sorted(sources)) for listener, sources in found.items()}


def changes(before: frozenset[Edge], after: frozenset[Edge]) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    """Edges to open and edges to close, in a fixed order. Close first: nobody may hear a moment too much."""
    return tuple(sorted(after - before)), tuple(sorted(before - after))
