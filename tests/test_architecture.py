"""The shape of the product: what is pure, who names a role, how long a file may be. `make check` has the contracts."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from hearing.proceedings.procedures import PROCEDURES
from hearing.proceedings.roles import Role

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[1]
PACKAGES = ("hearing", "signaling", "recording", "web")
PROCEEDINGS = ROOT / "hearing" / "proceedings"

# What holds no `async def` and never asks for the time. Folders end with a slash.
PURE = (
    "hearing/proceedings/",
    "hearing/wire.py",
    "hearing/access.py",
    "signaling/protocol.py",
    "signaling/negotiation.py",
    "signaling/media/rtcp.py",
    "signaling/media/payload.py",
    "signaling/media/sdp.py",
    "recording/segments.py",
    "recording/timeline.py",
    "recording/compose.py",
    "recording/transcript.py",
)
# Reading a manifest's bytes is asynchronous by nature; it still never asks for the time.
MAY_AWAIT = ("recording/segments.py",)

PROCEEDINGS_MAY_IMPORT = {
    *("dataclasses", "datetime", "enum", "functools", "operator", "typing", "collections.abc"),
    "hearing.errors",
}

# Files past 400 lines, each with the reason why it is one noun all the same.
LONG = {
    "hearing/proceedings/commands.py": "one dataclass per command: a list, read by name",
    "hearing/proceedings/events.py": "one dataclass per event: a list, read by name",
    "signaling/protocol.py": "one dataclass per message to and from a page: a list, read by name",
}

# Who names a role beside the two tables, each with the reason.
MAY_NAME_ROLES = {
    "hearing/proceedings/roles.py": "the table of roles",
    "hearing/proceedings/procedures/": "the tables of phases",
    "hearing/access.py": "the table of offices: what a role may do outside of a hearing",
    "hearing/samples.py": "the people of the sample cases",
    "hearing/seed.py": "the people of the sample cases",
    "web/demo/": "the people of the demonstration",
    "web/pages/case_new.py": "a form that says who presides and who keeps the minutes",
    "web/pages/scheduling.py": "a form that says who presides",
}


def sources() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def under(name: str, places: Iterable[str]) -> bool:
    """Whether the file is one of `places`, or lies in a folder among them."""
    return any(name == place or (place.endswith("/") and name.startswith(place)) for place in places)


def asks_for_the_time(module: ast.Module) -> list[str]:
    """Calls that read a clock, draw at random or wait."""
    clocks = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "uuid4", "token_hex"}
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if name in clocks or (owner == "time" and name in ("time", "sleep")):
                found.append(f"{owner}.{name}")
    return found


def awaits(module: ast.Module) -> bool:
    return any(isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor)) for node in ast.walk(module))


def test_pure_modules_neither_wait_nor_ask_for_the_time() -> None:
    assert [name for name in PURE if not (ROOT / name).exists()] == []
    for name, path in sources():
        if under(name, PURE):
            module = tree(path)
            assert asks_for_the_time(module) == [], name
            assert name in MAY_AWAIT or not awaits(module), name


def test_a_clock_or_an_await_would_be_found() -> None:
    assert asks_for_the_time(ast.parse("import datetime\nx = datetime.datetime.now(None)"))
    assert awaits(ast.parse("async def f(): ..."))


def imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def test_the_proceedings_import_only_themselves_and_a_few_plain_modules() -> None:
    for path in PROCEEDINGS.rglob("*.py"):
        for name in imported(tree(path)):
            assert name.startswith("hearing.proceedings") or name in PROCEEDINGS_MAY_IMPORT, f"{path.name}: {name}"


def roles_named(module: ast.Module) -> list[str]:
    """`Role.X`, and role codes as texts. `judge` or `public` alone are words of other lists, so those do not count."""
    ambiguous = {"judge", "public", "press", "clerk", "witness", "expert"}
    codes = {role.value for role in Role} - ambiguous
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Role":
            found.append(node.attr)
        if isinstance(node, ast.Constant) and node.value in codes:
            found.append(str(node.value))
    return found


def test_only_the_tables_name_a_role() -> None:
    for name, path in sources():
        if not under(name, MAY_NAME_ROLES):
            assert roles_named(tree(path)) == [], f"{name} names a role: ask for a power instead"


def test_a_named_role_would_be_found() -> None:
    assert roles_named(ast.parse("if seat.role is Role.CLERK: ..."))
    assert roles_named(ast.parse("if seat.role == 'presiding_judge': ..."))


def test_no_source_file_is_long_without_a_reason() -> None:
    long = {name for name, path in sources() if len(path.read_text(encoding="utf-8").splitlines()) > 400}
    assert sorted(long - LONG.keys()) == []
    assert sorted(LONG.keys() - long) == [], "no longer long: take it off the list"


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name, path in sources() if not ast.get_docstring(tree(path)) and path.read_text().strip()] == []


def test_every_procedure_file_is_in_the_table() -> None:
    shared = {"__init__", "common", "packs"}
    files = {path.stem for path in (PROCEEDINGS / "procedures").glob("*.py")} - shared
    assert files == PROCEDURES.keys()
