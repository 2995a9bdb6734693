"""Writes `docs/protocol.md` and the browser's types from the dataclasses of the proceedings.

`python -m hearing.protocol_page` writes both files; with `--check` it says whether they are in step. The page's first
half is written by hand: only what follows the mark is replaced.
"""

import sys
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hearing.proceedings import views
from hearing.proceedings.commands import COMMANDS, Point, Seat
from hearing.proceedings.events import EVENTS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "protocol.md"
TYPES = ROOT / "web" / "static" / "court" / "protocol.d.ts"
MARK = "<!-- generated from the dataclasses: make protocol -->"

_PLAIN = {str: "string", int: "number", bool: "boolean", datetime: "string"}
_VIEWS: tuple[type[Any], ...] = tuple(
    kind for name, kind in vars(views).items() if name.endswith("View") and name != "View" and isinstance(kind, type)
)


def type_of(hint: Any) -> str:
    """The TypeScript of a field's type, which is what JSON carries of it."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return " | ".join("null" if arg is NoneType else type_of(arg) for arg in get_args(hint))
    if origin is tuple:
        inner = type_of(get_args(hint)[0])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if origin is dict:
        key, value = get_args(hint)
        return f"{{ [name: {type_of(key)}]: {type_of(value)} }}"
    if hint in _PLAIN:
        return _PLAIN[hint]
    if issubclass(hint, Enum):
        return " | ".join(f'"{member.value}"' for member in hint)
    return str(hint.__name__)


def _described(kind: type[Any]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _optional(field: Field[Any]) -> bool:
    return field.default is not MISSING


def _words(hint: Any) -> str:
    """A short name of a type for the page: the values of an enumeration stand in the list of words."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return " or ".join("null" if arg is NoneType else _words(arg) for arg in get_args(hint))
    if origin is tuple:
        return f"list of {_words(get_args(hint)[0])}"
    return "time" if hint is datetime else _PLAIN.get(hint, hint.__name__)


def _lines(kinds: Iterable[type[Any]]) -> list[str]:
    lines = []
    for kind in kinds:
        hints = get_type_hints(kind)
        lines += [f"### `{kind.__name__}`", "", _described(kind), ""]
        rows = [
            f"| `{field.name}` | {_words(hints[field.name])} | {'may be left out' if _optional(field) else ''} |"
            for field in fields(kind)
        ]
        lines += ["| field | type | |", "|---|---|---|", *rows, ""] if rows else ["No fields.", ""]
    return lines


def _enums(kinds: Iterable[type[Any]]) -> dict[str, type[Enum]]:
    found: dict[str, type[Enum]] = {}

    def look(hint: Any) -> None:
        for arg in get_args(hint):
            look(arg)
        if isinstance(hint, type) and issubclass(hint, Enum):
            found[hint.__name__] = hint

    for kind in kinds:
        for hint in get_type_hints(kind).values():
            look(hint)
    return dict(sorted(found.items()))


def page(written_by_hand: str) -> str:
    """The whole page: the part by hand, the mark, the lists."""
    words = _enums([*COMMANDS.values(), *EVENTS.values(), Seat, Point])
    lists = [
        "## Words",
        "",
        *(f"- `{name}`: {', '.join(f'`{member.value}`' for member in kind)}" for name, kind in words.items()),
        "",
        "## Parts of commands",
        "",
        *_lines((Point, Seat)),
        "## Commands",
        "",
        *_lines(COMMANDS.values()),
        "## Events",
        "",
        *_lines(EVENTS.values()),
        "## The view",
        "",
        *_lines((*_VIEWS, views.View)),
    ]
    return written_by_hand.rstrip() + f"\n\n{MARK}\n\n" + "\n".join(lists).rstrip() + "\n"


def _interface(kind: type[Any], *, options: bool) -> list[str]:
    hints = get_type_hints(kind)
    shown = [
        f"  {field.name}{'?' if options and _optional(field) else ''}: {type_of(hints[field.name])};"
        for field in fields(kind)
    ]
    return [f"/** {_described(kind)} */", f"export interface {kind.__name__} {{", *shown, "}", ""]


def _table(name: str, described: str, kinds: Iterable[str]) -> list[str]:
    return [f"/** {described} */", f"export interface {name} {{", *(f"  {kind}: {kind};" for kind in kinds), "}", ""]


def types() -> str:
    """The browser's declarations."""
    lines = ["// Written by `make protocol` from the dataclasses of the proceedings. Do not edit.", ""]
    asked: list[type[Any]] = [Point, Seat, *COMMANDS.values()]
    told: list[type[Any]] = [*EVENTS.values(), *_VIEWS, views.View]
    for kind in asked:
        lines += _interface(kind, options=True)
    for kind in told:
        lines += _interface(kind, options=False)
    lines += _table("Commands", "Every command by its name.", COMMANDS)
    lines += _table("Events", "Every event by its kind.", EVENTS)
    return "\n".join(lines).rstrip() + "\n"


def stale() -> list[Path]:
    """The files that are not what would be written now."""
    current = PAGE.read_text(encoding="utf-8")
    found = [] if current == page(current.split(MARK)[0]) else [PAGE]
    written = TYPES.read_text(encoding="utf-8") if TYPES.exists() else ""
    return found if written == types() else [*found, TYPES]


def main() -> int:
    """Write both files, or with `--check` only look; the exit status says whether something was stale."""
    if "--check" in sys.argv[1:]:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is stale: run make protocol")
        return 1 if stale() else 0
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8").split(MARK)[0]), encoding="utf-8")
    TYPES.write_text(types(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
