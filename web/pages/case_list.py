"""The list of cases: search without regard to marks, filter by kind, tabs by what comes next."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web

from hearing.calendar import HearingSummary
from hearing.cases import Case
from web import auth
from web.i18n import Words
from web.pages import shown
from web.pages.day import accepts
from web.pages.shown import KINDS, Pill
from web.parts import PARTS
from web.view import WORDS, page

routes = web.RouteTableDef()

TABS = ("all", "preparing", "scheduled", "today", "heard")
PAGE = 20
MOST = 1000
LONGEST_SEARCH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One case of the list with its next or last hearing."""

    case: Case
    tab: str
    state: Pill
    hearing: HearingSummary | None
    parties: str
    icon: str


@routes.get("/cases")
async def case_list(request: web.Request) -> web.StreamResponse:
    me = auth.staff(request)
    parts, words = request.app[PARTS], request[WORDS]
    text = request.query.get("q", "").strip()[:LONGEST_SEARCH]
    kind = request.query.get("kind", "")
    tab = request.query.get("tab", "all")
    kind, tab = (kind if kind in KINDS else ""), (tab if tab in TABS else "all")
    # A number is stored in capitals; names and titles are folded by the store.
    found = await parts.store.cases.cases(
        me.actor, text=text.upper() if "/" in text else text, kind=kind or None, limit=MOST
    )
    rows = await _rows(request, words, found, parts.clock.now())
    counts = {name: sum(name in ("all", row.tab) for row in rows) for name in TABS}
    wanted = [row for row in rows if tab in ("all", row.tab)]
    number = _page_number(request.query.get("page", "1"), len(wanted))
    kept = {name: value for name, value in (("q", text), ("kind", kind)) if value}
    return page(
        request,
        "cases.html",
        me=me,
        rows=wanted[(number - 1) * PAGE : number * PAGE],
        counts=counts,
        tab=tab,
        tabs=[(name, f"/cases?{urlencode({**kept, 'tab': name})}") for name in TABS],
        text=text,
        kind=kind,
        kinds=KINDS,
        first=(number - 1) * PAGE + 1,
        last=min(number * PAGE, len(wanted)),
        total=len(wanted),
        before=f"/cases?{urlencode({**kept, 'tab': tab, 'page': number - 1})}" if number > 1 else "",
        after=f"/cases?{urlencode({**kept, 'tab': tab, 'page': number + 1})}" if number * PAGE < len(wanted) else "",
        accepts=accepts(me),
    )


def _page_number(asked: str, total: int) -> int:
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return max(1, min(wanted, (total + PAGE - 1) // PAGE))


async def _rows(request: web.Request, words: Words, found: list[Case], now: datetime) -> list[Row]:
    me, store = auth.signed_in(request), request.app[PARTS].store
    hearings: dict[str, list[HearingSummary]] = {}
    for known in await store.calendar.hearings(me.actor, limit=MOST):
        hearings.setdefault(known.case, []).append(known)
    people = {case.id: await store.cases.parties(case.id) for case in found}
    named = await shown.names(request, (party.person for rows in people.values() for party in rows))
    rows = []
    for case in found:
        hearing = _shown_hearing(hearings.get(case.id, []))
        parties = [
            named[party.person].name
            for party in people[case.id]
            if party.person in named and not shown.conducts(party.role)
        ]
        tab = _tab(words, hearing, now)
        state = shown.stage_pill(words, hearing, now) if hearing else Pill(text=words("cases.tab.preparing"))
        rows.append(
            Row(
                case=case,
                tab=tab,
                state=state,
                hearing=hearing,
                parties=" / ".join(parties[:2]) + (words("cases.more", count=len(parties) - 2) if parties[2:] else ""),
                icon=shown.KIND_ICONS.get(case.kind, "scale"),
            )
        )
    return rows


def _shown_hearing(hearings: list[HearingSummary]) -> HearingSummary | None:
    """The one still to come or going on, else the last one."""
    coming = [hearing for hearing in hearings if not shown.over(hearing)]
    return coming[0] if coming else (hearings[-1] if hearings else None)


def _tab(words: Words, hearing: HearingSummary | None, now: datetime) -> str:
    if hearing is None:
        return "preparing"
    if shown.over(hearing):
        return "heard"
    if shown.live(hearing) or words.local(hearing.starts_at).date() == words.local(now).date():
        return "today"
    return "scheduled"
