"""Accounts, sessions and invitations: what a secret opens, how often, and for how long."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from hearing.errors import Refused
from hearing.people import ACCOUNT_IDLE, CODE_ALPHABET, IssuedInvitation, written_code
from hearing.store import Store
from tests.support.time import SetClock

PASSWORD = "mật khẩu rất dài"


async def account(store: Store, name: str = "Ho.Ngoc.Diep") -> str:
    person = await store.people.add_person(name="Hồ Ngọc Diệp")
    await store.people.open_account(person.id, name=name, password=PASSWORD)
    return person.id


async def refused(awaitable) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as no:
        await awaitable
    return no.value.code


async def everything_stored(store: Store, table: str) -> str:
    async with store.session() as session:
        return str((await session.execute(text(f"SELECT * FROM {table}"))).all())


# --- accounts ---------------------------------------------------------------------------------------------------------


async def test_a_person_signs_in_and_out(store: Store) -> None:
    person = await account(store)
    entrance = await store.people.sign_in(" ho.ngoc.DIEP", PASSWORD, address="10.0.0.1")
    session = await store.people.session(entrance.token)
    assert session is not None and (session.person, session.hearing) == (person, None)
    await store.people.sign_out(entrance.token)
    assert await store.people.session(entrance.token) is None


async def test_neither_password_nor_token_is_stored(store: Store) -> None:
    await account(store)
    entrance = await store.people.sign_in("ho.ngoc.diep", PASSWORD, address="10.0.0.1")
    stored = await everything_stored(store, "accounts") + await everything_stored(store, "sessions")
    assert PASSWORD not in stored and entrance.token not in stored
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in stored


async def test_wrong_password_unknown_name_and_closed_account_are_answered_alike(store: Store) -> None:
    await account(store)
    sign_in = store.people.sign_in
    assert await refused(sign_in("ho.ngoc.diep", "wrong password", address="a")) == "sign-in-refused"
    assert await refused(sign_in("nobody", PASSWORD, address="a")) == "sign-in-refused"
    entrance = await sign_in("ho.ngoc.diep", PASSWORD, address="a")
    async with store.session() as session:
        id = (await session.execute(text("SELECT id FROM accounts"))).scalar_one()
    await store.people.close_account(id)
    assert await refused(sign_in("ho.ngoc.diep", PASSWORD, address="a")) == "sign-in-refused"
    assert await store.people.session(entrance.token) is None


async def test_guessing_is_stopped_after_five_failures_a_minute_and_success_costs_nothing(
    store: Store, clock: SetClock
) -> None:
    await account(store)
    sign_in = store.people.sign_in
    for _ in range(8):
        await sign_in("ho.ngoc.diep", PASSWORD, address="a")
    for _ in range(5):
        assert await refused(sign_in("ho.ngoc.diep", "wrong", address="a")) == "sign-in-refused"
    assert await refused(sign_in("ho.ngoc.diep", PASSWORD, address="a")) == "too-many-attempts"
    await sign_in("ho.ngoc.diep", PASSWORD, address="b")
    clock.advance(12)
    await sign_in("ho.ngoc.diep", PASSWORD, address="a")


async def test_names_are_unique_and_passwords_have_a_length(store: Store) -> None:
    await account(store)
    other = await store.people.add_person(name="Vi Thanh Sơn")
    again = store.people.open_account(other.id, name="HO.NGOC.DIEP", password=PASSWORD)
    assert await refused(again) == "account-name-taken"
    assert await refused(store.people.open_account(other.id, name="vi", password="short")) == "password-too-short"


async def test_hashing_does_not_hold_up_the_loop(store: Store) -> None:
    """Twenty sign-ins at once; meanwhile the loop must come round more often than one hash takes."""
    await account(store)
    turns, ended = 0, asyncio.Event()

    async def count() -> None:
        nonlocal turns
        while not ended.is_set():
            turns += 1
            await asyncio.sleep(0.002)

    counting = asyncio.ensure_future(count())
    sign_ins = (store.people.sign_in("ho.ngoc.diep", PASSWORD, address=f"a{n}") for n in range(20))
    await asyncio.gather(*sign_ins)
    ended.set()
    await counting
    assert turns > 20


async def test_people_are_found_without_their_marks(store: Store) -> None:
    await store.people.add_person(name="Đặng Quốc Khải")
    await store.people.add_person(name="Nguyễn Thị Cẩm Hà")
    assert [person.name for person in await store.people.find("dang quoc")] == ["Đặng Quốc Khải"]
    assert [person.name for person in await store.people.find("CẨM")] == ["Nguyễn Thị Cẩm Hà"]
    assert await store.people.find("100%") == []


# --- sessions ---------------------------------------------------------------------------------------------------------


async def test_an_idle_session_ends_and_a_used_one_goes_on_until_its_limit(store: Store, clock: SetClock) -> None:
    await account(store)
    idle = await store.people.sign_in("ho.ngoc.diep", PASSWORD, address="a")
    used = await store.people.sign_in("ho.ngoc.diep", PASSWORD, address="a")
    step = ACCOUNT_IDLE - timedelta(seconds=1)
    clock.advance(step.total_seconds())
    assert await store.people.session(used.token) is not None
    clock.advance(62)
    assert await store.people.session(idle.token) is None
    while clock.now() < used.session.expires_at:
        assert await store.people.session(used.token) is not None
        clock.advance(step.total_seconds())
    assert await store.people.session(used.token) is None


async def test_an_invented_token_is_nobody(store: Store) -> None:
    assert await store.people.session("invented") is None


# --- invitations ------------------------------------------------------------------------------------------------------


async def invited(store: Store, clock: SetClock, seat: str = "seat-1") -> IssuedInvitation:
    person = await store.people.add_person(name="Đỗ Thị Lan Chi")
    until = clock.now() + timedelta(days=2)
    return await store.invitations.invite(
        hearing="hearing-1", seat=seat, person=person.id, expires_at=until, by="person-clerk"
    )


async def test_an_invitation_opens_its_seat_once(store: Store, clock: SetClock) -> None:
    issued = await invited(store, clock)
    entrance = await store.invitations.exchange(issued.token, address="a")
    session = await store.people.session(entrance.token)
    assert session is not None
    assert (session.hearing, session.seat, session.person) == ("hearing-1", "seat-1", issued.invitation.person)
    assert await refused(store.invitations.exchange(issued.token, address="a")) == "invitation-used"
    assert await refused(store.invitations.exchange(issued.code, address="a")) == "invitation-used"


async def test_an_invitation_and_its_session_are_written_together(
    store: Store, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two there is no moment in which a revocation finds no session, and no fault that uses one up."""
    issued = await invited(store, clock)
    with monkeypatch.context() as broken:

        async def fails(*_: object, **__: object) -> None:
            raise OSError("the disk is full")

        broken.setattr(store.people, "enter_session", fails)
        with pytest.raises(OSError):
            await store.invitations.exchange(issued.token, address="a")
    tried = await asyncio.gather(
        *(store.invitations.exchange(issued.code, address="a") for _ in range(8)), return_exceptions=True
    )
    (entrance,) = [one for one in tried if not isinstance(one, BaseException)]
    assert {one.code for one in tried if isinstance(one, Refused)} == {"invitation-used"}
    await store.invitations.revoke(issued.invitation.id)
    assert await store.people.session(entrance.token) is None


