"""The Socket.IO namespace: authenticate, parse, hand on, answer. Rule: no rules here.

One connection is one page of one seat. Its commands are carried out one after the other, its signals likewise, so that
a stuck media process never holds up a command. A refusal is an answer; a broken message ends the connection.
Nothing personal is logged.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, assert_never

from hearing import tasks
from hearing.errors import Malformed, Refused
from hearing.proceedings.state import Hearing
from signaling.court import Court
from signaling.deliveries import Deliveries
from signaling.monitor import Monitor
from signaling.outbox import Outbox
from signaling.presence import Presence
from signaling.protocol import (
    Down,
    Hello,
    IceServers,
    Json,
    Levels,
    LineReports,
    Moved,
    NeedSubscribe,
    Order,
    Publish,
    Quality,
    Refusal,
    Signal,
    Subscribed,
    View,
    Welcome,
    parse,
    serialise,
)
from signaling.sio import Bucket, Environ

log = logging.getLogger(__name__)

EVENTS_PER_S = 20.0
EVENTS_BURST = 60.0
HELLO_WITHIN_S = 5.0
SOCKETS_PER_SEAT = 3
# A session that was ended, or an invitation that was revoked, closes the connection it had opened within this time.
AUTHENTICATE_EVERY_S = 2.0
# With this much unread, levels are not worth sending: the next ones come at once.
LEVELS_BACKLOG = 4
# The one command that asks something of the machine: a room of its own.
OPENS_DOORS = "StartSitting"

Authenticate = Callable[[Environ, object, str | None], Awaitable[str | None]]
"""(environ, auth, hearing) -> the caller's seat in that hearing, or None.

Without a hearing (at connect, before `hello`): anything but None when somebody is signed in at all."""

People = Callable[[str, str], Awaitable[Json]]
"""(hearing, seat) -> {seat: {name, title}} as that seat may know it."""

GiveServers = Callable[[str], list[dict[str, Any]]]
"""connection -> the `iceServers` of its browser."""


class Sender(Protocol):
    """The part of `sio.Door` that is needed here."""

    async def send(self, connection: str, event: str, payload: dict[str, Any]) -> None: ...

    def backlog(self, connection: str) -> int: ...

    async def disconnect(self, connection: str) -> None: ...


class Media(Protocol):
    """What the switchboard does for a seat; it never keeps a caller waiting for a media process that is away."""

    async def joined(self, hearing: str, seat: str, *, page_is_new: bool) -> None:
        """`page_is_new`: the page has no connections of an earlier hello."""
        ...

    def takes_sitting(self, hearing: str) -> bool:
        """Whether there is a media process that could take this hearing's sitting, or has it already."""
        ...

    async def publish(self, hearing: str, seat: str, offer: Publish) -> None: ...

    async def subscribed(self, hearing: str, seat: str, answer: Subscribed) -> None: ...

    async def need_subscribe(self, hearing: str, seat: str) -> None: ...

    async def view(self, hearing: str, seat: str, view: View) -> None: ...


@dataclass(slots=True, eq=False)
class Caller:
    """One connection. `hearing` and `seat` are empty until its hello was accepted, `greeted` is set at its end."""

    connection: str
    environ: Environ
    auth: object
    bucket: Bucket
    hearing: str = ""
    seat: str = ""
    greeted: bool = False
    outbox: Outbox | None = None
    commands: asyncio.Lock = field(default_factory=asyncio.Lock)
    signals: asyncio.Lock = field(default_factory=asyncio.Lock)
    deadline: asyncio.TimerHandle | None = None
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)


