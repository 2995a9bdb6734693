"""The one typed facade over python-socketio: connections, messages and acknowledgements, and nothing of the court.

Rule: nobody else in this package imports `socketio`, `engineio` or `aiohttp`, and every private name of theirs that we
lean on stands in this file. What the library leaves open is closed here: only WebSocket is spoken; a frame is checked
before the library parses it, because a broken one would end its reading task without a word to anybody; frames are
counted; a socket that opens and then says nothing is closed; an Origin that is not ours is refused.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import engineio
import socketio
from aiohttp import web
from engineio.async_drivers import aiohttp as aiohttp_driver
from socketio import packet as packets

from hearing import tasks
from hearing.errors import Malformed, Refused

log = logging.getLogger(__name__)

# Pings tell a page within four seconds that its line is dead (it looks for itself and comes back). We wait longer for
# its answers: a page on a busy machine is slow for some seconds, and closing its line would only give it more to do.
PING_INTERVAL_S = 2
PING_TIMEOUT_S = 6
# Somebody who opens a socket must say who they are within this time.
CONNECT_WITHIN_S = 5.0
# Frames of any kind: the 20 messages a second of one page, its answers to pings, and room for a burst.
FRAMES_PER_S = 40.0
FRAMES_BURST = 160.0

Environ = Mapping[str, Any]
Application = web.Application


class Greeter(Protocol):
    """Who stands behind the door. `Refused` from `connected` turns the caller away with the code."""

    async def connected(self, connection: str, environ: Environ, auth: object) -> None: ...

    async def received(self, connection: str, event: str, payload: object) -> dict[str, Any] | None:
        """One message; what is returned is the acknowledgement. `Malformed` ends the connection."""
        ...

    async def gone(self, connection: str) -> None: ...


class Bucket:
    """A token bucket: `rate` a second, at most `burst` at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, now

    def take(self, now: float) -> bool:
        """Whether one more is allowed at `now` (monotonic seconds)."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _WebSocket(aiohttp_driver.WebSocket):  # type: ignore[misc]
    """The library's socket, with every frame checked before the library sees it."""

    async def wait(self) -> str | None:
        message = await self._sock.receive()
        now = time.monotonic()
        if not hasattr(self, "_bucket"):
            self._bucket = Bucket(FRAMES_PER_S, FRAMES_BURST, now)
        if message.type is not web.WSMsgType.TEXT:
            if message.type is web.WSMsgType.BINARY:
                await self._sock.close(code=1003)
            return None
        if not self._bucket.take(now):
            log.info("a connection was closed: too many frames")
            await self._sock.close(code=1008)
            return None
        if (reason := fault_of(message.data)) is not None:
            log.info("a connection was closed: %s", reason)
            await self._sock.close(code=1002)
            return None
        return str(message.data)


def fault_of(frame: str) -> str | None:
    """What is wrong with a frame by the rules of Engine.IO and Socket.IO, or None."""
    if frame == "3":  # the answer to a ping, by far the most frequent
        return None
    if frame[:1] == "1":
        return None
    if frame[:1] != "4" or frame[1:2] not in ("0", "1", "2"):
        return "not a frame of the protocol"
    try:
        packet = packets.Packet(encoded_packet=frame[1:])
    except (ValueError, RecursionError):
        return "not a Socket.IO packet"
    if packet.packet_type == packets.EVENT:
        data = packet.data
        if (
            not isinstance(data, list)
            or not data
            or not isinstance(data[0], str)
            or data[0] in ("connect", "disconnect")
        ):
            return "not an event"
    return None


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    """The library's engine with our socket in it."""

    _async: dict[str, Any]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async = {**self._async, "websocket": _WebSocket}


async def end(engine: Any) -> None:
    """Close an engine's socket after what is queued, whatever the other end does. The library by itself would wait for
    a writer that may have ended already, and then for the other end to close."""
    await engine.close(wait=False, reason=engineio.AsyncServer.reason.SERVER_DISCONNECT)
    await engine.queue.put(None)


class _Packet(packets.Packet):  # type: ignore[misc]
    """What we send is JSON. To look through every view for bytes would be a fifth of what it costs."""

    uses_binary_events = False


