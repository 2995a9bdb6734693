"""What the switchboard and a media process say to each other over their Unix socket, typed at both ends.

Every request has exactly one reply; news flows down unasked. A frame is four bytes of length and one JSON object.
The two ends of the socket are in `link.py`: the switchboard asks with `NodeLink`, the node answers by `ControlServer`.
"""

import asyncio
import json
import struct
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, ClassVar, Generic, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

from hearing.errors import Malformed

# One frame holds at most one SDP (64 KB) or the whole plan of one room (some hundred bytes an edge).
FRAME_LIMIT = 8 << 20
LENGTH = struct.Struct("!I")

Edge = tuple[str, str, str]
"""(source, listener, kind): listener is a seat id or `recorder`, kind is `audio` or `video`."""


class Reply:
    """Answers one request."""

    __slots__ = ()


class News:
    """Told by the node unasked; lost when no controller listens, so nothing that must be kept is news."""

    __slots__ = ()


R = TypeVar("R", bound=Reply)


class Request(Generic[R]):
    """Asked by the controller; `reply` names the class of the answer."""

    __slots__ = ()
    reply: ClassVar[type[Reply]]


T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def message(cls: type[T]) -> type[T]:
    """A frozen, keyword-only dataclass."""
    return dataclass(frozen=True, kw_only=True, slots=True)(cls)


# -- parts ---------------------------------------------------------------------------------------------------------


@message
class Stream:
    """One m-line of a subscriber's connection and the source it carries."""

    mid: str
    source: str
    kind: str


@message
class PeerState:
    peer: str
    seat: str
    direction: str
    connected: bool
    streams: tuple[Stream, ...]


@message
class RoomState:
    room: str
    hearing_ms: int
    directory: str
    version: int
    edges: tuple[Edge, ...]
    peers: tuple[PeerState, ...]


@message
class Traffic:
    """Packets and bytes of RTP (retransmissions included, STUN, DTLS and RTCP not)."""

    packets: int
    bytes: int


@message
class EdgeTraffic:
    """What has been forwarded over one edge since the room opened, whether it is open now or not."""

    source: str
    listener: str
    kind: str
    open: bool
    packets: int
    bytes: int


@message
class SourceTraffic:
    """What arrived from one source in its present connection."""

    source: str
    seat: str
    kind: str
    packets: int
    bytes: int
    lost: int
    recovered: int
    key_frames_asked: int


# -- replies -------------------------------------------------------------------------------------------------------


@message
class Done(Reply):
    """It is so now."""


@message
class State(Reply):
    """Everything a new controller needs to compare what is with what should be."""

    rooms: tuple[RoomState, ...]


@message
class Answer(Reply):
    peer: str
    sdp: str


@message
class EdgesSet(Reply):
    """From here on no packet leaves by an edge that is not in this version of the plan."""

    room: str
    version: int


@message
class SubOffer(Reply):
    peer: str
    offer: int
    sdp: str
    streams: tuple[Stream, ...]


@message
class RoomStatistics(Reply):
    """`egress` names every seat that ever had a connection, also those that were sent nothing.

    `received` counts the datagrams that came to the whole process and `dropped` the refused ones, by reason; `lag_ms`
    is the longest that its loop was late since somebody asked last.
    """

    room: str
    egress: dict[str, Traffic]
    edges: tuple[EdgeTraffic, ...]
    sources: tuple[SourceTraffic, ...]
    downlink_bps: dict[str, int]
    round_trip_ms: dict[str, int]
    dropped: dict[str, int]
    lag_ms: int
    received: int = 0


@message
class Fault(Reply):
    """The request was not carried out. `malformed` says that its sender is to blame, and `reason` tells why."""

    request: str
    reason: str
    malformed: bool = False


# -- requests ------------------------------------------------------------------------------------------------------


@message
class Hello(Request[State]):
    """The first request. A higher generation takes over; a lower one is refused."""

    reply = State
    generation: int


@message
class OpenRoom(Request[Done]):
    """`hearing_ms` is the hearing clock at this moment; `directory` is where the sinks may write."""

    reply = Done
    room: str
    hearing_ms: int
    directory: str


@message
class CloseRoom(Request[Done]):
    reply = Done
    room: str


@message
class CreatePeer(Request[Done]):
    """`direction` is `pub` (the browser offers) or `sub` (the node offers)."""

    reply = Done
    peer: str
    room: str
    seat: str
    direction: str


