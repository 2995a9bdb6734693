"""The house under attack: the real product as its own processes, a hearing under way in it, and witnesses of the calm.

Rule: the attacker comes by the same sockets as everybody; nothing here reaches into the server. `Calm` is the other
side's word: two robots who send and receive all the time, and whose packets, views and connections must not stir.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

from tests.support.product import Product
from web.demo.client import CourtClient
from web.demo.picture import draw
from web.demo.robot import Robot

ROLES = {
    "tp1": "presiding_judge",
    "ht1": "assessor",
    "ht2": "assessor",
    "tk1": "clerk",
    "ks1": "procurator",
    "a_defendant": "defendant",
    "a_counsel": "defence_counsel",
    "a_victim": "victim",
    "a_witness": "witness",
}
MEMBERS = ("tp1", "ht1", "ht2", "tk1", "ks1", "a_counsel", "a_defendant")
ROBOTS = ("tp1", "a_defendant")
LONGEST_STALL_S = 1.5

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class House:
    """The product with one HTTP client that keeps no cookies. `secrets`: what must never stand in the log."""

    product: Product
    session: aiohttp.ClientSession
    secrets: set[str] = field(default_factory=set)

    @property
    def origin(self) -> str:
        return self.product.origin

    async def ask(
        self, method: str, path: str, *, token: str | None = None, headers: dict[str, str] | None = None, **options: Any
    ) -> Answer:
        sent = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        url = URL(self.origin + path, encoded=True)
        async with self.session.request(method, url, headers=sent, allow_redirects=False, **options) as got:
            return Answer(got.status, dict(got.headers), (await got.read()).decode("utf-8", "replace"))

    async def token(self, key: str) -> str:
        """The session of this person's account, opened once."""
        token = await self.product.token(key)
        self.secrets |= {token, self.product.account(key).password}
        return token

    def case(self, key: str) -> str:
        return self.product.seeded.cases[key]

    def processes(self) -> dict[str, int]:
        found = json.loads((self.product.data / "processes.json").read_text())
        return {name: row["pid"] for name, row in found.items()}


@asynccontextmanager
async def visiting(product: Product) -> AsyncIterator[House]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield House(product, session)


@dataclass
class Court:
    """One hearing under way. `seats` and `people` by key; `codes` and `links` of the invitations by key."""

    house: House
    hearing: str
    case: str
    seats: dict[str, str]
    codes: dict[str, str]
    links: dict[str, str]
    robots: dict[str, Robot] = field(default_factory=dict)
    clients: dict[str, CourtClient] = field(default_factory=dict)

    async def does(self, key: str, name: str, **arguments: Any) -> int:
        return await self.clients[key].command(name, **arguments)

    async def sees(self, key: str, what: str, holds: Any) -> None:
        client = self.clients[key]
        await client.until(f"{key}: {what}", lambda: bool(holds(client.view)), 20.0)

    async def finish(self, phase: str | None) -> None:
        """Tick what is open, then go on to `phase`."""
        view = self.clients["tp1"].view
        await asyncio.sleep(0.3)
        view = self.clients["tp1"].view
        for item in view["checklist"]:
            if item["state"] == "open" and item["code"] in view["allowed"].get("TickItem", ()):
                await self.does("tp1", "TickItem", item=item["code"])
        if phase is not None:
            await self.does("tp1", "EnterPhase", phase=phase)
            await self.sees("tp1", phase, lambda seen: seen["phase"] == phase)

    async def close(self) -> None:
        for robot in self.robots.values():
            await robot.leave()
        for key, client in self.clients.items():
            if key not in self.robots:
                await client.close()


async def schedule(house: House, *, case: str = "A", courtroom: int = 0, visibility: str = "public") -> Court:
    """A criminal hearing for now, by the clerk, through the API."""
    points = {name: str(uuid.uuid4()) for name in ("central", "court")}
    seats = {key: str(uuid.uuid4()) for key in ROLES}
    central = {"tp1", "ht1", "ht2", "tk1", "ks1"}
    plan = {
        "procedure": "criminal",
        "starts_at": datetime.now(UTC).isoformat(),
        "minutes": 15,
        "courtroom": house.product.seeded.courtrooms["kv3sl"][courtroom].id,
        "visibility": visibility,
        "admission_notice_ms": 0,
        "points": [
            {"id": points["central"], "kind": "central"},
            {"id": points["court"], "kind": "component", "host": "other_court"},
        ],
        "seats": [
            {"id": seats[key], "person": house.product.seeded.people[key].id, "role": role, "mandatory": key in MEMBERS,
             "point": points["central" if key in central else "court"]}
            for key, role in ROLES.items()
        ],
    }  # fmt: skip
    token = await house.token("tk1")
    answer = await house.ask("POST", f"/api/cases/{house.case(case)}/hearings", token=token, json=plan)
    assert answer.status == 201, answer.text
    keys = {seat: key for key, seat in seats.items()}
    invitations = {keys[one["seat"]]: one for one in answer.json["invitations"]}
    codes = {key: one["code"] for key, one in invitations.items()}
    links = {key: one["token"] for key, one in invitations.items()}
    house.secrets |= {*codes.values(), *(code.replace("-", "") for code in codes.values()), *links.values()}
    return Court(house, answer.json["hearing"], house.case(case), seats, codes, links)


