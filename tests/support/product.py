"""The whole product as a person starts it, for tests: `hearing serve` over a fresh, seeded folder.

Rule: no shortcut. Commands go through pages, API or Socket.IO; what happened is read from the files and tables with the
standard library, never from the product's own memory.
"""

import asyncio
import json
import math
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from hearing.seed import SeedAccount, Seeded, seed
from hearing.store import open_store
from tests.recording import matroska
from tests.support.ports import free_port
from web.demo.api import Api
from web.demo.client import CourtClient

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 60.0

ENTRIES = """
    SELECT e.number, e.at, e.by, e.kind, e.op_id, b.body
    FROM entries AS e JOIN bodies AS b ON b.hearing = e.hearing AND b.number = e.number
    WHERE e.hearing = ? ORDER BY e.number
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the record; `at` is unix seconds."""

    number: int
    at: float
    by: str
    kind: str
    op_id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One track as it lies on disk: block times are milliseconds of the hearing clock."""

    track: str
    source: str
    media: str
    path: Path
    blocks: tuple[int, ...]


@dataclass
class Case:
    """A scheduled hearing: the seat of each person by the key of the sample rows, and the codes they were sent."""

    product: "Product"
    hearing: str
    seats: dict[str, str]
    codes: dict[str, str]
    clients: dict[str, CourtClient] = field(default_factory=dict)

    async def client(self, key: str) -> CourtClient:
        """This person's connection, signed in by the account; the same one each time."""
        if key not in self.clients:
            client = CourtClient(self.product.origin, await self.product.token(key), self.hearing)
            if self.product.secure:
                client._session = self.product.session()
            await client.connect()
            self.clients[key] = client
        return self.clients[key]

    async def does(self, key: str, name: str, **args: Any) -> int:
        return await (await self.client(key)).command(name, **args)

    async def close(self) -> None:
        for client in self.clients.values():
            await client.close()
        self.clients.clear()

    async def traffic(self) -> dict[str, Any]:
        """What the media process says has flowed in the open courtroom."""
        api = self.product.api(await self.product.token("tk1"))
        try:
            found: dict[str, Any] = await api.get(f"/api/hearings/{self.hearing}/traffic")
            return found
        finally:
            await api.close()

    # -- the record --------------------------------------------------------------------------------------------------

    def entries(self, *kinds: str) -> list[Entry]:
        with sqlite3.connect(f"file:{self.product.data / 'hearing.sqlite'}?mode=ro", uri=True) as db:
            rows = db.execute(ENTRIES, (self.hearing,)).fetchall()
        db.close()
        found = [
            Entry(number, datetime.fromisoformat(at).timestamp(), by, kind, op_id, json.loads(body))
            for number, at, by, kind, op_id, body in rows
        ]
        return [entry for entry in found if not kinds or entry.kind in kinds]

    async def entry(self, kind: str, *, after: int = 0, patience_s: float = 15.0, **fields: Any) -> Entry:
        """The first entry of this kind with these fields behind number `after`, once it is in the record."""
        found: list[Entry] = []

        def there() -> bool:
            found[:] = [
                one
                for one in self.entries(kind)
                if one.number > after and all(one.body.get(name) == value for name, value in fields.items())
            ]
            return bool(found)

        await until(f"{kind} {fields}", there, patience_s)
        return found[0]

    def last_number(self) -> int:
        return self.entries()[-1].number

    def began(self) -> float:
        """Unix seconds at which the hearing clock stood at 0."""
        return self.entries("SittingStarted")[-1].at

    def clock_ms(self, at: float) -> int:
        """The hearing clock at a moment of the wall clock."""
        return math.floor((at - self.began()) * 1000 + 0.001)

    def recorded(self, *, media: str | None = None, source: str | None = None) -> list[Recorded]:
        """The files on disk, read by a reader that shares no code with the recorder."""
        found = []
        for opened in self.entries("TrackOpened"):
            body = opened.body
            if (media in (None, body["kind"])) and (source in (None, body["source"])):
                path = self.product.data / "recordings" / body["file"]
                blocks = tuple(block_times(path))
                found.append(Recorded(body["track"], body["source"], body["kind"], path, blocks))
        return found

    def sources(self, key: str) -> dict[str, str]:
        """kind (microphone, camera) -> source of this person."""
        seat = self.seats[key]
        return {one.body["kind"]: one.body["source"] for one in self.entries("SourceAnnounced") if one.by == seat}


def block_times(path: Path) -> list[int]:
    """Of every whole block; what a crash cut off at the end is no block."""
    content = path.read_bytes()
    try:
        return [frame.t_ms for frame in matroska.frames(content)]
    except (ValueError, IndexError):
        pass
    found: list[int] = []
    cluster = -1
    try:
        for element in matroska.elements(content):
            if element.number == 0xE7:
                cluster = int.from_bytes(element.content, "big")
            elif element.number == 0xA3:
                found.append(cluster + int.from_bytes(element.content[1:3], "big", signed=True))
    except (ValueError, IndexError):
        return found
    return found


async def until(what: str, holds: Callable[[], bool], patience_s: float = 15.0, every_s: float = 0.1) -> float:
    """Wait until `holds()`; the unix time at which it was seen to. Raises AssertionError naming `what`."""
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end, f"waited {patience_s:.0f} s in vain for: {what}"
        await asyncio.sleep(every_s)
    return time.time()


