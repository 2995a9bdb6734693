"""The writer's thread and its alarms: a disk that fails, a disk nearly full, a queue that overflows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recording import writer
from tests.recording.child import recording_child
from tests.recording.recorder import Recorder, check_chain, decode, sidecar
from tests.recording.rtp import Sender, in_order_of_arrival, opus_frames, vp8_frames

START = 100.0


@pytest.fixture(scope="module")
def sound() -> list[bytes]:
    return opus_frames(6)


@pytest.fixture
def stopped_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The thread does not look into its queue before `close`: the disk stands still."""
    monkeypatch.setattr(writer, "TICK_S", 3600.0)
    yield


def test_a_disk_that_takes_no_more_raises_the_alarm_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with recording_child(tmp_path, "30000") as child:
        child.until(lambda body: body.get("kind") == "alarm")
        assert child.said[-1] == {"kind": "alarm", "reason": writer.DISK_FAILED}
        assert max(path.stat().st_size for path in tmp_path.glob("*.webm")) == 30_000
        assert child.process.stdin is not None
        child.process.stdin.write("lift\n")
        child.process.stdin.flush()
        child.until(lambda body: body.get("kind") == "alarm-cleared")
        child.until(lambda body: body.get("kind") == "ended")
    for path in tmp_path.glob("*.webm"):
        content, lines = path.read_bytes(), sidecar(tmp_path, path.stem)
        assert check_chain(content, lines) == len(content) > 30_000
        assert not [line for line in lines if line["kind"] == "gap"]
        assert len(decode(path)) in (175, 350)


def test_a_disk_that_is_nearly_full_raises_the_alarm(tmp_path: Path, sound: list[bytes]) -> None:
    recorder = Recorder(tmp_path, now=START, options={"low_disk_bytes": 1 << 62})
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(Sender(48_000, 0.02, started=START).audio(sound)))
    recorder.wait_for(lambda: {"kind": "alarm", "reason": writer.DISK_LOW} in recorder.notices)
    recorder.capture.close()


def test_a_disk_with_room_raises_none(tmp_path: Path, sound: list[bytes]) -> None:
    recorder = Recorder(tmp_path, now=START, options={"low_disk_bytes": 1})
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(Sender(48_000, 0.02, started=START).audio(sound)))
    recorder.wait_for(lambda: bool(recorder.kinds("segment")))
    recorder.capture.close()
    assert recorder.kinds("alarm") == []


@pytest.mark.usefixtures("stopped_thread")
def test_when_the_queue_is_full_frames_are_lost_aloud_and_the_picture_goes_on_at_a_key_frame(tmp_path: Path) -> None:
    pictures = vp8_frames(6, key_every=50)
    recorder = Recorder(tmp_path, now=START, options={"queue_bytes": sum(map(len, pictures[:60]))})
    seen = recorder.open("video")
    recorder.feed(seen, in_order_of_arrival(Sender(90_000, 0.04, started=START).video(pictures)))
    assert recorder.key_frames_asked != []
    seen.close("left")
    recorder.capture.close()
    frames = recorder.frames(seen)
    assert [frame.data for frame in frames] == pictures[: len(frames)]
    assert 50 <= len(frames) <= 60
    (gap,) = recorder.kinds("gap")
    assert gap["reason"] == "overload"
    assert gap["t0_ms"] == pytest.approx(frames[-1].t_ms + 40, abs=2)
    reasons = [(body["kind"], body["reason"]) for body in recorder.notices if body["kind"].startswith("alarm")]
    assert reasons == [("alarm", writer.QUEUE_FULL), ("alarm-cleared", writer.QUEUE_FULL)]
    decode(tmp_path / f"{seen.track}.webm")


def test_a_directory_that_vanishes_is_told_and_other_tracks_go_on(tmp_path: Path, sound: list[bytes]) -> None:
    recorder = Recorder(tmp_path / "one", now=START)
    lost = recorder.open("audio")
    recorder.directory = tmp_path / "two"
    kept = recorder.open("audio")
    (tmp_path / "one").rmdir()
    packets = Sender(48_000, 0.02, started=START).audio(sound)
    recorder.feed(lost, in_order_of_arrival(packets))
    recorder.now = START
    recorder.feed(kept, in_order_of_arrival(packets))
    recorder.wait_for(lambda: {"kind": "alarm", "reason": writer.DISK_FAILED} in recorder.notices)
    recorder.wait_for(lambda: any(body.get("track") == kept.track for body in recorder.kinds("segment")))
    (tmp_path / "one").mkdir()
    recorder.wait_for(lambda: {"kind": "alarm-cleared", "reason": writer.DISK_FAILED} in recorder.notices)
    lost.close("left")
    kept.close("left")
    recorder.capture.close()
    for directory, track in ((tmp_path / "one", lost), (tmp_path / "two", kept)):
        content = (directory / f"{track.track}.webm").read_bytes()
        assert check_chain(content, sidecar(directory, track.track)) == len(content)
