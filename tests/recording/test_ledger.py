"""Notices become entries: once, in order, whoever was away in between."""

import json
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hearing.errors import Refused
from hearing.proceedings import COURT, commands
from hearing.proceedings.commands import Command
from recording import ledger as module
from recording import webm
from recording.ledger import Ledger


class Docket:
    """Keeps what it is told once per `op_id`, or segment, as the real one does, and fails or refuses on demand."""

    def __init__(self) -> None:
        self.entered: dict[str, Command] = {}
        self.failures = 0
        self.refuse: dict[str, str] = {}
        self.asked = 0

    async def handle_all(self, hearing_id: str, orders: Sequence[tuple[str, Command]], *, by: str) -> Sequence[object]:
        assert (hearing_id, by) == ("hearing", COURT)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        return [self._answer(op_id, command) for op_id, command in orders]

    def _answer(self, op_id: str, command: Command) -> Refused | None:
        if (code := self.refuse.get(type(command).__name__)) is not None:
            return Refused(code)
        self.asked += 1
        if isinstance(command, commands.CloseSegment) and op_id in self.entered:
            return Refused("segment-known")
        self.entered.setdefault(op_id, command)
        return None

    @property
    def commands(self) -> list[Command]:
        return list(self.entered.values())


def opened(track: str, source: str = "source", media: str = "audio") -> dict[str, Any]:
    codec = "opus" if media == "audio" else "vp8"
    return {"kind": "track", "track": track, "source": source, "media": media, "codec": codec, "file": f"{track}.webm"}


def segment(track: str, index: int, t0_ms: int) -> dict[str, Any]:
    return {
        "kind": "segment",
        "track": track,
        "index": index,
        "offset": 100 + 10 * index,
        "length": 10,
        "t0_ms": t0_ms,
        "t1_ms": t0_ms + 4000,
        "sha256": f"{index:064x}",
        "prev": f"{index - 1:064x}" if index else "0" * 64,
        "key_id": "none",
    }


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = tmp_path / "hearing" / "sitting"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def docket() -> Docket:
    return Docket()


@pytest.fixture
async def ledger(docket: Docket, tmp_path: Path, directory: Path) -> AsyncIterator[Ledger]:
    ledger = Ledger(docket, tmp_path)
    ledger.open("room", "hearing", directory)
    yield ledger
    await ledger.close()


