"""Who a socket belongs to: the same sessions as the pages, looked up anew at every question."""

from dataclasses import replace
from typing import Any

import pytest

from hearing.proceedings.values import Hearing
from hearing.proceedings.views import View, view
from tests.web.scene import Scene
from web.door import Door


@pytest.fixture
def door(scene: Scene) -> Door:
    return Door(scene.store, scene.docket, secure=False)


def cookie(value: str) -> dict[str, Any]:
    return {"HTTP_COOKIE": value}


async def test_an_account_has_its_own_seat_in_each_hearing_and_none_elsewhere(scene: Scene, door: Door) -> None:
    judge = {"token": await scene.token("judge")}
    assert await door.authenticate({}, judge, None) == "judge"
    assert await door.authenticate({}, judge, "hearing-a") == "presiding"
    assert await door.authenticate({}, judge, "hearing-b") == "presiding"
    assert await door.authenticate({}, judge, "no-such-hearing") is None
    stranger = {"token": await scene.token("stranger")}
    assert await door.authenticate({}, stranger, None) == "stranger"
    assert await door.authenticate({}, stranger, "hearing-a") is None


async def test_an_invitation_opens_one_seat_of_one_hearing(scene: Scene, door: Door) -> None:
    victim = {"token": await scene.seat_token("victim")}
    assert await door.authenticate({}, victim, "hearing-a") == "victim"
    assert await door.authenticate({}, victim, "hearing-b") is None


async def test_a_session_that_ended_opens_nothing_from_then_on(scene: Scene, door: Door) -> None:
    token = await scene.token("judge")
    for ways in (({}, {"token": token}), (cookie(f"session={token}"), None)):
        assert await door.authenticate(*ways, "hearing-a") == "presiding"
    await scene.store.people.sign_out(token)
    for ways in (({}, {"token": token}), (cookie(f"session={token}"), None)):
        for hearing in ("hearing-a", None):
            assert await door.authenticate(*ways, hearing) is None


async def test_a_revoked_invitation_ends_the_session_it_had_opened(scene: Scene, door: Door) -> None:
    issued = await scene.invite("victim")
    entrance = await scene.store.invitations.exchange(issued.token, address="test")
    victim = {"token": entrance.token}
    assert await door.authenticate({}, victim, "hearing-a") == "victim"
    await scene.store.invitations.revoke(issued.invitation.id)
    assert await door.authenticate({}, victim, "hearing-a") is None


@pytest.mark.parametrize(
    ("environ", "auth"),
    [
        ({}, None),
        ({}, {}),
        ({}, {"token": ""}),
        ({}, {"token": 5}),
        ({}, {"token": ["x"]}),
        ({}, "token"),
        ({}, ["token"]),
        ({}, {"token": "x" * 100_000}),
        ({}, {"token": "a\0b"}),
        ({}, {"token": "\ud800"}),
        (cookie(""), None),
        (cookie("session"), None),
        (cookie("session="), None),
        (cookie("a[]=1; session=x; =;;;"), None),
        (cookie('session="\\777"'), None),
        (cookie("session=x; session=y"), None),
    ],
)
async def test_odd_secrets_are_nobodys(scene: Scene, door: Door, environ: dict[str, Any], auth: object) -> None:
    assert await door.authenticate(environ, auth, None) is None
    assert await door.authenticate(environ, auth, "hearing-a") is None


async def test_a_secure_door_reads_the_host_cookie_and_no_other(scene: Scene) -> None:
    door, token = Door(scene.store, scene.docket, secure=True), await scene.token("judge")
    assert await door.authenticate(cookie(f"__Host-session={token}"), None, "hearing-a") == "presiding"
    assert await door.authenticate(cookie(f"session={token}"), None, "hearing-a") is None


async def test_names_are_told_of_those_the_seat_sees(scene: Scene, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def partly(now: Hearing, seat: str) -> View:
        seen = view(now, seat)
        return replace(seen, seats=tuple(row for row in seen.seats if row.id != "witness"))

    monkeypatch.setattr("web.door.view", partly)
    names = await door.people("hearing-a", "victim")
    assert names["presiding"] == {"name": "Lương Thị Hải Vân", "title": "Thẩm phán"}
    assert "defendant" in names and "witness" not in names