class _Server(socketio.AsyncServer):  # type: ignore[misc]
    def _engineio_server_class(self) -> type[engineio.AsyncServer]:
        return _Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        asyncio.get_running_loop().call_later(CONNECT_WITHIN_S, self._close_if_silent, eio_sid)

    def _close_if_silent(self, eio_sid: str) -> None:
        known = any(self.manager.sid_from_eio_sid(eio_sid, one) for one in self.namespace_handlers)
        if not known and (engine := self.eio.sockets.get(eio_sid)) is not None:
            self.start_background_task(end, engine)


class _Namespace(socketio.AsyncNamespace):  # type: ignore[misc]
    def __init__(self, name: str, greeter: Greeter, door: "Door") -> None:
        super().__init__(name)
        self._greeter, self._door = greeter, door

    async def trigger_event(self, event: str, *args: Any) -> Any:
        match event, args:
            case "connect", (connection, environ, auth):
                try:
                    await self._greeter.connected(connection, environ, auth)
                except Refused as refusal:
                    raise socketio.exceptions.ConnectionRefusedError(refusal.code) from None
                except Malformed as fault:
                    raise socketio.exceptions.ConnectionRefusedError("malformed") from fault
            case "disconnect", (connection, *why):
                log.info("a connection ended: %s", *why or ("unknown",))
                await self._greeter.gone(connection)
            case _, (connection, payload):
                return await self._received(connection, event, payload)
            case _, (connection, *_):
                self._door.disconnect_soon(connection)
        return None

    async def _received(self, connection: str, event: str, payload: object) -> dict[str, Any] | None:
        try:
            return await self._greeter.received(connection, event, payload)
        except Malformed as fault:
            log.info("a connection was closed: %s", fault.reason)
            # In a task of its own, which begins after the acknowledgement has been queued.
            self._door.disconnect_soon(connection)
            return {"malformed": fault.reason}
        except Exception:
            # A fault of ours: the caller gets an answer, the log gets the trace, and the connection goes on.
            log.exception("a message %s could not be handled", event)
            return {"refused": "internal"}


class Door:
    """The namespace as the rest of `signaling` sees it. You must `attach` it once and `close` it at the end."""

    def __init__(self, namespace: str, greeter: Greeter, *, frame_limit: int, origins: tuple[str, ...] = ()) -> None:
        self._namespace = namespace
        self._origins = origins
        self._tasks: set[asyncio.Task[Any]] = set()
        library_log = logging.getLogger("signaling.socketio")
        library_log.setLevel(logging.WARNING)  # below that the library logs what people say
        self._server = _Server(
            async_mode="aiohttp",
            transports=["websocket"],
            serializer=_Packet,
            namespaces=[namespace],
            cors_allowed_origins=self._is_ours,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            max_http_buffer_size=frame_limit,
            # Each message is handled in a task of its own, so that an answer to a ping never waits behind the court;
            # the gateway keeps the order of one connection.
            async_handlers=True,
            logger=library_log,
            engineio_logger=library_log,
        )
        self._server.register_namespace(_Namespace(namespace, greeter, self))

    def attach(self, app: Application) -> None:
        """Serve at `/socket.io`."""
        self._server.attach(app)

    def _is_ours(self, origin: str | None, environ: Environ) -> bool:
        """A page of our own host, whatever the scheme a proxy shows us, or one of the origins in the settings."""
        if origin is None:
            return False
        return origin in self._origins or urlsplit(origin).netloc == environ.get("HTTP_HOST")

    async def send(self, connection: str, event: str, payload: dict[str, Any]) -> None:
        await self._server.emit(event, payload, to=connection, namespace=self._namespace)

    def backlog(self, connection: str) -> int:
        """How many packets wait for a connection that does not read."""
        engine = self._engine_socket(connection)
        return engine.queue.qsize() if engine is not None else 0

    async def disconnect(self, connection: str) -> None:
        """Say good-bye and close; what was sent before still arrives."""
        engine = self._engine_socket(connection)
        await self._server.disconnect(connection, namespace=self._namespace)
        if engine is not None:
            await end(engine)

    def disconnect_soon(self, connection: str) -> None:
        tasks.spawn(self.disconnect(connection), name="good-bye", owner=self._tasks)

    async def close(self) -> None:
        await tasks.stop(self._tasks)
        for engine in list(self._server.eio.sockets.values()):
            await end(engine)
        if self._server.eio.service_task_handle is not None:
            await self._server.shutdown()

    def _engine_socket(self, connection: str) -> Any:
        sid = self._server.manager.eio_sid_from_sid(connection, self._namespace)
        return self._server.eio.sockets.get(sid) if sid is not None else None
