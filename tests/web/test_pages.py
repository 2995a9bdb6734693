"""Pages of cases and hearings: what each person finds, what a stranger does not, and what is kept when refused."""

import re
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from hearing.proceedings.words import Mode
from tests.web.scene import Scene
from tests.web.test_entrance import own

Client = TestClient  # type: ignore[type-arg]

STAFF_PAGES = (
    "/today",
    "/cases",
    "/calendar",
    "/more",
    "/cases/case-a/overview",
    "/cases/case-a/documents",
    "/cases/case-a/hearings",
    "/cases/case-a/recordings",
    "/cases/case-a/people",
    "/hearings/hearing-a/film",
    "/hearings/hearing-a/invitations",
)
SCHEDULE = {
    "mode": "online",
    "simple": "on",
    "visibility": "public",
    "date": "20/06/2026",
    "time": "08:00",
    "length": "180",
    "room": "room-1",
    "seat.judge.presiding_judge": "on",
    "seat.clerk.clerk": "on",
    "seat.assessor1.assessor": "on",
    "seat.assessor2.assessor": "on",
    "seat.chi.plaintiff": "on",
    "seat.hung.plaintiff": "on",
}


async def cookie(scene: Scene, person: str) -> dict[str, str]:
    return {"Cookie": f"session={await scene.token(person)}"}


async def get(client: Client, scene: Scene, person: str, path: str) -> tuple[int, str]:
    answer = await client.get(path, headers=await cookie(scene, person))
    return answer.status, await answer.text()


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_every_page_of_the_staff_opens_without_a_bare_key(client: Client, scene: Scene, lang: str) -> None:
    for path in STAFF_PAGES:
        status, text = await get(client, scene, "clerk", f"{path}?lang={lang}")
        shown = re.sub(r"<script.*?</script>|<[^>]+>", " ", text, flags=re.DOTALL)
        assert status == 200, path
        bare = re.findall(r"\b(?:role|phase|stage|case|today|visibility|mode|point)\.[a-z_]+", shown)
        assert bare == [], path
        assert f'<html lang="{lang}"' in text


async def test_a_stranger_finds_no_case_no_hearing_and_no_recording(client: Client, scene: Scene) -> None:
    for path in (*STAFF_PAGES[4:], "/hearings/hearing-a/live", "/hearings/hearing-a/playback", "/media/hearing-a/t"):
        status, text = await get(client, scene, "stranger", path)
        assert status == 404, path
        assert "Trần Văn Tạo" not in text and "21/2026" not in text
    _, listed = await get(client, scene, "stranger", "/cases")
    assert "21/2026" not in listed


async def test_an_invited_person_reaches_the_own_hearing_only(client: Client, scene: Scene) -> None:
    headers = {"Cookie": f"session={await scene.seat_token('witness')}"}
    statuses = {
        path: (await client.get(path, headers=headers)).status
        for path in (
            "/hearings/hearing-a/invitation",
            "/hearings/hearing-b/invitation",
            "/cases",
            "/cases/case-a/overview",
            "/hearings/hearing-a/playback",
        )
    }
    assert list(statuses.values()) == [200, 404, 404, 404, 403]
    page = await (await client.get("/hearings/hearing-a/invitation", headers=headers)).text()
    assert "21/2026" not in page  # a witness has a seat and no sight of the file


async def test_cases_are_found_without_marks_and_by_number(client: Client, scene: Scene) -> None:
    for wanted in ("trom cap", "TRẦN VĂN", "tran van tao", "21/2026/tlst-hs"):
        _, text = await get(client, scene, "clerk", f"/cases?q={wanted}")
        assert "21/2026/TLST-HS" in text and "34/2026/TLST-DS" not in text, wanted
    _, text = await get(client, scene, "clerk", "/cases?tab=preparing")
    assert "04/2026/TLST-LĐ" in text and "21/2026/TLST-HS" not in text


