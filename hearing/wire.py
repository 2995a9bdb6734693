"""Commands, events and entries as JSON, and back. Rule: what comes from outside is parsed once, here, into a type.

The dataclasses of the proceedings are the format: their field names are the keys. Stored events are read for ever, so
an event whose fields have changed gets a higher schema number and an upcaster from the one before.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from hearing.errors import Malformed
from hearing.proceedings.commands import COMMANDS, Command
from hearing.proceedings.events import EVENTS, Event

T = TypeVar("T")
LONGEST_TEXT = 20_000
LONGEST_LIST = 500
LARGEST_NUMBER = 2**53

# Kind -> schema number, where it is no longer 1; (kind, schema) -> what makes the next schema's fields of a body.
SCHEMAS: dict[str, int] = {}
UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One numbered line of the record. `body` is the exact bytes that were hashed, never encoded again."""

    hearing: str
    number: int
    at: datetime
    by: str
    kind: str
    schema: int
    op_id: str
    body_sha256: str
    prev: str
    hash: str
    body: bytes
    event: Event


def to_json(value: Any) -> Any:
    """`value` in the types JSON has: dataclasses become objects, times become ISO 8601 in UTC."""
    kind: Any = type(value)
    if value is None or kind in (str, bool, int):
        return value
    if (names := _names(kind)) is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    return value


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of a dataclass; None for anything else."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


def schema(event: Event) -> int:
    """The schema number that `encode` writes for this kind of event."""
    return SCHEMAS.get(type(event).__name__, 1)


def encode(event: Event) -> bytes:
    """The body of an entry."""
    return json.dumps(to_json(event), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def decode(kind: str, schema: int, body: bytes) -> Event:
    """The event of a stored body, brought up from `schema`. Raises ValueError: a record we cannot read is a fault."""
    event = EVENTS.get(kind)
    if event is None or schema > SCHEMAS.get(kind, 1):
        raise ValueError(f"this version knows no {kind} of schema {schema}")
    values = json.loads(body)
    for step in range(schema, SCHEMAS.get(kind, 1)):
        values = UPCASTERS[kind, step](values)
    try:
        return _build(event, values, kind)
    except Malformed as fault:
        raise ValueError(f"entry of kind {kind} cannot be read: {fault.reason}") from fault


def parse_command(name: object, args: object) -> Command:
    """The command a peer sent. Raises `Malformed` for anything that is not exactly one."""
    command = COMMANDS.get(name) if isinstance(name, str) else None
    if command is None:
        raise Malformed("unknown command")
    return _build(command, args, command.__name__)


def _build(kind: type[T], values: object, where: str) -> T:
    if not isinstance(values, dict):
        raise Malformed(f"{where}: an object is expected")
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := [str(name)[:40] for name in values if name not in known]:
        raise Malformed(f"{where}: unknown field {unknown[0]!r}")
    hashable: Any = kind
    hints = _hints(hashable)
    built: dict[str, Any] = {}
    for name, field in known.items():
        if name in values:
            built[name] = _parse(hints[name], values[name], f"{where}.{name}")
        elif field.default is MISSING:
            raise Malformed(f"{where}.{name}: missing")
    return kind(**built)


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def _parse(hint: Any, value: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        if value is None:
            return None
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return _parse(inner, value, where)
    if origin is tuple:
        return _list(get_args(hint)[0], value, where)
    if hint is bool:
        return _of(bool, value, where)
    if hint is int:
        return _number(value, where)
    if hint is str:
        return _text(value, where)
    if hint is datetime:
        return _time(value, where)
    if issubclass(hint, Enum):
        try:
            return hint(_of(str, value, where))
        except ValueError:
            raise Malformed(f"{where}: not one of its words") from None
    return _build(hint, value, where)


def _of(kind: type[T], value: object, where: str) -> T:
    if not isinstance(value, kind):
        raise Malformed(f"{where}: {kind.__name__} expected")
    return value


def _list(inner: Any, value: object, where: str) -> tuple[Any, ...]:
    items = _of(list, value, where)
    if len(items) > LONGEST_LIST:
        raise Malformed(f"{where}: too long")
    return tuple(_parse(inner, item, where) for item in items)


def _number(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_NUMBER:
        raise Malformed(f"{where}: whole number expected")
    return value


def _text(value: object, where: str) -> str:
    text = _of(str, value, where)
    if len(text) > LONGEST_TEXT:
        raise Malformed(f"{where}: too long")
    # A lone surrogate is no text and could be neither stored nor hashed; NUL is refused by PostgreSQL.
    if any(0xD800 <= ord(letter) <= 0xDFFF or letter == "\0" for letter in text):
        raise Malformed(f"{where}: not text")
    return text


def _time(value: object, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_of(str, value, where))
    except ValueError:
        raise Malformed(f"{where}: time expected") from None
    if moment.tzinfo is None:
        raise Malformed(f"{where}: the time needs its offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Malformed(f"{where}: time out of range") from None
