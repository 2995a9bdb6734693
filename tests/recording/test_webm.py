"""Bytes that the product writes, read by the tests' own reader; and the product's reader against torn files."""

import pytest

from recording import webm
from tests.recording.matroska import Element, elements, frames

pytestmark = pytest.mark.pure


def by_number(content: bytes) -> dict[int, Element]:
    return {element.number: element for element in elements(content)}


def test_a_file_is_webm_of_one_track_with_times_in_milliseconds() -> None:
    found = by_number(webm.video_header(320, 240))
    assert found[0x4282].content == b"webm"
    assert int.from_bytes(found[0x2AD7B1].content, "big") == 1_000_000
    assert found[0x86].content == b"V_VP8"
    assert [int.from_bytes(found[number].content, "big") for number in (0xB0, 0xBA)] == [320, 240]
    assert by_number(webm.audio_header())[0x86].content == b"A_OPUS"
    assert by_number(webm.audio_header())[0x63A2].content.startswith(b"OpusHead\x01\x02\x00\x00")


@pytest.mark.parametrize("number", [0, 1, 126, 127, 128, 16_382, 16_383, 2_097_150, 2_097_151, 1 << 40])
def test_a_size_is_the_shortest_that_does_not_mean_unknown(number: int) -> None:
    written = webm.size(number)
    length = len(written)
    assert int.from_bytes(written, "big") == number | 1 << 7 * length
    assert number < (1 << 7 * length) - 1
    assert length == 1 or number >= (1 << 7 * (length - 1)) - 1


def a_file() -> tuple[bytes, list[tuple[int, bool, bytes]]]:
    content, written = webm.audio_header(), []
    for second in range(3):
        content += webm.cluster(123_456 + second * 1000)
        for number in range(5):
            frame = bytes([second, number]) * (10 + 40 * number)
            content += webm.block_head(number * 20, number == 0, len(frame)) + frame
            written.append((123_456 + second * 1000 + number * 20, number == 0, frame))
    return content, written


def test_blocks_carry_their_time_their_key_and_their_bytes() -> None:
    content, written = a_file()
    assert [(frame.t_ms, frame.key, frame.data) for frame in frames(content)] == written
    start = webm.header_length(content)
    assert start == len(webm.audio_header())
    blocks = list(webm.blocks(content, start))
    assert [(block.t_ms, block.key, content[block.data_at : block.end]) for block in blocks] == written
    assert [block.begins_cluster for block in blocks] == [number % 5 == 0 for number in range(15)]
    assert blocks[0].at == start and all(a.end == b.at for a, b in zip(blocks, blocks[1:], strict=False))


def test_a_file_cut_anywhere_gives_exactly_its_whole_blocks() -> None:
    content, written = a_file()
    start = len(webm.audio_header())
    whole = [block.end for block in webm.blocks(content, start)]
    for end in range(start, len(content)):
        found = list(webm.blocks(content[:end], start))
        assert len(found) == sum(1 for place in whole if place <= end)
    assert all(webm.header_length(content[:end]) is None for end in range(start))


def test_zeros_behind_a_file_are_not_blocks() -> None:
    content, written = a_file()
    assert len(list(webm.blocks(content + bytes(4096), len(webm.audio_header())))) == len(written)


def test_a_cluster_says_whether_it_begins_with_a_key_frame_before_the_frame_is_there() -> None:
    for key in (True, False):
        head = (webm.cluster(5_000_000) + webm.block_head(0, key, 50_000) + bytes(50_000))[:64]
        assert webm.begins_with_key(head) is key
    assert not webm.begins_with_key(b"")
    assert not webm.begins_with_key(webm.cluster(1))
    assert not webm.begins_with_key(webm.audio_header())
