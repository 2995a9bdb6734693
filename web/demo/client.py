"""The court's protocol from the other side: one seat's connection, as a robot or a test holds it.

Rule: no server code. What arrives is kept as it came (`entries`, `view`, `signals`), and the number of the last
delivery is remembered, so that a lost connection is resumed where it ended, as a page does.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import socketio

from hearing import tasks
from hearing.errors import Malformed, Refused

NAMESPACE = "/hearing"
PATIENCE_S = 10.0
RECONNECT_FIRST_S, RECONNECT_LONGEST_S = 0.2, 2.0

# The house is closing or moving: the same address will answer in a moment.
PASSING = ("court-is-closing", "hearing-elsewhere")

Json = dict[str, Any]


class Gone(Exception):
    """The court ended the connection, or did not accept it; the message says why."""


async def _ignore(*_: Any) -> None:
    pass


class CourtClient:
    """`connect`, then `command` and `signal`; `close` at the end.

    `on_signal(type, body)` and `on_entry(entry)` are awaited one after the other in the order of arrival. `reconnect`:
    come back by itself after a lost connection, but never after `moved`.
    """

    def __init__(self, origin: str, token: str, hearing: str, *, reconnect: bool = True) -> None:
        self.origin, self.token, self.hearing, self.reconnect = origin, token, hearing, reconnect
        self.on_signal: Callable[[str, Json], Awaitable[None]] = _ignore
        self.on_entry: Callable[[Json], Awaitable[None]] = _ignore
        self.entries: list[Json] = []
        self.view: Json = {}
        self.people: Json = {}
        self.clock: Json = {}
        self.media: Json = {}
        self.connection = ""
        self.seq: int | None = None
        self.welcomes = 0
        self.signals: list[tuple[str, Json]] = []
        self.refused: str | None = None
        self.moved = False
        self.fault: Exception | None = None
        self._changed = asyncio.Condition()
        self._inbox: asyncio.Queue[tuple[str, Json]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._lost = asyncio.Event()
        self._greeted = asyncio.Event()
        self._socket: socketio.AsyncClient | None = None
        self._session: aiohttp.ClientSession | None = None

    # -- connection --------------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect and say hello; returns when the court has answered with a welcome or with what was missed."""
        if not self._tasks:
            tasks.spawn(self._work(), name="court client", owner=self._tasks)
        await self._open()
        if self.reconnect:
            tasks.spawn(self._stay(), name="court client stays", owner=self._tasks)

    async def close(self) -> None:
        self._closed = True
        await tasks.stop(self._tasks)
        if self._socket is not None:
            await self._socket.disconnect()
        if self._session is not None:
            await self._session.close()

    async def drop(self) -> None:
        """Lose the connection without a word, as a network does; it is resumed when `reconnect` is set."""
        assert self._socket is not None
        websocket = self._socket.eio.ws
        websocket._response.connection.transport.abort()
        await self._lost.wait()

    async def _open(self) -> None:
        self._lost, self._greeted, self.refused = asyncio.Event(), asyncio.Event(), None
        if self._session is None:
            # Ours, because the library would leave its own behind after each lost connection.
            self._session = aiohttp.ClientSession()
        socket = self._socket = socketio.AsyncClient(reconnection=False, http_session=self._session)
        for event in ("welcome", "entry", "signal"):
            socket.on(event, self._receiver(event), namespace=NAMESPACE)
        socket.on("disconnect", self._disconnected(self._lost), namespace=NAMESPACE)
        try:
            await socket.connect(
                self.origin,
                auth={"token": self.token},
                transports=["websocket"],
                namespaces=[NAMESPACE],
                wait_timeout=PATIENCE_S,
            )
        except socketio.exceptions.ConnectionError as error:
            raise Gone(str(error)) from None
        hello: Json = {"hearing": self.hearing}
        if self.seq is not None:
            hello["after"] = self.seq
        await socket.emit("hello", hello, namespace=NAMESPACE)
        greeted, lost = (asyncio.ensure_future(one.wait()) for one in (self._greeted, self._lost))
        try:
            await asyncio.wait((greeted, lost), timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            greeted.cancel()
            lost.cancel()
        if not self._greeted.is_set():
            await socket.disconnect()
            if self.refused is not None:
                raise Refused(self.refused)
            raise Gone("there was no answer to hello")

    async def _stay(self) -> None:
        """Come back after each loss."""
        pause = RECONNECT_FIRST_S
        while True:
            await self._lost.wait()
            if self.moved:
                return
            await asyncio.sleep(pause)
            try:
                await self._open()
                pause = RECONNECT_FIRST_S
            except (Gone, Refused) as answer:
                if isinstance(answer, Refused) and answer.code not in PASSING:
                    raise
                self._lost.set()
                pause = min(pause * 2, RECONNECT_LONGEST_S)

    # -- what goes up ------------------------------------------------------------------------------------------------

    async def command(self, name: str, /, *, op_id: str | None = None, **args: Any) -> int:
        """Ask the court for something; the number of the last entry it wrote. Raises `Refused` or `Malformed`.

        After a lost connection the same question is asked again with the same `op_id`: it is carried out once.
        """
        payload = {"op_id": op_id or str(uuid.uuid4()), "name": name, "args": args}
        answer = await self._ask("command", payload)
        return int(answer["number"])

    async def signal(self, kind: str, /, **body: Any) -> None:
        await self._ask("signal", {"type": kind, **body})

    async def _ask(self, event: str, payload: Json) -> Json:
        until = asyncio.get_running_loop().time() + 3 * PATIENCE_S
        while True:
            if self.fault is not None:
                raise Gone("what came down could not be handled") from self.fault
            socket, lost = self._socket, self._lost
            assert socket is not None, "connect first"
            try:
                answer = await self._call(socket, lost, event, payload)
                break
            except Gone:
                if not self.reconnect or self.moved or self._closed or asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(RECONNECT_FIRST_S)
        if "refused" in answer:
            raise Refused(answer["refused"])
        if "malformed" in answer:
            raise Malformed(answer["malformed"])
        return answer

    async def _call(self, socket: socketio.AsyncClient, lost: asyncio.Event, event: str, payload: Json) -> Json:
        answered: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        def answer(body: Any = None) -> None:
            if not answered.done():
                answered.set_result(body if isinstance(body, dict) else {})

        try:
            await socket.emit(event, payload, namespace=NAMESPACE, callback=answer)
        except socketio.exceptions.SocketIOError as error:
            raise Gone(str(error)) from None
        ended = asyncio.ensure_future(lost.wait())
        try:
            await asyncio.wait((answered, ended), timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
        if not answered.done():
            raise Gone("the connection was lost before the answer")
        return answered.result()

    # -- what comes down ---------------------------------------------------------------------------------------------

    def _receiver(self, event: str) -> Callable[[Json], None]:
        def receive(payload: Json) -> None:
            self._inbox.put_nowait((event, payload))

        return receive

    def _disconnected(self, lost: asyncio.Event) -> Callable[..., None]:
        def disconnected(*_: Any) -> None:
            lost.set()

        return disconnected

    async def _work(self) -> None:
        while True:
            event, payload = await self._inbox.get()
            try:
                match event:
                    case "welcome":
                        self._welcome(payload)
                    case "entry":
                        await self._entry(payload)
                    case "signal":
                        await self._signal(payload)
            except Exception as fault:
                self.fault = fault  # whoever asks next is told; nothing more is taken in
                raise
            async with self._changed:
                self._changed.notify_all()

    def _welcome(self, payload: Json) -> None:
        self.welcomes += 1
        self.seq, self.view, self.people = payload["seq"], payload["view"], payload["people"]
        self.clock, self.media, self.connection = payload["clock"], payload["media"], payload["connection"]
        self._greeted.set()

    async def _entry(self, payload: Json) -> None:
        self._greeted.set()
        if payload["view"] is not None:
            self.view = payload["view"]
        if self.seq is not None and payload["seq"] <= self.seq:
            return  # a repeat; only its view is news
        self.seq = payload["seq"]
        if (entry := payload["entry"]) is not None:
            self.entries.append(entry)
            await self.on_entry(entry)

    async def _signal(self, payload: Json) -> None:
        body = dict(payload)
        kind = body.pop("type")
        if kind == "moved":
            self.moved = True
        if kind == "refused":
            self.refused = body["code"]
        if kind != "levels":  # five a second, and of no use afterwards
            self.signals.append((kind, body))
        await self.on_signal(kind, body)

    async def until(self, what: str, holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Wait until `holds()` after something has arrived. Raises TimeoutError naming `what`."""
        try:
            async with asyncio.timeout(patience_s), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            raise TimeoutError(f"waited {patience_s:.0f} s in vain for: {what}") from None
