"""Every word of the rules has a name in both languages; no sentence a rule can need is missing."""

import ast
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from hearing.proceedings import deadlines, guide, words
from hearing.proceedings.events import EVENTS
from hearing.proceedings.procedures import PACKS, PROCEDURES
from hearing.proceedings.roles import Group, Role

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[3]
LANGUAGES = ("vi", "en")
SHIPPED = ("hearing", "signaling", "recording", "web")


def catalogue(language: str, part: str = "*") -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (ROOT / "web" / "locale" / language).glob(f"{part}.json"):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def refusals() -> Iterator[str]:
    """Every code that stands in a `Refused(...)` of the product."""
    for package in SHIPPED:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Refused" and node.args:
                    code = node.args[0]
                    for part in (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,):
                        if isinstance(part, ast.Constant):
                            yield str(part.value)


def expected() -> Iterator[str]:
    yield from (f"role.{role}" for role in Role)
    yield from (f"group.{group}" for group in Group)
    yield from (f"pack.{pack}" for pack in PACKS)
    yield from guide.keys()
    yield from (f"event.{kind}" for kind in EVENTS)
    yield from (f"alarm.{alarm}" for alarm in (deadlines.INCIDENT_ALARM, deadlines.RECESS_ALARM))
    named: dict[str, type[StrEnum]] = {
        "place": words.Place,
        "stage": words.Stage,
        "mode": words.Mode,
        "visibility": words.Visibility,
        "interruption": words.Interruption,
        "outcome": words.Outcome,
        "source": words.SourceKind,
        "hand": words.HandReason,
        "purpose": words.Purpose,
        "microphone": words.Microphone,
        "point": words.PointKind,
    }
    for prefix, kind in named.items():
        yield from (f"{prefix}.{member}" for member in kind)
    for procedure in PROCEDURES.values():
        yield f"procedure.{procedure.code}"
        for row in procedure.phases:
            yield f"phase.{row.code}"
            yield from (f"item.{item.code}" for item in row.items)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_rules_has_a_name(language: str) -> None:
    assert sorted(set(expected()) - catalogue(language).keys()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_sentence(language: str) -> None:
    codes = {f"refused.{code}" for code in refusals()}
    assert len(codes) > 100
    assert sorted(codes - catalogue(language).keys()) == []


def test_both_languages_have_the_same_keys_and_no_text_is_left_untranslated() -> None:
    vi, en = catalogue("vi", "rules"), catalogue("en", "rules")
    assert vi.keys() == en.keys()
    assert [key for key, text in vi.items() if text == en[key]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_the_log_use_the_fields_of_their_event(language: str) -> None:
    texts = catalogue(language, "rules")
    for kind, event in EVENTS.items():
        used = set(re.findall(r"\{(\w+)\}", texts[f"event.{kind}"]))
        assert used <= set(event.__dataclass_fields__), kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_calm_and_short(language: str) -> None:
    for key, text in catalogue(language, "rules").items():
        assert "!" not in text, key
        assert not re.search(r"\bbạn\b", text, re.IGNORECASE), key
        longest = max(len(sentence.split()) for sentence in re.split(r"[.;:?]\s", text))
        assert longest <= 22, f"{key}: {text}"
