"""What a worker has made comes into the case file, whatever fails on the way."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from recording.board import Job
from web import archivist
from web.archivist import Archivist

pytestmark = pytest.mark.pure


def job(name: str) -> Job:
    file = {"kind": "transcript", "item": True, "title": "t", "blob": name, "sha256": "0" * 64, "size": 1}
    return Job(
        id=name,
        kind="transcribe",
        hearing=f"hearing of {name}",
        sitting="s",
        input={},
        state="done",
        progress=1000,
        stage="",
        result=[{**file, "media_type": "application/json"}],
        error="",
        asked_by="court",
        cancel=False,
        filed=False,
    )


class Court:
    """Board, docket and case files at once; `failing` says how often still the case of `broken` cannot be written."""

    def __init__(self, failing: int) -> None:
        self.failing = failing
        self.waiting = {"broken": job("broken"), "sound": job("sound")}
        self.attached: list[str] = []
        self.all_filed = asyncio.Event()

    def unfiled(self) -> list[Job]:
        return list(self.waiting.values())

    def filed(self, name: str) -> None:
        del self.waiting[name]

    async def hearing(self, id: str) -> Any:
        return SimpleNamespace(case=f"case of {id}")

    async def item_sha256(self, id: str) -> str | None:
        return None

    async def add_item(self, **fields: Any) -> None:
        if fields["blob"] == "broken" and self.failing:
            self.failing -= 1
            raise OSError("the disk is full")

    async def handle(self, hearing: str, command: Any, *, by: str, op_id: str) -> None:
        self.attached.append(hearing)
        if len(self.attached) == 2:
            self.all_filed.set()


async def test_what_cannot_be_filed_holds_up_nothing_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archivist, "RETRY_S", 0.0)
    court: Any = Court(failing=3)
    store: Any = SimpleNamespace(cases=court, record=SimpleNamespace(heads=lambda: nothing()))
    nobody: Any = None
    keeper = Archivist(store, court, nobody, court, nobody, nobody, nobody)
    await keeper.start()
    async with asyncio.timeout(60):
        await court.all_filed.wait()
    await keeper.stop()
    assert court.attached == ["hearing of sound", "hearing of broken"]
    assert court.failing == 0


async def nothing() -> dict[str, int]:
    return {}
