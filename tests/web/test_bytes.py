"""Film, transcript and items as bytes: which stretch is handed out, in which form, and to whom."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hearing.proceedings import commands as cmd
from tests.web.scene import Scene, build, open_scene
from web.parts import JobState

Client = TestClient  # type: ignore[type-arg]
FILM = bytes(range(256)) * 40
NOTES = {
    "events": [{"kind": "phase", "text": "mở đầu"}, {"kind": "log_note", "text": "ghi chú riêng"}],
    "utterances": [],
}


class Work:
    """The archivist's answers, as this test wants them."""

    def __init__(self) -> None:
        self.film = JobState(status="done", percent=100, blob="film.mp4")
        self.blobs: dict[str, str] = {"txt": "text.txt", "vtt": "text.vtt", "json": "text.json"}
        self.unfinished: bytes | None = None
        self.asked: list[tuple[str, str]] = []

    async def request(self, kind: str, hearing: str) -> None:
        self.asked.append((kind, hearing))

    async def state(self, kind: str, hearing: str) -> JobState:
        return self.film

    async def draft(self, hearing: str) -> bytes | None:
        return self.unfinished

    async def written(self, hearing: str, form: str) -> str | None:
        return self.blobs.get(form)


class Desk:
    def __init__(self, scene: Scene, client: Client, work: Work) -> None:
        self.scene, self.client, self.work = scene, client, work

    async def get(self, path: str, who: str = "judge", method: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
        token = await (self.scene.seat_token(who[5:]) if who.startswith("seat ") else self.scene.token(who))
        sent = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "same-origin", **headers}
        answer = await self.client.request(method, path, headers=sent, allow_redirects=False)
        return answer.status, answer.headers, await answer.read()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_scene(tmp_path) as scene:
        blobs, work = scene.parts.blobs, Work()
        await blobs.put("film.mp4", FILM)
        await blobs.put("text.txt", "[00:00] Chủ tọa: mở đầu".encode())
        await blobs.put("text.vtt", b"WEBVTT\n")
        await blobs.put("text.json", json.dumps(NOTES).encode())
        async with TestClient(TestServer(build(replace(scene.parts, jobs=work)))) as client:
            yield Desk(scene, client, work)


FILM_AT = "/hearings/hearing-a/film.mp4"
SIZE = len(FILM)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=10-19", 10, 20),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=5000-{SIZE * 9}", 5000, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        (f"bytes=-{SIZE * 9}", 0, SIZE),
    ],
)
async def test_a_stretch_of_the_film_is_exact(desk: Desk, asked: str, start: int, end: int) -> None:
    status, headers, content = await desk.get(FILM_AT, Range=asked)
    assert (status, content) == (206, FILM[start:end])
    assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert headers["Content-Length"] == str(end - start) and headers["Accept-Ranges"] == "bytes"
    status, headers, content = await desk.get(FILM_AT, method="HEAD", Range=asked)
    assert (status, content, headers["Content-Length"]) == (206, b"", str(end - start))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"bytes={SIZE}-", 416),
        ("bytes=-0", 416),
        ("bytes=20-10", 416),
        ("bytes=0-1,5-6", 400),
        ("bytes=", 400),
        ("bytes=-", 400),
        ("bytes=--1", 400),
        ("bytes=0x1-2", 400),
        ("bytes=" + "9" * 30 + "-", 400),
        ("items=0-1", 400),
    ],
)
async def test_a_stretch_that_is_none_is_told_so_and_nothing_is_handed_out(desk: Desk, asked: str, status: int) -> None:
    told, headers, content = await desk.get(FILM_AT, Range=asked)
    assert told == status and FILM[:20] not in content
    assert status != 416 or headers["Content-Range"] == f"bytes */{SIZE}"


async def test_the_film_is_kept_by_nobody_on_the_way_and_runs_nowhere(desk: Desk) -> None:
    status, headers, content = await desk.get(FILM_AT)
    assert (status, content, headers["Content-Type"]) == (200, FILM, "video/mp4")
    assert headers["Cache-Control"] == "private, no-store" and headers["X-Content-Type-Options"] == "nosniff"
    for state in (JobState(status="running", blob="film.mp4"), JobState(status="done"), JobState(status="failed")):
        desk.work.film = state
        assert (await desk.get(FILM_AT))[0] == 404, state
    desk.work.film = JobState(status="done", blob="gone.mp4")
    assert (await desk.get(FILM_AT))[0] == 404


