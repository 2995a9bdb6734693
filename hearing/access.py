"""Who may do what with courts, cases, hearings and items. Rule: deny, unless a row of these tables says otherwise.

Inside a hearing the proceedings decide; here are the powers used outside of one. `authorize` asks about one object,
`visible_to` is the clause every list of cases carries; a test holds the two against each other for every role and verb.
What an actor may not see does not exist for that actor: the refusal is `not-found`, never `not-permitted`.
"""

from dataclasses import dataclass
from enum import StrEnum

from hearing.errors import Refused
from hearing.proceedings.roles import Power, Role, powers
from hearing.proceedings.words import Visibility


class Verb(StrEnum):
    SEE = "see"  # know that it exists: overview, hearings, lists
    READ = "read"  # the bytes of an item
    PLAY = "play"  # the bytes of a recording
    ATTEND = "attend"  # enter the hearing: have a seat in it
    FILE = "file"  # put an item into the case file
    SCHEDULE = "schedule"  # hearings, seats and invitations of a case
    REGISTER = "register"  # accept a case, reserve a number (a court)
    NUMBER = "number"  # confirm or void a number
    ASSIGN = "assign"  # say who tries the case and who takes part
    GRANT = "grant"  # open the case or an item to a person by name
    SEAL = "seal"  # close an item to everyone but the presiding judge and those named
    EXPORT = "export"  # take copies out of the system
    ADMINISTER = "administer"  # courtrooms and staff (a court)


class ItemVisibility(StrEnum):
    PUBLIC = "public"
    PARTIES = "parties"
    COURT = "court"
    PANEL = "panel"


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who asks. `hearing` is set for a session that came by an invitation: it reaches that hearing's case only."""

    person: str
    offices: frozenset[tuple[str, str]] = frozenset()
    hearing: str | None = None
    seat: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CourtObject:
    court: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseObject:
    """A case as seen by one actor: `roles` are the actor's parts in it, `grants` the verbs opened by name.

    `reached` is false when the actor's invitation is to a hearing of another case.
    """

    case: str
    court: str
    sealed: bool
    roles: frozenset[str] = frozenset()
    grants: frozenset[str] = frozenset()
    reached: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemObject:
    case: CaseObject
    item: str
    visibility: str
    sealed: bool
    grants: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingObject:
    """`seats` are the actor's roles in this very hearing."""

    case: CaseObject
    hearing: str
    visibility: str
    seats: frozenset[str] = frozenset()


Thing = CourtObject | CaseObject | ItemObject | HearingObject

# What an office gives over every unsealed case of the own court (domain: the registry keeps the file, the chief
# assigns and approves, the records office numbers). Judges, assessors and procurators see the cases they are given.
OFFICES: dict[Role, frozenset[Verb]] = {
    Role.COURT_CHIEF: frozenset(
        {Verb.SEE, Verb.READ, Verb.PLAY, Verb.REGISTER, Verb.NUMBER, Verb.ASSIGN, Verb.GRANT, Verb.EXPORT}
        | {Verb.ADMINISTER}
    ),
    Role.CLERK: frozenset({Verb.SEE, Verb.READ, Verb.PLAY, Verb.FILE, Verb.SCHEDULE, Verb.REGISTER, Verb.ASSIGN}),
    Role.ADMIN_CLERK: frozenset({Verb.SEE, Verb.REGISTER, Verb.NUMBER}),
}

# What a part in the case gives, by power. A witness, an interpreter or the public holds none of these: a seat, no file.
PARTS: dict[Power, frozenset[Verb]] = {
    Power.SEE_ALL: frozenset({Verb.SEE, Verb.READ, Verb.PLAY}),
    Power.SEE_PART: frozenset({Verb.SEE, Verb.READ, Verb.PLAY}),
    Power.CONTROL: frozenset({Verb.FILE, Verb.SCHEDULE, Verb.ASSIGN, Verb.GRANT, Verb.SEAL, Verb.EXPORT}),
    Power.NOTE: frozenset({Verb.FILE, Verb.SCHEDULE, Verb.ASSIGN}),
}
FILING_PARTS = Power.UPLOAD  # with sight of the file: an officer at a point uploads in the hearing, not into the file