async def test_the_code_on_paper_opens_the_same_seat_however_it_is_typed(store: Store, clock: SetClock) -> None:
    issued = await invited(store, clock)
    typed = f" {written_code(issued.code).lower().replace('-', ' - ')} "
    assert (await store.invitations.exchange(typed, address="a")).session.seat == "seat-1"
    assert len(issued.code) == 8 and set(issued.code) <= set(CODE_ALPHABET)
    assert not set(CODE_ALPHABET) & set("01258BILOSUZ")


async def test_of_two_tabs_on_one_invitation_one_gets_in(store: Store, clock: SetClock) -> None:
    issued = await invited(store, clock)
    tabs = await asyncio.gather(
        *(store.invitations.exchange(issued.token, address="a") for _ in range(4)), return_exceptions=True
    )
    assert sorted(str(tab) for tab in tabs if isinstance(tab, Refused)) == ["invitation-used"] * 3


async def test_expired_revoked_and_forged_invitations_are_told_apart_and_open_nothing(
    store: Store, clock: SetClock
) -> None:
    exchange = store.invitations.exchange
    assert await refused(exchange("forged", address="a")) == "invitation-unknown"
    revoked = await invited(store, clock)
    await store.invitations.revoke(revoked.invitation.id)
    assert await refused(exchange(revoked.token, address="a")) == "invitation-revoked"
    expired = await invited(store, clock)
    clock.advance(timedelta(days=2).total_seconds())
    assert await refused(exchange(expired.token, address="a")) == "invitation-expired"


async def test_revoking_ends_the_session_that_was_opened(store: Store, clock: SetClock) -> None:
    issued = await invited(store, clock)
    entrance = await store.invitations.exchange(issued.token, address="a")
    await store.invitations.revoke(issued.invitation.id)
    assert await store.people.session(entrance.token) is None


async def test_a_new_invitation_revokes_the_unused_one_of_the_same_seat_only(store: Store, clock: SetClock) -> None:
    old, other = await invited(store, clock), await invited(store, clock, seat="seat-2")
    new = await invited(store, clock)
    assert await refused(store.invitations.exchange(old.token, address="a")) == "invitation-revoked"
    for issued in (new, other):
        await store.invitations.exchange(issued.token, address="a")


async def test_guessing_codes_is_stopped_for_one_address_and_no_other(store: Store, clock: SetClock) -> None:
    issued = await invited(store, clock)
    for number in range(10):
        assert await refused(store.invitations.exchange(f"AAAA-AAA{number}", address="a")) == "invitation-unknown"
    assert await refused(store.invitations.exchange(issued.code, address="a")) == "too-many-attempts"
    await store.invitations.exchange(issued.code, address="b")


async def test_secrets_of_invitations_are_not_stored(store: Store, clock: SetClock) -> None:
    issued = await invited(store, clock)
    stored = await everything_stored(store, "invitations")
    assert issued.token not in stored and issued.code not in stored


# --- court roles ------------------------------------------------------------------------------------------------------


async def test_offices_are_held_in_a_court_and_end_with_a_dismissal(store: Store) -> None:
    court = await store.courts.add(name="Tòa án", time_zone="Asia/Ho_Chi_Minh", pack="vn")
    person = await store.people.add_person(name="Hồ Ngọc Diệp")
    await store.people.appoint(court.id, person.id, "clerk")
    assert await store.people.offices(person.id) == {(court.id, "clerk")}
    assert [(found.name, role) for found, role in await store.people.staff(court.id)] == [("Hồ Ngọc Diệp", "clerk")]
    assert await refused(store.people.appoint(court.id, person.id, "clerk")) == "already-appointed"
    await store.people.dismiss(court.id, person.id, "clerk")
    assert await store.people.offices(person.id) == frozenset()
