"""A small hearing to write entries with: a presiding judge, two assessors, a clerk, a plaintiff and a respondent."""

from datetime import timedelta

from hearing.proceedings.commands import LogNote, Point, ScheduleHearing, Seat
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Mode, PointKind, Visibility
from tests.support.time import MORNING

CLERK = "seat-clerk"
JUDGE = "seat-judge"


def schedule(hearing: str = "hearing-1", **changes: object) -> ScheduleHearing:
    seats = (
        Seat(id=JUDGE, person="person-judge", role=Role.PRESIDING_JUDGE, point="central", mandatory=True),
        Seat(id="seat-a1", person="person-a1", role=Role.ASSESSOR, point="central", mandatory=True),
        Seat(id="seat-a2", person="person-a2", role=Role.ASSESSOR, point="central", mandatory=True),
        Seat(id=CLERK, person="person-clerk", role=Role.CLERK, point="central", mandatory=True),
        Seat(id="seat-plaintiff", person="person-plaintiff", role=Role.PLAINTIFF, point="remote", mandatory=True),
        Seat(id="seat-respondent", person="person-respondent", role=Role.RESPONDENT, point="remote", mandatory=True),
    )
    fields: dict[str, object] = {
        "hearing": hearing,
        "case": "case-1",
        "court": "court-1",
        "pack": "vn",
        "procedure": "civil",
        "courtroom": "courtroom-1",
        "starts_at": MORNING + timedelta(hours=1),
        "mode": Mode.ONLINE,
        "visibility": Visibility.PUBLIC,
        "points": (
            Point(id="central", kind=PointKind.CENTRAL, host="court"),
            Point(id="remote", kind=PointKind.COMPONENT, host="party_place"),
        ),
        "seats": seats,
    }
    return ScheduleHearing(**{**fields, **changes})  # type: ignore[arg-type]


def note(number: int, text: str = "Một dòng ghi chép") -> LogNote:
    return LogNote(note=f"note-{number}", text=text)
