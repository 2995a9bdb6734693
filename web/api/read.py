"""The calls that only look: who I am, courts, cases, hearings, tracks, playback, transcripts."""

import json
from typing import Any

from aiohttp import web

from hearing.access import Verb, case_side, may
from hearing.calendar import HearingSummary
from hearing.cases import Case
from hearing.errors import Refused
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import Place
from signaling.link import NodeFailed
from web import auth, playback
from web.api import models
from web.api.registry import API
from web.parts import PARTS, JobState
from web.view import WORDS

MOST = 500
BEHIND_DOORS = frozenset({Place.CONFIDENTIAL_CHANNEL, Place.DELIBERATION_ROOM})
FORMS = {"json": "application/json", "vtt": "text/vtt", "txt": "text/plain"}


@API.call("GET", "/api/me", summary="Who this session is", gives=models.Myself)
async def myself(request: web.Request) -> models.Myself:
    me = auth.signed_in(request)
    return models.Myself(
        person=me.id,
        name=me.name,
        title=me.title,
        offices=sorted(me.actor.offices),
        hearing=me.session.hearing,
        seat=me.session.seat,
    )


@API.call("GET", "/api/courts", summary="Courts and their courtrooms", gives=models.CourtOut, many=True)
async def courts(request: web.Request) -> list[models.CourtOut]:
    store = request.app[PARTS].store.courts
    return [
        models.CourtOut(
            id=court.id,
            name=court.name,
            province=court.province,
            pack=court.pack,
            time_zone=court.time_zone,
            courtrooms=[models.CourtroomOut(id=room.id, name=room.name) for room in await store.courtrooms(court.id)],
        )
        for court in await store.all()
    ]


@API.call("GET", "/api/cases", summary="The cases this person may see", gives=models.CaseOut, many=True)
async def cases(request: web.Request) -> list[models.CaseOut]:
    me = auth.signed_in(request)
    found = await request.app[PARTS].store.cases.cases(me.actor, text=request.query.get("q", "")[:100], limit=MOST)
    return [case_out(case) for case in found]


@API.call("GET", "/api/cases/{case}", summary="One case with its parties and hearings", gives=models.CaseWhole)
async def case(request: web.Request) -> models.CaseWhole:
    me, store = auth.signed_in(request), request.app[PARTS].store
    found = await store.cases.case(me.actor, request.match_info["case"])
    parties = await store.cases.parties(found.id)
    people = await store.people.people(party.person for party in parties)
    hearings = await store.calendar.hearings(me.actor, case=found.id)
    return models.CaseWhole(
        **case_out(found).model_dump(),
        parties=[
            models.PartyOut(
                id=party.id,
                person=party.person,
                name=people[party.person].name if party.person in people else "",
                role=party.role,
            )
            for party in parties
        ],
        hearings=[hearing_out(hearing) for hearing in hearings],
    )


@API.call("GET", "/api/hearings/{hearing}", summary="One hearing with its seats", gives=models.HearingWhole)
async def hearing(request: web.Request) -> models.HearingWhole:
    me, store = auth.signed_in(request), request.app[PARTS].store
    id = request.match_info["hearing"]
    thing = await store.access.hearing(me.actor, Verb.SEE, id)
    seats = await store.calendar.seats(id)
    # A seat alone shows the hearing, not who else is in it: the courtroom's own view decides that.
    whole = me.account is not None and may(me.actor, Verb.SEE, thing.case)
    mine = seats if whole else [seat for seat in seats if seat.person == me.id]
    people = await store.people.people(seat.person for seat in mine)
    return models.HearingWhole(
        **hearing_out(await store.calendar.hearing(id)).model_dump(),
        seats=[
            models.SeatOut(
                seat=seat.seat,
                person=seat.person,
                name=people[seat.person].name if seat.person in people else "",
                role=seat.role,
                point=seat.point,
            )
            for seat in mine
        ],
        sittings=[sitting.id for sitting in await store.calendar.sittings(id)],
    )


async def described(request: web.Request) -> dict[str, Any] | None:
    """The sitting asked for, as the player sees it, after the check that this person may play it."""
    me, parts = auth.signed_in(request), request.app[PARTS]
    id = request.match_info["hearing"]
    thing = await parts.store.access.hearing(me.actor, Verb.PLAY, id)
    entries = await parts.store.record.read(id)
    people = await parts.store.people.people(seat.person for seat in await parts.store.calendar.seats(id))
    return playback.describe(id, entries, request.query.get("sitting"), people, request[WORDS],
                             notes=case_side(thing.case))  # fmt: skip


