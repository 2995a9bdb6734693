"""A web process in small: a real docket on a real record, a real Socket.IO server, and clients by the real protocol."""

import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from hearing.docket import Docket
from hearing.ports import Ids, Record
from hearing.proceedings.commands import Command
from hearing.system import SystemClock, Uuid7Ids
from hearing.wire import Entry
from signaling.protocol import Json
from signaling.signaling import Signaling
from tests.support.hearings import CLERK, JUDGE, schedule
from web.demo.client import CourtClient

HEARING = "hearing-1"
SITTING = "sitting-1"
STRANGER = "nobody-we-know"


class Notices:
    """A recorder's ledger that only remembers what it was told."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str]] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.recovered: list[str] = []

    def open(self, room: str, hearing: str, directory: Path) -> None:
        self.opened.append((room, hearing))

    def notice(self, room: str, body: dict[str, Any]) -> None:
        self.told.append((room, body))

    async def recover(self, room: str, now_ms: int) -> None:
        self.recovered.append(room)


async def authenticate(environ: object, auth: object, hearing: str | None) -> str | None:
    """The token of a test is the seat; every seat is in `HEARING`, a stranger is signed in and has none."""
    token = auth.get("token") if isinstance(auth, dict) else None
    if not isinstance(token, str) or not token.startswith(("seat-", STRANGER)):
        return None
    return token if hearing in (None, HEARING) else None


async def people(hearing: str, seat: str) -> Json:
    return {JUDGE: {"name": "Nguyễn Thị Thẩm Phán", "title": "Thẩm phán"}}


class Courthouse:
    """`start` and `stop` it; `restart` replaces the web process, the record stays."""

    def __init__(self, record: Record, directory: Path, sockets: Sequence[Path] = (), **options: Any) -> None:
        self.record, self.directory, self.sockets, self.options = record, directory, sockets, options
        self.ids: Ids = Uuid7Ids()
        self.notices = Notices()
        self.generation = 0
        self.port = 0
        self._kept: socket.socket | None = None
        self.clients: list[CourtClient] = []

    async def start(self, hearings: Sequence[str] = ()) -> None:
        self.generation += 1
        clock = SystemClock()
        self.docket = Docket(self.record, clock, self.ids)
        self.signaling = Signaling(
            self.docket,
            clock,
            self.ids,
            authenticate=authenticate,
            people=people,
            recorder=self.notices,
            sockets=self.sockets,
            directory=lambda hearing, sitting: self.directory / hearing / sitting,
            generation=self.generation,
            **self.options,
        )
        app = web.Application()
        self.signaling.attach(app)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        if self._kept is None:
            # Bound by us as well, the port stays ours while nobody listens: no other connection gets it meanwhile.
            self._kept = socket.socket()
            self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._kept.bind(("127.0.0.1", 0))
            self.port = self._kept.getsockname()[1]
        site = web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_port=True)
        await self.signaling.start(hearings)
        await site.start()

    async def stop(self) -> None:
        await self.signaling.stop()
        await self.docket.close()
        await self.runner.cleanup()

    async def restart(self) -> None:
        await self.stop()
        await self.start([HEARING])

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        await self.stop()
        if self._kept is not None:
            self._kept.close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, seat: str, **options: Any) -> CourtClient:
        client = CourtClient(self.origin, seat, HEARING, **options)
        self.clients.append(client)
        return client

    async def arrives(self, seat: str, **options: Any) -> CourtClient:
        client = self.client(seat, **options)
        await client.connect()
        return client

    async def does(self, command: Command, by: str) -> None:
        await self.docket.handle(HEARING, command, by=by, op_id=self.ids.new())

    async def schedules(self, **changes: Any) -> None:
        await self.does(schedule(HEARING, **changes), by=CLERK)

    async def entries(self, *kinds: str) -> list[Entry]:
        """What the record holds, of these kinds or of all."""
        return [entry for entry in await self.record.read(HEARING) if not kinds or entry.kind in kinds]


Make = Callable[..., Awaitable[Courthouse]]