@message
class Offer(Request[Answer]):
    """A publisher's offer, the first or a later one; new ICE credentials in it mean an ICE restart."""

    reply = Answer
    peer: str
    sdp: str
    sources: dict[str, str]


@message
class SetEdges(Request[EdgesSet]):
    """The whole plan of a room; a version lower than the last one is refused.

    `since_ms` is when it began to hold, on the hearing clock: the recorder gives back what came between then and now.
    """

    reply = EdgesSet
    room: str
    version: int
    edges: tuple[Edge, ...]
    since_ms: int | None = None


@message
class MakeOffer(Request[SubOffer]):
    """Ask for the subscriber's next offer; you must then bring `AcceptAnswer` with its number."""

    reply = SubOffer
    peer: str


@message
class AcceptAnswer(Request[Done]):
    reply = Done
    peer: str
    offer: int
    sdp: str


@message
class RestartIce(Request[Done]):
    """Give a subscriber new ICE credentials; an `OfferNeeded` follows."""

    reply = Done
    peer: str


@message
class ClosePeer(Request[Done]):
    reply = Done
    peer: str


@message
class Statistics(Request[RoomStatistics]):
    reply = RoomStatistics
    room: str


# -- news ----------------------------------------------------------------------------------------------------------


@message
class Ready(News):
    """Comes just before the answer to `Hello`."""

    pid: int
    port: int
    addresses: tuple[str, ...]
    generation: int


@message
class PeerConnected(News):
    peer: str


@message
class PeerLost(News):
    """The peer is gone and closed. `reason`: `consent` (nothing heard for 45 s), `dtls`, `idle`, `replaced`."""

    peer: str
    reason: str


@message
class OfferNeeded(News):
    """The streams of this subscriber have changed; answer with `MakeOffer`."""

    peer: str


@message
class Levels(News):
    """Sound levels in dBov (0 is loudest, -127 silence) of the sources that sent sound lately."""

    room: str
    levels: dict[str, int]


@message
class Notice(News):
    """Something a sink wants to have known."""

    room: str
    body: dict[str, Any]


MESSAGES: dict[str, type[Any]] = {
    name: kind
    for name, kind in list(globals().items())
    if isinstance(kind, type) and issubclass(kind, (Request, Reply, News)) and is_dataclass(kind)
}


# -- frames --------------------------------------------------------------------------------------------------------


def encode(number: int, body: object) -> bytes:
    """One frame. `number` ties a reply to its request and is 0 for news."""
    text = json.dumps({"number": number, "type": type(body).__name__, "body": plain(body)}, separators=(",", ":"))
    data = text.encode()
    return LENGTH.pack(len(data)) + data


def decode(data: bytes) -> tuple[int, Any]:
    """The inside of one frame -> (number, message); `Malformed` when it is not exactly a message of this module."""
    try:
        frame = json.loads(data)
        number, kind, body = frame["number"], MESSAGES[frame["type"]], frame["body"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"not a control frame: {error!r}") from None
    return typed(int, number, "number"), typed(kind, body, kind.__name__)


def plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def typed(kind: Any, value: Any, where: str) -> Any:
    """`value` from JSON as `kind`, checked all the way down."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin is tuple and isinstance(value, list):
        if inner[-1] is Ellipsis:
            return tuple(typed(inner[0], item, where) for item in value)
        if len(inner) == len(value):
            return tuple(typed(one, item, where) for one, item in zip(inner, value, strict=True))
    elif origin is dict and isinstance(value, dict):
        return {key: typed(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    elif origin is UnionType and NoneType in inner:
        return None if value is None else typed(inner[0], value, where)
    elif isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        hints = get_type_hints(kind)
        try:
            return kind(**{key: typed(hints[key], item, f"{where}.{key}") for key, item in value.items()})
        except (KeyError, TypeError) as error:
            raise Malformed(f"{where}: wrong fields: {error}") from None
    elif kind in (str, int, bool) and type(value) is kind:
        return value
    raise Malformed(f"{where}: {type(value).__name__} is not {kind}")


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next frame; `IncompleteReadError` at the end, `Malformed` above the limit."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    if length > FRAME_LIMIT:
        raise Malformed(f"a frame of {length} bytes is above the limit of {FRAME_LIMIT}")
    return await reader.readexactly(length)