IN_COURT_ONLY = frozenset({Verb.REGISTER, Verb.ADMINISTER})
GRANTABLE = frozenset({Verb.SEE, Verb.READ, Verb.PLAY, Verb.FILE, Verb.EXPORT})


def authorize(actor: Actor, verb: Verb, thing: Thing) -> None:
    """Return, or raise `Refused`: `not-found` for what the actor may not even see, else `not-permitted`."""
    if may(actor, verb, thing):
        return
    raise Refused("not-permitted" if may(actor, Verb.SEE, thing) else "not-found")


def may(actor: Actor, verb: Verb, thing: Thing) -> bool:
    match thing:
        case CourtObject():
            return verb in office_verbs(actor, thing.court) and (verb in IN_COURT_ONLY or verb == Verb.SEE)
        case CaseObject():
            return verb in case_verbs(actor, thing)
        case ItemObject():
            return may_with_item(actor, verb, thing)
        case HearingObject():
            return may_with_hearing(actor, verb, thing)


def office_verbs(actor: Actor, court: str) -> frozenset[Verb]:
    """An invitation carries no office, whoever holds it."""
    if actor.hearing is not None:
        return frozenset()
    held = [OFFICES.get(Role(role), frozenset()) for at, role in actor.offices if at == court]
    return frozenset().union(*held)


def case_verbs(actor: Actor, case: CaseObject) -> frozenset[Verb]:
    if not case.reached:
        return frozenset()
    verbs = {Verb(verb) for verb in case.grants if verb in GRANTABLE}
    if verbs:
        verbs.add(Verb.SEE)
    for role in case.roles:
        verbs |= part_verbs(Role(role), sealed=case.sealed)
    if not case.sealed:
        verbs |= office_verbs(actor, case.court) - IN_COURT_ONLY
    return frozenset(verbs)


def part_verbs(role: Role, *, sealed: bool) -> set[Verb]:
    held = powers(role)
    if sealed and Power.SEE_ALL not in held:
        return set()
    verbs = set().union(*(given for power, given in PARTS.items() if power in held))
    if FILING_PARTS in held and Verb.SEE in verbs:
        verbs.add(Verb.FILE)
    return verbs


def may_with_item(actor: Actor, verb: Verb, item: ItemObject) -> bool:
    """Seeing an item and opening it are one: its title may already say too much."""
    verbs = case_verbs(actor, item.case)
    named = {Verb(given) for given in item.grants if given in GRANTABLE}
    if named and verb in named | {Verb.SEE}:
        return item.case.reached
    if verb not in verbs:
        return False
    if item.sealed:
        return verb in verbs and presides(item.case)
    return sees_visibility(actor, item.case, item.visibility)


def sees_visibility(actor: Actor, case: CaseObject, visibility: str) -> bool:
    match ItemVisibility(visibility):
        case ItemVisibility.PUBLIC | ItemVisibility.PARTIES:
            return True
        case ItemVisibility.COURT:
            return case_side(case) or (not case.sealed and Verb.READ in office_verbs(actor, case.court))
        case ItemVisibility.PANEL:
            return any(Power.DELIBERATE in powers(Role(role)) for role in case.roles)


def case_side(case: CaseObject) -> bool:
    """Conducts the case: the panel and the clerk, not the counsel who may read the whole file."""
    wanted = (Power.DELIBERATE, Power.NOTE)
    return any(power in powers(Role(role)) for role in case.roles for power in wanted)


def presides(case: CaseObject) -> bool:
    return any(Power.CONTROL in powers(Role(role)) for role in case.roles)


def may_with_hearing(actor: Actor, verb: Verb, hearing: HearingObject) -> bool:
    seated = bool(hearing.seats) and (actor.hearing in (None, hearing.hearing))
    if verb == Verb.ATTEND:
        return seated
    if verb == Verb.SEE and seated:
        return True
    if verb == Verb.PLAY and hearing.visibility == Visibility.CLOSED:
        # Closed: the recording stays with those who conduct the case, and with whoever was named.
        named = Verb.PLAY in hearing.case.grants and hearing.case.reached
        return Verb.PLAY in case_verbs(actor, hearing.case) and (case_side(hearing.case) or named)
    return verb in case_verbs(actor, hearing.case)
