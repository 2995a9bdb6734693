"""WebM as bytes: a header, then clusters of blocks, each of unknown size. Rule: nothing is ever written a second time.

Segment and Clusters carry the "unknown size" of EBML (RFC 8794, 6.2), so a file is valid up to its last whole block at
any moment, also after a crash or a power cut. There is one track per file. The time base is one millisecond and a
block's time IS the hearing clock: a file may well begin at cluster time 123456.

Opus carries no pre-skip (and thus no codec delay): the file begins in the middle of a stream that a browser started
earlier, so no sample of it is warm-up, and a player shows each block at exactly its written time.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"
INFO = b"\x15\x49\xa9\x66"
TRACKS = b"\x16\x54\xae\x6b"
CLUSTER = b"\x1f\x43\xb6\x75"
CLUSTER_TIME = b"\xe7"
SIMPLE_BLOCK = b"\xa3"
UNKNOWN_SIZE = b"\x01\xff\xff\xff\xff\xff\xff\xff"
_BLOCK = struct.Struct("!BhB")
LARGEST_ELEMENT = 1 << 26  # no encoded frame comes near 64 MB; a larger size is rubbish


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A frame as it lies in the file, its bytes from `data_at` to `end`; `at` counts the cluster that it begins."""

    at: int
    data_at: int
    end: int
    t_ms: int
    key: bool
    begins_cluster: bool


def size(number: int) -> bytes:
    """A length as an EBML variable-size integer, the shortest that does not mean "unknown"."""
    length = 1
    while number >= (1 << 7 * length) - 1:
        length += 1
    return (number | 1 << 7 * length).to_bytes(length, "big")


def element(name: bytes, content: bytes) -> bytes:
    return name + size(len(content)) + content


def unsigned(name: bytes, number: int) -> bytes:
    return element(name, number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big"))


def _head(kind: int, codec: bytes, *more: bytes) -> bytes:
    ebml = element(
        EBML,
        unsigned(b"\x42\x86", 1)
        + unsigned(b"\x42\xf7", 1)
        + unsigned(b"\x42\xf2", 4)
        + unsigned(b"\x42\xf3", 8)
        + element(b"\x42\x82", b"webm")
        + unsigned(b"\x42\x87", 4)
        + unsigned(b"\x42\x85", 2),
    )
    info = element(
        INFO, unsigned(b"\x2a\xd7\xb1", 1_000_000) + element(b"\x4d\x80", b"hearing") + element(b"\x57\x41", b"hearing")
    )
    entry = element(
        b"\xae",
        unsigned(b"\xd7", 1)
        + unsigned(b"\x73\xc5", 1)
        + unsigned(b"\x9c", 0)
        + unsigned(b"\x83", kind)
        + element(b"\x86", codec)
        + b"".join(more),
    )
    return ebml + SEGMENT + UNKNOWN_SIZE + info + element(TRACKS, entry)


def audio_header() -> bytes:
    """The first bytes of an Opus file. Two channels: RFC 7587 lets a sender change between one and two at any time."""
    opus_head = b"OpusHead\x01\x02" + struct.pack("<HIhB", 0, 48_000, 0, 0)
    rate = element(b"\xb5", struct.pack("!d", 48_000.0)) + unsigned(b"\x9f", 2)
    return _head(
        2, b"A_OPUS", element(b"\x63\xa2", opus_head), unsigned(b"\x56\xbb", 80_000_000), element(b"\xe1", rate)
    )


def video_header(width: int, height: int) -> bytes:
    """The first bytes of a VP8 file. The size is that of the first key frame; later key frames may carry another."""
    return _head(1, b"V_VP8", element(b"\xe0", unsigned(b"\xb0", width) + unsigned(b"\xba", height)))


def cluster(t_ms: int) -> bytes:
    return CLUSTER + UNKNOWN_SIZE + unsigned(CLUSTER_TIME, t_ms)


def block_head(distance_ms: int, key: bool, length: int) -> bytes:
    """What stands before a frame of `length` bytes, `distance_ms` after the time of its cluster."""
    return SIMPLE_BLOCK + size(length + 4) + _BLOCK.pack(0x81, distance_ms, 0x80 if key else 0)


def _element_at(content: bytes, at: int) -> tuple[bytes, int, int] | None:
    """Name, start of content and end (-1: unknown) of the element at `at`; None when its head is not whole."""
    if at >= len(content) or not content[at]:
        return None
    name_length = 9 - content[at].bit_length()
    size_at = at + name_length
    if size_at >= len(content) or not content[size_at]:
        return None
    size_length = 9 - content[size_at].bit_length()
    start = size_at + size_length
    if start > len(content):
        return None
    mask = (1 << 7 * size_length) - 1
    number = int.from_bytes(content[size_at:start], "big") & mask
    return content[at:size_at], start, -1 if number == mask else start + number


def header_length(content: bytes) -> int | None:
    """Where the first cluster begins or would begin; None when the header is not whole."""
    at = 0
    while (found := _element_at(content, at)) is not None:
        name, start, end = found
        if name == SEGMENT:
            at = start
            continue
        if end < 0 or end > len(content):
            return None
        at = end
        if name == TRACKS:
            return at
    return None


def blocks(content: bytes, at: int = 0) -> Iterator[Block]:
    """Every whole block from `at` on, which must be the first byte of a cluster; ends where bytes stop making sense."""
    time: int | None = None
    begins = -1
    while (found := _element_at(content, at)) is not None:
        name, start, end = found
        if name == CLUSTER:
            begins, time, at = at, None, start
            continue
        if end < 0 or end > len(content) or end - at > LARGEST_ELEMENT:
            return
        if name == CLUSTER_TIME:
            time = int.from_bytes(content[start:end], "big")
        elif name == SIMPLE_BLOCK:
            if time is None or end - start < 4:
                return
            distance, flags = struct.unpack_from("!hB", content, start + 1)
            first = begins if begins >= 0 else at
            yield Block(
                at=first,
                data_at=start + 4,
                end=end,
                t_ms=time + distance,
                key=bool(flags & 0x80),
                begins_cluster=begins >= 0,
            )
            begins = -1
        else:
            return
        at = end


def begins_with_key(content: bytes) -> bool:
    """The first bytes of a cluster say that its first frame is a key frame; the frame itself need not be there."""
    at = 0
    while (found := _element_at(content, at)) is not None:
        name, start, end = found
        if name == SIMPLE_BLOCK:
            return start + 4 <= len(content) and bool(content[start + 3] & 0x80)
        if name != CLUSTER and (name != CLUSTER_TIME or end < 0):
            return False
        at = start if name == CLUSTER else end
    return False
