"""The API as another system uses it, and recorded bytes by range."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient

from hearing.proceedings import COURT
from hearing.proceedings import commands as cmd
from hearing.proceedings.words import Kind, SourceKind
from tests.web.scene import MORNING, PASSWORD, Scene

Client = TestClient  # type: ignore[type-arg]

JSON = {"Content-Type": "application/json"}
NEW_CASE = {
    "court": "kv3sl",
    "kind": "civil",
    "title": "Ranh giới quyền sử dụng đất",
    "parties": [{"name": "Nghiêm Văn Thụ", "role": "plaintiff"}, {"person": "judge", "role": "presiding_judge"}],
}


def new_hearing(**changes: Any) -> dict[str, Any]:
    return {
        "starts_at": (MORNING + timedelta(days=9)).isoformat(),
        "courtroom": "room-2",
        "points": [
            {"id": "central", "kind": "central"},
            {"id": "home", "kind": "component", "host": "party_place", "place_text": "12 phố Hàng Dệt"},
        ],
        "seats": [
            {"id": "j", "person": "judge", "role": "presiding_judge", "point": "central"},
            {"id": "k", "person": "clerk", "role": "clerk", "point": "central"},
            {"id": "p", "name": "Nghiêm Văn Thụ", "role": "plaintiff", "point": "home", "mandatory": True},
        ],
        **changes,
    }


async def signed_in(client: Client, name: str = "clerk") -> dict[str, str]:
    answer = await client.post("/api/sign-in", json={"name": name, "password": PASSWORD})
    return {"Authorization": f"Bearer {(await answer.json())['token']}"}


async def test_a_robot_takes_a_case_from_acceptance_to_a_seat(client: Client) -> None:
    clerk = await signed_in(client)
    case = await (await client.post("/api/cases", json=NEW_CASE, headers=clerk)).json()
    assert case["number"] == "35/2026/TLST-DS"
    answer = await client.post(f"/api/cases/{case['id']}/hearings", json=new_hearing(), headers=clerk)
    scheduled = await answer.json()
    assert answer.status == 201
    [invited] = [one for one in scheduled["invitations"] if one["seat"] == "p"]
    assert "/join#" in invited["link"]
    seat = await (await client.post("/api/invitations/exchange", json={"code": invited["code"]})).json()
    assert (seat["hearing"], seat["seat"]) == (scheduled["hearing"], "p")
    me = await (await client.get("/api/me", headers={"Authorization": f"Bearer {seat['token']}"})).json()
    assert (me["name"], me["offices"], me["seat"]) == ("Nghiêm Văn Thụ", [], "p")
    whole = await (await client.get(f"/api/cases/{case['id']}", headers=clerk)).json()
    assert [one["id"] for one in whole["hearings"]] == [scheduled["hearing"]]


async def test_the_rules_refuse_by_code_and_status(client: Client) -> None:
    clerk = await signed_in(client)
    points = [{"id": "central", "kind": "central"}] + [
        {"id": f"p{number}", "kind": "component", "host": "other_court"} for number in range(4)
    ]
    hearing = new_hearing(points=points)
    hearing["seats"][2]["point"] = "p0"
    refused = await client.post("/api/cases/case-b/hearings", json=hearing, headers=clerk)
    assert (refused.status, (await refused.json())["code"]) == (409, "too-many-points")


async def test_wrong_bodies_name_the_field(client: Client) -> None:
    clerk = await signed_in(client)
    for body, field in (({**NEW_CASE, "kind": "x"}, "kind"), ({**NEW_CASE, "extra": 1}, "extra")):
        answer = await client.post("/api/cases", json=body, headers=clerk)
        assert (answer.status, (await answer.json())["errors"][0]["field"]) == (422, field)
    broken = await client.post("/api/cases", data=b"{", headers={**clerk, **JSON})
    assert broken.status == 422
    strange = await client.post("/api/cases", data=b"{}", headers={**clerk, "Content-Type": "text/plain"})
    assert strange.status == 415
    nul = await client.post("/api/cases", json={**NEW_CASE, "title": "a\0b"}, headers=clerk)
    assert nul.status == 400
    assert (await client.post("/api/cases", data=b" " * (300 << 10), headers=clerk)).status == 413


async def test_nobody_without_a_session_is_answered(client: Client, scene: Scene) -> None:
    for path in ("/api/me", "/api/courts", "/api/cases", "/api/hearings/hearing-a", "/api/hearings/hearing-a/tracks"):
        assert (await client.get(path)).status == 401, path
    stranger = await signed_in(client, "stranger")
    for path in ("/api/cases/case-a", "/api/hearings/hearing-a", "/api/hearings/hearing-a/playback"):
        assert (await client.get(path, headers=stranger)).status == 404, path


async def test_the_description_names_every_call_and_its_models(client: Client) -> None:
    described = await (await client.get("/api/openapi.json")).json()
    assert described["openapi"] == "3.1.0"
    assert {"/api/sign-in", "/api/cases/{case}/hearings", "/api/hearings/{hearing}/playback"} <= set(described["paths"])
    text = json.dumps(described)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(described["components"]["schemas"])


TRACK = b"HEADER" + b"0123456789" * 10


async def record(scene: Scene, folder: Path) -> None:
    """One track of one segment, as the ledger would enter it."""
    (folder / "recordings" / "hearing-a").mkdir(parents=True)
    # Bytes after the last closed segment are not part of the record and are never handed out.
    (folder / "recordings" / "hearing-a" / "t1.webm").write_bytes(TRACK + b"still being written")
    steps: list[tuple[Any, str]] = [
        (cmd.StartSitting(sitting="sitting-1"), "clerk"),
        (cmd.Arrive(seat="victim", connection="c1"), COURT),
        (cmd.AnnounceSource(source="mic", seat="victim", kind=SourceKind.MICROPHONE), "victim"),
        (cmd.OpenTrack(track="t1", source="mic", kind=Kind.AUDIO, codec="opus", file="hearing-a/t1.webm"), COURT),
        (
            cmd.CloseSegment(
                track="t1", index=0, offset=6, length=100, t0_ms=0, t1_ms=4000, sha256="s", prev="p", key_id="none"
            ),
            COURT,
        ),
    ]
    for number, (command, by) in enumerate(steps):
        await scene.docket.handle("hearing-a", command, by=by, op_id=f"record-{number}")


async def test_a_track_is_handed_out_by_range_and_only_as_far_as_the_record_goes(
    client: Client, scene: Scene, tmp_path: Path
) -> None:
    await record(scene, tmp_path)
    judge = await signed_in(client, "judge")
    whole = await client.get("/media/hearing-a/t1", headers=judge)
    assert await whole.read() == TRACK
    assert whole.headers["Cache-Control"].startswith("private")
    for asked, status, expected in (
        ("bytes=0-5", 206, b"HEADER"),
        ("bytes=6-", 206, TRACK[6:]),
        ("bytes=-4", 206, b"6789"),
        ("bytes=100-9999", 206, TRACK[100:]),
    ):
        answer = await client.get("/media/hearing-a/t1", headers={**judge, "Range": asked})
        assert (answer.status, await answer.read()) == (status, expected), asked
    first = await client.get("/media/hearing-a/t1", headers={**judge, "Range": "bytes=0-5"})
    assert first.headers["Content-Range"] == "bytes 0-5/106"
    for asked, status in (("bytes=106-", 416), ("bytes=9-2", 416), ("bytes=0-1,4-5", 400), ("lines=1-2", 400)):
        answer = await client.get("/media/hearing-a/t1", headers={**judge, "Range": asked})
        assert answer.status == status, asked
    stranger = await signed_in(client, "stranger")
    assert (await client.get("/media/hearing-a/t1", headers=stranger)).status == 404
    witness = {"Authorization": f"Bearer {await scene.seat_token('witness')}"}
    assert (await client.get("/media/hearing-a/t1", headers=witness)).status == 403


async def test_the_player_is_told_tracks_people_and_gaps(client: Client, scene: Scene, tmp_path: Path) -> None:
    await record(scene, tmp_path)
    lost = cmd.ReportLoss(track="t1", source="mic", t0_ms=1000, t1_ms=1500, reason="network")
    await scene.docket.handle("hearing-a", lost, by=COURT, op_id="lost")
    judge = await signed_in(client, "judge")
    told = await (await client.get("/api/hearings/hearing-a/playback", headers=judge)).json()
    [track] = told["tracks"]
    assert (track["url"], track["seats"], track["use"]) == ("/media/hearing-a/t1", ["victim"], "microphone")
    assert track["header"] == {"offset": 0, "length": 6}
    assert track["segments"] == [{"offset": 6, "length": 100, "t0_ms": 0, "t1_ms": 4000}]
    assert track["recorded_ms"] == 3500
    assert told["clock"]["length_ms"] == 4000
    assert told["gaps"] == [{"track": "t1", "t0_ms": 1000, "t1_ms": 1500, "reason": "network"}]
    assert {seat["id"]: seat["name"] for seat in told["seats"]}["victim"] == "Nguyễn Thị Cẩm Hà"
    assert (await client.get("/api/hearings/hearing-b/playback", headers=judge)).status == 404
