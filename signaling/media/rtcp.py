"""RTCP as this server reads and writes it (RFC 3550, 3611, 4585, 5104, REMB). Pure: bytes in, values out, and back."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

OWN_SSRC = 1
"""The server sends no stream of its own towards publishers; its reports need some number."""

SENDER_REPORT, RECEIVER_REPORT, SDES, TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK = 200, 201, 202, 205, 206
EXTENDED_REPORT = 207
_REFERENCE_TIME, _DELAY_SINCE = 4, 5
NACK_LIMIT = 340
"""Numbers read from one NACK packet at most: 20 words of 17."""

_WORD = struct.Struct("!I")
_HEADER = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    ntp: int
    rtp: int


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What a receiver says of one of our streams. `lost` is the fraction lost since its last report, of 256.

    `last_report` is the middle of the NTP time of our last sender report it got, 0 for none, and `delay` how long ago
    that was, in 1/65536 s.
    """

    ssrc: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class Nack:
    ssrc: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """PLI or FIR: both mean the same to a forwarding server."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class BitrateEstimate:
    """REMB: what the receiver believes its line can carry, as far as it has looked: at these streams."""

    bits_per_second: int
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Echo:
    """A sender's answer to our `write_reference_time`: the middle of that time, and how long it kept it (1/65536 s)."""

    reference: int
    delay: int


Item = SenderReport | ReportBlock | Nack | KeyFrameRequest | BitrateEstimate | Echo


def read(data: bytes) -> Iterator[Item]:
    """The items of a compound packet that this server acts upon, up to where the packet stops making sense."""
    at = 0
    while at + 4 <= len(data):
        first, kind, words = _HEADER.unpack_from(data, at)
        end = at + 4 * (words + 1)
        if first >> 6 != 2 or end > len(data):
            return
        yield from _read_one(first & 31, kind, data[at:end])
        at = end


