"""A plan counts from the court's entry, not from its arrival in this process: what came in between is not recorded."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hearing.errors import Malformed
from signaling.media.layers import Layers
from signaling.media.payload import OPUS
from signaling.media.room import RECORDER, Room
from signaling.media.sink import KeptTrack, MemorySink, Track
from signaling.media.source import Source
from tests.signaling.media.wire import Feed

NOW = 1000.0
"""Monotonic seconds at which the room was opened, at 60 s of the hearing's clock."""
OPENED_MS = 60_000
HEARD = ("source", RECORDER, "audio")
SEEN = ("source", "judge", "audio")


@dataclass
class Timed(KeptTrack):
    """Keeps the times of the calls as well."""

    at: list[tuple[str, float]] = field(default_factory=list)

    def pause(self, at: float) -> None:
        self.at.append(("pause", at))

    def resume(self, at: float) -> None:
        self.at.append(("resume", at))


class TimedSink(MemorySink):
    def open_track(self, track: Track) -> Timed:
        kept = Timed(track)
        self.tracks.append(kept)
        return kept


@dataclass
class Court:
    room: Room
    sink: TimedSink

    @property
    def calls(self) -> list[tuple[str, float]]:
        (track,) = self.sink.tracks
        assert isinstance(track, Timed)
        return track.at


@pytest.fixture
async def court(tmp_path: Path) -> Court:
    """A courtroom with one microphone that is being recorded."""
    sink = TimedSink()
    room = Room("room", OPENED_MS, tmp_path, sink, lambda room, body: None, NOW)
    room._sources["source"] = Layers([Source("source", "seat", OPUS, "0", (111, None), Feed())])
    room.set_edges(1, {HEARD, SEEN}, NOW + 1)
    await asyncio.sleep(0)
    assert len(sink.tracks) == 1
    return Court(room, sink)


async def test_a_pause_begins_with_the_entry_and_so_does_the_way_back(court: Court) -> None:
    court.room.set_edges(2, {SEEN}, NOW + 10.5, since_ms=OPENED_MS + 10_000)
    assert court.calls == [("pause", pytest.approx(NOW + 10.0))]
    court.room.set_edges(3, {HEARD, SEEN}, NOW + 20.9, since_ms=OPENED_MS + 20_000)
    assert court.calls[1:] == [("resume", pytest.approx(NOW + 20.0))]


async def test_without_a_time_a_plan_counts_from_its_arrival(court: Court) -> None:
    court.room.set_edges(2, {SEEN}, NOW + 10.5)
    assert court.calls == [("pause", NOW + 10.5)]


async def test_an_entry_from_the_future_is_not_waited_for(court: Court) -> None:
    """The clocks of two processes may differ by a little: what has come already cannot be taken back or given early."""
    court.room.set_edges(2, {SEEN}, NOW + 10.5, since_ms=OPENED_MS + 99_000)
    assert court.calls == [("pause", NOW + 10.5)]


async def test_a_plan_that_leaves_the_recorder_alone_tells_it_nothing(court: Court) -> None:
    court.room.set_edges(2, {HEARD}, NOW + 10.5, since_ms=OPENED_MS + 1)
    assert court.calls == []


async def test_an_older_plan_is_refused_and_changes_nothing(court: Court) -> None:
    with pytest.raises(Malformed):
        court.room.set_edges(0, set(), NOW + 10.5, since_ms=OPENED_MS)
    assert court.calls == [] and court.room.edges == {HEARD, SEEN}
