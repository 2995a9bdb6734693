"""What comes from outside is parsed once: exactly one command, or `Malformed`. What is stored is read for ever."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from hearing import wire
from hearing.errors import Malformed
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.words import HandReason, Purpose

pytestmark = pytest.mark.pure


def test_a_command_is_parsed_with_its_defaults() -> None:
    command = wire.parse_command("GiveFloor", {"seat": "chi"})
    assert command == cmd.GiveFloor(seat="chi", answering=None, purpose=Purpose.SPEECH)
    assert wire.parse_command("RaiseHand", {"reason": "objection"}) == cmd.RaiseHand(reason=HandReason.OBJECTION)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("Sing", {}),
        (None, {}),
        (["GiveFloor"], {"seat": "chi"}),
        ("HearingOpened", {}),
        ("GiveFloor", None),
        ("GiveFloor", []),
        ("GiveFloor", {}),
        ("GiveFloor", {"seat": 7}),
        ("GiveFloor", {"seat": None}),
        ("GiveFloor", {"seat": "chi", "by": "judge"}),
        ("GiveFloor", {"seat": "chi", "purpose": "song"}),
        ("GiveFloor", {"seat": "chi", "purpose": 1}),
        ("GiveFloor", {"seat": "\ud800"}),
        ("GiveFloor", {"seat": "a\0b"}),
        ("GiveFloor", {"seat": "a" * 20_001}),
        ("Admit", {"seats": "chi"}),
        ("Admit", {"seats": ["chi"] * 501}),
        ("Admit", {"seats": [["chi"]]}),
        ("StartRecess", {"minutes": True}),
        ("StartRecess", {"minutes": 1.5}),
        ("StartRecess", {"minutes": 2**60}),
        ("CallRoll", {"seat": "chi", "present": 1}),
        ("SuspendHearing", {"reason": "x", "resumes_at": "tomorrow"}),
        ("SuspendHearing", {"reason": "x", "resumes_at": "2026-06-13T08:00:00"}),
        ("SuspendHearing", {"reason": "x", "resumes_at": "0001-01-01T00:00:00+14:00"}),
        ("SuspendHearing", {"reason": "x", "resumes_at": 5}),
    ],
)
def test_whatever_is_not_exactly_one_command_is_malformed(name: object, args: object) -> None:
    with pytest.raises(Malformed):
        wire.parse_command(name, args)


def test_times_are_kept_in_utc_to_the_microsecond() -> None:
    local = datetime(2026, 6, 13, 8, 0, 0, 5, tzinfo=timezone(timedelta(hours=7)))
    event = ev.HearingSuspended(reason="x", resumes_at=local)
    assert wire.to_json(event) == {"reason": "x", "resumes_at": "2026-06-13T01:00:00.000005Z"}
    assert wire.decode("HearingSuspended", 1, wire.encode(event)) == event


def test_bodies_are_the_same_bytes_whenever_they_are_written() -> None:
    event = ev.NoteLogged(note="n", text="Xét hỏi", by="son")
    assert wire.encode(event) == wire.encode(event)
    assert "Xét hỏi".encode() in wire.encode(event)


@pytest.mark.parametrize(
    ("kind", "schema", "body"),
    [("Sang", 1, b"{}"), ("HearingOpened", 2, b"{}"), ("Admitted", 1, b"{}"), ("Admitted", 1, b"[]")],
)
def test_an_entry_that_cannot_be_read_is_a_fault(kind: str, schema: int, body: bytes) -> None:
    with pytest.raises(ValueError):
        wire.decode(kind, schema, body)


def test_old_entries_are_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(values: dict[str, Any]) -> dict[str, Any]:
        return {"seat": values["who"]}

    def second(values: dict[str, Any]) -> dict[str, Any]:
        return {"seat": values["seat"].lower()}

    monkeypatch.setitem(wire.SCHEMAS, "Admitted", 3)
    monkeypatch.setitem(wire.UPCASTERS, ("Admitted", 1), first)
    monkeypatch.setitem(wire.UPCASTERS, ("Admitted", 2), second)
    assert wire.schema(ev.Admitted(seat="chi")) == 3
    assert wire.decode("Admitted", 1, b'{"who":"CHI"}') == ev.Admitted(seat="chi")
    assert wire.decode("Admitted", 2, b'{"seat":"CHI"}') == ev.Admitted(seat="chi")
    assert wire.decode("Admitted", 3, b'{"seat":"chi"}') == ev.Admitted(seat="chi")


def test_a_view_becomes_json_with_its_dictionaries() -> None:
    assert wire.to_json({"allowed": {"Admit": ("a", "b")}, "at": datetime(2026, 1, 1, tzinfo=UTC)}) == {
        "allowed": {"Admit": ["a", "b"]},
        "at": "2026-01-01T00:00:00.000000Z",
    }