@API.call("GET", "/api/hearings/{hearing}/tracks", summary="What was recorded", gives=models.TrackOut, many=True)
async def tracks(request: web.Request) -> list[Any]:
    found = await described(request)
    return found["tracks"] if found else []


@API.call("GET", "/api/hearings/{hearing}/traffic", summary="What flows in the open courtroom", gives=models.Traffic)
async def traffic(request: web.Request) -> models.Traffic:
    """For those who run the hearing: whom the media process was sent by, and to whom it sent how much."""
    parts, id, me = request.app[PARTS], request.match_info["hearing"], auth.signed_in(request)
    await parts.store.access.hearing(me.actor, Verb.SCHEDULE, id)
    try:
        flown = await parts.traffic(id)
    except NodeFailed:  # it is being started again
        flown = None
    if flown is None:
        raise Refused("not-found")
    apart = _apart(await parts.docket.hearing(id), me.id)
    return models.Traffic(
        egress={
            seat: models.Flow(packets=one.packets, bytes=one.bytes)
            for seat, one in flown.egress.items()
            if seat not in apart
        },
        edges=[
            models.EdgeFlow(
                source=one.source, listener=one.listener, kind=one.kind, open=one.open,
                packets=one.packets, bytes=one.bytes,
            )
            for one in flown.edges
            if one.listener not in apart
        ],
        sources=[
            models.SourceFlow(
                source=one.source, seat=one.seat, kind=one.kind, packets=one.packets, bytes=one.bytes,
                lost=one.lost, recovered=one.recovered,
            )
            for one in flown.sources
            if one.seat not in apart
        ],
        lag_ms=flown.lag_ms,
    )  # fmt: skip


def _apart(now: Hearing, person: str) -> frozenset[str]:
    """Seats that talk where this person is not. How much is said there is part of what is said there."""
    here = {seat.place for seat in now.seats.values() if seat.person == person and seat.active}
    return frozenset(id for id, seat in now.seats.items() if seat.place in BEHIND_DOORS - here)


@API.call("GET", "/api/hearings/{hearing}/playback", summary="Everything the player needs", gives=models.Playback)
async def play(request: web.Request) -> dict[str, Any]:
    found = await described(request)
    if found is None:
        raise Refused("not-found")
    id, jobs = request.match_info["hearing"], request.app[PARTS].jobs
    nothing = JobState(status="none")
    transcript = await jobs.state("transcript", id) if jobs else nothing
    film = await jobs.state("film", id) if jobs else nothing
    return {
        **found,
        "transcript": playback.job(transcript, "") | {"url": f"/api/hearings/{id}/transcript.json"},
        "film": playback.job(film, f"/hearings/{id}/film.mp4"),
    }


async def transcript(request: web.Request) -> web.StreamResponse:
    """`/api/hearings/{hearing}/transcript` in JSON, or with `.json`, `.vtt`, `.txt` in that form."""
    parts, form = request.app[PARTS], request.match_info.get("form", "json")
    if form not in FORMS:
        raise Refused("not-found")
    id = request.match_info["hearing"]
    thing = await parts.store.access.hearing(auth.signed_in(request).actor, Verb.PLAY, id)
    if parts.jobs is None:
        raise Refused("not-found")
    blob = await parts.jobs.written(id, form)
    if blob is not None:
        content = b"".join([chunk async for chunk in parts.blobs.open(blob)])
    elif form == "json" and (draft := await parts.jobs.draft(id)) is not None:
        content = draft
    else:
        raise Refused("not-found")
    if form == "json" and not case_side(thing.case):
        content = _without_notes(content)
    answer = web.Response(body=content, content_type=FORMS[form], charset="utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _without_notes(content: bytes) -> bytes:
    """What the clerk notes during the hearing is for those who conduct the case, as in the courtroom's own view."""
    whole = json.loads(content)
    whole["events"] = [event for event in whole.get("events", ()) if event.get("kind") != playback.NOTE]
    return json.dumps(whole, ensure_ascii=False).encode()


def case_out(case: Case) -> models.CaseOut:
    return models.CaseOut(
        id=case.id,
        court=case.court,
        kind=case.kind,
        title=case.title,
        number=case.number,
        status=case.status,
        sealed=case.sealed,
        accepted_on=case.accepted_on,
    )


def hearing_out(hearing: HearingSummary) -> models.HearingOut:
    return models.HearingOut(
        id=hearing.id,
        case=hearing.case,
        court=hearing.court,
        courtroom=hearing.courtroom,
        procedure=hearing.procedure,
        mode=hearing.mode,
        visibility=hearing.visibility,
        starts_at=hearing.starts_at,
        stage=hearing.stage,
        phase=hearing.phase,
        outcome=hearing.outcome,
    )
