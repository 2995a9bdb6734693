"""Reading what browsers say in SDP, and refusing what no browser says. Pure; writing is in `description.py`.

The server dictates everything, so little is read: which m-lines there are, their transport, the number of our codec,
the extensions. Candidates are never read: an ICE-lite server does not dial, so a hostile candidate is just text.
"""

import re
from dataclasses import dataclass

from hearing.errors import Malformed
from signaling.media.payload import ROOM_CODECS

SIZE_LIMIT = 64 << 10
MEDIA_LIMIT = 12
LAYERS_LIMIT = 3
"""Sizes of one camera; further ones are not asked for."""
LINE_SIZE = 4 << 10
"""What an m-line of an answer may take where there are so many that 64 KB would not do."""
LINE_LIMIT = 4000
"""Lines in one description; Chromium needs about 150 an m-line."""

AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ROTATION = "urn:3gpp:video-orientation"

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`{|}~]{1,32}\Z")
_RID = re.compile(r"[A-Za-z0-9_-]{1,16}\Z")
_ICE = re.compile(r"[A-Za-z0-9+/]{4,256}\Z")
_HEX = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}\Z")
_HASHES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """One m-line. `payload_type` is the peer's number of our codec, None when it does not offer it.

    `rids` names the sizes it sends at the same time (RFC 8853), in its order; empty without simulcast.
    """

    kind: str
    mid: str
    rejected: bool
    direction: str
    formats: tuple[str, ...]
    payload_type: int | None
    rtx_payload_type: int | None
    feedback: frozenset[str]
    extensions: dict[str, int]
    ssrcs: tuple[int, ...]
    rtx_ssrcs: dict[int, int]
    rids: tuple[str, ...] = ()

    @property
    def sends(self) -> bool:
        return not self.rejected and self.direction in ("sendrecv", "sendonly")


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """A whole offer or answer; all media share one transport."""

    ufrag: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str
    media: tuple[Media, ...]


Attributes = list[tuple[str, str]]


def read(text: str, media_limit: int = MEDIA_LIMIT) -> Description:
    """`Malformed` with the reason when this is not an offer or answer a browser makes.

    `media_limit` is for offers; an answer has as many m-lines as our offer had, two for each person in the courtroom.
    """
    size_limit = max(SIZE_LIMIT, media_limit * LINE_SIZE)
    if len(text) > size_limit or len(text.encode()) > size_limit:
        raise Malformed(f"SDP above the limit of {size_limit >> 10} KB")
    lines = text.replace("\r", "").split("\n")
    if len(lines) > LINE_LIMIT:
        raise Malformed(f"SDP of more than {LINE_LIMIT} lines")
    if lines[0] != "v=0":
        raise Malformed("SDP does not begin with v=0")
    session: Attributes = []
    sections: list[tuple[str, Attributes]] = []
    current = session
    for line in lines:
        if line.startswith("m="):
            current = []
            sections.append((line[2:], current))
            if len(sections) > media_limit:
                raise Malformed(f"SDP of more than {media_limit} m-lines")
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            current.append((name, value))
    media = tuple(_media(line, attributes) for line, attributes in sections)
    if len({one.mid for one in media}) < len(media):
        raise Malformed("SDP with a mid used twice")
    live = [attributes for one, (_, attributes) in zip(media, sections, strict=True) if not one.rejected]
    if not live:
        raise Malformed("SDP without any media")
    bundle = next((value.split()[1:] for name, value in session if name == "group" and value.startswith("BUNDLE")), [])
    if missing := [one.mid for one in media if not one.rejected and one.mid not in bundle]:
        raise Malformed(f"SDP with media outside the BUNDLE group: {' '.join(missing)}")
    return Description(
        ufrag=_ufrag(session, live[0]),
        fingerprints=_fingerprints(session, live[0]),
        setup=_setup(session, live[0]),
        media=media,
    )


def _first(name: str, *places: Attributes) -> str | None:
    return next((value for place in places for key, value in place if key == name), None)


def _ufrag(session: Attributes, media: Attributes) -> str:
    ufrag, password = _first("ice-ufrag", media, session), _first("ice-pwd", media, session)
    if ufrag is None or password is None or not _ICE.match(ufrag) or not _ICE.match(password) or len(password) < 22:
        raise Malformed("SDP without valid ICE credentials")
    return ufrag


def _fingerprints(session: Attributes, media: Attributes) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, value in media + session:
        if name != "fingerprint":
            continue
        algorithm, _, digest = value.partition(" ")
        algorithm, digest = algorithm.lower(), digest.strip()
        if (size := _HASHES.get(algorithm)) and _HEX.match(digest) and len(digest) == 3 * size - 1:
            found.append((algorithm, digest.upper()))
    if not found:
        raise Malformed("SDP without a valid fingerprint")
    return tuple(dict.fromkeys(found))


def _setup(session: Attributes, media: Attributes) -> str:
    setup = _first("setup", media, session) or "actpass"
    if setup not in ("actpass", "active"):
        raise Malformed(f"SDP wants DTLS setup {setup[:20]!r}; this server is always passive")
    return setup


def _media(line: str, attributes: Attributes) -> Media:
    parts = line.split()
    if len(parts) < 4 or parts[0] not in ("audio", "video", "application") or not _small(parts[1], 65535):
        raise Malformed(f"SDP with the m-line {line[:60]!r}")
    kind, port, protocol, *formats = parts
    if protocol not in _PROTOCOLS:
        raise Malformed(f"SDP with the protocol {protocol[:40]!r}")
    mid = _first("mid", attributes)
    if mid is None or not _TOKEN.match(mid):
        raise Malformed("SDP with an m-line without valid mid")
    if not all(_TOKEN.match(one) for one in formats) or len(formats) > 128:
        raise Malformed("SDP with an impossible list of formats")
    rejected = port == "0" and not any(name == "bundle-only" for name, _ in attributes)
    if not rejected and kind != "application" and not any(name == "rtcp-mux" for name, _ in attributes):
        raise Malformed("SDP without rtcp-mux")
    payload_type, rtx = _codec(kind, formats, attributes)
    ssrcs, groups = _ssrcs(attributes)
    return Media(
        kind=kind,
        mid=mid,
        rejected=rejected,
        direction=next((name for name, _ in attributes if name in _DIRECTIONS), "sendrecv"),
        formats=tuple(formats),
        payload_type=payload_type,
        rtx_payload_type=rtx,
        feedback=frozenset(
            value.partition(" ")[2].strip()
            for name, value in attributes
            if name == "rtcp-fb" and value.partition(" ")[0] in (str(payload_type), "*")
        ),
        extensions=_extensions(attributes),
        ssrcs=ssrcs,
        rtx_ssrcs=groups,
        rids=_rids(attributes) if kind == "video" else (),
    )


def _codec(kind: str, formats: list[str], attributes: Attributes) -> tuple[int | None, int | None]:
    """The peer's payload types of the room's codec and of its retransmissions."""
    wanted = ROOM_CODECS.get(kind)
    if wanted is None:
        return None, None
    names: dict[str, str] = {}
    apt: dict[str, str] = {}
    for name, value in attributes:
        number, _, rest = value.partition(" ")
        if name == "rtpmap":
            names.setdefault(number, rest.strip().split("/")[0].lower())
        elif name == "fmtp" and (match := re.match(r"\s*apt=(\d{1,3})\s*(;|\Z)", rest)):
            apt.setdefault(match[1], number)
    for one in formats:
        if names.get(one) == wanted.name.lower() and _payload_type(one):
            rtx = apt.get(one, "")
            valid = rtx in formats and names.get(rtx) == "rtx" and _payload_type(rtx)
            return int(one), int(rtx) if valid else None
    return None, None


def _extensions(attributes: Attributes) -> dict[str, int]:
    """Header extensions that fit the one-byte form (RFC 8285), by their URI."""
    found: dict[str, int] = {}
    for name, value in attributes:
        if name == "extmap":
            number, _, uri = value.partition(" ")
            number = number.partition("/")[0]
            if _small(number, 14) and int(number) > 0:
                found.setdefault(uri.split(" ")[0], int(number))
    return found


def _rids(attributes: Attributes) -> tuple[str, ...]:
    """The streams of a=simulcast that are sent; of alternatives the first. `~` says that one begins paused."""
    sent = {value.split()[0] for name, value in attributes if name == "rid" and value.split()[1:2] == ["send"]}
    words = (_first("simulcast", attributes) or "").split()
    listed = words[words.index("send") + 1] if "send" in words[:-1] else ""
    found = [one.split(",")[0].removeprefix("~") for one in listed.split(";")]
    return tuple(dict.fromkeys(one for one in found if one in sent and _RID.match(one)))[:LAYERS_LIMIT]


def _ssrcs(attributes: Attributes) -> tuple[tuple[int, ...], dict[int, int]]:
    """The streams an m-line announces, and which one repairs which."""
    repairs: dict[int, int] = {}
    found: dict[int, None] = {}
    for name, value in attributes:
        words = value.split()
        if name == "ssrc" and words and _small(words[0], 0xFFFFFFFF):
            found[int(words[0])] = None
        elif name == "ssrc-group" and len(words) == 3 and words[0] == "FID":
            if _small(words[1], 0xFFFFFFFF) and _small(words[2], 0xFFFFFFFF):
                repairs[int(words[2])] = int(words[1])
    return tuple(one for one in found if one not in repairs)[:4], dict(list(repairs.items())[:4])


def _small(text: str, limit: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= limit


def _payload_type(text: str) -> bool:
    # 64 to 95 would be taken for RTCP on the one socket (RFC 5761 4).
    return _small(text, 127) and not 64 <= int(text) <= 95
