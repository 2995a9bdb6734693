"""A small court with its people, cases and hearings, served by the real application over a SQLite file.

Names, courts and numbers are invented. `open_scene` stands at eight o'clock on 12 June 2026 in Hanoi.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hearing.cases import Purpose, parse_number
from hearing.docket import Docket
from hearing.ports import Notice
from hearing.proceedings.commands import Point, ScheduleHearing, Seat
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Mode, PointKind, Visibility
from hearing.store import Store, open_store
from recording.storage.memory import MemoryStore
from tests.support.time import MORNING, SetClock
from web.app import Parts, build

PASSWORD = "mat-khau-dai-va-rieng"

STAFF = (
    ("judge", "Lương Thị Hải Vân", "Thẩm phán", "judge"),
    ("judge2", "Đặng Quốc Khải", "Thẩm phán", "judge"),
    ("assessor1", "Phùng Văn Lâm", "Hội thẩm nhân dân", "assessor"),
    ("assessor2", "Tạ Thị Mộc Miên", "Hội thẩm nhân dân", "assessor"),
    ("clerk", "Hồ Ngọc Diệp", "Thư ký Tòa án", "clerk"),
    ("procurator", "Mạc Đình Tuyên", "Kiểm sát viên", "procurator"),
)
PARTIES = (
    ("tao", "Trần Văn Tạo"),
    ("ha", "Nguyễn Thị Cẩm Hà"),
    ("thuy", "Bạch Thu Thủy"),
    ("tru", "Đinh Công Trứ"),
    ("chi", "Đỗ Thị Lan Chi"),
    ("hung", "Kiều Mạnh Hùng"),
    ("uyen", "Vũ Thị Nhã Uyên"),
    ("nghia", "Hoàng Bá Nghĩa"),
    ("stranger", "Âu Văn Bảy"),
)
CASES = (
    ("case-a", "criminal", "Trộm cắp tài sản", "21/2026/TLST-HS", "2026-05-04", {"tao": "defendant", "ha": "victim"}),
    (
        "case-b",
        "civil",
        "Tranh chấp hợp đồng vay tài sản",
        "34/2026/TLST-DS",
        "2026-02-10",
        {"chi": "plaintiff", "hung": "respondent", "uyen": "related_person"},
    ),
    (
        "case-e",
        "administrative",
        "Khiếu kiện quyết định thu hồi đất",
        "05/2026/TLST-HC",
        "2026-01-12",
        {"nghia": "claimant_admin"},
    ),
    (
        "case-l",
        "labour",
        "Đơn phương chấm dứt hợp đồng lao động",
        "04/2026/TLST-LĐ",
        "2026-03-11",
        {"chi": "plaintiff"},
    ),
    ("case-k", "commercial", "Hợp đồng mua bán hàng hóa", "07/2026/TLST-KDTM", "2026-03-02", {"hung": "plaintiff"}),
)


class Outbox:
    """A notifier that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []

    async def send(self, notice: Notice) -> None:
        self.sent.append(notice)


@dataclass
class Scene:
    parts: Parts
    store: Store
    docket: Docket
    clock: SetClock
    outbox: Outbox
    tokens: dict[str, str] = field(default_factory=dict)

    async def token(self, person: str) -> str:
        """A session of a person with an account, opened once."""
        if person not in self.tokens:
            account = (await self.store.people.sign_in(person, PASSWORD, address="test")).token
            self.tokens[person] = account
        return self.tokens[person]

    async def invite(self, seat: str, hearing: str = "hearing-a") -> Any:
        hearing_now = await self.docket.hearing(hearing)
        return await self.store.invitations.invite(
            hearing=hearing,
            seat=seat,
            person=hearing_now.seats[seat].person,
            expires_at=self.clock.now() + timedelta(days=2),
            by="clerk",
        )

    async def seat_token(self, seat: str, hearing: str = "hearing-a") -> str:
        key = f"{hearing}/{seat}"
        if key not in self.tokens:
            issued = await self.invite(seat, hearing)
            self.tokens[key] = (await self.store.invitations.exchange(issued.token, address="test")).token
        return self.tokens[key]


def _bench() -> tuple[Seat, ...]:
    rows = (
        ("presiding", "judge", Role.PRESIDING_JUDGE),
        ("assessor1", "assessor1", Role.ASSESSOR),
        ("assessor2", "assessor2", Role.ASSESSOR),
        ("clerk", "clerk", Role.CLERK),
        ("procurator", "procurator", Role.PROCURATOR),
    )
    return tuple(Seat(id=id, person=person, role=role, point="central", mandatory=True) for id, person, role in rows)


