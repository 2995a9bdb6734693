"""Cases, numbers, parties and items on both databases."""

import asyncio

import pytest

from hearing.access import Actor, Verb
from hearing.cases import Number, NumberState, Purpose, parse_number
from hearing.errors import Refused
from hearing.store import Store

CHIEF = Actor(person="chief", offices=frozenset({("court-1", "court_chief")}))


@pytest.fixture
async def court(store: Store) -> Store:
    await store.courts.add(id="court-1", name="Tòa án", time_zone="Asia/Ho_Chi_Minh", pack="vn")
    await store.courts.add(id="court-2", name="Tòa khác", time_zone="Asia/Ho_Chi_Minh", pack="vn", parent="court-1")
    for person in ("chief", "judge", "plaintiff", "stranger"):
        await store.people.add_person(id=person, name=f"Người {person}")
    await store.cases.open(id="case-1", court="court-1", kind="civil", title="Tranh chấp hợp đồng vay tài sản")
    await store.cases.add_party("case-1", person="judge", role="presiding_judge")
    await store.cases.add_party("case-1", person="plaintiff", role="plaintiff")
    return store


async def code_of(awaitable) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as no:
        await awaitable
    return no.value.code


async def reserve(store: Store, symbol: str = "TLST-DS", year: int = 2026) -> str:
    reserved = await store.numbers.reserve(
        court="court-1", case="case-1", year=year, symbol=symbol, purpose=Purpose.ACCEPTANCE
    )
    return reserved.id


async def add_item(store: Store, id: str, **changes: object) -> None:
    fields: dict[str, object] = {
        "case": "case-1",
        "kind": "scan",
        "source": "party",
        "title": id,
        "blob": id,
        "sha256": "0" * 64,
        "size": 1,
        "media_type": "application/pdf",
        "visibility": "parties",
        "by": "judge",
    }
    await store.cases.add_item(id=id, **{**fields, **changes})  # type: ignore[arg-type]


# --- numbers ----------------------------------------------------------------------------------------------------------


async def test_numbers_given_at_the_same_moment_are_all_different_and_leave_no_gap(court: Store) -> None:
    await asyncio.gather(*(reserve(court) for _ in range(10)))
    given = sorted(number.number.sequence for number in await court.numbers.of_case("case-1"))
    assert given == list(range(1, 11))


async def test_each_symbol_and_year_counts_by_itself(court: Store) -> None:
    for symbol, year in (("TLST-DS", 2026), ("TLST-HS", 2026), ("TLST-DS", 2027)):
        await reserve(court, symbol, year)
    assert [number.number.raw for number in await court.numbers.of_case("case-1")] == [
        "01/2026/TLST-DS",
        "01/2026/TLST-HS",
        "01/2027/TLST-DS",
    ]


async def test_a_void_number_keeps_its_reason_and_is_never_given_again(court: Store) -> None:
    first = await reserve(court)
    assert await code_of(court.numbers.void(first, "  ")) == "reason-missing"
    await court.numbers.void(first, "ký không thành")
    await reserve(court)
    numbers = await court.numbers.of_case("case-1")
    assert [(n.number.sequence, n.state, n.reason) for n in numbers] == [
        (1, NumberState.VOID, "ký không thành"),
        (2, NumberState.RESERVED, ""),
    ]
    assert await code_of(court.numbers.confirm(first)) == "number-not-reserved"


async def test_two_judgments_with_one_number_are_refused(court: Store) -> None:
    number = parse_number("25/2026/HS-ST")
    await court.numbers.register(court="court-1", case="case-1", number=number, purpose=Purpose.JUDGMENT)
    again = court.numbers.register(court="court-1", case="case-1", number=number, purpose=Purpose.JUDGMENT)
    assert await code_of(again) == "number-taken"
    await court.numbers.register(court="court-2", case="case-1", number=number, purpose=Purpose.JUDGMENT)


async def test_a_case_shows_its_number_once_it_is_confirmed(court: Store) -> None:
    reserved = await reserve(court)
    assert (await court.cases.case(CHIEF, "case-1")).number == ""
    await court.numbers.confirm(reserved)
    assert (await court.cases.case(CHIEF, "case-1")).number == "01/2026/TLST-DS"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12/2026/TLST-HNGĐ", (12, 2026, "TLST-HNGĐ")),
        ("02/2022/QĐXX - LĐST", (2, 2022, "QĐXX-LĐST")),
        ("05/2026/hs-st", (5, 2026, "HS-ST")),
        ("50/TLST-HS", (50, 2025, "TLST-HS")),
        ("2026-CV-000123", (123, 2026, "CV")),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, expected: tuple[int, int, str]) -> None:
    number = parse_number(text, year=2025)
    assert (number.sequence, number.year, number.symbol) == expected
    assert number == Number(sequence=expected[0], year=expected[1], symbol=expected[2], raw=text)