class Gateway:
    """Stands behind the door (`sio.Greeter`). `door`, `media`, `monitor` are set once, before the first connection."""

    door: Sender
    media: Media
    monitor: Monitor

    def __init__(
        self,
        court: Court,
        presence: Presence,
        deliveries: Deliveries,
        *,
        authenticate: Authenticate,
        people: People,
        ice_servers: GiveServers,
        renew_every_s: float | None = None,
    ) -> None:
        """`renew_every_s`: how often pages are given new `ice_servers`; None when those never end."""
        self._court, self._presence, self._deliveries = court, presence, deliveries
        self._authenticate, self._people, self._ice_servers = authenticate, people, ice_servers
        self._renew_every_s = renew_every_s
        self._callers: dict[str, Caller] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.turned_away = 0

    # -- the door ----------------------------------------------------------------------------------------------------

    async def connected(self, connection: str, environ: Environ, auth: object) -> None:
        # A page of another site can open a socket with our cookie, but then its browser sends an Origin, which the
        # door has checked. Only who brings a token, which no browser adds by itself, may come without one.
        token = auth.get("token") if isinstance(auth, dict) else None
        if environ.get("HTTP_ORIGIN") is None and not token:
            raise Refused("origin-missing")
        if await self._authenticate(environ, auth, None) is None:
            raise Refused("not-signed-in")
        bucket = Bucket(EVENTS_PER_S, EVENTS_BURST, time.monotonic())
        caller = self._callers[connection] = Caller(connection, environ, auth, bucket)
        loop = asyncio.get_running_loop()
        caller.deadline = loop.call_later(HELLO_WITHIN_S, self._close_if_silent, caller)

    async def received(self, connection: str, event: str, payload: object) -> dict[str, Any] | None:
        caller = self._callers.get(connection)
        if caller is None:
            return None  # the connection ended while this message waited
        if not caller.bucket.take(time.monotonic()):
            raise Malformed("too many messages")
        message = parse(event, payload)
        try:
            match message:
                case Hello():
                    async with caller.commands:
                        await self._hello_or_leave(caller, message)
                    return {}
                case Order():
                    async with caller.commands:
                        self._check_seat(caller)
                        if message.name == OPENS_DOORS and not self.media.takes_sitting(caller.hearing):
                            self.turned_away += 1
                            raise Refused("no-capacity-for-sitting")
                        return {"number": await self._court.order(caller.hearing, message, caller.seat)}
                case _:
                    if not caller.greeted:
                        # What a page sends right behind its hello waits for it, however long we take to answer.
                        async with caller.commands:
                            pass
                    async with caller.signals:
                        self._check_seat(caller)
                        await self._signal(caller, message)
                    return {}
        except Refused as refusal:
            if not isinstance(message, Order):
                await self._send(connection, Refusal(code=refusal.code))
            if isinstance(message, Hello):
                self._spawn(self.door.disconnect(connection), "a stranger leaves")
            return {"refused": refusal.code}

    async def gone(self, connection: str) -> None:
        caller = self._callers.pop(connection, None)
        if caller is None:
            return
        if caller.deadline is not None:
            caller.deadline.cancel()
        if caller.seat:
            self._presence.leave(caller.hearing, caller.seat, connection)
        await self._close_outbox(caller)

    # -- for the rest of this package --------------------------------------------------------------------------------

    async def tell(self, hearing: str, seat: str, down: Down) -> bool:
        """Send a signal to the page that has the seat now; False when there is none."""
        connection = self._presence.holder(hearing, seat)
        if connection is None:
            return False
        if not isinstance(down, Levels | LineReports) or self.door.backlog(connection) <= LEVELS_BACKLOG:
            await self._send(connection, down)
        return True

    @property
    def connections(self) -> int:
        """Pages that are connected now."""
        return len(self._callers)

    async def expel(self, hearing: str, seat: str) -> None:
        """End every connection of a seat whose access has changed; it is authenticated anew when it comes back."""
        for caller in [one for one in self._callers.values() if (one.hearing, one.seat) == (hearing, seat)]:
            await self.door.disconnect(caller.connection)

    async def stop(self) -> None:
        await tasks.stop(self._tasks)
        for connection in list(self._callers):
            await self.gone(connection)

    # -- hello -------------------------------------------------------------------------------------------------------

    async def _hello_or_leave(self, caller: Caller, hello: Hello) -> None:
        """A page that was not welcomed because of a fault of ours must not look as if it were connected."""
        try:
            await self._hello(caller, hello)
        except (Malformed, Refused):
            raise
        except Exception:
            self._spawn(self.door.disconnect(caller.connection), "a page without welcome leaves")
            raise

    async def _hello(self, caller: Caller, hello: Hello) -> None:
        if caller.seat:
            raise Malformed("hello was said already")
        seat = await self._authenticate(caller.environ, caller.auth, hello.hearing)
        if seat is None or not self._court.is_seat(await self._court.hearing(hello.hearing), seat):
            raise Refused("no-such-hearing")  # the same words as for a hearing that does not exist
        others = [one for one in self._callers.values() if (one.hearing, one.seat) == (hello.hearing, seat)]
        if len(others) >= SOCKETS_PER_SEAT:
            raise Refused("too-many-windows")
        if self._callers.get(caller.connection) is not caller:
            return
        caller.hearing, caller.seat = hello.hearing, seat
        if caller.deadline is not None:
            caller.deadline.cancel()
        previous = self._presence.take(hello.hearing, seat, caller.connection)
        if previous is not None:
            await self._send(previous, Moved())
            self._spawn(self.door.disconnect(previous), "the older page leaves")
        returned = hello.after is not None
        await self._presence.arrived(hello.hearing, seat, returned=returned)
        await self._open_outbox(caller, hello.after)
        await self.media.joined(hello.hearing, seat, page_is_new=not returned)
        caller.greeted = True

    async def _open_outbox(self, caller: Caller, after: int | None) -> None:
        async def send(down: Down) -> None:
            await self._send(caller.connection, down)

        async def welcome(seq: int, view: Json, now: Hearing) -> Welcome:
            return Welcome(
                seq=seq,
                view=view,
                people=await self._people(caller.hearing, caller.seat),
                clock=self._court.time(now),
                media={"iceServers": self._ice_servers(caller.connection)},
                connection=caller.connection,
            )

        outbox = caller.outbox = await self._deliveries.open(
            caller.hearing,
            caller.seat,
            send=send,
            backlog=lambda: self.door.backlog(caller.connection),
            welcome=welcome,
        )
        if after is not None and self._renew_every_s is not None:
            # What a page was given before its line broke may have ended: told first, because with its first delivery
            # it connects again.
            await self._give_servers(caller.connection)
        await outbox.begin(after)
        if self._callers.get(caller.connection) is caller:
            tasks.spawn(self._carry(outbox, caller.connection), name="outbox", owner=caller.tasks)
            tasks.spawn(self._stay_known(caller), name="authentication", owner=caller.tasks)
            if self._renew_every_s is not None:
                again = self._renew(caller.connection, self._renew_every_s)
                tasks.spawn(again, name="ice servers", owner=caller.tasks)
        else:
            await self._close_outbox(caller)

    async def _carry(self, outbox: Outbox, connection: str) -> None:
        """A page that gets no more deliveries must not look as if it were connected."""
        try:
            await outbox.run()
        except Exception:
            self._spawn(self.door.disconnect(connection), "a page whose outbox failed leaves")
            raise

    async def _renew(self, connection: str, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            await self._give_servers(connection)

    async def _give_servers(self, connection: str) -> None:
        await self._send(connection, IceServers(servers=tuple(self._ice_servers(connection))))

    async def _stay_known(self, caller: Caller) -> None:
        """Ask again and again who the caller is: access may have ended, and a session that is used must not go idle."""
        while True:
            await asyncio.sleep(AUTHENTICATE_EVERY_S)
            try:
                known = await self._authenticate(caller.environ, caller.auth, caller.hearing) == caller.seat
            except Exception:  # a database that is away for a moment must not empty the courtroom
                log.exception("a connection could not be authenticated again")
                continue
            if not known:
                self._spawn(self.door.disconnect(caller.connection), "a page without access leaves")
                return

    async def _close_outbox(self, caller: Caller) -> None:
        if caller.outbox is not None:
            outbox, caller.outbox = caller.outbox, None
            outbox.close()
            self._deliveries.let_go(caller.hearing, caller.seat)
        await tasks.stop(caller.tasks)

    def _close_if_silent(self, caller: Caller) -> None:
        if not caller.seat:
            self._spawn(self.door.disconnect(caller.connection), "a silent caller leaves")

    # -- the rest ----------------------------------------------------------------------------------------------------

    def _check_seat(self, caller: Caller) -> None:
        if not caller.seat:
            raise Malformed("say hello first")
        if self._presence.holder(caller.hearing, caller.seat) != caller.connection:
            raise Refused("moved")

    async def _signal(self, caller: Caller, signal: Signal) -> None:
        hearing, seat = caller.hearing, caller.seat
        match signal:
            case Publish():
                await self.media.publish(hearing, seat, signal)
            case Subscribed():
                await self.media.subscribed(hearing, seat, signal)
            case NeedSubscribe():
                await self.media.need_subscribe(hearing, seat)
            case View():
                await self.media.view(hearing, seat, signal)
            case Quality(report=report):
                self.monitor.take(hearing, seat, report)
            case _:
                assert_never(signal)

    async def _send(self, connection: str, down: Down) -> None:
        event, payload = serialise(down)
        await self.door.send(connection, event, payload)

    def _spawn(self, work: Any, name: str) -> None:
        tasks.spawn(work, name=name, owner=self._tasks)
