"""The shapes of the API. Names are those of the record and the pages; nothing extra is taken."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from hearing.proceedings.roles import Role
from hearing.proceedings.words import Mode, PointKind, Visibility
from hearing.text import one_line

Id = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:-]+$")
Name = Field(min_length=1, max_length=200)


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Given(Model):
    """What people and other systems write about persons, cases and places: each text is one line."""

    @field_validator("*", mode="before")
    @classmethod
    def as_one_line(cls, value: Any) -> Any:
        return one_line(value) if type(value) is str else value


class SignIn(Model):
    name: str = Field(min_length=1, max_length=120)
    password: str = Field(min_length=1, max_length=200)


class Token(Model):
    token: str


class Exchange(Model):
    code: str = Field(min_length=1, max_length=200, description="The eight characters, or the secret of the link.")


class SeatToken(Model):
    token: str
    hearing: str
    seat: str


class Myself(Model):
    person: str
    name: str
    title: str
    offices: list[tuple[str, str]] = Field(description="Pairs of court and role.")
    hearing: str | None = Field(description="Set when the session came from an invitation.")
    seat: str | None


class CourtroomOut(Model):
    id: str
    name: str


class CourtOut(Model):
    id: str
    name: str
    province: str
    pack: str
    time_zone: str
    courtrooms: list[CourtroomOut]


class PersonIn(Given):
    """A person known by id, or a new one by name."""

    person: str | None = Field(default=None, min_length=1, max_length=40)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    title: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=40)
    language: Literal["vi", "en"] = "vi"


class PartyIn(PersonIn):
    role: Role


class CaseIn(Given):
    court: str = Id
    kind: Literal["criminal", "civil", "family", "commercial", "labour", "administrative"]
    title: str = Field(min_length=1, max_length=300)
    number: str = Field(default="", max_length=80, description="Empty: the next number of the register.")
    accepted_on: date | None = None
    sealed: bool = False
    parties: list[PartyIn] = Field(default_factory=list, max_length=100)


class PartyOut(Model):
    id: str
    person: str
    name: str
    role: str


class HearingOut(Model):
    id: str
    case: str
    court: str
    courtroom: str | None
    procedure: str
    mode: str
    visibility: str
    starts_at: datetime
    stage: str
    phase: str | None
    outcome: str | None


class CaseOut(Model):
    id: str
    court: str
    kind: str
    title: str
    number: str
    status: str
    sealed: bool
    accepted_on: str | None


class CaseWhole(CaseOut):
    parties: list[PartyOut]
    hearings: list[HearingOut]


class PointIn(Given):
    id: str = Id
    kind: PointKind
    host: str = Field(default="court", min_length=1, max_length=40)
    place_text: str = Field(default="", max_length=300)


class SeatIn(PersonIn):
    id: str | None = Field(default=None, min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:-]+$")
    role: Role
    point: str = Id
    mandatory: bool = False
    accompanies: str | None = Field(default=None, max_length=40)
    speaks: str = Field(default="", max_length=20, description="BCP 47, when it is not the court's language.")


class HearingIn(Given):
    starts_at: AwareDatetime
    courtroom: str = Field(default="", max_length=40)
    mode: Mode = Mode.ONLINE
    visibility: Visibility = Visibility.PUBLIC
    procedure: str = Field(default="", max_length=40)
    minutes: int = Field(default=180, ge=5, le=24 * 60)
    points: list[PointIn] = Field(min_length=1, max_length=50)
    seats: list[SeatIn] = Field(min_length=1, max_length=200)
    admission_notice_ms: int = Field(default=10_000, ge=0, le=600_000)


class InvitationOut(Model):
    seat: str
    person: str
    name: str
    role: str
    code: str
    token: str
    link: str
    expires_at: datetime


class ScheduledOut(Model):
    hearing: str
    invitations: list[InvitationOut]


class SeatOut(Model):
    seat: str
    person: str
    name: str
    role: str
    point: str


class HearingWhole(HearingOut):
    seats: list[SeatOut]
    sittings: list[str]


class Flow(Model):
    packets: int
    bytes: int


class EdgeFlow(Flow):
    source: str
    listener: str
    kind: str
    open: bool


class SourceFlow(Flow):
    source: str
    seat: str
    kind: str
    lost: int
    recovered: int


class Traffic(Model):
    """RTP alone, retransmissions included. `egress` names every seat that ever had a connection, also one sent nothing.

    `edges` counts what was forwarded since the room opened, `sources` what arrived in the present connection.
    """

    egress: dict[str, Flow]
    edges: list[EdgeFlow]
    sources: list[SourceFlow]
    lag_ms: int


class TrackOut(Model):
    id: str
    source: str
    kind: str
    use: str
    seats: list[str]
    codec: str
    closed: str | None
    size: int
    recorded_ms: int
    header: dict[str, int]
    segments: list[dict[str, int]]
    url: str


class Playback(Model):
    model_config = ConfigDict(extra="allow")

    hearing: str
    sitting: str
    sittings: list[str]
    clock: dict[str, Any]
    tracks: list[TrackOut]
    seats: list[dict[str, str]]
    chapters: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    transcript: dict[str, Any]
    film: dict[str, Any]


class JobOut(Model):
    status: str
    progress: int
    step: str
    reason: str
    url: str | None
