"""What flows in an open courtroom is told to those who run the hearing, and to nobody else."""

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

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
