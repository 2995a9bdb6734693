"""Where a VP8 key frame begins, judged by frames of a real encoder."""

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from signaling.media.payload import OPUS, VP8, begins_key_frame

pytestmark = pytest.mark.pure

KEY, DELTA = b"\x10\x02\x00\x9d\x01\x2a", b"\x11\x02\x00"


@pytest.mark.parametrize("picture_id", [None, 1, 127, 128, 32767])
@pytest.mark.parametrize("tid", [None, (0, 1)])
def test_a_key_frame_is_seen_behind_every_descriptor(picture_id: int | None, tid: tuple[int, int] | None) -> None:
    for start, part, frame, expected in (
        (1, 0, KEY, True),
        (1, 0, DELTA, False),
        (0, 0, KEY, False),
        (1, 1, KEY, False),
    ):
        descriptor = VpxPayloadDescriptor(
            partition_start=start, partition_id=part, picture_id=picture_id, tl0picidx=picture_id and 3, tid=tid
        )
        assert begins_key_frame(VP8, bytes(descriptor) + frame) is expected


def test_sound_begins_anywhere() -> None:
    assert begins_key_frame(OPUS, b"")


@given(st.binary(max_size=12))
def test_garbage_never_raises(payload: bytes) -> None:
    begins_key_frame(VP8, payload)


def test_a_truncated_descriptor_is_no_key_frame() -> None:
    for payload in (b"", b"\x90", b"\x90\x80", b"\x90\x80\x81", b"\x90\xf0\x81\x00\x00\x00"):
        assert not begins_key_frame(VP8, payload)
