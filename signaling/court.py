"""What this package asks of the court: the few looks and commands it needs, in its own words.

Rule: only this module knows what a `Hearing` looks like inside. It decides nothing: a wish goes to the docket, and a
refusal comes back as it is.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from hearing import wire
from hearing.errors import Refused
from hearing.ports import Clock, Ids
from hearing.proceedings import COURT, audience, secrecy, views
from hearing.proceedings.commands import (
    AnchorClock,
    Arrive,
    Command,
    LoseConnection,
    WithdrawSource,
)
from hearing.proceedings.once import once, quiet
from hearing.proceedings.state import Hearing
from hearing.wire import Entry
from signaling import control
from signaling.protocol import Json, OfferedSource, Order

log = logging.getLogger(__name__)


class Answered(Protocol):
    @property
    def number(self) -> int: ...


Followed = Callable[[Entry, Hearing | None, Hearing], Awaitable[None]]


class Docket(Protocol):
    """The part of `hearing.docket.Docket` that is needed here."""

    async def handle(self, hearing_id: str, command: Command, *, by: str, op_id: str) -> Answered: ...

    async def hearing(self, hearing_id: str) -> Hearing: ...

    def follow(self, name: str, callback: Followed) -> Any: ...

    async def unfollow(self, follower: Any) -> None: ...


@once
def _edges(hearing: Hearing) -> frozenset[control.Edge]:
    return frozenset((one.source, one.listener, str(one.kind)) for one in audience.plan(hearing))


class Court:
    """The docket as seen from the door."""

    def __init__(self, docket: Docket, clock: Clock, ids: Ids) -> None:
        self.docket, self.clock, self._ids = docket, clock, ids

    async def hearing(self, hearing: str) -> Hearing:
        return await self.docket.hearing(hearing)

    # -- commands of a person ----------------------------------------------------------------------------------------

    async def order(self, hearing: str, order: Order, by: str) -> int:
        """The number of the last entry this command wrote. `Malformed` or `Refused` otherwise."""
        command = wire.parse_command(order.name, order.args)
        return (await self.docket.handle(hearing, command, by=by, op_id=order.op_id)).number

    async def announce(self, hearing: str, seat: str, sources: tuple[OfferedSource, ...]) -> None:
        """Make the sources of `seat` on the record equal to `sources`, by the seat itself.

        A source of somebody else is refused here and not by the rules, because nothing is being announced: the offer
        would only borrow its name. So is one that was another kind of device before: its tracks and edges say so.
        Nothing is written before all of the offer has been looked at.
        """
        now = await self.hearing(hearing)
        offered = {one.source for one in sources}
        for one in sources:
            known = now.sources.get(one.source)
            if known is not None and known.owner != seat:
                raise Refused("not-your-source")
            if known is not None and known.kind != one.kind:
                raise Refused("source-taken")
        for one in sources:
            if one.source not in now.sources:
                args = {"source": one.source, "seat": seat, "kind": one.kind, "label": one.label}
                await self._issue(hearing, wire.parse_command("AnnounceSource", args), by=seat)
        for known in list(now.sources.values()):
            if known.owner == seat and known.id not in offered:
                await self._issue(hearing, WithdrawSource(source=known.id), by=seat)

    # -- commands of the court itself --------------------------------------------------------------------------------

    async def arrive(self, hearing: str, seat: str, connection: str) -> None:
        await self._by_court(hearing, Arrive(seat=seat, connection=connection))

    async def lose(self, hearing: str, seat: str) -> None:
        await self._by_court(hearing, LoseConnection(seat=seat))

    async def anchor(self, hearing: str, ms: int) -> None:
        now = self.clock.now()
        await self._by_court(hearing, AnchorClock(ms=ms, utc=now, source="system", offset_ms=0))

    async def _by_court(self, hearing: str, command: Command) -> None:
        """A refusal only says that it is too late or too early for this; the record stands as it is."""
        try:
            await self._issue(hearing, command, by=COURT)
        except Refused as refusal:
            log.info("hearing %s: %s was refused: %s", hearing, type(command).__name__, refusal.code)

    async def _issue(self, hearing: str, command: Command, *, by: str) -> None:
        await self.docket.handle(hearing, command, by=by, op_id=self._ids.new())

    # -- looks -------------------------------------------------------------------------------------------------------

    def view(self, hearing: Hearing, seat: str) -> Json:
        """The whole view of one seat, ready for JSON."""
        seen: Json = wire.to_json(views.view(hearing, seat))
        return seen

    def shown(self, entry: Entry, after: Hearing, seat: str) -> Json | None:
        """The entry as this seat may see it, or None when it may not."""
        if not views.visible(entry.event, after, seat):
            return None
        return {
            "kind": entry.kind,
            "at": wire.to_json(entry.at),
            "t_ms": after.clock_ms(entry.at),
            "by": entry.by,
            "body": wire.to_json(entry.event),
        }

    def watched_lines(self, hearing: Hearing, seat: str) -> frozenset[str]:
        """The seats of which this seat may know how good the connection is."""
        return secrecy.watched_lines(hearing, seat)

    def is_quiet(self, before: Hearing, after: Hearing) -> bool:
        """Whether nothing has changed but the recorder's own books."""
        return quiet(before, after)

    def time(self, hearing: Hearing) -> Json:
        now = self.clock.now()
        return {"hearing_ms": hearing.clock_ms(now), "utc": wire.to_json(now)}

    def edges(self, hearing: Hearing) -> frozenset[control.Edge]:
        """Who sees and hears whom, as the control messages say it."""
        return _edges(hearing)

    def hearing_ms(self, hearing: Hearing) -> int:
        return hearing.clock_ms(self.clock.now())

    def sitting(self, hearing: Hearing) -> str | None:
        """The sitting whose doors are open now."""
        return hearing.sitting

    def is_seat(self, hearing: Hearing, seat: str) -> bool:
        return seat in hearing.seats

    def connected(self, hearing: Hearing) -> frozenset[str]:
        """The seats that are on the record as connected."""
        return frozenset(seat for seat, state in hearing.seats.items() if state.connected)
