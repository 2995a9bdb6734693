"""A robot: one person of the story, in the court by the same door as everybody else."""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any

from web.demo.client import CourtClient
from web.demo.picture import Loop
from web.demo.robot_media import Publisher, Subscriber

PATIENCE_S = 30.0
KINDS = {"audio": "microphone", "video": "camera"}


class Robot:
    """Arrives, sends and receives, obeys the story. `sources` maps audio and video to the ids of its own sources."""

    def __init__(self, *, person: str, role: str, seat: str, client: CourtClient, loop: Loop) -> None:
        self.person, self.role, self.seat, self.client = person, role, seat, client
        self.publisher = Publisher(loop)
        self.subscriber = Subscriber(self._first_frame)
        self.sources = {kind: str(uuid.uuid4()) for kind in KINDS}
        self.join_ms: int | None = None
        self.first_frame_ms: int | None = None
        self._admitted_at: float | None = None
        self._published = asyncio.Event()
        self._peer = ""
        client.on_signal = self._signal
        client.on_entry = self._entry

    async def arrive(self) -> None:
        """Connect and take the seat, once."""
        if not self.client.view:
            await self.client.connect()

    async def open_devices(self) -> None:
        """Arrive and send camera and microphone; `join_ms` is the time until the court's answer to our offer."""
        began = time.monotonic()
        await self.arrive()
        await self._publish()
        await asyncio.wait_for(self._published.wait(), PATIENCE_S)
        self.join_ms = round((time.monotonic() - began) * 1000)

    async def _publish(self) -> None:
        sdp, mids = await self.publisher.offer()
        sources = [
            {"mid": mid, "source": self.sources[kind], "kind": KINDS[kind], "label": f"robot {KINDS[kind]}"}
            for mid, kind in mids.items()
        ]
        await self.client.signal("publish", sdp=sdp, sources=sources)

    async def does(self, name: str, **arguments: Any) -> None:
        """Issue a command. Raises `Refused` when the court says no. The own view shows it a little later: `sees`."""
        await self.client.command(name, **arguments)

    def may(self, name: str, seat: str | None = None) -> bool:
        """Whether the court would take this command now, for this seat where it needs one."""
        allowed = self.client.view["allowed"]
        return name in allowed and (seat is None or seat in allowed[name])

    async def sees(self, what: str, holds: Callable[[dict[str, Any]], bool], patience_s: float = PATIENCE_S) -> None:
        """Wait until the own view is so. Raises TimeoutError naming `what` when it does not become so."""
        until = time.monotonic() + patience_s
        while not holds(self.client.view):
            if time.monotonic() > until:
                raise TimeoutError(f"{self.role} waited {patience_s:.0f} s in vain for: {what}")
            await asyncio.sleep(0.05)

    async def leave(self) -> None:
        await self.client.close()
        await self.publisher.close()
        await self.subscriber.close()

    def _first_frame(self, kind: str) -> None:
        if kind == "video" and self.first_frame_ms is None and self._admitted_at is not None:
            self.first_frame_ms = round((time.monotonic() - self._admitted_at) * 1000)

    async def _signal(self, kind: str, body: dict[str, Any]) -> None:
        match kind:
            case "published":
                await self.publisher.answer(body["sdp"])
                self._published.set()
            case "media-restarted":
                await self.publisher.renew()
                await self._publish()
            case "subscribe":
                if body["peer"] != self._peer:  # the court has begun anew: an old connection cannot answer
                    await self.subscriber.close()
                    self.subscriber, self._peer = Subscriber(self._first_frame), body["peer"]
                answer = await self.subscriber.answer(body["sdp"])
                await self.client.signal("subscribed", offer=body["offer"], sdp=answer)
            case _:
                pass  # levels, quality: of no use to a robot

    async def _entry(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == "Admitted" and entry["body"]["seat"] == self.seat and self._admitted_at is None:
            self._admitted_at = time.monotonic()
