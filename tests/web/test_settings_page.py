"""The generated pages are in step with the settings and with what is shipped."""

import tomllib

import pytest
from packaging.requirements import Requirement

from web.settings import Settings
from web.settings_page import DOCS, licences_page, settings_page

pytestmark = pytest.mark.pure


def test_the_page_of_settings_is_in_step() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page(), "run make docs"


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []


def test_every_setting_is_read_somewhere() -> None:
    root = DOCS.parent / "web"
    sources = [path.read_text(encoding="utf-8") for path in root.rglob("*.py") if path.name != "settings_page.py"]
    whole = "\n".join(sources)
    unread = [name for name in Settings.model_fields if f"settings.{name}" not in whole and f"self.{name}" not in whole]
    assert unread == []


def test_every_library_we_ask_for_stands_on_the_page_of_licences() -> None:
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (DOCS / "licences.md").read_text(encoding="utf-8")
    wanted = [Requirement(text).name for text in project["dependencies"]]
    assert [name for name in wanted if f"| {name} |" not in page] == []
    assert "UNKNOWN" not in page


def test_a_library_that_is_not_installed_is_left_out() -> None:
    assert "no-such-library" not in licences_page(["no-such-library", "aiohttp"])
    assert "| aiohttp |" in licences_page(["no-such-library", "aiohttp"])
