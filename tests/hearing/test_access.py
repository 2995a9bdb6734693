"""Who may do what: every role against every verb, strangers, seals and grants."""

import pytest

from hearing.access import (
    GRANTABLE,
    Actor,
    CaseObject,
    CourtObject,
    HearingObject,
    ItemObject,
    ItemVisibility,
    Verb,
    authorize,
    may,
)
from hearing.errors import Refused
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Visibility

pytestmark = pytest.mark.pure

# Written out on purpose, role by role: this is the page a lawyer reads. A role that is not here may do nothing.
IN_THE_CASE = {
    Role.PRESIDING_JUDGE: "see read play file schedule assign grant seal export",
    Role.JUDGE: "see read play",
    Role.ASSESSOR: "see read play",
    Role.RESERVE_JUDGE: "see read play",
    Role.RESERVE_ASSESSOR: "see read play",
    Role.CLERK: "see read play file schedule assign",
    Role.PROCURATOR: "see read play file",
    Role.DEFENDANT: "see read play file",
    Role.VICTIM: "see read play file",
    Role.CIVIL_PLAINTIFF_CRIM: "see read play file",
    Role.CIVIL_DEFENDANT_CRIM: "see read play file",
    Role.PLAINTIFF: "see read play file",
    Role.RESPONDENT: "see read play file",
    Role.CLAIMANT_ADMIN: "see read play file",
    Role.RESPONDENT_ADMIN: "see read play file",
    Role.RELATED_PERSON: "see read play file",
    Role.LEGAL_REP: "see read play file",
    Role.DEFENCE_COUNSEL: "see read play file",
    Role.RIGHTS_PROTECTOR: "see read play file",
    Role.EXPERT: "see read play",
    Role.VALUER: "see read play",
    Role.COURT_CHIEF: "see read play",
    Role.ADMIN_CLERK: "see read play",
}
IN_THE_COURT = {
    Role.COURT_CHIEF: "see read play number assign grant export",
    Role.CLERK: "see read play file schedule assign",
    Role.ADMIN_CLERK: "see number",
}
OF_THE_COURT = {
    Role.COURT_CHIEF: "see register administer",
    Role.CLERK: "see register",
    Role.ADMIN_CLERK: "see register",
}


def case(*roles: Role, sealed: bool = False, grants: frozenset[str] = frozenset(), reached: bool = True) -> CaseObject:
    return CaseObject(
        case="case-1",
        court="court-1",
        sealed=sealed,
        roles=frozenset(str(role) for role in roles),
        grants=grants,
        reached=reached,
    )


def words(table: dict[Role, str], role: Role) -> set[str]:
    return set(table.get(role, "").split())


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("role", Role)
def test_a_part_in_the_case_gives_exactly_this(role: Role, verb: Verb) -> None:
    assert may(Actor(person="p"), verb, case(role)) == (verb in words(IN_THE_CASE, role))


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("role", Role)
def test_an_office_gives_exactly_this_over_the_cases_of_the_own_court(role: Role, verb: Verb) -> None:
    officer = Actor(person="p", offices=frozenset({("court-1", str(role))}))
    stranger = Actor(person="p", offices=frozenset({("court-2", str(role))}))
    assert may(officer, verb, case()) == (verb in words(IN_THE_COURT, role))
    assert may(officer, verb, CourtObject(court="court-1")) == (verb in words(OF_THE_COURT, role))
    assert not may(stranger, verb, case())
    assert not may(stranger, verb, CourtObject(court="court-1"))
    assert not may(officer, verb, case(sealed=True))


@pytest.mark.parametrize("verb", Verb)
def test_a_stranger_may_nothing_and_is_told_that_nothing_is_there(verb: Verb) -> None:
    things = (
        CourtObject(court="court-1"),
        case(),
        ItemObject(case=case(), item="item-1", visibility="public", sealed=False),
        HearingObject(case=case(), hearing="hearing-1", visibility=Visibility.PUBLIC),
    )
    for thing in things:
        with pytest.raises(Refused) as no:
            authorize(Actor(person="p"), verb, thing)
        assert no.value.code == "not-found"