def _read_one(count: int, kind: int, packet: bytes) -> Iterator[Item]:
    if kind == SENDER_REPORT and len(packet) >= 28:
        yield SenderReport(*struct.unpack_from("!IQI", packet, 4))
        yield from _blocks(count, packet, 28)
    elif kind == RECEIVER_REPORT:
        yield from _blocks(count, packet, 8)
    elif kind == TRANSPORT_FEEDBACK and count == 1 and len(packet) >= 16:
        numbers: list[int] = []
        for at in range(12, len(packet) - 3, 4):
            base, mask = struct.unpack_from("!HH", packet, at)
            numbers.append(base)
            numbers.extend((base + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
        yield Nack(_WORD.unpack_from(packet, 8)[0], tuple(numbers[:NACK_LIMIT]))
    elif kind == PAYLOAD_FEEDBACK and count == 1 and len(packet) >= 12:
        yield KeyFrameRequest(_WORD.unpack_from(packet, 8)[0])
    elif kind == PAYLOAD_FEEDBACK and count == 4:
        for at in range(12, len(packet) - 7, 8):
            yield KeyFrameRequest(_WORD.unpack_from(packet, at)[0])
    elif kind == PAYLOAD_FEEDBACK and count == 15 and len(packet) >= 20 and packet[12:16] == b"REMB":
        mantissa = (packet[17] & 3) << 16 | packet[18] << 8 | packet[19]
        named = packet[20 : 20 + 4 * packet[16]]
        ssrcs = tuple(_WORD.unpack_from(named, at)[0] for at in range(0, len(named) - 3, 4))
        yield BitrateEstimate(mantissa << (packet[17] >> 2), ssrcs)
    elif kind == EXTENDED_REPORT:
        yield from _echoes(packet)


def _echoes(packet: bytes) -> Iterator[Echo]:
    at = 8
    while at + 4 <= len(packet):
        block, _, words = _HEADER.unpack_from(packet, at)
        end = at + 4 * (words + 1)
        if end > len(packet):
            return
        if block == _DELAY_SINCE:
            for one in range(at + 4, end - 11, 12):
                ssrc, reference, delay = struct.unpack_from("!III", packet, one)
                if ssrc == OWN_SSRC:
                    yield Echo(reference, delay)
        at = end


def _blocks(count: int, packet: bytes, at: int) -> Iterator[ReportBlock]:
    for _ in range(count):
        if at + 24 > len(packet):
            return
        ssrc, lost, highest, jitter, last_report, delay = struct.unpack_from("!IIIIII", packet, at)
        yield ReportBlock(ssrc, lost >> 24, highest, jitter, last_report, delay)
        at += 24


# -- writing -------------------------------------------------------------------------------------------------------


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def write_pli(ssrc: int) -> bytes:
    return _packet(1, PAYLOAD_FEEDBACK, struct.pack("!II", OWN_SSRC, ssrc))


def write_nack(ssrc: int, numbers: Sequence[int]) -> bytes:
    """Ask for `numbers` (16 bits each, in sending order) again."""
    words: list[bytes] = []
    at = 0
    while at < len(numbers):
        base, mask = numbers[at], 0
        at += 1
        while at < len(numbers) and 1 <= (distance := (numbers[at] - base) & 0xFFFF) <= 16:
            mask |= 1 << (distance - 1)
            at += 1
        words.append(struct.pack("!HH", base, mask))
    return _packet(1, TRANSPORT_FEEDBACK, struct.pack("!II", OWN_SSRC, ssrc) + b"".join(words))


def write_remb(bits_per_second: int, ssrcs: Sequence[int]) -> bytes:
    exponent, mantissa = 0, bits_per_second
    while mantissa > 0x3FFFF:
        mantissa >>= 1
        exponent += 1
    body = struct.pack("!II4sBBH", OWN_SSRC, 0, b"REMB", len(ssrcs), exponent << 2 | mantissa >> 16, mantissa & 0xFFFF)
    return _packet(15, PAYLOAD_FEEDBACK, body + b"".join(_WORD.pack(ssrc) for ssrc in ssrcs))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reception:
    """How one stream of a publisher arrives, for a receiver report."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


def write_receiver_report(receptions: Iterable[Reception]) -> bytes:
    blocks = [
        struct.pack(
            "!IIIIII",
            one.ssrc,
            (one.fraction_lost & 0xFF) << 24 | max(0, min(0x7FFFFF, one.lost)),
            one.highest & 0xFFFFFFFF,
            one.jitter & 0xFFFFFFFF,
            one.last_report,
            one.delay & 0xFFFFFFFF,
        )
        for one in receptions
    ][:31]
    return _packet(len(blocks), RECEIVER_REPORT, _WORD.pack(OWN_SSRC) + b"".join(blocks))


def write_reference_time(now: float) -> bytes:
    """Ask a sender for the round trip (RFC 3611 4.4): it answers with an `Echo` of `now`, seconds of any clock."""
    body = struct.pack("!IBBHQ", OWN_SSRC, _REFERENCE_TIME, 0, 2, int(now * (1 << 32)) & (1 << 64) - 1)
    return _packet(0, EXTENDED_REPORT, body)


def round_trip(now: float, reference: int, delay: int) -> float | None:
    """Seconds from our sending `reference` (the middle of an NTP time of the clock of `now`) to its echo's arrival.

    None when the echo makes no sense: it would have come before it was asked for, or after more than eight seconds.
    """
    elapsed = (int(now * 65536) - reference - delay) & 0xFFFFFFFF
    return elapsed / 65536 if elapsed < 8 << 16 else None


def write_sender_report(ssrc: int, cname: str, ntp: int, rtp: int, packets: int, octets: int) -> bytes:
    """A sender report and the name (RFC 3550 6.1 wants both in one packet)."""
    body = struct.pack("!IQIII", ssrc, ntp & (1 << 64) - 1, rtp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    name = cname.encode()[:60]
    chunk = struct.pack("!IBB", ssrc, 1, len(name)) + name
    chunk += bytes(4 - len(chunk) % 4)
    return _packet(0, SENDER_REPORT, body) + _packet(1, SDES, chunk)
