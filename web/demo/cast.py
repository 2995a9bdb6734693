"""Brings the robots together: the clerk schedules a hearing through the API, each person comes in by the own door."""

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from web.demo.api import Api, ApiRefused
from web.demo.client import CourtClient
from web.demo.picture import Loop, draw
from web.demo.robot import Robot

# The key of each person in the sample rows, the role, the point, the colours of wall and robe.
PARTS: tuple[tuple[str, str, str, tuple[int, int, int], tuple[int, int, int]], ...] = (
    ("tp1", "presiding_judge", "central", (112, 82, 58), (24, 26, 32)),
    ("ht1", "assessor", "central", (112, 82, 58), (58, 62, 76)),
    ("ht2", "assessor", "central", (112, 82, 58), (72, 58, 70)),
    ("tk1", "clerk", "central", (126, 104, 84), (44, 58, 76)),
    ("ks1", "procurator", "central", (86, 98, 96), (38, 60, 92)),
    ("a_defendant", "defendant", "detention", (128, 138, 132), (148, 166, 190)),
    ("a_counsel", "defence_counsel", "detention", (128, 134, 146), (30, 34, 44)),
    ("a_victim", "victim", "court", (150, 140, 120), (122, 70, 62)),
    ("a_witness", "witness", "court", (138, 132, 124), (86, 92, 70)),
)
# Without these the hearing cannot go on.
MANDATORY = {"presiding_judge", "assessor", "clerk", "procurator", "defendant", "defence_counsel"}
NOTICE_MS = 2_000
MINUTES = 15
BY_INVITATION = {"defendant", "victim", "witness"}


@dataclass
class Company:
    """The robots of one hearing, by role (the second assessor as `assessor 2`)."""

    hearing: str
    case: str
    urls: dict[str, str]
    robots: dict[str, Robot]
    clerk: Api

    async def transcript(self, patience_s: float) -> dict[str, Any] | None:
        """The finished transcript, or None when it is not there in time."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            try:
                found: dict[str, Any] = await self.clerk.get(f"/api/hearings/{self.hearing}/transcript.json")
            except ApiRefused:
                found = {}
            if found.get("finished"):
                return found
            await asyncio.sleep(0.5)
        return None

    async def leave(self) -> None:
        await asyncio.gather(*(robot.leave() for robot in self.robots.values()), return_exceptions=True)
        await self.clerk.close()


async def gather(
    origin: str, accounts: list[dict[str, str]], cases: dict[str, str], people: dict[str, str], courtrooms: list[str]
) -> Company:
    """Schedule the hearing of sample case A for now and let everybody find the way to its door."""
    known = {row["key"]: row for row in accounts}
    clerk = Api(origin)
    await clerk.sign_in(known["tk1"]["name"], known["tk1"]["password"])
    case = cases["A"]
    points = {name: str(uuid.uuid4()) for name in ("central", "detention", "court")}
    seats = {key: str(uuid.uuid4()) for key, *_ in PARTS}
    plan = {
        "procedure": "criminal",
        "starts_at": datetime.now(UTC).isoformat(),
        "minutes": MINUTES,
        "mode": "online",
        "visibility": "public",
        "admission_notice_ms": NOTICE_MS,
        "points": [
            {"id": points["central"], "kind": "central", "host": "court", "place_text": "Phòng xử án số 1"},
            {"id": points["detention"], "kind": "component", "host": "detention",
             "place_text": "Trại tạm giam số 9 (hư cấu)"},
            {"id": points["court"], "kind": "component", "host": "other_court",
             "place_text": "Tòa án nhân dân khu vực 1 - Trà Khúc"},
        ],
        "seats": [
            {"id": seats[key], "person": people[key], "role": role, "point": points[point],
             "mandatory": role in MANDATORY, "speaks": "en"}
            for key, role, point, _, _ in PARTS
        ],
    }  # fmt: skip
    scheduled = await _schedule(clerk, case, plan, courtrooms)
    hearing = scheduled["hearing"]
    codes = {invitation["seat"]: invitation["code"] for invitation in scheduled["invitations"]}
    loops = await asyncio.gather(*(asyncio.to_thread(draw, wall, robe) for _, _, _, wall, robe in PARTS))
    robots: dict[str, Robot] = {}
    for (key, role, _, _, _), loop in zip(PARTS, loops, strict=True):
        seat = seats[key]
        token = await _token(origin, known[key], codes.get(seat) if role in BY_INVITATION else None)
        name = role if role not in robots else f"{role} 2"
        robots[name] = _robot(origin, token, hearing, known[key]["full_name"], role, seat, loop)
    base = f"{origin}/hearings/{hearing}"
    urls = {
        "case file": f"{origin}/cases/{case}/overview",
        "live": f"{base}/live",
        "playback": f"{base}/playback",
        "transcript": f"{origin}/api/hearings/{hearing}/transcript.txt",
    }
    return Company(hearing=hearing, case=case, urls=urls, robots=robots, clerk=clerk)


async def _schedule(clerk: Api, case: str, plan: dict[str, Any], courtrooms: list[str]) -> dict[str, Any]:
    """In the first courtroom that is free now."""
    for courtroom in courtrooms[:-1]:
        try:
            return dict(await clerk.post(f"/api/cases/{case}/hearings", {**plan, "courtroom": courtroom}))
        except ApiRefused as taken:
            if "courtroom-taken" not in str(taken):
                raise
    return dict(await clerk.post(f"/api/cases/{case}/hearings", {**plan, "courtroom": courtrooms[-1]}))


async def _token(origin: str, account: dict[str, str], code: str | None) -> str:
    """Parties come by their one-time invitation, the others by their account."""
    api = Api(origin)
    try:
        if code is not None:
            await api.exchange(code)
        else:
            await api.sign_in(account["name"], account["password"])
        return api.token
    finally:
        await api.close()


def _robot(origin: str, token: str, hearing: str, person: str, role: str, seat: str, loop: Loop) -> Robot:
    client = CourtClient(origin, token, hearing)
    return Robot(person=person, role=role, seat=seat, client=client, loop=loop)
