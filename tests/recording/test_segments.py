"""The manifest, and the one way to the bytes."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearing.proceedings import events as happened
from hearing.proceedings.words import Kind
from recording import segments, webm
from recording.segments import Loss, Manifest, Segment, Tampered, Track
from recording.storage.memory import MemoryStore
from tests.recording.entries import record
from tests.recording.matroska import frames

pytestmark = pytest.mark.pure

FILE = "hearing/sitting/one.webm"


def a_segment(index: int, t0_ms: int, t1_ms: int, *, offset: int = 0, length: int = 0, digest: str = "") -> Segment:
    return Segment(
        index=index, offset=offset, length=length, t0_ms=t0_ms, t1_ms=t1_ms, sha256=digest, prev="", key_id="none"
    )


async def recorded(kind: str = "audio") -> tuple[MemoryStore, Track, bytes]:
    """Three segments of 2 s; of a picture, the first and the last begin with a key frame."""
    head = webm.audio_header() if kind == "audio" else webm.video_header(320, 240)
    content, prev = head, sha256(head).hexdigest()
    track = Track(track="one", source="source", kind=kind, codec="", file=FILE)
    for index in range(3):
        piece = b""
        for second in range(2):
            piece += webm.cluster(10_000 + index * 2000 + second * 1000)
            for number in range(5):
                key = kind == "audio" or (index != 1 and second == number == 0)
                piece += webm.block_head(number * 200, key, 150) + bytes([index, second, number]) * 50
        digest = sha256(piece).hexdigest()
        t0_ms = 10_000 + index * 2000
        track.segments.append(
            Segment(
                index=index,
                offset=len(content),
                length=len(piece),
                t0_ms=t0_ms,
                t1_ms=t0_ms + 2000,
                sha256=digest,
                prev=prev,
                key_id="none",
            )
        )
        content, prev = content + piece, digest
    store = MemoryStore()
    await store.put(FILE, content + b"\xa3unfinished")
    return store, track, content


async def test_a_stretch_is_read_as_whole_segments_behind_the_header() -> None:
    store, track, content = await recorded()
    head = await segments.header(store, track)
    pieces = [piece async for piece in segments.read(store, track, 12_500, 13_000)]
    assert [piece.segment.index for piece in pieces] == [1]
    assert [frame.t_ms for frame in frames(head + pieces[0].content)] == list(range(12_000, 14_000, 200))
    everything = [piece.content async for piece in segments.read(store, track, 0, 1 << 40)]
    assert head + b"".join(everything) == content
    assert [piece async for piece in segments.read(store, track, 16_000, 20_000)] == []


async def test_a_changed_byte_is_never_handed_out() -> None:
    store, track, content = await recorded()
    for place in (5, track.segments[1].offset + 40):
        changed = bytearray(content)
        changed[place] ^= 1
        store = MemoryStore()
        await store.put(FILE, bytes(changed))
        with pytest.raises(Tampered):
            await segments.header(store, track)
            [piece async for piece in segments.read(store, track, 0, 1 << 40)]


async def test_ranges_end_where_the_record_ends() -> None:
    store, track, content = await recorded()
    assert track.size == len(content)
    assert b"".join([chunk async for chunk in segments.read_bytes(store, track, 0, 1 << 40)]) == content
    assert b"".join([chunk async for chunk in segments.read_bytes(store, track, 100, 160)]) == content[100:160]
    assert [chunk async for chunk in segments.read_bytes(store, track, len(content), 1 << 40)] == []


async def test_a_decoder_enters_a_picture_at_a_key_frame_and_sound_anywhere() -> None:
    store, track, _ = await recorded("video")
    entered = [await segments.entry_point(store, track, t_ms) for t_ms in (9_000, 10_500, 13_900, 14_000)]
    assert [segment and segment.index for segment in entered] == [0, 0, 0, 2]
    store, track, _ = await recorded("audio")
    entered = [await segments.entry_point(store, track, t_ms) for t_ms in (9_000, 13_900)]
    assert [segment and segment.index for segment in entered] == [0, 1]


def test_recorded_is_what_the_segments_span_without_what_is_lost() -> None:
    track = Track(track="one", source="source", kind="audio", codec="opus", file=FILE)
    assert (track.recorded_ms, track.t0_ms, track.size) == (0, None, 0)
    track.segments = [a_segment(0, 1000, 5000), a_segment(1, 5000, 8000), a_segment(2, 20_000, 21_000)]
    assert track.recorded_ms == 8000
    track.losses = [Loss(t0_ms=4800, t1_ms=5300, reason="lost"), Loss(t0_ms=8000, t1_ms=12_000, reason="lost")]
    assert track.spans() == [(1000, 4800), (5300, 8000), (20_000, 21_000)]
    assert track.recorded_ms == 7500


stretch = st.tuples(st.integers(0, 200), st.integers(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(stretch, max_size=8), st.lists(stretch, max_size=8))
def test_recorded_counts_each_millisecond_once(kept: list[tuple[int, int]], lost: list[tuple[int, int]]) -> None:
    track = Track(track="one", source="source", kind="audio", codec="opus", file=FILE)
    track.segments = [a_segment(index, *span) for index, span in enumerate(sorted(kept))]
    track.losses = [Loss(t0_ms=t0, t1_ms=t1, reason="lost") for t0, t1 in lost]
    there = {ms for t0, t1 in kept for ms in range(t0, t1)} - {ms for t0, t1 in lost for ms in range(t0, t1)}
    assert track.recorded_ms == len(there)


def opened(track: str) -> happened.TrackOpened:
    return happened.TrackOpened(track=track, source="source", kind=Kind.AUDIO, codec="opus", file=f"{track}.webm")


def test_each_sitting_has_its_own_manifest() -> None:
    piece = happened.SegmentClosed(
        track="one", index=0, offset=9, length=5, t0_ms=0, t1_ms=4000, sha256="a", prev="b", key_id="none"
    )
    entries = record(
        (0, happened.SittingStarted(sitting="morning")),
        (1, opened("one")),
        (2, piece),
        (3, happened.SittingEnded()),
        (4, happened.TrackClosed(track="one", reason="left")),
        (5, happened.SittingStarted(sitting="afternoon")),
        (6, opened("two")),
        (7, happened.MediaLost(track="two", source="source", t0_ms=5, t1_ms=9, reason="lost")),
    )
    found = segments.manifests(entries)
    assert list(found) == ["morning", "afternoon"]
    (one,) = found["morning"].tracks.values()
    assert (one.closed, one.size, one.recorded_ms) == ("left", 14, 4000)
    (two,) = found["afternoon"].tracks.values()
    assert two.losses == [Loss(t0_ms=5, t1_ms=9, reason="lost")] and two.closed is None
    assert Manifest.from_entries(entries) == found["afternoon"]
    assert Manifest.from_entries(entries, "morning") == found["morning"]
    assert Manifest.from_entries(entries, "never").tracks == {}
    assert Manifest.from_entries([]).tracks == {}
