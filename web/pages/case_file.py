"""The case file: one header with five tabs. Each tab is a page of its own; what a person may not see is not counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from hearing.access import Verb, case_verbs
from hearing.calendar import HearingSummary
from hearing.cases import Case, Item, Party
from hearing.courts import Court
from hearing.errors import Refused
from hearing.people import Person
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import PointKind
from recording.segments import Track, manifests
from web import auth
from web.auth import Me
from web.i18n import Words
from web.pages import shown
from web.pages.day import room_name
from web.pages.shown import Named, Pill
from web.parts import PARTS, JobState
from web.view import WORDS, page

routes = web.RouteTableDef()

TABS = ("overview", "documents", "hearings", "recordings", "people")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """What every tab shows: the case, who it is about, its hearings and items as far as this person sees them."""

    case: Case
    court: Court
    parties: list[Party]
    people: dict[str, Person]
    hearings: list[HearingSummary]
    items: list[Item]
    may: frozenset[Verb]

    @property
    def heading(self) -> str:
        """Matter and the first person it is about."""
        sides = [self.people[p.person].name for p in self.parties if p.person in self.people]
        about = [
            self.people[p.person].name for p in self.parties if p.person in self.people and not shown.conducts(p.role)
        ]
        if not (sides and about) or about[0] in self.case.title:
            return self.case.title
        return f"{self.case.title} · {about[0]}"

    def conducting(self, words: Words) -> list[Named]:
        return shown.named(words, self.people, [party for party in self.parties if shown.conducts(party.role)])

    def taking_part(self, words: Words) -> list[Named]:
        return shown.named(words, self.people, [party for party in self.parties if not shown.conducts(party.role)])


async def open_file(request: web.Request) -> tuple[Me, File]:
    """Raises `not-found` for whoever may not see the case."""
    me, store = auth.staff(request), request.app[PARTS].store
    thing = await store.access.case(me.actor, Verb.SEE, request.match_info["case"])
    case = await store.cases.case(me.actor, thing.case)
    parties = await store.cases.parties(case.id)
    return me, File(
        case=case,
        court=await store.courts.court(case.court),
        parties=parties,
        people=await shown.names(request, (party.person for party in parties)),
        hearings=await store.calendar.hearings(me.actor, case=case.id),
        items=await store.cases.items(me.actor, case.id),
        may=case_verbs(me.actor, thing),
    )


def tab(request: web.Request, me: Me, file: File, name: str, **values: Any) -> web.Response:
    """One tab in the common frame."""
    words, now = request[WORDS], request.app[PARTS].clock.now()
    coming = [hearing for hearing in file.hearings if not shown.over(hearing)]
    latest = coming[0] if coming else (file.hearings[-1] if file.hearings else None)
    held = [hearing for hearing in file.hearings if hearing.started_at is not None]
    return page(
        request,
        f"case/{name}.html",
        me=me,
        file=file,
        tab=name,
        tabs=TABS,
        tab_counts={
            "overview": None,
            "documents": len(file.items),
            "hearings": len(file.hearings),
            "recordings": len(held),
            "people": len(file.parties),
        },
        latest=latest,
        latest_pill=shown.stage_pill(words, latest, now) if latest else Pill(text=words("cases.tab.preparing")),
        latest_visibility=shown.visibility_pill(words, latest.visibility) if latest else None,
        may_schedule=Verb.SCHEDULE in file.may and not coming,
        now=now,
        **values,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PointCard:
    """A point of a hearing with the roles that sit there."""

    icon: str
    name: str
    place: str
    roles: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingCard:
    """One hearing of the file with its points, phases and people."""

    summary: HearingSummary
    hearing: Hearing
    state: Pill
    visibility: Pill
    room: str
    points: list[PointCard]
    seated: bool


POINT_ICONS = {"court": "landmark", "detention": "lock", "other_court": "building-2", "party_place": "house"}


def point_cards(words: Words, hearing: Hearing) -> list[PointCard]:
    cards, number = [], 0
    for point in hearing.points:
        number += point.kind is PointKind.COMPONENT
        central = point.kind is PointKind.CENTRAL
        roles = [shown.role_name(words, seat.role) for seat in hearing.seats.values() if seat.point == point.id]
        cards.append(
            PointCard(
                icon=POINT_ICONS.get(point.host, "map-pin"),
                name=words("point.central") if central else words("point.number", number=number),
                place=point.place_text or words(f"host.{point.host}" if point.host in POINT_ICONS else "host.court"),
                roles=", ".join(dict.fromkeys(roles)),
            )
        )
    return cards


async def hearing_cards(request: web.Request, me: Me, file: File) -> list[HearingCard]:
    """The hearings of the file, the latest first."""
    words, parts = request[WORDS], request.app[PARTS]
    cards = []
    for summary in reversed(file.hearings):
        hearing = await parts.docket.hearing(summary.id)
        cards.append(
            HearingCard(
                summary=summary,
                hearing=hearing,
                state=shown.stage_pill(words, summary, parts.clock.now()),
                visibility=shown.visibility_pill(words, summary.visibility),
                room=await room_name(request, summary.courtroom),
                points=point_cards(words, hearing),
                seated=any(seat.person == me.id for seat in hearing.seats.values()),
            )
        )
    return cards


@routes.get("/cases/{case}")
async def whole(request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(f"/cases/{request.match_info['case']}/overview")


@routes.get("/cases/{case}/overview")
async def overview(request: web.Request) -> web.StreamResponse:
    me, file = await open_file(request)
    words = request[WORDS]
    cards = await hearing_cards(request, me, file)
    return tab(
        request,
        me,
        file,
        "overview",
        next_card=cards[0] if cards else None,
        conducting=file.conducting(words),
        taking_part=file.taking_part(words),
        progress=_progress(words, file, request.app[PARTS].clock.now()),
        court=file.court,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One point of the case's way so far and ahead."""

    when: str
    title: str
    text: str
    state: str