@dataclass
class Product:
    """`start` and `stop` it. `kill` ends one of its processes as a fault would: without a word."""

    data: Path
    host: str = "127.0.0.1"
    options: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    seeded: Seeded = field(default_factory=Seeded)
    _process: "subprocess.Popen[bytes] | None" = None
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        return self.host != "127.0.0.1"

    @property
    def origin(self) -> str:
        return f"{'https' if self.secure else 'http'}://{'localhost' if self.secure else '127.0.0.1'}:{self.port}"

    @property
    def log(self) -> str:
        return (self.data / "log.txt").read_text(errors="replace")

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        asyncio.run(self._seed())
        with (self.data / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "web.cli", "serve", "--data", str(self.data), "--host", self.host,
                 "--port", str(self.port), *self.options],
                cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env={**os.environ, **self.environment},
            )  # fmt: skip
        until_s = time.monotonic() + READY_WITHIN_S
        while not self.answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < until_s, f"the product did not answer in {READY_WITHIN_S:.0f} s:\n{self.log}"
            time.sleep(0.1)

    async def _seed(self) -> None:
        store = await open_store(f"sqlite:///{self.data / 'hearing.sqlite'}")
        try:
            self.seeded = await seed(store)
        finally:
            await store.close()

    def answers(self) -> bool:
        context = ssl._create_unverified_context()  # only asks whether it is up
        try:
            with urllib.request.urlopen(f"{self.origin}/health", timeout=2, context=context) as got:
                return bool(got.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def stop(self) -> float:
        """Ask it to end; the seconds it took."""
        if self._process is None:
            return 0.0
        began = time.monotonic()
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        return time.monotonic() - began

    # -- processes ---------------------------------------------------------------------------------------------------

    def pid(self, name: str) -> int | None:
        """Of the living process `name` (`web.0`, `media.0`, `worker.0`), as the supervisor says."""
        try:
            found = json.loads((self.data / "processes.json").read_text()).get(name)
        except FileNotFoundError:
            return None
        return int(found["pid"]) if found else None

    def kill(self, name: str) -> tuple[int, float]:
        """kill -9; the pid it had and the unix time of its end."""
        pid = self.pid(name)
        assert pid is not None, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid, time.time()

    async def replaced(self, name: str, pid: int) -> int:
        """The pid of the process that took the place of `pid`."""
        await until(f"{name} in the place of {pid}", lambda: self.pid(name) not in (None, pid), 30.0, 0.02)
        now = self.pid(name)
        assert now is not None
        return now

    # -- people ------------------------------------------------------------------------------------------------------

    def account(self, key: str) -> SeedAccount:
        return next(one for one in self.seeded.accounts if one.key == key)

    async def token(self, key: str) -> str:
        """The session of this person, signed in once."""
        if key not in self._tokens:
            api = self.api()
            try:
                await api.sign_in(self.account(key).name, self.account(key).password)
                self._tokens[key] = api.token
            finally:
                await api.close()
        return self._tokens[key]

    def session(self) -> aiohttp.ClientSession:
        """A client that trusts the local authority and nothing else, where there is one."""
        context = ssl.create_default_context(cafile=self.data / "tls" / "authority.crt") if self.secure else True
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))

    def api(self, token: str = "") -> Api:
        return Api(self.origin, token, self.session())

    async def schedule(
        self,
        case: str,
        people: Sequence[tuple[str, str, bool]],
        *,
        by: str = "tk1",
        procedure: str = "civil",
        notice_ms: int = 0,
    ) -> Case:
        """A hearing of this sample case with `(key, role, mandatory)`; the court sits together, others elsewhere."""
        staff = {"presiding_judge", "assessor", "clerk", "procurator"}
        points = {"central": str(uuid.uuid4()), "elsewhere": str(uuid.uuid4())}
        seats = {key: str(uuid.uuid4()) for key, _, _ in people}
        plan = {
            "procedure": procedure,
            "starts_at": datetime.now(UTC).isoformat(),
            "minutes": 15,
            "mode": "online",
            "visibility": "public",
            "admission_notice_ms": notice_ms,
            "points": [
                {"id": points["central"], "kind": "central", "host": "court", "place_text": "Phòng xử án"},
                {"id": points["elsewhere"], "kind": "component", "host": "party_place", "place_text": "Nhà riêng"},
            ],
            "seats": [
                {"id": seats[key], "person": self.seeded.people[key].id, "role": role, "mandatory": mandatory,
                 "point": points["central" if role in staff else "elsewhere"], "speaks": "en"}
                for key, role, mandatory in people
            ],
        }  # fmt: skip
        api = self.api(await self.token(by))
        try:
            made = await api.post(f"/api/cases/{self.seeded.cases[case]}/hearings", plan)
        finally:
            await api.close()
        by_seat = {seat: key for key, seat in seats.items()}
        codes = {by_seat[one["seat"]]: one["code"] for one in made["invitations"]}
        return Case(self, made["hearing"], seats, codes)


@contextmanager
def served(folder: Path, **environment: str) -> Iterator[Product]:
    """A product that runs from here on, and ends in order."""
    running = Product(folder, environment=environment)
    running.start()
    yield running
    took = running.stop()
    assert "did not end in" not in running.log, f"the product ended after {took:.1f} s:\n{running.log[-3000:]}"
