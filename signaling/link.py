"""The two ends of the control socket: `NodeLink` asks for the switchboard, `ControlServer` answers for the node.

Requests of one connection are answered one after the other, in order. The node serves one controller at a time: the
one with the highest generation, and among equals the newest connection.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, cast

from hearing import tasks
from hearing.errors import Malformed
from signaling.control import Fault, Hello, News, R, Ready, Reply, Request, State, decode, encode, read_frame

log = logging.getLogger(__name__)

# A controller that does not read is cut off rather than kept in memory; it comes back and asks for the state.
BACKLOG_LIMIT = 8 << 20


class NodeFailed(Exception):
    """The node could not carry out a request, or it is gone. Not the fault of the peer whose request it was."""


class NodeLink:
    """The controller's end. `ready` and `state` are what the node said on greeting.

    Call `close` when you are done. When the node goes away `on_lost` is called once, and every question still open
    ends with `NodeFailed`.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_news: Callable[[News], None],
        on_lost: Callable[[], None] | None,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._on_news, self._on_lost = on_news, on_lost
        self._open: dict[int, asyncio.Future[Reply]] = {}
        self._number = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.ready: Ready | None = None
        self.state = State(rooms=())

    @classmethod
    async def connect(
        cls,
        path: Path,
        generation: int,
        on_news: Callable[[News], None],
        on_lost: Callable[[], None] | None = None,
    ) -> Self:
        """Greet the node at `path`. `OSError` when nobody listens, `Malformed` when the generation is too low."""
        link = cls(*await asyncio.open_unix_connection(path), on_news, on_lost)
        tasks.spawn(link._read(), name=f"media link {path.name}", owner=link._tasks)
        try:
            link.state = await link.ask(Hello(generation=generation))
        except BaseException:
            await link.close()
            raise
        return link

    async def ask(self, request: Request[R]) -> R:
        """The reply to `request`; `Malformed` when its sender is to blame (bad SDP), `NodeFailed` otherwise."""
        if self._closed:
            raise NodeFailed("the media process is gone")
        self._number += 1
        number = self._number
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._open[number] = future
        try:
            self._writer.write(encode(number, request))
            reply = await future
        finally:
            self._open.pop(number, None)
        if isinstance(reply, Fault):
            raise Malformed(reply.reason) if reply.malformed else NodeFailed(f"{reply.request}: {reply.reason}")
        if not isinstance(reply, request.reply):
            raise NodeFailed(f"{type(request).__name__} was answered by {type(reply).__name__}")
        return cast(R, reply)

    async def _read(self) -> None:
        try:
            while True:
                number, message = decode(await read_frame(self._reader))
                if number == 0:
                    if isinstance(message, Ready):
                        self.ready = message
                    self._on_news(message)
                elif (future := self._open.get(number)) is not None and not future.done():
                    future.set_result(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            lost = not self._closed
            self._closed = True
            self._writer.close()
            for future in self._open.values():
                if not future.done():
                    future.set_exception(NodeFailed("the media process is gone"))
            if lost and self._on_lost is not None:
                self._on_lost()

    async def close(self) -> None:
        self._closed = True
        await tasks.stop(self._tasks)
        self._writer.close()


class ControlServer:
    """The node's end. `answer` carries out one request and returns its reply; it may raise `Malformed`."""

    def __init__(self, answer: Callable[[Request[Any]], Reply], greet: Callable[[int], Ready]) -> None:
        self._answer, self._greet = answer, greet
        self._server: asyncio.Server | None = None
        self._controller: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.generation = 0

    async def listen(self, path: Path) -> None:
        """Serve at `path`, readable by our own user only. A socket left by a dead process is replaced."""
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._connected, path)
        finally:
            os.umask(before)

    def tell(self, news: News) -> None:
        """Send to the controller, if there is one."""
        if (writer := self._controller) is None:
            return
        writer.write(encode(0, news))
        if writer.transport.get_write_buffer_size() > BACKLOG_LIMIT:
            log.warning("the controller does not read; cutting it off")
            self._controller = None
            writer.transport.abort()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await tasks.stop(self._tasks)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.spawn(self._serve(reader, writer), name="controller", owner=self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                number, request = decode(await read_frame(reader))
                if not isinstance(request, Request):
                    raise Malformed(f"{type(request).__name__} is not a request")
                reply = self._reply(request, writer)
                writer.write(encode(number, reply))
                if isinstance(request, Hello) and isinstance(reply, Fault):
                    await writer.drain()
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except Malformed as error:
            log.warning("controller cut off: %s", error.reason)
        finally:
            if self._controller is writer:
                self._controller = None
            writer.close()

    def _reply(self, request: Request[Any], writer: asyncio.StreamWriter) -> Reply:
        name = type(request).__name__
        if isinstance(request, Hello):
            if request.generation < self.generation:
                reason = f"generation {request.generation} is over, {self.generation} rules"
                return Fault(request=name, reason=reason, malformed=True)
            if (old := self._controller) is not None and old is not writer:
                old.close()
            self.generation, self._controller = request.generation, writer
            self.tell(self._greet(request.generation))
        elif writer is not self._controller:
            return Fault(request=name, reason="another controller has taken over")
        try:
            return self._answer(request)
        except Malformed as error:
            return Fault(request=name, reason=error.reason, malformed=True)
        except NodeFailed as failure:
            return Fault(request=name, reason=str(failure))
        except Exception as error:
            # A fault of ours in one request must not end the control of every room of this process.
            log.exception("request %s failed", name)
            return Fault(request=name, reason=f"internal: {error!r}")
