"""Accepting a case: matter, number of the register, and the people it begins with."""

from aiohttp import web

from hearing.access import Verb
from hearing.cases import Number, Purpose, parse_number
from hearing.errors import Refused
from hearing.proceedings.roles import ROLES, Group, Role
from web import auth, problems
from web.auth import Me
from web.pages import shown
from web.pages.forms import Form
from web.parts import PARTS
from web.scheduling import registers_in
from web.view import WORDS, page

routes = web.RouteTableDef()

PARTY_ROWS = 4
# Who a case can begin with: those who take part, not those who conduct it.
PARTY_ROLES = tuple(
    role for role, row in ROLES.items() if row.group in (Group.PARTY, Group.COUNSEL) and role is not Role.LEGAL_REP
)


@routes.get("/cases/new")
async def new_form(request: web.Request) -> web.StreamResponse:
    me = auth.staff(request)
    if not registers_in(me):
        raise Refused("not-found")
    return await _page(request, me, {"kind": "civil", "accepted_on": ""}, {})


@routes.post("/cases/new")
async def accept(request: web.Request) -> web.StreamResponse:
    me, words = auth.staff(request), request[WORDS]
    parts = request.app[PARTS]
    courts = registers_in(me)
    if not courts:
        raise Refused("not-found")
    form = await Form.of(request, words)
    today = words.local(parts.clock.now()).date()
    title = form.text("title", most=300)
    kind = form.choice("kind", frozenset(shown.KINDS))
    court = form.choice("court", frozenset(courts)) if len(courts) > 1 else courts[0]
    accepted = form.date("accepted_on") if form.typed.get("accepted_on") else today
    if accepted is not None and accepted > today:
        form.errors["accepted_on"] = words("case_new.future")
    judge = form.typed.get("judge", "")
    if judge and judge not in {person.id for person, role in await parts.store.people.staff(court) if role == "judge"}:
        form.errors["judge"] = words("form.choose")
    number = _number(form, today.year)
    people = _people(form)
    if form.errors or accepted is None:
        return await _page(request, me, form.typed, form.errors, status=422)
    await parts.store.access.court(me.actor, Verb.REGISTER, court)
    case = await parts.store.cases.open(court=court, kind=kind, title=title, accepted_on=accepted.isoformat())
    try:
        if number is None:
            reserved = await parts.store.numbers.reserve(
                court=court, case=case.id, year=accepted.year, symbol=shown.SYMBOLS[kind], purpose=Purpose.ACCEPTANCE
            )
            await parts.store.numbers.confirm(reserved.id)
        else:
            await parts.store.numbers.register(court=court, case=case.id, number=number, purpose=Purpose.ACCEPTANCE)
    except Refused as refused:
        form.errors["number"] = problems.sentence(words, refused)
        return await _page(request, me, form.typed, form.errors, status=409)
    if judge:
        await parts.store.cases.add_party(case.id, person=judge, role=Role.PRESIDING_JUDGE)
    if any(role == Role.CLERK for _, role in me.actor.offices):
        await parts.store.cases.add_party(case.id, person=me.id, role=Role.CLERK)
    for name, role, email in people:
        person = await parts.store.people.add_person(name=name, email=email)
        await parts.store.cases.add_party(case.id, person=person.id, role=role)
    raise web.HTTPSeeOther(f"/cases/{case.id}/overview")


def _number(form: Form, year: int) -> Number | None:
    """Empty means: the next of the register."""
    typed = form.text("number", most=80, required=False)
    if not typed:
        return None
    try:
        return parse_number(typed, year=year)
    except Refused as refused:
        form.errors["number"] = problems.sentence(form.words, refused)
        return None


def _people(form: Form) -> list[tuple[str, Role, str]]:
    people = []
    for row in range(1, PARTY_ROWS + 1):
        name = form.text(f"party_{row}", most=200, required=False)
        email = form.text(f"email_{row}", most=200, required=False)
        if email and "@" not in email:
            form.errors[f"email_{row}"] = form.words("form.email")
        if name:
            role = form.choice(f"role_{row}", frozenset(map(str, PARTY_ROLES)))
            if role in PARTY_ROLES:
                people.append((name, Role(role), email))
    return people


async def _page(
    request: web.Request, me: Me, typed: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> web.Response:
    parts, words = request.app[PARTS], request[WORDS]
    courts = [await parts.store.courts.court(court) for court in registers_in(me)]
    judges = [
        (person.id, person.name)
        for court in courts
        for person, role in await parts.store.people.staff(court.id)
        if role == "judge"
    ]
    return page(
        request,
        "case-new.html",
        status=status,
        me=me,
        typed=typed,
        errors=errors,
        courts=[(court.id, court.name) for court in courts],
        kinds=[(kind, words(f"case_kind.{kind}")) for kind in shown.KINDS],
        judges=[("", words("case_new.judge.later")), *dict(judges).items()],
        roles=[(str(role), shown.role_name(words, role)) for role in PARTY_ROLES],
        rows=range(1, PARTY_ROWS + 1),
        today=words.date(parts.clock.now()),
    )
