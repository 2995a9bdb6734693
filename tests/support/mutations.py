"""Session descriptions that no browser writes, made from those that browsers write: always the same ones for a seed."""

import random
from collections.abc import Iterator

NASTY_WORDS = ("-1", "99999999999999999999", "\x00", "A" * 5000, "٣", "", ":", " ", "²", "%s", "\u2028", "1e9", "0x10")
NASTY_LINES = (
    "m=video",
    "m=audio 0 UDP/TLS/RTP/SAVPF",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=",
    "a=rtpmap:",
    "a=rtpmap:96 VP8/-90000",
    "a=rtpmap:111 opus/99999999999/255",
    "a=fmtp:96",
    "a=fmtp:97 apt=97",
    "a=ssrc:",
    "a=ssrc:-1 cname:x",
    "a=ssrc-group:FID 1 1",
    "a=group:BUNDLE",
    "a=group:BUNDLE 0 0 0 0",
    "a=extmap:0 x",
    "a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:1/sideways urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=candidate:1 1 udp 1 169.254.169.254 80 typ host",
    "a=candidate:" + "9" * 3000,
    "a=fingerprint:sha-256 00",
    "a=fingerprint:sha-512 " + ":".join(["AB"] * 64),
    "a=ice-lite",
    "a=ice-ufrag:" + "u" * 300,
    "a=setup:holdconn",
    "a=mid:" + "m" * 300,
    "a=rid:l send pt=99999",
    "a=simulcast:send ~l;;m,,h",
    "a=rtcp-fb:* nack pli",
    "b=AS:99999999999999999999",
    "c=IN IP9 nowhere",
    "\x00\x01\x02",
    "A" * 5000,
)


def mutate(text: str, chance: random.Random) -> str:
    """One to five changes of the kinds that broke other servers."""
    lines = text.split("\r\n")
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(lines))
        match chance.randrange(8):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                words = lines[at].split(" ")
                words[chance.randrange(len(words))] = chance.choice(NASTY_WORDS)
                lines[at] = " ".join(words)
            case 4:
                lines.insert(at, chance.choice(NASTY_LINES))
            case 5:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case 6:
                lines[at] = _other_character(lines[at], chance)
            case _:
                lines[at:at] = [lines[at]] * chance.randint(2, 50)
        lines = lines or [""]
    return "\r\n".join(lines)


def _other_character(line: str, chance: random.Random) -> str:
    if not line:
        return chr(chance.randrange(1, 0x250))
    at = chance.randrange(len(line))
    return line[:at] + chr(chance.randrange(1, 0x250)) + line[at + 1 :]


def mutations(texts: list[str], count: int, seed: int) -> Iterator[str]:
    """`count` of them, made from `texts` by turns."""
    chance = random.Random(seed)
    for number in range(count):
        yield mutate(texts[number % len(texts)], chance)


def answer_to(offer: str) -> str:
    """A plain answer that accepts everything in one of our own offers."""
    kept = []
    for line in offer.split("\r\n"):
        if line.startswith(("a=candidate", "a=end-of-candidates", "a=ssrc", "a=msid", "a=ice-lite")):
            continue
        kept.append(line.replace("a=setup:actpass", "a=setup:active").replace("a=sendonly", "a=recvonly"))
    return "\r\n".join(kept)
