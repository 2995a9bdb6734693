"""Writing our answers to publishers and our offers to subscribers. Pure; reading is in `sdp.py`.

Everything is ours to say: one bundled transport, ICE-lite, DTLS passive, our payload types and extension numbers.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signaling.media.payload import ROOM_CODECS, Codec
from signaling.media.sdp import (
    ABS_SEND_TIME,
    AUDIO_LEVEL,
    MID,
    REPAIRED_RID,
    RID,
    ROTATION,
    TRANSPORT_SEQUENCE,
    Description,
    Media,
)

# Numbers of the header extensions in every offer of ours, so that one rebuilt header fits all subscribers.
LEVEL_ID, SEND_TIME_ID, ROTATION_ID, MID_ID = 1, 2, 3, 4

VIDEO_KBPS = 1500
# Wanted from publishers: sound that survives loss and, with discontinuous transmission off, a record without gaps.
OPUS_WANTED = "minptime=10;useinbandfec=1;usedtx=0;stereo=0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Transport:
    """What an m-line says of our end of the connection."""

    ufrag: str
    password: str
    fingerprint: str
    port: int
    addresses: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One m-line of our offer. `stream` names what belongs together (lip sync); None: the line is free for reuse."""

    mid: str
    codec: Codec
    stream: str | None
    ssrc: int
    rtx_ssrc: int


def write_answer(offer: Description, transport: Transport, accepted: Iterable[str], session: int, version: int) -> str:
    """Our answer: the m-lines whose mid is `accepted` are received, other live ones stay silent, strange ones end."""
    wanted = set(accepted)
    parts: list[str] = []
    live: list[str] = []
    for media in offer.media:
        if media.rejected or media.kind not in ROOM_CODECS or media.payload_type is None:
            formats = " ".join(media.formats)
            protocol = "UDP/DTLS/SCTP" if media.kind == "application" else "UDP/TLS/RTP/SAVPF"
            parts += [f"m={media.kind} 0 {protocol} {formats}", "c=IN IP4 0.0.0.0", f"a=mid:{media.mid}", "a=inactive"]
            continue
        live.append(media.mid)
        parts += _answer_line(media, transport, media.mid in wanted)
    return _join(_head(live, session, version) + parts)


def _answer_line(media: Media, transport: Transport, receive: bool) -> list[str]:
    codec, number, rtx = ROOM_CODECS[media.kind], media.payload_type, media.rtx_payload_type
    numbers = f"{number}" if rtx is None else f"{number} {rtx}"
    lines = [f"m={media.kind} 9 UDP/TLS/RTP/SAVPF {numbers}", *_transport(transport, "passive"), f"a=mid:{media.mid}"]
    lines.append("a=recvonly" if receive else "a=inactive")
    if codec.kind == "video":
        lines.append(f"b=AS:{VIDEO_KBPS}")
        # b= stands before any a= (RFC 8866 5).
        lines.insert(2, lines.pop())
    channels = "/2" if codec.kind == "audio" else ""
    lines.append(f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}{channels}")
    wide = feeds_back(media)
    layered = (RID, REPAIRED_RID) if media.rids else ()
    for uri in (MID, AUDIO_LEVEL, ROTATION, TRANSPORT_SEQUENCE if wide else ABS_SEND_TIME, *layered):
        if (extension := media.extensions.get(uri)) is not None:
            lines.append(f"a=extmap:{extension} {uri}")
    lines.append(f"a=rtcp-fb:{number} {'transport-cc' if wide else 'goog-remb'}")
    # Chromium repeats lost sound when asked, although it does not offer to.
    lines.append(f"a=rtcp-fb:{number} nack")
    if codec.kind == "audio":
        lines.append(f"a=fmtp:{number} {OPUS_WANTED}")
    else:
        lines += [f"a=rtcp-fb:{number} nack pli", f"a=rtcp-fb:{number} ccm fir"]
    if rtx is not None:
        lines += [f"a=rtpmap:{rtx} rtx/{codec.clock_rate}", f"a=fmtp:{rtx} apt={number}"]
    if media.rids and receive:
        lines += [f"a=rid:{rid} recv" for rid in media.rids]
        lines.append(f"a=simulcast:recv {';'.join(media.rids)}")
    return lines


def feeds_back(media: Media) -> bool:
    """Does this publisher number its packets for transport-wide feedback?"""
    return "transport-cc" in media.feedback and TRANSPORT_SEQUENCE in media.extensions


def write_offer(lines: Sequence[Line], transport: Transport, session: int, version: int) -> str:
    """Our offer to a subscriber: every m-line there ever was, in its old place."""
    parts: list[str] = []
    for line in lines:
        parts += _offer_line(line, transport)
    return _join(_head([line.mid for line in lines], session, version) + parts)


def _offer_line(line: Line, transport: Transport) -> list[str]:
    codec = line.codec
    number, rtx = codec.payload_type, codec.rtx_payload_type
    numbers = f"{number}" if rtx is None else f"{number} {rtx}"
    lines = [
        f"m={codec.kind} 9 UDP/TLS/RTP/SAVPF {numbers}",
        *_transport(transport, "actpass"),
        f"a=mid:{line.mid}",
        "a=inactive" if line.stream is None else "a=sendonly",
        f"a=extmap:{MID_ID} {MID}",
        f"a=extmap:{SEND_TIME_ID} {ABS_SEND_TIME}",
    ]
    if codec.kind == "audio":
        lines += [
            f"a=extmap:{LEVEL_ID} {AUDIO_LEVEL}",
            f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}/2",
            f"a=rtcp-fb:{number} nack",
            f"a=fmtp:{number} minptime=10;useinbandfec=1",
        ]
    else:
        lines += [
            f"a=extmap:{ROTATION_ID} {ROTATION}",
            f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}",
            *(f"a=rtcp-fb:{number} {kind}" for kind in ("nack", "nack pli", "ccm fir", "goog-remb")),
            f"a=rtpmap:{rtx} rtx/{codec.clock_rate}",
            f"a=fmtp:{rtx} apt={number}",
        ]
    if line.stream is not None:
        name = stream_name(line.stream)
        lines.append(f"a=msid:{name} {name}-{line.mid}")
        if rtx is not None:
            lines.append(f"a=ssrc-group:FID {line.ssrc} {line.rtx_ssrc}")
        lines.append(f"a=ssrc:{line.ssrc} cname:{name}")
        if rtx is not None:
            lines.append(f"a=ssrc:{line.rtx_ssrc} cname:{name}")
    return lines


def stream_name(text: str) -> str:
    """`text` as a token that may stand in msid and cname."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:48] or "_"


def _head(mids: Sequence[str], session: int, version: int) -> list[str]:
    return [
        "v=0",
        f"o=- {session} {version} IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=msid-semantic:WMS *",
        f"a=group:BUNDLE {' '.join(mids)}",
    ]


def _transport(transport: Transport, setup: str) -> list[str]:
    lines = [
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.password}",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        f"a=setup:{setup}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    # Earlier addresses are preferred: local preference falls by one (RFC 8445 5.1.2.1).
    for place, address in enumerate(transport.addresses):
        priority = 126 << 24 | (65535 - place) << 8 | 255
        lines.append(f"a=candidate:{place + 1} 1 udp {priority} {address} {transport.port} typ host")
    lines.append("a=end-of-candidates")
    return lines


def _join(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
