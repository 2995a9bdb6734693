"""What the media plane must know of codecs: their numbers on our side, and where a key frame begins."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Codec:
    """A codec of the room. Payload types are the ones we write in every answer's other half, our own offers."""

    name: str
    kind: str
    clock_rate: int
    payload_type: int
    rtx_payload_type: int | None


# One codec per kind, so that every subscriber can take every packet as it came. VP8 is mandatory in all browsers and
# stands in WebM without codec-private data.
OPUS = Codec(name="opus", kind="audio", clock_rate=48000, payload_type=111, rtx_payload_type=None)
VP8 = Codec(name="VP8", kind="video", clock_rate=90000, payload_type=96, rtx_payload_type=97)
ROOM_CODECS = {"audio": OPUS, "video": VP8}


def begins_key_frame(codec: Codec, payload: bytes) -> bool:
    """Can a decoder start here? Always for sound; for VP8 with the first packet of a key frame (RFC 7741 4.2)."""
    if codec.kind == "audio":
        return True
    if not payload:
        return False
    descriptor = payload[0]
    if not descriptor & 0x10 or descriptor & 0x07:  # not the start of partition 0
        return False
    at = 1
    if descriptor & 0x80:
        if len(payload) < 3:
            return False
        extension = payload[1]
        at = 2
        if extension & 0x80:
            at += 2 if payload[2] & 0x80 else 1
        if extension & 0x40:
            at += 1
        if extension & 0x30:
            at += 1
    return len(payload) > at and not payload[at] & 1