async def test_the_duties_are_accepted_by_a_tick_and_written_to_the_record(client: Client, scene: Scene) -> None:
    headers = {"Cookie": f"session={await scene.seat_token('victim')}", **own(client)}
    path = "/hearings/hearing-a/duties"
    assert (await client.post(path, data={}, headers=headers)).status == 422
    assert (await scene.docket.hearing("hearing-a")).seats["victim"].duties is None
    await client.post(path, data={"agree": "on"}, headers=headers)
    await client.post(path, data={"agree": "on"}, headers=headers)
    assert (await scene.docket.hearing("hearing-a")).seats["victim"].duties == "2026-06"
    kinds = [entry.kind for entry in await scene.store.record.read("hearing-a")]
    assert kinds.count("DutiesAccepted") == 1


async def test_a_case_is_accepted_with_the_next_number_of_the_register(client: Client, scene: Scene) -> None:
    form = {"title": "Chia di sản thừa kế", "kind": "civil", "party_1": "Âu Thị Sáu", "role_1": "plaintiff"}
    headers = {**await cookie(scene, "clerk"), **own(client)}
    answer = await client.post("/cases/new", data=form, headers=headers)
    text = await answer.text()
    assert answer.status == 200 and "35/2026/TLST-DS" in text and "Âu Thị Sáu" in text


async def test_what_was_typed_is_kept_when_a_form_is_wrong(client: Client, scene: Scene) -> None:
    form = {"title": "", "kind": "civil", "number": "khong phai so", "party_1": "Âu Thị Sáu <b>", "role_1": "judge"}
    headers = {**await cookie(scene, "clerk"), **own(client)}
    answer = await client.post("/cases/new", data=form, headers=headers)
    text = await answer.text()
    assert answer.status == 422
    assert 'value="khong phai so"' in text and "Âu Thị Sáu &lt;b&gt;" in text and 'id="title-error"' in text
    assert 'id="role_1-error"' in text


async def test_a_taken_number_is_refused_beside_its_field(client: Client, scene: Scene) -> None:
    form = {"title": "Lần thứ hai", "kind": "criminal", "number": "21/2026/TLST-HS"}
    headers = {**await cookie(scene, "clerk"), **own(client)}
    answer = await client.post("/cases/new", data=form, headers=headers)
    assert answer.status == 409 and 'id="number-error"' in await answer.text()


async def test_a_judge_does_not_accept_cases(client: Client, scene: Scene) -> None:
    assert (await get(client, scene, "judge", "/cases/new"))[0] == 404


async def test_a_hearing_is_scheduled_and_everybody_invited(client: Client, scene: Scene) -> None:
    headers = {**await cookie(scene, "clerk"), **own(client)}
    answer = await client.post("/cases/case-l/schedule", data=SCHEDULE, headers=headers, allow_redirects=False)
    assert answer.status == 303, re.findall(r"<b>(.*?)</b>", await answer.text())[:6]
    path = answer.headers["Location"].split("?")[0]
    hearing = await scene.docket.hearing(path.split("/")[2])
    assert (hearing.mode, len(hearing.seats)) == (Mode.ONLINE, 5)
    made = await client.post(path, data={"seat": "all", "send": "on"}, headers=headers)
    codes = re.findall(r'sheet-code">([A-Z0-9]{4}-[A-Z0-9]{4})', await made.text())
    assert len(set(codes)) == 5
    again = await (await client.get(path, headers=headers)).text()
    assert not any(code in again for code in codes)


async def test_a_fourth_component_point_is_refused_with_the_reason_and_nothing_lost(
    client: Client, scene: Scene
) -> None:
    points = {f"place_{row}": f"Nơi thứ {row}" for row in range(1, 5)}
    hosts = {f"host_{row}": "other_court" for row in range(1, 5)}
    headers = {**await cookie(scene, "clerk"), **own(client)}
    answer = await client.post("/cases/case-l/schedule", data={**SCHEDULE, **points, **hosts}, headers=headers)
    text = await answer.text()
    assert answer.status == 409 and "Nơi thứ 4" in text and "3 điểm cầu" in text
    booked = await client.post("/cases/case-l/schedule", data=SCHEDULE, headers=headers, allow_redirects=False)
    assert booked.status == 303  # the refused try left the courtroom free


