"""Signing in and joining: what lets a person in, what is told when it does not, and what other sites cannot do."""

import re

from aiohttp.test_utils import TestClient
from yarl import URL

from tests.web.scene import PASSWORD, Scene

Client = TestClient  # type: ignore[type-arg]


def own(client: Client) -> dict[str, str]:
    return {"Origin": str(client.make_url("")).rstrip("/"), "Sec-Fetch-Site": "same-origin"}


async def test_a_person_with_an_account_signs_in_and_out(client: Client) -> None:
    form = {"name": "judge", "password": PASSWORD, "next": "/cases"}
    answer = await client.post("/sign-in", data=form, headers=own(client), allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/cases")
    assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert (await client.get("/cases")).status == 200
    token = answer.cookies["session"].value
    await client.post("/sign-out", headers=own(client))
    copied = await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert copied.status == 401


async def test_a_wrong_password_keeps_the_name_and_says_so(client: Client) -> None:
    form = {"name": "judge", "password": "khong-dung-mat-khau"}
    answer = await client.post("/sign-in", data=form, headers=own(client))
    text = await answer.text()
    assert answer.status == 401
    assert 'value="judge"' in text and "khong-dung" not in text and 'role="alert"' in text


async def test_the_sixth_wrong_try_in_a_minute_is_turned_away(client: Client) -> None:
    form = {"name": "judge", "password": "khong-dung-mat-khau"}
    tries = [(await client.post("/sign-in", data=form, headers=own(client))).status for _ in range(6)]
    assert tries == [401] * 5 + [429]


async def test_signing_in_leads_nowhere_else(client: Client) -> None:
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"):
        form = {"name": "clerk", "password": PASSWORD, "next": elsewhere}
        answer = await client.post("/sign-in", data=form, headers=own(client), allow_redirects=False)
        assert answer.headers["Location"] == "/today"


async def test_a_stranger_is_sent_to_the_sign_in_page_and_back(client: Client) -> None:
    answer = await client.get("/cases?tab=today", allow_redirects=False)
    goal = URL(answer.headers["Location"])
    assert (answer.status, goal.path, goal.query["next"]) == (303, "/sign-in", "/cases?tab=today")


async def test_a_code_opens_one_seat_once(client: Client, scene: Scene) -> None:
    issued = await scene.invite("victim")
    code = f"{issued.code[:4].lower()} - {issued.code[4:].lower()}"
    first = await client.post("/join", data={"code": code}, headers=own(client), allow_redirects=False)
    assert (first.status, first.headers["Location"]) == (303, "/hearings/hearing-a/invitation")
    page = await (await client.get("/hearings/hearing-a/invitation")).text()
    assert "Nguyễn Thị Cẩm Hà" in page
    second = await client.post("/join", data={"code": code}, headers=own(client))
    assert second.status == 410


async def test_a_forged_an_old_and_a_replaced_code_are_told_apart(client: Client, scene: Scene) -> None:
    replaced = await scene.invite("counsel")
    current = await scene.invite("counsel")
    told = {}
    for name, code in (("forged", "AAAA-CCCC"), ("replaced", replaced.code), ("current", current.code)):
        if name == "current":
            scene.clock.advance(3 * 24 * 3600)
        answer = await client.post("/join", data={"code": code}, headers=own(client))
        match = re.search(r'role="alert".*?<b>(.*?)</b>', await answer.text(), re.DOTALL)
        assert match is not None
        told[name] = (answer.status, match[1])
    assert [status for status, _ in told.values()] == [404, 410, 410]
    assert len({text for _, text in told.values()}) == 3


async def test_opening_the_link_does_not_use_it_up(client: Client, scene: Scene) -> None:
    issued = await scene.invite("victim")
    assert issued.code in await (await client.get(f"/join/{issued.code}")).text()
    answer = await client.post("/join", data={"code": issued.code}, headers=own(client), allow_redirects=False)
    assert answer.status == 303


async def test_another_site_changes_nothing(client: Client) -> None:
    form = {"name": "judge", "password": PASSWORD}
    for headers in (
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Cookie": "session=x"},
    ):
        answer = await client.post("/sign-in", data=form, headers=headers)
        assert answer.status == 403, headers


async def test_every_answer_carries_the_headers_of_the_door(client: Client) -> None:
    for path in ("/sign-in", "/nothing-here", "/api/me"):
        answer = await client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "'sha256-" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
