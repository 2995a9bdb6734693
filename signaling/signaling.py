"""All of signaling as one part: whoever wires the web process needs nothing else of this package.

signaling = Signaling(docket, clock, ids, ...)
signaling.attach(app)             # Socket.IO at /socket.io
await signaling.start(hearings)   # those under way: with an open sitting, or with people in them
...
await signaling.stop()            # media go on without us
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hearing.ports import Clock, Ids
from signaling.control import RoomStatistics
from signaling.court import Court, Docket
from signaling.deliveries import Deliveries
from signaling.gateway import Authenticate, Gateway, People
from signaling.health import Figures, Load
from signaling.link import NodeFailed
from signaling.monitor import Monitor
from signaling.placement import NO_LIMITS, Limits
from signaling.presence import GRACE_AT_START_S, GRACE_S, Presence
from signaling.protocol import FRAME_LIMIT, NAMESPACE
from signaling.sio import Application, Door
from signaling.switchboard import Recorder, Switchboard
from signaling.turn import RENEWED_EVERY, Turn, Ways


class Signaling:
    """`generation` must be higher than that of any earlier web process: media processes obey the highest.

    `sockets` are the control sockets of the media processes; `directory(hearing, sitting)` is where they may write.
    `limits` say from which load on a media process takes no new sitting, and no further person.
    `origins` are origins besides the own host from which pages may connect.
    """

    def __init__(
        self,
        docket: Docket,
        clock: Clock,
        ids: Ids,
        *,
        authenticate: Authenticate,
        people: People,
        recorder: Recorder,
        sockets: Sequence[Path],
        directory: Callable[[str, str], Path],
        generation: int,
        turn: Turn | None = None,
        limits: Limits = NO_LIMITS,
        origins: Sequence[str] = (),
        grace_s: float = GRACE_S,
        grace_at_start_s: float = GRACE_AT_START_S,
    ) -> None:
        self._docket = docket
        self._court = Court(docket, clock, ids)
        self._presence = Presence(self._court, grace_s, grace_at_start_s)
        # Microseconds since 1970: above every number an earlier process gave, and exact in JavaScript until 2255.
        self._deliveries = Deliveries(self._court, first_number=time.time_ns() // 1000)
        servers = self._turn = turn or Turn()
        self._clock = clock

        def ice_servers(connection: str) -> list[dict[str, Any]]:
            return servers.ice_servers(connection, clock.now())

        self._gateway = Gateway(
            self._court,
            self._presence,
            self._deliveries,
            authenticate=authenticate,
            people=people,
            ice_servers=ice_servers,
            renew_every_s=RENEWED_EVERY.total_seconds() if servers.expires else None,
        )
        self._switchboard = Switchboard(
            self._court,
            self._presence,
            sockets=sockets,
            generation=generation,
            directory=directory,
            recorder=recorder,
            tell=self._gateway.tell,
            limits=limits,
        )
        self._monitor = Monitor(self._court, self._presence, self._switchboard.lines, self._gateway.tell)
        self._door = Door(NAMESPACE, self._gateway, frame_limit=FRAME_LIMIT, origins=tuple(origins))
        self._gateway.door, self._gateway.media = self._door, self._switchboard
        self._gateway.monitor = self._monitor
        self._followers: list[Any] = []

    def attach(self, app: Application) -> None:
        """Before the application starts."""
        self._door.attach(app)

    async def start(self, hearings: Sequence[str] = ()) -> None:
        """`hearings`: every hearing whose sitting is open, or where somebody is on the record as connected."""
        followers = (
            ("switchboard", self._switchboard.follow),
            ("clients", self._deliveries.follow),
            ("presence", self._presence.follow),
        )
        self._followers = [self._docket.follow(name, callback) for name, callback in followers]
        for hearing in hearings:
            self._presence.took_over(hearing, self._court.connected(await self._court.hearing(hearing)))
        await self._switchboard.start(hearings)
        self._monitor.start()

    async def stop(self) -> None:
        """Pages are disconnected and look for the next process; nobody is noted as lost for that."""
        for follower in self._followers:
            await self._docket.unfollow(follower)
        await self._monitor.stop()
        await self._switchboard.stop()
        await self._door.close()
        await self._gateway.stop()
        await self._presence.stop()

    async def expel(self, hearing: str, seat: str) -> None:
        """The access of this seat has changed: end its connections."""
        await self._gateway.expel(hearing, seat)

    async def statistics(self, hearing: str) -> RoomStatistics | None:
        """What has flowed in the open room of a hearing."""
        return await self._switchboard.statistics(hearing)

    async def probe(self, sdp: str, process: int) -> str | None:
        """The answer of a media process to a page that tries whether media reach it.

        "" when it is too busy, None when it is away; `Malformed` when `sdp` is no offer of a browser.
        """
        try:
            return await self._switchboard.probe(sdp, process)
        except NodeFailed:
            return None

    def ways(self, connection: str) -> Ways:
        """What a page may try before a hearing, with a credential of its own."""
        return Ways(processes=len(self._switchboard.nodes), relays=self._turn.ways(connection, self._clock.now()))

    async def figures(self) -> list[tuple[Load | None, Figures | None]]:
        """Load and counters of every media process, in the order of `sockets`; None while it is away."""
        return await self._switchboard.figures()

    @property
    def turned_away(self) -> dict[str, int]:
        """What was refused for want of capacity since the start: sittings and people."""
        return {"sitting": self._gateway.turned_away, "person": self._switchboard.turned_away}

    @property
    def connections(self) -> int:
        """Pages that are connected now."""
        return self._gateway.connections

    def quality(self, hearing: str) -> dict[str, dict[str, float]]:
        """The last quality report of each seat of a hearing."""
        return self._monitor.reports(hearing)