def write(directory: Path, track: str, *lines: dict[str, Any]) -> None:
    (directory / f"{track}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


async def test_each_notice_becomes_its_command(ledger: Ledger, docket: Docket) -> None:
    for body in (
        opened("one"),
        segment("one", 0, 1000),
        {"kind": "gap", "track": "one", "t0_ms": 5000, "t1_ms": 5500, "reason": "lost"},
        {"kind": "gap", "track": "one", "t0_ms": 7000, "t1_ms": 9500, "reason": "deliberation"},
        {"kind": "gap", "track": "one", "t0_ms": 9600, "t1_ms": 9900, "reason": "silent"},
        {"kind": "closed", "track": "one", "reason": "left"},
        {"kind": "alarm", "reason": "recording-disk-low"},
        {"kind": "alarm-cleared", "reason": "recording-disk-low"},
    ):
        ledger.notice("room", body)
    await ledger.settled("room")
    track, piece, loss, closed, alarm, cleared = docket.commands
    assert isinstance(track, commands.OpenTrack)
    assert (track.source, track.kind, track.file) == ("source", "audio", "hearing/sitting/one.webm")
    assert isinstance(piece, commands.CloseSegment) and (piece.index, piece.t1_ms) == (0, 5000)
    assert loss == commands.ReportLoss(track="one", source="source", t0_ms=5000, t1_ms=5500, reason="lost")
    assert closed == commands.CloseTrack(track="one", reason="left")
    assert alarm == commands.RaiseAlarm(alarm="recording-disk-low", reason="recording-disk-low")
    assert cleared == commands.ClearAlarm(alarm="recording-disk-low")


async def test_a_notice_that_was_never_heard_is_read_from_the_side_car_in_its_order(
    ledger: Ledger, docket: Docket, directory: Path
) -> None:
    lines = [opened("one"), segment("one", 0, 0), segment("one", 1, 4000), segment("one", 2, 8000)]
    write(directory, "one", *lines)
    ledger.notice("room", lines[0])
    ledger.notice("room", lines[1])
    ledger.notice("room", lines[3])  # the second segment was told while nobody listened
    await ledger.settled("room")
    indices = [command.index for command in docket.commands if isinstance(command, commands.CloseSegment)]
    assert indices == [0, 1, 2]


async def test_what_is_entered_is_not_asked_for_again_when_the_side_cars_are_read(
    ledger: Ledger, docket: Docket, directory: Path
) -> None:
    lines = [opened("one"), *(segment("one", index, 4000 * index) for index in range(200))]
    write(directory, "one", *lines)
    for line in lines:
        ledger.notice("room", line)
    await ledger.settled("room")
    assert docket.asked == 201
    (directory / "one.webm").write_bytes(webm.audio_header())
    await ledger.recover("room", 900_000)
    pieces = [one for one in docket.commands if isinstance(one, commands.CloseSegment)]
    assert [one.index for one in pieces] == list(range(200))
    assert docket.asked < 210


async def test_a_new_web_process_enters_what_the_old_one_missed_and_nothing_twice(
    docket: Docket, tmp_path: Path, directory: Path
) -> None:
    lines = [opened("one"), segment("one", 0, 0), segment("one", 1, 4000), segment("one", 2, 8000)]
    write(directory, "one", *lines, {"kind": "closed", "track": "one", "reason": "left"})
    for _ in range(2):
        ledger = Ledger(docket, tmp_path)
        ledger.open("room", "hearing", directory)
        ledger.notice("room", lines[3])  # told before the side-cars are read
        await ledger.recover("room", 20_000)
        await ledger.recover("room", 30_000)
        await ledger.close()
    kinds = [type(command).__name__ for command in docket.commands]
    assert kinds == ["OpenTrack", "CloseSegment", "CloseSegment", "CloseSegment", "CloseTrack"]


async def test_after_a_crash_the_loss_is_told_at_once_and_completed_when_the_source_is_back(
    ledger: Ledger, docket: Docket, directory: Path
) -> None:
    header = webm.audio_header()
    frame = b"\x78" + bytes(40)  # one Opus frame of 20 ms
    rest = webm.cluster(1000) + b"".join(webm.block_head(20 * number, True, len(frame)) + frame for number in range(40))
    (directory / "one.webm").write_bytes(header + rest + rest[: len(rest) // 2][-30:])
    write(directory, "one", opened("one"))
    await ledger.recover("room", 2500)
    ledger.notice("room", opened("two"))
    ledger.notice("room", segment("two", 0, 4300))
    ledger.notice("room", segment("two", 1, 8300))
    await ledger.recover("room", 9000)
    pieces = [command for command in docket.commands if isinstance(command, commands.CloseSegment)]
    sealed = pieces[0]
    assert (sealed.track, sealed.t0_ms, sealed.t1_ms) == ("one", 1000, 1800)
    assert (sealed.offset, sealed.length) == (len(header), len(rest))
    assert (sealed.prev, sealed.sha256) == (sha256(header).hexdigest(), sha256(rest).hexdigest())
    losses = [command for command in docket.commands if isinstance(command, commands.ReportLoss)]
    assert [(loss.track, loss.t0_ms, loss.t1_ms, loss.reason) for loss in losses] == [
        ("one", 1800, 2500, "recorder-crashed"),
        ("one", 2500, 4300, "recorder-crashed"),
    ]
    assert commands.CloseTrack(track="one", reason="recorder-crashed") in docket.commands


async def test_a_source_that_comes_back_much_later_was_not_missing_all_that_time(
    ledger: Ledger, docket: Docket, directory: Path
) -> None:
    crash = {"kind": "gap", "track": "one", "t0_ms": 4000, "t1_ms": 5000, "reason": "recorder-crashed"}
    write(
        directory, "one", opened("one"), segment("one", 0, 0), crash, {"kind": "closed", "track": "one", "reason": "x"}
    )
    await ledger.recover("room", 5000)
    ledger.notice("room", opened("two"))
    ledger.notice("room", segment("two", 0, 65_000))
    await ledger.settled("room")
    losses = [command for command in docket.commands if isinstance(command, commands.ReportLoss)]
    assert [(loss.t0_ms, loss.t1_ms) for loss in losses] == [(4000, 5000)]


async def test_while_the_docket_fails_notices_wait(
    ledger: Ledger, docket: Docket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    docket.failures = 3
    ledger.notice("room", opened("one"))
    ledger.notice("room", segment("one", 0, 0))
    await ledger.settled("room")
    assert [type(command).__name__ for command in docket.commands] == ["OpenTrack", "CloseSegment"]
    assert docket.failures == 0


async def test_what_the_court_knows_already_is_no_alarm_and_what_it_refuses_is_one(
    ledger: Ledger, docket: Docket
) -> None:
    docket.refuse = {"OpenTrack": "track-known", "CloseTrack": "no-such-track"}
    ledger.notice("room", opened("one"))
    ledger.notice("room", {"kind": "closed", "track": "one", "reason": "left"})
    await ledger.settled("room")
    assert docket.commands == [commands.RaiseAlarm(alarm=module.NOT_ENTERED, reason="no-such-track")]


async def test_a_room_must_lie_below_the_recordings(docket: Docket, tmp_path: Path) -> None:
    ledger = Ledger(docket, tmp_path / "recordings")
    with pytest.raises(ValueError, match="subpath"):
        ledger.open("room", "hearing", tmp_path / "elsewhere")
    ledger.notice("room", opened("one"))  # not open: left to `recover`
    assert docket.commands == []
    await ledger.close()
