"""What several pages show of cases and hearings, put together from lists, so that each page asks the store once.

Rule: everything here was authorised by the list it came from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiohttp import web

from hearing.access import Actor
from hearing.calendar import HearingSummary, SeatSummary
from hearing.cases import Case, Party
from hearing.people import Person
from hearing.proceedings.procedures import PACKS
from hearing.proceedings.roles import ROLES, Group, Role
from hearing.proceedings.values import OVER
from hearing.proceedings.words import Stage, Visibility
from web.i18n import Words
from web.parts import PARTS

KINDS = ("criminal", "civil", "family", "commercial", "labour", "administrative")
KIND_ICONS = {
    "criminal": "gavel",
    "civil": "scale",
    "family": "users",
    "commercial": "store",
    "labour": "briefcase",
    "administrative": "landmark",
}
SYMBOLS = {
    "criminal": "TLST-HS",
    "civil": "TLST-DS",
    "family": "TLST-HNGĐ",
    "commercial": "TLST-KDTM",
    "labour": "TLST-LĐ",
    "administrative": "TLST-HC",
}
LIVE = (Stage.DOORS_OPEN, Stage.IN_SESSION, Stage.INTERRUPTED)
CONDUCTING = (Group.PRESIDING, Group.PANEL, Group.CLERK, Group.PROCURATOR)

PillKind = Literal["", "info", "ok", "warn", "bad", "private", "line"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pill:
    """A state as shown: word, colour and icon, never colour alone."""

    text: str
    kind: PillKind = ""
    icon: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A person in a role: role before name."""

    person: str
    name: str
    role: str
    title: str = ""


def live(summary: HearingSummary) -> bool:
    return summary.stage in LIVE


def over(summary: HearingSummary) -> bool:
    return summary.stage in OVER


def stage_pill(words: Words, summary: HearingSummary, now: datetime) -> Pill:
    """Where a hearing stands, in few words."""
    match summary.stage:
        case Stage.SCHEDULED if words.local(summary.starts_at).date() == words.local(now).date():
            return Pill(text=words("stage.today", time=words.time(summary.starts_at)), kind="info", icon="calendar")
        case Stage.SCHEDULED:
            return Pill(text=words("stage.planned", date=words.day(summary.starts_at)), kind="info", icon="calendar")
        case Stage.DOORS_OPEN:
            return Pill(text=words("stage.doors_open"), kind="ok", icon="door-open")
        case Stage.IN_SESSION:
            return Pill(text=words("stage.in_session"), kind="ok", icon="circle-play")
        case Stage.INTERRUPTED:
            return Pill(text=words("stage.interrupted"), kind="warn", icon="circle-pause")
        case Stage.CLOSED:
            return Pill(text=words("stage.closed"), kind="ok", icon="gavel")
        case Stage.ADJOURNED:
            return Pill(text=words("stage.adjourned"), kind="warn", icon="calendar")
        case _:
            return Pill(text=words("stage.ended"), icon="circle-check")


def visibility_pill(words: Words, visibility: str) -> Pill:
    if visibility == Visibility.PUBLIC:
        return Pill(text=words("visibility.public"), kind="line", icon="eye")
    return Pill(text=words(f"visibility.{visibility}"), kind="private", icon="lock")


def role_name(words: Words, role: str) -> str:
    return words(f"role.{role}")


def conducts(role: str) -> bool:
    return ROLES[Role(role)].group in CONDUCTING


def component_limit(pack: str) -> int | None:
    return PACKS[pack].max_component_points


async def names(request: web.Request, ids: Iterable[str]) -> dict[str, Person]:
    return await request.app[PARTS].store.people.people(set(ids))


def named(words: Words, people: dict[str, Person], rows: Sequence[Party] | Sequence[SeatSummary]) -> list[Named]:
    return [
        Named(
            person=row.person,
            name=people[row.person].name if row.person in people else "",
            role=role_name(words, row.role),
            title=people[row.person].title if row.person in people else "",
        )
        for row in rows
    ]


async def cases_of(request: web.Request, actor: Actor, ids: Iterable[str]) -> dict[str, Case]:
    """The cases behind hearings in a list; a hearing with a seat but no sight of the file shows no case."""
    store = request.app[PARTS].store
    wanted = set(ids)
    return {case.id: case for case in await store.cases.cases(actor, limit=1000) if case.id in wanted}