def _criminal(hearing: str, starts_at: datetime) -> ScheduleHearing:
    return ScheduleHearing(
        hearing=hearing,
        case="case-a",
        court="kv3sl",
        pack="vn",
        procedure="criminal",
        courtroom="room-1",
        starts_at=starts_at,
        mode=Mode.ONLINE,
        visibility=Visibility.PUBLIC,
        points=(
            Point(id="central", kind=PointKind.CENTRAL, host="court", place_text="Phòng xử án số 1"),
            Point(id="p1", kind=PointKind.COMPONENT, host="detention", place_text="Trại tạm giam số 9"),
            Point(id="p2", kind=PointKind.COMPONENT, host="other_court", place_text="TAND khu vực 1 - Trà Khúc"),
        ),
        seats=(
            *_bench(),
            Seat(id="defendant", person="tao", role=Role.DEFENDANT, point="p1", mandatory=True),
            Seat(id="counsel", person="thuy", role=Role.DEFENCE_COUNSEL, point="p1", mandatory=True),
            Seat(id="victim", person="ha", role=Role.VICTIM, point="p2", mandatory=False),
            Seat(id="witness", person="tru", role=Role.WITNESS, point="p2", mandatory=False),
        ),
    )


def _civil(hearing: str, starts_at: datetime) -> ScheduleHearing:
    return ScheduleHearing(
        hearing=hearing,
        case="case-b",
        court="kv3sl",
        pack="vn",
        procedure="civil",
        courtroom="room-1",
        starts_at=starts_at,
        mode=Mode.ONLINE,
        visibility=Visibility.CLOSED,
        points=(
            Point(id="central", kind=PointKind.CENTRAL, host="court", place_text="Phòng xử án số 1"),
            Point(id="p1", kind=PointKind.COMPONENT, host="party_place", place_text="12 phố Hàng Dệt, Trà Khúc"),
        ),
        seats=(
            *_bench()[:4],
            Seat(id="plaintiff", person="chi", role=Role.PLAINTIFF, point="central", mandatory=True),
            Seat(id="respondent", person="hung", role=Role.RESPONDENT, point="central", mandatory=True),
            Seat(id="related", person="uyen", role=Role.RELATED_PERSON, point="p1", mandatory=False),
        ),
    )


async def _fill(store: Store, docket: Docket) -> None:
    court = await store.courts.add(
        id="kv3sl",
        name="Tòa án nhân dân khu vực 3 - Sông Lam",
        time_zone="Asia/Ho_Chi_Minh",
        pack="vn",
        province="tỉnh Sông Lam",
    )
    await store.courts.add_courtroom(court.id, name="Phòng xử án số 1", id="room-1")
    await store.courts.add_courtroom(court.id, name="Phòng xử án số 2", id="room-2")
    for id, name, title, role in STAFF:
        await store.people.add_person(id=id, name=name, title=title)
        await store.people.open_account(id, name=id, password=PASSWORD)
        await store.people.appoint(court.id, id, role)
    for id, name in PARTIES:
        await store.people.add_person(id=id, name=name, email=f"{id}@example.org")
    await store.people.open_account("stranger", name="stranger", password=PASSWORD)
    for id, kind, title, number, accepted, parties in CASES:
        await store.cases.open(id=id, court=court.id, kind=kind, title=title, accepted_on=accepted)
        await store.numbers.register(court=court.id, case=id, number=parse_number(number), purpose=Purpose.ACCEPTANCE)
        await store.cases.add_party(id, person="judge", role="presiding_judge")
        await store.cases.add_party(id, person="clerk", role="clerk")
        for person, role in parties.items():
            await store.cases.add_party(id, person=person, role=role)
    for command in (
        _criminal("hearing-a", MORNING + timedelta(minutes=22)),
        _civil("hearing-b", MORNING + timedelta(days=4)),
    ):
        await docket.handle(command.hearing, command, by="court", op_id=f"schedule-{command.hearing}")


@asynccontextmanager
async def open_scene(folder: Path, **changes: Any) -> AsyncIterator[Scene]:
    """The parts over an empty database in `folder`, filled, with the calendar following the docket."""
    clock = SetClock()
    store = await open_store(f"sqlite:///{folder / 'hearing.sqlite'}", clock=clock, synchronous="OFF")
    docket = Docket(store.record, clock, store.ids)
    docket.follow("calendar", store.calendar.project, after=store.calendar.position)
    await _fill(store, docket)
    outbox = Outbox()
    values: dict[str, Any] = {
        "data": folder,
        "secure": False,
        "store": store,
        "docket": docket,
        "blobs": MemoryStore(),
        "notifier": outbox,
        "clock": clock,
        "ids": store.ids,
    }
    parts = Parts(**{**values, **changes})
    try:
        yield Scene(parts=parts, store=store, docket=docket, clock=clock, outbox=outbox)
    finally:
        await docket.close()
        await store.close()


__all__ = ["MORNING", "PASSWORD", "Outbox", "Scene", "build", "open_scene"]