async def test_two_hearings_do_not_share_a_courtroom(client: Client, scene: Scene) -> None:
    headers = {**await cookie(scene, "clerk"), **own(client)}
    first = await client.post("/cases/case-l/schedule", data=SCHEDULE, headers=headers, allow_redirects=False)
    second = await client.post("/cases/case-k/schedule", data=SCHEDULE, headers=headers, allow_redirects=False)
    assert (first.status, second.status) == (303, 409)


async def test_an_invitation_is_sent_in_the_persons_language(client: Client, scene: Scene) -> None:
    headers = {**await cookie(scene, "clerk"), **own(client)}
    data = {"seat": "victim", "send": "on"}
    await client.post("/hearings/hearing-a/invitations?lang=en", data=data, headers=headers)
    [notice] = scene.outbox.sent
    assert notice.to == "ha@example.org" and "/join#" in notice.text and "Kính gửi" in notice.text


async def test_an_invitation_that_cannot_be_delivered_is_shown_to_be_printed(
    client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refused(notice: object) -> None:
        raise OSError("no route to ha@example.org")

    monkeypatch.setattr(scene.outbox, "send", refused)
    headers = {**await cookie(scene, "clerk"), **own(client)}
    answer = await client.post(
        "/hearings/hearing-a/invitations?lang=en", data={"seat": "victim", "send": "on"}, headers=headers
    )
    text = await answer.text()
    assert answer.status == 200 and "Could not be sent to ha@example.org" in text and "/join#" in text
    assert "ha@example.org" not in caplog.text and "OSError" in caplog.text


async def test_what_breaks_or_turns_a_line_gets_into_no_name_and_no_title(client: Client, scene: Scene) -> None:
    headers = {"Authorization": f"Bearer {await scene.token('clerk')}"}
    party = {"name": "Trần\r\nBcc: x\u202e", "email": "a@b.vn\r\nBcc: c@d.vn", "role": "plaintiff"}
    body = {"court": "kv3sl", "kind": "civil", "title": "Vụ\r\nSet-Cookie: a=b\u2028\u202egpj.exe", "parties": [party]}
    made = await (await client.post("/api/cases", json=body, headers=headers)).json()
    assert made["title"] == "Vụ Set-Cookie: a=b gpj.exe"
    found = await (await client.get(f"/api/cases/{made['id']}", headers=headers)).json()
    assert [one["name"] for one in found["parties"]] == ["Trần Bcc: x"]
    for nothing in ("\u202e", "\r\n", " \u2066 "):
        assert (await client.post("/api/cases", json={**body, "title": nothing}, headers=headers)).status == 422


async def test_a_fault_shows_a_reference_and_nothing_of_its_inside(
    client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret detail")

    headers = await cookie(scene, "judge")
    monkeypatch.setattr(scene.store.calendar, "hearings", broken)
    answer = await client.get("/today", headers=headers)
    text = await answer.text()
    assert answer.status == 500 and "secret detail" not in text and re.search(r">[0-9a-f]{8}<", text)


async def test_too_large_a_form_is_413(client: Client, scene: Scene) -> None:
    headers = {**await cookie(scene, "clerk"), **own(client)}
    answer = await client.post("/cases/new", data={"title": "x" * (600 << 10)}, headers=headers)
    assert answer.status == 413
    assert isinstance(answer.headers.get("Content-Security-Policy"), str)


async def test_the_language_is_kept_by_the_link(client: Client) -> None:
    assert '<html lang="en"' in await (await client.get("/sign-in?lang=en")).text()
    assert '<html lang="en"' in await (await client.get("/help")).text()