async def test_who_may_have_the_film_and_who_may_ask_for_one(desk: Desk) -> None:
    for who, status in (("judge", 200), ("clerk", 200), ("seat victim", 200), ("seat witness", 403), ("stranger", 404)):
        assert (await desk.get(FILM_AT, who))[0] == status, who
        for method, path in (("POST", "/api/hearings/hearing-a/film"), ("POST", "/hearings/hearing-a/film")):
            told = (await desk.get(path, who, method))[0]
            assert told == (status if status != 200 else 202 if path.startswith("/api") else 303), (who, path, told)
    assert desk.work.asked == [("film", "hearing-a")] * 6


async def test_the_forms_of_the_transcript(desk: Desk) -> None:
    base = "/api/hearings/hearing-a/transcript"
    for form, kind in (
        (".txt", "text/plain"),
        (".vtt", "text/vtt"),
        (".json", "application/json"),
        ("", "application/json"),
    ):
        status, headers, _ = await desk.get(base + form)
        assert (status, headers["Content-Type"]) == (200, f"{kind}; charset=utf-8"), form
        assert headers["Cache-Control"] == "private, no-store"
        assert (await desk.get(base + form, "seat witness"))[0] == 403
        assert (await desk.get(base + form, "stranger"))[0] == 404
    for form in (".pdf", ".TXT", "."):
        assert (await desk.get(base + form))[0] == 404, form
    desk.work.blobs.clear()
    assert {(await desk.get(base + form))[0] for form in (".txt", ".vtt", ".json")} == {404}
    desk.work.unfinished = json.dumps(NOTES).encode()
    assert [(await desk.get(base + form))[0] for form in ("", ".json", ".txt", ".vtt")] == [200, 200, 404, 404]


async def test_the_clerks_notes_are_not_the_parties(desk: Desk) -> None:
    for path in ("/api/hearings/hearing-a/transcript", "/api/hearings/hearing-a/transcript.json"):
        for who, seen in (("judge", True), ("clerk", True), ("seat victim", False), ("seat counsel", False)):
            status, _, content = await desk.get(path, who)
            kinds = [event["kind"] for event in json.loads(content)["events"]]
            assert status == 200 and kinds == (["phase", "log_note"] if seen else ["phase"]), (path, who)


async def test_of_a_closed_hearing_only_those_who_conduct_the_case_have_anything(desk: Desk) -> None:
    moved = cmd.StartSitting(sitting="sitting-b")
    await desk.scene.docket.handle("hearing-b", moved, by="clerk", op_id="doors-b")
    for path in ("/hearings/hearing-b/film.mp4", "/api/hearings/hearing-b/transcript.txt"):
        for who, status in (("judge", 200), ("clerk", 200)):
            assert (await desk.get(path, who))[0] == status, (path, who)
        token = await desk.scene.seat_token("plaintiff", "hearing-b")
        answer = await desk.client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 403 and b"Ch\xe1\xbb\xa7 t\xe1\xbb\x8da:" not in await answer.read(), path


async def test_an_item_is_an_attachment_whatever_its_title_says(desk: Desk) -> None:
    title = 'Đơn "khởi kiện"; filename=x.html\r\nSet-Cookie: a=b ../../etc'
    await desk.scene.parts.blobs.put("page", b"<script>alert(1)</script>")
    item = await desk.scene.store.cases.add_item(
        case="case-a", kind="document", source="upload", title=title, blob="page", sha256="0" * 64, size=25,
        media_type="text/html", visibility="parties", by="seed",
    )  # fmt: skip
    status, headers, content = await desk.get(f"/items/{item.id}")
    assert status == 200 and content.startswith(b"<script>") and "Set-Cookie" not in headers
    told = headers["Content-Disposition"]
    assert told.startswith("attachment; filename*=UTF-8''") and not set(told[29:]) & set(' ";\r\n<>'), told
    assert headers["X-Content-Type-Options"] == "nosniff" and "script-src 'self'" in headers["Content-Security-Policy"]
    assert (await desk.get(f"/items/{item.id}", Range="bytes=1-6"))[2] == b"script"
    assert (await desk.get(f"/items/{item.id}", "stranger"))[0] == 404