async def hold(court: Court) -> None:
    """Everybody comes; judge and defendant with camera and microphone; the hearing is opened and being recorded."""
    for key in MEMBERS:
        client = court.clients[key] = CourtClient(court.house.origin, await court.house.token(key), court.hearing)
        if key in ROBOTS:
            loop = await asyncio.to_thread(draw, (112, 82, 58), (24, 26, 32))
            court.robots[key] = Robot(
                person=key, role=ROLES[key], seat=court.seats[key], client=client, loop=loop
            )  # fmt: skip
    await court.clients["tk1"].connect()
    await court.does("tk1", "StartSitting", sitting=str(uuid.uuid4()))
    for key in MEMBERS[:-1]:
        if key not in ROBOTS and key != "tk1":
            await court.clients[key].connect()
    for robot in court.robots.values():
        await robot.open_devices()
    for key in ("a_counsel", "a_defendant"):
        await court.sees(key, "the duties", lambda view: "AcceptDuties" in view["allowed"])
        await court.does(key, "AcceptDuties", version="1")
        await court.does("tk1", "CheckPapers", seat=court.seats[key], document="identity_card", last4="0000")
    await asyncio.sleep(0.3)
    for key in MEMBERS:
        await court.does("tk1", "CallRoll", seat=court.seats[key], present=True)
    await court.does("tk1", "Admit", seats=[court.seats[key] for key in MEMBERS])
    for key in MEMBERS:
        await court.sees(key, "the courtroom", lambda view: view["you"]["place"] == "courtroom")
    await court.finish(None)
    await court.does("tp1", "OpenHearing")
    await court.sees("tp1", "the opening", lambda view: view["phase"] == "opening")
    await court.does("tp1", "Unmute", seat=court.seats["a_defendant"])


class Calm:
    """Watches the two robots. `start`, then `check` after each attack: nobody may have noticed anything."""

    def __init__(self, court: Court) -> None:
        self.court = court
        self.stalls: dict[str, float] = {}
        self.pids = court.house.processes()
        self._task: asyncio.Task[None] | None = None
        self._welcomes: dict[str, int] = {}

    async def begin(self) -> None:
        for key in ROBOTS:
            robot = self.court.robots[key]
            await _flowing(robot)
        self._welcomes = {key: client.welcomes for key, client in self.court.clients.items()}
        self._task = asyncio.ensure_future(self._watch())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def reset(self) -> None:
        self.stalls.clear()

    async def _watch(self) -> None:
        """The longest time without a new packet, for each robot and stream. Our own sleep is not the server's fault."""
        last: dict[tuple[str, int], tuple[int, float]] = {}
        before = time.monotonic()
        while True:
            await asyncio.sleep(0.05)
            now = time.monotonic()
            slept, before = now - before - 0.05, now
            for key in ROBOTS:
                for stream, count in self.court.robots[key].subscriber.packets.items():
                    known = last.get((key, stream))
                    if known is None or known[0] != count or slept > 0.1:
                        last[key, stream] = (count, now)
                    else:
                        self.stalls[key] = max(self.stalls.get(key, 0.0), now - known[1])

    def packets(self) -> dict[str, int]:
        return {key: sum(self.court.robots[key].subscriber.packets.values()) for key in ROBOTS}

    async def check(self) -> None:
        before = self.packets()
        await asyncio.sleep(0.4)
        after = self.packets()
        # 50 packets of sound and 15 frames a second from the other; a third of that is a lively picture.
        assert all(after[key] - before[key] > 8 for key in ROBOTS), f"packets have stopped: {before} {after}"
        slow = {key: stall for key, stall in self.stalls.items() if stall > LONGEST_STALL_S}
        assert not slow, f"the robots' packets paused: {slow}"
        for key, client in self.court.clients.items():
            assert client.fault is None and not client.moved, (key, client.fault, client.moved)
            assert client.welcomes == self._welcomes[key], f"{key} lost the connection"
            assert client.view["you"]["place"] in ("courtroom", "deliberation_room"), key
        assert self.court.house.processes() == self.pids, "a process was replaced"


async def _flowing(robot: Robot, patience_s: float = 15.0) -> None:
    until = time.monotonic() + patience_s
    while len(robot.subscriber.packets) < 2 or min(robot.subscriber.packets.values()) < 5:
        assert time.monotonic() < until, f"{robot.role} receives nothing: {robot.subscriber.packets}"
        await asyncio.sleep(0.05)
