"""The protocol page and the browser's types follow the dataclasses."""

from pathlib import Path

import pytest

from hearing import protocol_page
from hearing.proceedings.commands import COMMANDS
from hearing.proceedings.events import EVENTS

pytestmark = pytest.mark.pure


def test_page_and_types_are_in_step() -> None:
    assert protocol_page.stale() == [], "run make protocol"


def test_every_command_and_event_is_described() -> None:
    for kind in (*COMMANDS.values(), *EVENTS.values()):
        assert kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("), kind.__name__


def test_a_stale_page_is_noticed_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, types = tmp_path / "protocol.md", tmp_path / "protocol.d.ts"
    page.write_text("# By hand\n\nKept.\n", encoding="utf-8")
    monkeypatch.setattr(protocol_page, "ROOT", tmp_path)
    monkeypatch.setattr(protocol_page, "PAGE", page)
    monkeypatch.setattr(protocol_page, "TYPES", types)
    monkeypatch.setattr("sys.argv", ["protocol_page", "--check"])
    assert protocol_page.main() == 1
    assert "protocol.md is stale" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["protocol_page"])
    assert protocol_page.main() == 0
    assert protocol_page.stale() == []
    assert page.read_text(encoding="utf-8").startswith("# By hand\n\nKept.\n")
    types.write_text(types.read_text(encoding="utf-8").replace("seat: string", "seat: number"), encoding="utf-8")
    assert protocol_page.stale() == [types]