def _progress(words: Words, file: File, now: datetime) -> list[Step]:
    steps = []
    if file.case.accepted_on:
        year, month, day = file.case.accepted_on.split("-")
        steps.append(
            Step(when=f"{day}/{month}/{year}", title=words("progress.accepted"), text=file.case.number, state="done")
        )
    for hearing in file.hearings:
        over = shown.over(hearing)
        steps.append(
            Step(
                when=words.date(hearing.starts_at),
                title=words("progress.hearing"),
                text=shown.stage_pill(words, hearing, now).text,
                state="done" if over else ("now" if shown.live(hearing) else "later"),
            )
        )
    return steps


@routes.get("/cases/{case}/documents")
async def documents(request: web.Request) -> web.StreamResponse:
    me, file = await open_file(request)
    return tab(request, me, file, "documents", may_read=Verb.READ in file.may)


@routes.get("/cases/{case}/hearings")
async def hearings(request: web.Request) -> web.StreamResponse:
    me, file = await open_file(request)
    cards = await hearing_cards(request, me, file)
    return tab(request, me, file, "hearings", cards=cards, may_invite=Verb.SCHEDULE in file.may)


@routes.get("/cases/{case}/people")
async def people(request: web.Request) -> web.StreamResponse:
    me, file = await open_file(request)
    cards = await hearing_cards(request, me, file)
    seats = list(cards[0].hearing.seats.values()) if cards else []
    known = await shown.names(request, [seat.person for seat in seats])
    card = cards[0] if cards else None
    points = dict(zip((point.id for point in card.hearing.points), card.points, strict=True)) if card else {}
    rows = [(seat, points[seat.point].name if seat.point in points else "") for seat in seats]
    return tab(request, me, file, "people", rows=rows, known={**file.people, **known}, card=card)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What was kept of one hearing: tracks, the length, the stretches lost, and the film made of it."""

    summary: HearingSummary
    tracks: list[Track]
    recorded_ms: int
    lost_ms: int
    film: JobState
    transcript: JobState
    playable: bool


@routes.get("/cases/{case}/recordings")
async def recordings(request: web.Request) -> web.StreamResponse:
    me, file = await open_file(request)
    parts = request.app[PARTS]
    kept = []
    for summary in reversed(file.hearings):
        if summary.started_at is None:
            continue
        tracks = [
            track
            for manifest in manifests(await parts.store.record.read(summary.id)).values()
            for track in manifest.tracks.values()
        ]
        nothing = JobState(status="none")
        kept.append(
            Recorded(
                summary=summary,
                tracks=tracks,
                recorded_ms=max((track.recorded_ms for track in tracks), default=0),
                lost_ms=sum(loss.t1_ms - loss.t0_ms for track in tracks for loss in track.losses),
                film=await parts.jobs.state("film", summary.id) if parts.jobs else nothing,
                transcript=await parts.jobs.state("transcript", summary.id) if parts.jobs else nothing,
                playable=await _playable(request, me, summary.id),
            )
        )
    return tab(request, me, file, "recordings", kept=kept)


async def _playable(request: web.Request, me: Me, hearing: str) -> bool:
    try:
        await request.app[PARTS].store.access.hearing(me.actor, Verb.PLAY, hearing)
    except Refused:
        return False
    return True
