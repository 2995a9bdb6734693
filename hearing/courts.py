"""Courts and courtrooms. A court is the tenant: every case, register and list belongs to one."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Court:
    """`pack` is the jurisdiction pack (`vn`, `open`), `time_zone` an IANA name; `parent` the court above."""

    id: str
    name: str
    time_zone: str
    pack: str
    province: str = ""
    parent: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Courtroom:
    id: str
    court: str
    name: str
    active: bool = True
