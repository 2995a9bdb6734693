"""The recorder keeps nothing of a time in which it was not a listener: mute, deliberation, recess."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recording.recorder import Recorder, check_chain, decode, sidecar
from tests.recording.rtp import Sender, Sent, in_order_of_arrival, opus_frames, vp8_frames

START = 100.0


@pytest.fixture(scope="module")
def sound() -> list[bytes]:
    return opus_frames(12)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    recorder = Recorder(tmp_path, now=START)
    yield recorder
    recorder.capture.close()


def packets_of(sound: list[bytes]) -> list[Sent]:
    return Sender(48_000, 0.02, started=START).audio(sound)


def test_nothing_of_a_pause_is_in_the_file_and_nothing_before_it_is_missing(
    recorder: Recorder, sound: list[bytes]
) -> None:
    arrivals = list(in_order_of_arrival(packets_of(sound)))
    heard = recorder.open("audio")
    recorder.feed(heard, [pair for pair in arrivals if pair[0] < START + 4])
    heard.pause(START + 4, "deliberation")
    recorder.feed(heard, [pair for pair in arrivals if START + 4 <= pair[0] < START + 8])
    heard.resume(START + 8)
    recorder.feed(heard, [pair for pair in arrivals if START + 8 <= pair[0]])
    heard.close("left")
    recorder.capture.close()
    frames = recorder.frames(heard)
    assert [frame.data for frame in frames] == sound[:200] + sound[400:]
    assert not any(104_000 <= frame.t_ms < 108_000 for frame in frames)
    spans = [(body["t0_ms"], body["t1_ms"]) for body in recorder.kinds("segment")]
    assert not any(t0 < 108_000 and t1 > 104_000 for t0, t1 in spans)
    assert max(t1 for t0, t1 in spans if t0 < 104_000) == 104_000
    (gap,) = recorder.kinds("gap")
    assert (gap["t0_ms"], gap["t1_ms"], gap["reason"]) == (104_000, 108_000, "deliberation")
    assert check_chain(recorder.content(heard), sidecar(recorder.directory, heard.track)) > 0
    decode(recorder.directory / f"{heard.track}.webm")


def test_an_order_that_comes_a_moment_late_is_still_obeyed_exactly(recorder: Recorder, sound: list[bytes]) -> None:
    """The court decided at 4 s; the word reached the recorder 200 ms later."""
    arrivals = list(in_order_of_arrival(packets_of(sound)))
    heard = recorder.open("audio")
    recorder.feed(heard, [pair for pair in arrivals if pair[0] < START + 4.2])
    heard.pause(START + 4)
    heard.close("left")
    recorder.capture.close()
    assert [frame.data for frame in recorder.frames(heard)] == sound[:200]
    assert recorder.kinds("segment")[-1]["t1_ms"] <= 104_000


def test_a_packet_of_the_pause_that_is_resent_afterwards_is_refused(recorder: Recorder, sound: list[bytes]) -> None:
    packets = packets_of(sound)
    arrivals = list(in_order_of_arrival(packets))
    heard = recorder.open("audio")
    recorder.feed(heard, [pair for pair in arrivals if pair[0] < START + 4])
    heard.pause(START + 4)
    heard.resume(START + 8)
    resent = [(START + 8.002 + 0.001 * number, packets[390 + number]) for number in range(5)]
    after = [pair for pair in arrivals if START + 8 <= pair[0]]
    recorder.feed(heard, sorted([*resent, *after], key=lambda pair: pair[0]))
    heard.close("left")
    recorder.capture.close()
    assert [frame.data for frame in recorder.frames(heard)] == sound[:200] + sound[400:]


def test_a_lone_resent_packet_is_not_taken_for_the_resumed_stream(recorder: Recorder, sound: list[bytes]) -> None:
    packets = packets_of(sound)
    heard = recorder.open("audio")
    recorder.feed(heard, [pair for pair in in_order_of_arrival(packets) if pair[0] < START + 4])
    heard.pause(START + 4)
    heard.resume(START + 8)
    recorder.feed(heard, [(START + 8.002, packets[390])])
    recorder.now = START + 8.3
    heard.pause()
    heard.close("left")
    recorder.capture.close()
    assert [frame.data for frame in recorder.frames(heard)] == sound[:200]


def test_a_sender_whose_timestamps_stood_still_while_muted_is_believed(recorder: Recorder, sound: list[bytes]) -> None:
    packets = packets_of(sound)
    heard = recorder.open("audio")
    recorder.feed(heard, [pair for pair in in_order_of_arrival(packets[:200])])
    heard.pause(START + 4.02)
    heard.resume(START + 8)
    recorder.feed(heard, [(sent.at + 4.01, sent) for sent in packets[200:400]])
    heard.close("left")
    recorder.capture.close()
    frames = recorder.frames(heard)
    assert [frame.data for frame in frames] == sound[:400]
    assert frames[200].t_ms >= 108_000
    assert frames[-1].t_ms == pytest.approx(111_990, abs=60)


def test_after_a_pause_the_picture_begins_at_a_key_frame_that_is_asked_for(recorder: Recorder) -> None:
    pictures = vp8_frames(6, key_every=110)
    arrivals = list(in_order_of_arrival(Sender(90_000, 0.04, started=START).video(pictures)))
    seen = recorder.open("video")
    recorder.feed(seen, [pair for pair in arrivals if pair[0] < START + 2])
    seen.pause(START + 2)
    recorder.now = START + 4
    seen.resume()
    assert recorder.key_frames_asked == [START + 4]
    recorder.feed(seen, [pair for pair in arrivals if pair[0] >= START + 4])
    seen.close("left")
    recorder.capture.close()
    frames = recorder.frames(seen)
    assert [frame.data for frame in frames] == pictures[:50] + pictures[110:]
    decode(recorder.directory / f"{seen.track}.webm")


def test_a_recorder_that_keeps_listening_fails_these_tests(recorder: Recorder, sound: list[bytes]) -> None:
    """The rule broken on purpose: without the pause the deliberation is in the file, and the test above sees it."""
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(packets_of(sound)))
    heard.close("left")
    recorder.capture.close()
    assert any(104_000 <= frame.t_ms < 108_000 for frame in recorder.frames(heard))
    spans = [(body["t0_ms"], body["t1_ms"]) for body in recorder.kinds("segment")]
    assert any(t0 < 108_000 and t1 > 104_000 for t0, t1 in spans)
