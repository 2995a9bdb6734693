"""Which ways are open is tried by people the court knows, a few times a minute; strangers learn nothing."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hearing.errors import Malformed
from signaling.turn import Ways
from tests.web.scene import Scene, build, open_scene
from web.pages.devices import PROBES_PER_MINUTE

RELAYS = {"tls": [{"urls": ["turns:turn.example:443"], "username": "u", "credential": "c"}]}


class Media:
    """A media process that answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.labels: list[str] = []
        self.answer: str | None = "v=0 answer"

    def ways(self, connection: str) -> Ways:
        self.labels.append(connection)
        return Ways(processes=2, relays=RELAYS)

    async def probe(self, sdp: str, process: int) -> str | None:
        if sdp == "junk":
            raise Malformed("SDP does not begin with v=0")
        self.asked.append((sdp, process))
        return self.answer


async def session(client: Any, scene: Scene, who: str) -> dict[str, str]:
    token = await (scene.seat_token(who.removeprefix("seat:")) if who.startswith("seat:") else scene.token(who))
    return {"Authorization": f"Bearer {token}"}


async def test_who_is_signed_in_or_invited_is_answered(tmp_path: Path) -> None:
    media = Media()
    async with (
        open_scene(tmp_path, ways=media.ways, probe=media.probe) as scene,
        TestClient(TestServer(build(scene.parts))) as client,
    ):
        for who in ("clerk", "seat:victim"):
            headers = await session(client, scene, who)
            found = await client.get("/device-check/ways", headers=headers)
            assert await found.json() == {"processes": 2, "relays": RELAYS}
            assert found.headers["Cache-Control"] == "no-store"
            got = await client.post("/device-check/probe", json={"sdp": "v=0", "process": 1}, headers=headers)
            assert got.status == 200 and await got.json() == {"sdp": "v=0 answer"}
        assert media.asked == [("v=0", 1)] * 2
        assert len(set(media.labels)) == 2, "two runs have nothing in common that a TURN server would see"


async def test_a_stranger_is_told_to_sign_in_and_nothing_else(tmp_path: Path) -> None:
    media = Media()
    async with (
        open_scene(tmp_path, ways=media.ways, probe=media.probe) as scene,
        TestClient(TestServer(build(scene.parts))) as client,
    ):
        for answer in (
            await client.get("/device-check/ways", allow_redirects=False),
            await client.post("/device-check/probe", json={"sdp": "v=0", "process": 0}, allow_redirects=False),
        ):
            assert answer.status == 303 and answer.headers["Location"].startswith("/sign-in")
        assert media.asked == [] and media.labels == []
        page = await (await client.get("/device-check")).text()
        assert "data-ways" not in page and "turns:" not in page


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "null", "{", '{"sdp": "v=0"}', '{"sdp": 1, "process": 0}', '{"sdp": "v=0", "process": "0"}',
        '{"sdp": "v=0", "process": -1}', '{"sdp": "v=0", "process": true}', '{"sdp": "v=0", "process": 64}',
        '{"sdp": "junk", "process": 0}', '{"sdp": "v=0%s", "process": 0}' % ("a" * 65_536),
    ],
)  # fmt: skip
async def test_what_is_no_offer_is_refused(tmp_path: Path, body: str) -> None:
    media = Media()
    async with (
        open_scene(tmp_path, ways=media.ways, probe=media.probe) as scene,
        TestClient(TestServer(build(scene.parts))) as client,
    ):
        headers = await session(client, scene, "clerk")
        assert (await client.post("/device-check/probe", data=body.encode(), headers=headers)).status == 400
        assert media.asked == []


async def test_one_person_tries_so_often_a_minute_and_another_is_not_held_up(tmp_path: Path) -> None:
    media = Media()
    async with (
        open_scene(tmp_path, ways=media.ways, probe=media.probe) as scene,
        TestClient(TestServer(build(scene.parts))) as client,
    ):
        clerk, judge = await session(client, scene, "clerk"), await session(client, scene, "judge")
        body = {"sdp": "v=0", "process": 0}
        told = [
            (await client.post("/device-check/probe", json=body, headers=clerk)).status
            for _ in range(PROBES_PER_MINUTE + 1)
        ]
        assert told == [200] * PROBES_PER_MINUTE + [429]
        assert (await client.post("/device-check/probe", json=body, headers=judge)).status == 200


@pytest.mark.parametrize("answer", ["", None])
async def test_a_media_process_that_is_busy_or_away_is_told_as_such(tmp_path: Path, answer: str | None) -> None:
    media = Media()
    media.answer = answer
    async with (
        open_scene(tmp_path, ways=media.ways, probe=media.probe) as scene,
        TestClient(TestServer(build(scene.parts))) as client,
    ):
        headers = await session(client, scene, "clerk")
        got = await client.post("/device-check/probe", json={"sdp": "v=0", "process": 0}, headers=headers)
        assert got.status == 503
