"""What flows in an open courtroom is told to those who run the hearing, and to nobody else."""

from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hearing.docket import Docket
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import Place
from signaling.control import EdgeTraffic, RoomStatistics, SourceTraffic, Traffic
from tests.web.scene import PASSWORD, build, open_scene

FLOWN = RoomStatistics(
    room="sitting",
    egress={"judge": Traffic(packets=5, bytes=600), "witness": Traffic(packets=0, bytes=0)},
    edges=(EdgeTraffic(source="mic", listener="judge", kind="audio", open=True, packets=5, bytes=600),),
    sources=(
        SourceTraffic(
            source="mic", seat="victim", kind="audio", packets=5, bytes=600, lost=1, recovered=1, key_frames_asked=0
        ),
    ),
    downlink_bps={},
    round_trip_ms={},
    dropped={},
    lag_ms=3,
)


async def told(hearing: str) -> RoomStatistics | None:
    return FLOWN if hearing == "hearing-a" else None


async def test_traffic_is_told_to_the_clerk_alone(tmp_path: Path) -> None:
    async with open_scene(tmp_path, traffic=told) as scene, TestClient(TestServer(build(scene.parts))) as client:

        async def ask(name: str, hearing: str = "hearing-a") -> tuple[int, dict[str, object]]:
            signed_in = await (await client.post("/api/sign-in", json={"name": name, "password": PASSWORD})).json()
            token = signed_in["token"]
            answer = await client.get(f"/api/hearings/{hearing}/traffic", headers={"Authorization": f"Bearer {token}"})
            return answer.status, await answer.json()

        status, flown = await ask("clerk")
        assert status == 200
        assert flown["egress"] == {"judge": {"packets": 5, "bytes": 600}, "witness": {"packets": 0, "bytes": 0}}
        assert flown["edges"] == [
            {"source": "mic", "listener": "judge", "kind": "audio", "open": True, "packets": 5, "bytes": 600}
        ]
        assert (await ask("clerk", "hearing-b"))[0] == 404  # its doors are closed
        assert (await ask("stranger"))[0] == 404
        assert (await client.get("/api/hearings/hearing-a/traffic")).status == 401


def edge(source: str, listener: str) -> EdgeTraffic:
    return EdgeTraffic(source=source, listener=listener, kind="audio", open=True, packets=7, bytes=700)


def flow(source: str, seat: str) -> SourceTraffic:
    return SourceTraffic(
        source=source, seat=seat, kind="audio", packets=7, bytes=700, lost=0, recovered=0, key_frames_asked=0
    )


TALKING = replace(
    FLOWN,
    egress={seat: Traffic(packets=7, bytes=700) for seat in ("clerk", "counsel", "defendant", "presiding")},
    edges=(edge("mic-d", "counsel"), edge("mic-c", "defendant"), edge("mic-j", "clerk"), edge("mic-k", "presiding")),
    sources=(flow("mic-d", "defendant"), flow("mic-c", "counsel"), flow("mic-j", "presiding"), flow("mic-k", "clerk")),
)


@pytest.mark.parametrize(
    ("place", "apart", "seen_by_clerk", "seen_by_judge"),
    [
        (Place.CONFIDENTIAL_CHANNEL, ("counsel", "defendant"), {"clerk", "presiding"}, {"clerk", "presiding"}),
        (Place.DELIBERATION_ROOM, ("presiding", "assessor1"), {"clerk", "counsel", "defendant"},
         {"clerk", "counsel", "defendant", "presiding"}),
        (Place.COURTROOM, ("counsel", "defendant"), {"clerk", "counsel", "defendant", "presiding"},
         {"clerk", "counsel", "defendant", "presiding"}),
    ],
)  # fmt: skip
async def test_what_is_said_behind_a_door_is_not_even_counted_outside(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: Place,
    apart: tuple[str, ...],
    seen_by_clerk: set[str],
    seen_by_judge: set[str],
) -> None:
    hearing = Docket.hearing

    async def talking(docket: Docket, id: str) -> Hearing:
        now = await hearing(docket, id)
        return replace(now, seats={**now.seats, **{seat: replace(now.seats[seat], place=place) for seat in apart}})

    async def told(hearing: str) -> RoomStatistics:
        return TALKING

    async with open_scene(tmp_path, traffic=told) as scene, TestClient(TestServer(build(scene.parts))) as client:
        monkeypatch.setattr(Docket, "hearing", talking)
        for name, seen in (("clerk", seen_by_clerk), ("judge", seen_by_judge)):
            headers = {"Authorization": f"Bearer {await scene.token(name)}"}
            flown = await (await client.get("/api/hearings/hearing-a/traffic", headers=headers)).json()
            assert set(flown["egress"]) == seen, name
            assert {one["listener"] for one in flown["edges"]} == seen, name
            assert {one["seat"] for one in flown["sources"]} == seen, name