@pytest.mark.parametrize("text", ["", "12", "12/2026", "TLST-HS", "12/26/TLST-HS", "1/2026/HS-ST; DROP"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_number(text)


# --- cases ------------------------------------------------------------------------------------------------------------


async def test_a_case_is_found_by_title_number_and_party_without_marks(court: Store) -> None:
    await court.cases.open(id="case-2", court="court-1", kind="criminal", title="Trộm cắp tài sản")
    await court.numbers.confirm(await reserve(court))

    async def found(**wanted: str) -> list[str]:
        return [case.id for case in await court.cases.cases(CHIEF, **wanted)]  # type: ignore[arg-type]

    assert await found(text="hop dong VAY") == ["case-1"]
    assert await found(text="01/2026") == ["case-1"]
    assert await found(text="nguoi plaintiff") == ["case-1"]
    assert await found(kind="criminal") == ["case-2"]
    assert await found(text="%") == []
    assert set(await found()) == {"case-1", "case-2"}


async def test_a_stranger_finds_nothing_whatever_is_asked(court: Store) -> None:
    stranger = Actor(person="stranger")
    assert await court.cases.cases(stranger, text="hop dong") == []
    assert await court.cases.count(stranger) == 0
    assert await code_of(court.cases.case(stranger, "case-1")) == "not-found"
    assert await code_of(court.cases.case(stranger, "case-of-nobody")) == "not-found"


async def test_a_transferred_case_keeps_the_court_that_accepted_it(court: Store) -> None:
    await court.cases.transfer("case-1", "court-2")
    assert await code_of(court.cases.case(CHIEF, "case-1")) == "not-found"
    moved = await court.cases.case(Actor(person="plaintiff"), "case-1")
    assert (moved.court, moved.court_at_acceptance) == ("court-2", "court-1")


async def test_nobody_has_the_same_part_twice(court: Store) -> None:
    again = court.cases.add_party("case-1", person="plaintiff", role="plaintiff")
    assert await code_of(again) == "already-a-party"


async def test_courts_form_a_tree_and_know_their_time(court: Store) -> None:
    assert [below.id for below in await court.courts.below("court-1")] == ["court-2"]
    with pytest.raises(KeyError):
        await court.courts.add(name="Tòa án", time_zone="Asia/Nowhere", pack="vn")


# --- items ------------------------------------------------------------------------------------------------------------


async def test_items_come_in_the_order_of_the_file_and_only_those_one_may_see(court: Store) -> None:
    await add_item(court, "second", folio=(5, 9))
    await add_item(court, "first", folio=(1, 4))
    await add_item(court, "draft", visibility="panel", folio=(10, 10))
    assert [item.id for item in await court.cases.items(Actor(person="judge"), "case-1")] == [
        "first",
        "second",
        "draft",
    ]
    assert [item.id for item in await court.cases.items(Actor(person="plaintiff"), "case-1")] == ["first", "second"]
    assert await court.cases.items(Actor(person="stranger"), "case-1") == []


async def test_a_sealed_item_is_absent_and_every_reading_of_it_is_written_down(court: Store) -> None:
    await add_item(court, "item-1")
    plaintiff, judge = Actor(person="plaintiff"), Actor(person="judge")
    assert (await court.cases.item(plaintiff, "item-1")).title == "item-1"
    assert await code_of(court.cases.seal("item-1", "")) == "reason-missing"
    await court.cases.seal("item-1", "người được bảo vệ")
    assert await court.cases.items(plaintiff, "case-1") == []
    assert await code_of(court.cases.item(plaintiff, "item-1")) == "not-found"
    await court.cases.item(judge, "item-1")
    await court.access.grant(case="case-1", item="item-1", person="stranger", verb=Verb.READ, by="judge")
    await court.cases.item(Actor(person="stranger"), "item-1")
    assert await court.cases.sealed_reads("item-1") == ["judge", "stranger"]
    await court.cases.unseal("item-1")
    assert [item.id for item in await court.cases.items(plaintiff, "case-1")] == ["item-1"]


async def test_an_item_that_is_entered_is_known_by_its_id(court: Store) -> None:
    assert await court.cases.item_sha256("item-1") is None
    await add_item(court, "item-1")
    assert await court.cases.item_sha256("item-1") is not None
