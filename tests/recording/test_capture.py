"""Packets in, files out, in virtual time: what a browser and a network may do to the recorder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recording.capture import TRACK_FAILED, CapturedTrack
from tests.recording.matroska import Frame
from tests.recording.recorder import Recorder, check_chain, decode, sidecar
from tests.recording.rtp import Sender, Sent, in_order_of_arrival, opus_frames, vp8_frames

START = 100.0
OFFSET = 23_456  # the hearing clock shows 123456 ms when the test's clock shows 100 s
OPENED = 123_456


@pytest.fixture(scope="module")
def sound() -> list[bytes]:
    return opus_frames(12)


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    return vp8_frames(12)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    recorder = Recorder(tmp_path, offset_ms=OFFSET, now=START)
    yield recorder
    recorder.capture.close()


def audio(frames: list[bytes]) -> list[Sent]:
    return Sender(48_000, 0.02, started=START).audio(frames)


def video(frames: list[bytes], fps: int = 25) -> list[Sent]:
    return Sender(90_000, 1 / fps, started=START).video(frames)


def finish(recorder: Recorder, track: CapturedTrack) -> list[Frame]:
    track.close("left")
    recorder.capture.close()
    lines = sidecar(recorder.directory, track.track)
    assert lines[0]["kind"] == "track" and lines[-1] == {"kind": "closed", "track": track.track, "reason": "left"}
    public = [line for line in lines if line["kind"] not in ("paused", "size", "count")]
    assert [body for body in recorder.notices if body.get("track") == track.track] == public
    content = recorder.content(track)
    assert check_chain(content, lines) == len(content)
    frames = recorder.frames(track)
    times = [frame.t_ms for frame in frames]
    assert times == sorted(set(times))
    decoded = decode(recorder.directory / f"{track.track}.webm")
    assert len(decoded) == len(frames)
    return frames


def test_a_clean_stream_is_kept_whole_and_lies_on_the_hearing_clock(
    recorder: Recorder, sound: list[bytes], pictures: list[bytes]
) -> None:
    heard, seen = recorder.open("audio"), recorder.open("video")
    recorder.feed(heard, in_order_of_arrival(audio(sound)))
    recorder.feed(seen, in_order_of_arrival(video(pictures)))
    seen.close("left")
    frames = finish(recorder, heard)
    assert [frame.data for frame in frames] == sound
    assert [frame.t_ms for frame in frames] == [OPENED + 10 + 20 * number for number in range(len(sound))]
    shown = recorder.frames(seen)
    assert [frame.data for frame in shown] == pictures
    assert [frame.t_ms for frame in shown] == [OPENED + 10 + 40 * number for number in range(len(pictures))]
    assert recorder.kinds("gap") == []
    spans = [(body["t0_ms"], body["t1_ms"]) for body in recorder.kinds("segment") if body["track"] == heard.track]
    assert all(t1 - t0 <= 4000 for t0, t1 in spans)
    assert all(before[1] == after[0] for before, after in zip(spans, spans[1:], strict=False))
    assert sum(t1 - t0 for t0, t1 in spans) == pytest.approx(12_000, abs=25)


def test_packets_out_of_order_and_late_repairs_cost_nothing(recorder: Recorder, pictures: list[bytes]) -> None:
    packets = video(pictures)
    delay = {
        position: 0.01 + (0.15 if position % 20 == 7 else 0.03 * (position % 3)) for position in range(len(packets))
    }
    seen = recorder.open("video")
    recorder.feed(seen, in_order_of_arrival(packets, delay))
    assert [frame.data for frame in finish(recorder, seen)] == pictures
    assert all(at > START + 10 for at in recorder.key_frames_asked)  # only the regular ones


def test_a_first_key_frame_that_arrives_out_of_order_is_kept(recorder: Recorder, pictures: list[bytes]) -> None:
    packets = video(pictures[:50])
    delay = {0: 0.03, 1: 0.02}
    seen = recorder.open("video")
    recorder.feed(seen, in_order_of_arrival(packets, delay))
    assert [frame.data for frame in finish(recorder, seen)] == pictures[:50]
    assert recorder.key_frames_asked == []


def test_a_copy_of_a_packet_changes_nothing(recorder: Recorder, sound: list[bytes]) -> None:
    heard = recorder.open("audio")
    for arrival, sent in in_order_of_arrival(audio(sound[:100])):
        recorder.feed(heard, [(arrival, sent), (arrival + 0.001, sent)])
    assert [frame.data for frame in finish(recorder, heard)] == sound[:100]


def test_lost_sound_is_a_gap_of_its_true_length(recorder: Recorder, sound: list[bytes]) -> None:
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(audio(sound), dict.fromkeys(range(200, 250), -1.0)))
    frames = finish(recorder, heard)
    assert [frame.data for frame in frames] == sound[:200] + sound[250:]
    (gap,) = recorder.kinds("gap")
    assert gap["reason"] == "lost"
    assert gap["t0_ms"] == OPENED + 10 + 4000 and gap["t1_ms"] == OPENED + 10 + 5000
    spans = [(body["t0_ms"], body["t1_ms"]) for body in recorder.kinds("segment")]
    assert not any(t0 < gap["t1_ms"] and t1 > gap["t0_ms"] for t0, t1 in spans)


@pytest.mark.parametrize(("patience", "kept"), [(1.2, 200), (0.0, 199)])
def test_a_hole_waits_as_long_as_the_line_is(
    recorder: Recorder, sound: list[bytes], patience: float, kept: int
) -> None:
    recorder.patience = patience
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(audio(sound[:200]), {80: 1.0}))
    assert len(finish(recorder, heard)) == kept


def test_a_single_lost_packet_of_sound_is_no_gap(recorder: Recorder, sound: list[bytes]) -> None:
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(audio(sound[:200]), {80: -1.0}))
    assert len(finish(recorder, heard)) == 199
    assert recorder.kinds("gap") == []
    (count,) = [line for line in sidecar(recorder.directory, heard.track) if line["kind"] == "count"]
    assert (count["lost"], count["late"], count["jumps"], count["reanchors"]) == (1, 0, 0, 0)


def test_a_torn_picture_waits_for_the_next_key_frame_and_asks_for_it(recorder: Recorder) -> None:
    pictures = vp8_frames(8, key_every=100)
    packets = video(pictures)
    torn = next(position for position, sent in enumerate(packets) if sent.at >= START + 2)
    seen = recorder.open("video")
    recorder.feed(seen, in_order_of_arrival(packets, {torn: -1.0}))
    frames = finish(recorder, seen)
    assert [frame.data for frame in frames] == pictures[:50] + pictures[100:]
    (gap,) = recorder.kinds("gap")
    assert gap["reason"] == "lost"
    assert (gap["t0_ms"], gap["t1_ms"]) == (OPENED + 10 + 2000, OPENED + 10 + 4000)
    asked = [at for at in recorder.key_frames_asked if START + 2.8 <= at <= START + 4.1]
    assert len(asked) >= 2 and all(later - sooner >= 0.5 for sooner, later in zip(asked, asked[1:], strict=False))


def test_a_stream_joined_in_the_middle_begins_at_its_first_key_frame(recorder: Recorder) -> None:
    pictures = vp8_frames(6, key_every=50)
    packets = [sent for sent in video(pictures) if sent.at >= START + 1]
    recorder.now = START + 1
    seen = recorder.open("video")
    recorder.feed(seen, in_order_of_arrival(packets))
    assert [frame.data for frame in finish(recorder, seen)] == pictures[50:]
    assert recorder.key_frames_asked != []


def test_a_key_frame_is_asked_for_every_ten_seconds_and_begins_a_segment(recorder: Recorder) -> None:
    sender = Sender(90_000, 0.04, started=START)
    pictures = vp8_frames(26, key_every=260)
    seen = recorder.open("video")
    recorder.feed(seen, in_order_of_arrival(sender.video(pictures)))
    frames = finish(recorder, seen)
    assert 10.0 <= recorder.key_frames_asked[0] - START <= 10.2
    second = frames[260]
    assert second.key
    assert second.t_ms in [body["t0_ms"] for body in recorder.kinds("segment")]


def test_silence_that_was_not_sent_is_not_invented(recorder: Recorder, sound: list[bytes]) -> None:
    packets = [sent for number, sent in enumerate(audio(sound)) if not 200 <= number < 450]
    for number, sent in enumerate(packets):
        sent.seq = 65_500 + number & 0xFFFF
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(packets))
    frames = finish(recorder, heard)
    assert frames[200].t_ms - frames[199].t_ms == 5020
    (gap,) = recorder.kinds("gap")
    assert (gap["reason"], gap["t1_ms"] - gap["t0_ms"]) == ("silent", 5000)


def test_a_jump_of_the_timestamps_anchors_the_stream_anew_without_a_gap(recorder: Recorder, sound: list[bytes]) -> None:
    packets = audio(sound)
    for sent in packets[300:]:
        sent.timestamp = sent.timestamp + 500_000_000 & 0xFFFF_FFFF
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(packets))
    frames = finish(recorder, heard)
    assert [frame.data for frame in frames] == sound
    assert frames[-1].t_ms == pytest.approx(OPENED + 10 + 20 * 599, abs=2)
    assert recorder.kinds("gap") == []


def test_a_jump_of_the_numbers_costs_a_picture_its_key_frame_and_sound_nothing(
    recorder: Recorder, sound: list[bytes]
) -> None:
    pictures = vp8_frames(6, key_every=75)
    seen_packets, heard_packets = video(pictures), audio(sound[:300])
    for sent in seen_packets + heard_packets:
        if sent.at >= START + 2:
            sent.seq = sent.seq + 20_000 & 0xFFFF
    heard, seen = recorder.open("audio"), recorder.open("video")
    recorder.feed(heard, in_order_of_arrival(heard_packets))
    recorder.feed(seen, in_order_of_arrival(seen_packets))
    seen.close("left")
    assert [frame.data for frame in finish(recorder, heard)] == sound[:300]
    assert [frame.data for frame in recorder.frames(seen)] == pictures[:50] + pictures[75:]


def test_a_change_of_size_in_the_stream_is_kept_and_noted(recorder: Recorder) -> None:
    pictures = vp8_frames(2) + vp8_frames(2, width=160, height=120)
    seen = recorder.open("video")
    recorder.feed(seen, in_order_of_arrival(video(pictures)))
    frames = finish(recorder, seen)
    assert [frame.data for frame in frames] == pictures
    (size,) = [line for line in sidecar(recorder.directory, seen.track) if line["kind"] == "size"]
    assert (size["width"], size["height"], size["t0_ms"]) == (160, 120, frames[50].t_ms)


def test_rubbish_in_the_payload_harms_nothing_else(recorder: Recorder, sound: list[bytes]) -> None:
    packets = audio(sound[:200])
    packets[50].payload, packets[51].payload, packets[52].payload = b"", b"\xff", b"\x03"
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(packets))
    assert [frame.data for frame in finish(recorder, heard)] == sound[:50] + sound[53:200]
    with pytest.raises(ValueError, match="cannot record"):
        recorder.capture.open_track(_H264(recorder))


def _H264(recorder: Recorder) -> object:  # noqa: N802
    from tests.recording.recorder import GivenTrack

    return GivenTrack(
        room="room",
        source="source",
        kind="video",
        codec="H264",
        clock_rate=90_000,
        directory=recorder.directory,
        offset_ms=lambda: 0,
        request_key_frame=lambda: None,
        patience=lambda: 0.0,
    )


def test_a_hole_that_no_further_packet_closes_is_given_up_by_the_clock(recorder: Recorder, sound: list[bytes]) -> None:
    packets = audio(sound[:110])
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(packets, {100: -1.0}))
    recorder.now += 0.7
    recorder.capture.poll()
    recorder.wait_for(lambda: bool(recorder.kinds("track")))
    assert [frame.data for frame in finish(recorder, heard)] == sound[:100] + sound[101:110]


def test_lip_sync_comes_from_the_sender_reports(recorder: Recorder, sound: list[bytes], pictures: list[bytes]) -> None:
    """Sound takes 200 ms longer than the picture and the sender's clock is an hour wrong."""
    heard, seen = recorder.open("audio"), recorder.open("video")
    speaker, camera = Sender(48_000, 0.02, started=START), Sender(90_000, 0.04, started=START)
    heard_packets, seen_packets = speaker.audio(sound), camera.video(pictures)
    for second in range(12):
        at = START + second + 0.5
        late = [
            (arrival, sent) for arrival, sent in in_order_of_arrival(heard_packets, dict.fromkeys(range(600), 0.21))
        ]
        recorder.feed(heard, [pair for pair in late if at - 1 <= pair[0] < at])
        heard.sender_report(*speaker.report(at, at + 3600), at + 0.01)
        recorder.feed(seen, [pair for pair in in_order_of_arrival(seen_packets) if at - 1 <= pair[0] < at])
        seen.sender_report(*camera.report(at, at + 3600), at + 0.01)
    seen.close("left")
    frames = finish(recorder, heard)
    shown = recorder.frames(seen)
    assert frames[0].t_ms == OPENED + 210  # nothing is known yet
    assert frames[500].t_ms == pytest.approx(OPENED + 10 + 10_000, abs=5)
    assert shown[250].t_ms == pytest.approx(OPENED + 10 + 10_000, abs=5)
    steps = [after.t_ms - before.t_ms for before, after in zip(frames, frames[1:], strict=False)]
    assert min(steps) >= 17 and max(steps) <= 23


@pytest.mark.parametrize("fails_at", [START + 1, START + 2.97], ids=["while it runs", "with its last packets"])
def test_a_track_that_fails_says_so_at_once_and_ends_alone(
    recorder: Recorder, sound: list[bytes], fails_at: float
) -> None:
    def offset_ms() -> int:
        if recorder.now >= fails_at:
            raise OSError("no clock")
        return OFFSET

    failing, kept = recorder.open("audio", "failing", offset_ms), recorder.open("audio", "kept")
    packets = list(in_order_of_arrival(audio(sound[:150])))
    for packet in packets:
        recorder.feed(failing, [packet])
        recorder.feed(kept, [packet])
    failing.close("left")
    assert [body["reason"] for body in recorder.kinds("alarm")] == [TRACK_FAILED]
    assert [frame.data for frame in finish(recorder, kept)] == sound[:150]
    assert sidecar(recorder.directory, failing.track)[-1]["reason"] == "failed"
    before = [frame.data for frame in recorder.frames(failing)]
    assert 0 < len(before) < 150 and before == sound[: len(before)]
