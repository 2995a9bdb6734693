"""The six messages between a page (or a robot) and the court, and their parsing.

Up go `hello`, `command` and `signal`; down come `welcome`, `entry` and `signal`. Rule: whatever comes up is parsed
here, once, into a type; nothing behind this module sees what a stranger wrote, except a command's arguments, which
`hearing.wire` parses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hearing.errors import Malformed

NAMESPACE = "/hearing"

# A browser's offer for four sources is about 12 KB; hostile ones were seen to cost a parser a second each.
SDP_LIMIT = 64 * 1024
OFFER_LINES_LIMIT = 12
# JSON escapes every line end of an SDP. A frame above this limit is dropped with its connection.
FRAME_LIMIT = 128 * 1024
ID_LIMIT = 64
LABEL_LIMIT = 200
QUALITY_LIMIT = 64
VIEW_LIMIT = 64
WIDEST = 16_384

Json = Mapping[str, Any]


# -- up ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Hello:
    """The first message. `after` is the last delivery this page has seen; without it the page is new."""

    hearing: str
    after: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A `command`: what a person asks of the court. The same `op_id` again gets the first answer again."""

    op_id: str
    name: str
    args: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedSource:
    """One m-line of a publisher's offer: which source it carries, and what kind of device that is."""

    mid: str
    source: str
    kind: str
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Publish:
    """The offer of the page's sending connection, the first or a later one. It names all sources of the page."""

    sdp: str
    sources: tuple[OfferedSource, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscribed:
    """The page's answer to `Subscribe` number `offer`."""

    offer: int
    sdp: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedSubscribe:
    """The page has lost its receiving connection and makes a new one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """What the page measured of its own connections. Kept in memory only."""

    report: dict[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How wide each picture is on the page's screen, in CSS pixels; one that is missing is not shown."""

    sizes: dict[str, int]


Signal = Publish | Subscribed | NeedSubscribe | Quality | View
Up = Hello | Order | Signal


# -- down ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Welcome:
    """The whole view. `seq` is the number to ask for after a lost connection."""

    seq: int
    view: Json
    people: Json
    clock: Json
    media: Json
    connection: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One numbered delivery: `entry` is null when only the view changed, `view` when a newer one follows at once."""

    seq: int
    entry: Json | None
    view: Json | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    sdp: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    mid: str
    source: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscribe:
    """The server's offer of the page's receiving connection; you must then send `Subscribed` with its number.

    `peer` names the connection: when it changes, the page must make a new one for this offer.
    """

    offer: int
    sdp: str
    streams: tuple[Stream, ...]
    peer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IceServers:
    """The `iceServers` for every connection begun from now on: the credentials given before end in some minutes."""

    servers: tuple[Json, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaRestarted:
    """The media process was replaced: make both connections anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """Sound levels in dBov of the sources that this seat hears."""

    levels: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """Which size of each picture the page gets: `off`, `thumbnail`, `normal` or `large`.

    `limited` names those that would be larger if the page's line carried more.
    """

    sources: Mapping[str, str]
    limited: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LineReport:
    """How one seat's connection is: `state` is connected, waiting (for capacity) or none; `age_s` that of `figures`."""

    state: str
    age_s: int
    figures: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class LineReports:
    """How good everybody's connection is, for those who look after it."""

    lines: Mapping[str, LineReport]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """The seat was taken on another device or in another window; this page must not connect again by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """The court, or the protocol, said no to a signal. `code` is a refusal code."""

    code: str


Down = (
    Welcome
    | Delivery
    | Published
    | Subscribe
    | IceServers
    | MediaRestarted
    | Levels
    | Flow
    | LineReports
    | Moved
    | Refusal
)

_SIGNALS: dict[type[Any], str] = {
    Published: "published",
    Subscribe: "subscribe",
    IceServers: "ice-servers",
    MediaRestarted: "media-restarted",
    Levels: "levels",
    Flow: "flow",
    LineReports: "lines",
    Moved: "moved",
    Refusal: "refused",
}


# -- parsing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fields:
    """Reads the fields of one JSON object; every complaint names the message and the field."""

    what: str
    values: Mapping[str, Any]
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, what: str, value: object) -> "_Fields":
        if not isinstance(value, dict):
            raise Malformed(f"{what}: not an object")
        return cls(what, value)

    def _take(self, name: str) -> Any:
        self.used.add(name)
        return self.values.get(name)

    def wrong(self, name: str, expected: str) -> Malformed:
        return Malformed(f"{self.what}: {name} must be {expected}")

    def id(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str) or not 0 < len(value) <= ID_LIMIT or not value.isprintable():
            raise self.wrong(name, f"text of 1 to {ID_LIMIT} characters")
        return value

    def text(self, name: str, limit: int) -> str:
        value = self._take(name)
        if not isinstance(value, str) or len(value) > limit:
            raise self.wrong(name, f"text of at most {limit} characters")
        return value

    def number(self, name: str) -> int:
        value = self._take(name)
        if type(value) is not int or not 0 <= value < 1 << 53:
            raise self.wrong(name, "a whole number")
        return value

    def object(self, name: str) -> dict[str, Any]:
        value = self._take(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "an object")
        return value

    def list(self, name: str, limit: int) -> list[Any]:
        value = self._take(name)
        if not isinstance(value, list) or len(value) > limit:
            raise self.wrong(name, f"a list of at most {limit}")
        return value

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def end(self) -> None:
        if unknown := sorted(str(key)[:ID_LIMIT] for key in self.values if key not in self.used):
            raise Malformed(f"{self.what}: unknown field {unknown[0]!r}")


def parse(event: str, payload: object) -> Up:
    """One message from below as its type, or `Malformed`."""
    match event:
        case "hello":
            return _hello(payload)
        case "command":
            return _order(payload)
        case "signal":
            return _signal(payload)
        case _:
            raise Malformed("there is no such message")


def _hello(payload: object) -> Hello:
    fields = _Fields.of("hello", payload)
    hearing = fields.id("hearing")
    fields.used.add("after")
    after = fields.number("after") if fields.has("after") else None
    fields.end()
    return Hello(hearing=hearing, after=after)


def _order(payload: object) -> Order:
    fields = _Fields.of("command", payload)
    order = Order(op_id=fields.id("op_id"), name=fields.id("name"), args=fields.object("args"))
    fields.end()
    return order


def _signal(payload: object) -> Signal:
    fields = _Fields.of("signal", payload)
    kind = fields.id("type")
    fields = _Fields(f"signal {kind}", fields.values, {"type"})
    signal: Signal
    match kind:
        case "publish":
            signal = Publish(sdp=_sdp(fields, OFFER_LINES_LIMIT), sources=_sources(fields))
        case "subscribed":
            signal = Subscribed(offer=fields.number("offer"), sdp=_sdp(fields, None))
        case "need-subscribe":
            signal = NeedSubscribe()
        case "quality":
            return Quality(report=_report(fields.values))
        case "view":
            signal = View(sizes=_sizes(fields))
        case _:
            raise Malformed("there is no such signal")
    fields.end()
    return signal


def _sdp(fields: _Fields, lines: int | None) -> str:
    sdp = fields.text("sdp", SDP_LIMIT)
    if not sdp.startswith("v=0"):
        raise fields.wrong("sdp", "a session description")
    if lines is not None and sdp.count("\nm=") > lines:
        raise fields.wrong("sdp", f"a session description of at most {lines} media")
    return sdp


def _sources(fields: _Fields) -> tuple[OfferedSource, ...]:
    sources = []
    for item in fields.list("sources", OFFER_LINES_LIMIT):
        one = _Fields.of("source", item)
        label = one.text("label", LABEL_LIMIT) if one.has("label") else ""
        one.used.add("label")
        sources.append(OfferedSource(mid=one.id("mid"), source=one.id("source"), kind=one.id("kind"), label=label))
        one.end()
    if len({one.mid for one in sources}) != len(sources) or len({one.source for one in sources}) != len(sources):
        raise fields.wrong("sources", "a list that names each mid and each source once")
    return tuple(sources)


def _sizes(fields: _Fields) -> dict[str, int]:
    sizes = fields.object("sizes")
    if len(sizes) > VIEW_LIMIT:
        raise fields.wrong("sizes", f"at most {VIEW_LIMIT} widths")
    for source, width in sizes.items():
        if not 0 < len(source) <= ID_LIMIT or type(width) is not int or not 0 <= width <= WIDEST:
            raise fields.wrong("sizes", f"widths of 0 to {WIDEST} by source")
    return sizes


def _report(values: Mapping[str, Any]) -> dict[str, float]:
    """The figures of a quality report; everything in it that is not a figure is left out."""
    figures = {
        key: float(value)
        for key, value in values.items()
        if isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) < 1e15
        and len(key) <= ID_LIMIT
    }
    if len(figures) > QUALITY_LIMIT:
        raise Malformed(f"signal quality: more than {QUALITY_LIMIT} figures")
    return figures


# -- serialising ---------------------------------------------------------------------------------------------------


def serialise(down: Down) -> tuple[str, dict[str, Any]]:
    """The name of the message and its payload, ready for JSON."""
    match down:
        case Welcome():
            names = ("seq", "view", "people", "clock", "media", "connection")
            return "welcome", {name: getattr(down, name) for name in names}
        case Delivery(seq=seq, entry=entry, view=view):
            return "entry", {"seq": seq, "entry": entry, "view": view}
    body: dict[str, Any] = {"type": _SIGNALS[type(down)]}
    match down:
        case Published(sdp=sdp):
            body["sdp"] = sdp
        case Subscribe(offer=offer, sdp=sdp, streams=streams, peer=peer):
            body["offer"], body["sdp"], body["peer"] = offer, sdp, peer
            body["streams"] = [{"mid": one.mid, "source": one.source, "kind": one.kind} for one in streams]
        case IceServers(servers=servers):
            body["servers"] = [dict(one) for one in servers]
        case Levels(levels=levels):
            body["levels"] = dict(levels)
        case Flow(sources=sources, limited=limited):
            body["sources"], body["limited"] = dict(sources), list(limited)
        case LineReports(lines=lines):
            body["lines"] = {
                seat: {"state": one.state, "age_s": one.age_s, "figures": dict(one.figures)}
                for seat, one in lines.items()
            }
        case Refusal(code=code):
            body["code"] = code
        case MediaRestarted() | Moved():
            pass
    return "signal", body