def test_who_sees_the_case_is_told_what_is_not_permitted() -> None:
    with pytest.raises(Refused) as no:
        authorize(Actor(person="p"), Verb.SEAL, case(Role.PLAINTIFF))
    assert no.value.code == "not-permitted"


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("role", Role)
def test_a_sealed_case_is_open_only_to_those_who_may_see_the_whole_file(role: Role, verb: Verb) -> None:
    whole = {Role.PRESIDING_JUDGE, Role.JUDGE, Role.ASSESSOR, Role.RESERVE_JUDGE, Role.RESERVE_ASSESSOR, Role.CLERK}
    whole |= {Role.PROCURATOR, Role.DEFENCE_COUNSEL, Role.RIGHTS_PROTECTOR, Role.COURT_CHIEF}
    expected = verb in words(IN_THE_CASE, role) and role in whole
    assert may(Actor(person="p"), verb, case(role, sealed=True)) == expected


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        (ItemVisibility.PUBLIC, set(IN_THE_CASE)),
        (ItemVisibility.PARTIES, set(IN_THE_CASE)),
        (ItemVisibility.COURT, {Role.PRESIDING_JUDGE, Role.JUDGE, Role.ASSESSOR, Role.CLERK}),
        (ItemVisibility.PANEL, {Role.PRESIDING_JUDGE, Role.JUDGE, Role.ASSESSOR}),
    ],
)
def test_an_item_is_read_by_exactly_those_it_is_visible_to(visibility: ItemVisibility, readers: set[Role]) -> None:
    for role in Role:
        item = ItemObject(case=case(role), item="item-1", visibility=visibility, sealed=False)
        for verb in (Verb.SEE, Verb.READ, Verb.PLAY):
            assert may(Actor(person="p"), verb, item) == (role in readers), (role, verb)


def test_a_sealed_item_is_for_the_presiding_judge_and_those_named() -> None:
    for role in Role:
        item = ItemObject(case=case(role), item="item-1", visibility="parties", sealed=True)
        assert may(Actor(person="p"), Verb.READ, item) == (role == Role.PRESIDING_JUDGE), role
    named = ItemObject(case=case(), item="item-1", visibility="panel", sealed=True, grants=frozenset({"read"}))
    assert may(Actor(person="p"), Verb.READ, named)
    assert not may(Actor(person="p"), Verb.PLAY, named)
    assert not may(Actor(person="p"), Verb.READ, case())


@pytest.mark.parametrize("verb", Verb)
def test_a_grant_opens_its_verb_and_the_sight_of_the_case_and_nothing_else(verb: Verb) -> None:
    opened = {granted for granted in Verb if may(Actor(person="p"), granted, case(grants=frozenset({str(verb)})))}
    assert opened == ({verb, Verb.SEE} if verb in GRANTABLE else set())


@pytest.mark.parametrize("role", Role)
def test_the_recording_of_a_closed_hearing_stays_with_those_who_conduct_it(role: Role) -> None:
    hearing = HearingObject(case=case(role), hearing="hearing-1", visibility=Visibility.CLOSED)
    conduct = {Role.PRESIDING_JUDGE, Role.JUDGE, Role.ASSESSOR, Role.CLERK}
    assert may(Actor(person="p"), Verb.PLAY, hearing) == (role in conduct)


def test_a_seat_opens_the_own_hearing_and_no_file() -> None:
    witness = HearingObject(
        case=case(Role.WITNESS), hearing="hearing-1", visibility=Visibility.PUBLIC, seats=frozenset({"witness"})
    )
    allowed = {verb for verb in Verb if may(Actor(person="p"), verb, witness)}
    assert allowed == {Verb.SEE, Verb.ATTEND}
    elsewhere = Actor(person="p", hearing="hearing-2", seat="seat-1")
    assert not may(elsewhere, Verb.ATTEND, witness)


def test_an_invitation_carries_no_office() -> None:
    chief = Actor(person="p", offices=frozenset({("court-1", "court_chief")}), hearing="hearing-1", seat="seat-1")
    assert not any(may(chief, verb, case()) for verb in Verb)
    assert not any(may(chief, verb, case(Role.PLAINTIFF, reached=False)) for verb in Verb)
