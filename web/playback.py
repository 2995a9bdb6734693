"""What the player needs to know of one sitting: tracks and where their bytes lie, people, chapters, what is missing.

Rule: derived from the record alone, so that two people at two times are shown the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hearing.people import Person
from hearing.wire import Entry
from recording.segments import Track, manifests
from recording.sitting import Sitting
from web.i18n import Words
from web.parts import JobState

NOTE = "log_note"


def describe(
    hearing: str,
    entries: Sequence[Entry],
    wanted: str | None,
    people: Mapping[str, Person],
    words: Words,
    *,
    notes: bool,
) -> dict[str, Any] | None:
    """One sitting, the last one unless named; None when there is none. `notes`: with the clerk's log notes."""
    found = manifests(entries)
    chosen = wanted or (list(found)[-1] if found else "")
    if chosen not in found:
        return None
    manifest = found[chosen]
    sitting = Sitting(id=chosen)
    sitting.take_all(entries)
    tracks = list(manifest.tracks.values())
    length = max((track.t1_ms or 0 for track in tracks), default=0)
    started = sitting.started_at
    return {
        "hearing": hearing,
        "sitting": chosen,
        "sittings": list(found),
        "clock": {"start_utc": started.isoformat() if started else "", "length_ms": length},
        "tracks": [_track(hearing, track, sitting) for track in tracks],
        "seats": _seats(sitting, people, words),
        "chapters": [
            {
                "t_ms": mark.t0_ms,
                "kind": "note" if mark.kind == NOTE else mark.kind,
                "code": mark.label if mark.kind == "phase" else "",
                "label": words(f"phase.{mark.label}") if mark.kind == "phase" else mark.label,
            }
            for mark in sitting.marks
            if notes or mark.kind != NOTE
        ],
        "gaps": [
            {"track": track.track, "t0_ms": loss.t0_ms, "t1_ms": loss.t1_ms, "reason": loss.reason}
            for track in tracks
            for loss in track.losses
        ],
    }


def _track(hearing: str, track: Track, sitting: Sitting) -> dict[str, Any]:
    return {
        "id": track.track,
        "source": track.source,
        "kind": track.kind,
        "use": sitting.kinds.get(track.source, ""),
        "seats": list(sitting.user(track.source, track.t0_ms or 0).seats),
        "codec": track.codec,
        "closed": track.closed,
        "size": track.size,
        "recorded_ms": track.recorded_ms,
        "header": {"offset": 0, "length": track.segments[0].offset if track.segments else 0},
        "segments": [
            {"offset": one.offset, "length": one.length, "t0_ms": one.t0_ms, "t1_ms": one.t1_ms}
            for one in track.segments
        ],
        "url": f"/media/{hearing}/{track.track}",
    }


def _seats(sitting: Sitting, people: Mapping[str, Person], words: Words) -> list[dict[str, str]]:
    return [
        {
            "id": seat.id,
            "role": str(seat.role),
            "role_name": words(f"role.{seat.role}"),
            "name": people[seat.person].name if seat.person in people else "",
            "point": seat.point,
        }
        for seat in sitting.seats.values()
    ]


def job(state: JobState, url: str) -> dict[str, Any]:
    """How far a long job is, for the player; its address once it is there."""
    return {
        "status": state.status,
        "progress": state.percent,
        "step": state.step,
        "reason": state.reason,
        "url": url if state.status == "done" else None,
    }
