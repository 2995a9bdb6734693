"""What the documents say exists: the pages they lead to, the targets and the commands they name."""

import re
from pathlib import Path

import pytest

from hearing.proceedings.events import EVENTS
from web.cli import app

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def links(page: Path) -> list[Path]:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    return [(page.parent / target).resolve() for target in targets if not target.endswith((".png", ".jpg"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not target.exists()] == []


def test_every_page_can_be_found_from_the_readme() -> None:
    found, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in found:
            continue
        found.add(page)
        for target in links(page):
            waiting += sorted(target.glob("*.md")) if target.is_dir() else [target] if target.suffix == ".md" else []
    assert [page for page in PAGES if page not in found] == []


def test_every_target_and_command_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets, page.name
        assert set(re.findall(r"(?:^|`)hearing ([a-z-]+)", text, re.MULTILINE)) <= commands, page.name


def test_decisions_are_numbered_and_say_context_choice_and_price() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Choice", "Price")), path.name


def test_the_kinds_of_entries_that_the_record_page_names_exist() -> None:
    text = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:Track|Segment|Item|Witness|Sitting)[A-Z][a-z]+)`", text))
    assert named and named <= EVENTS.keys()
