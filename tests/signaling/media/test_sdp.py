"""Real descriptions are read, hostile ones refused with a reason, mutated ones never raise anything but Malformed."""

from pathlib import Path

import pytest

from hearing.errors import Malformed
from signaling.media import sdp
from tests.support.mutations import mutations

pytestmark = pytest.mark.pure

DESCRIPTIONS = Path(__file__).parent / "descriptions"


def load(name: str) -> str:
    return (DESCRIPTIONS / f"{name}.sdp").read_bytes().decode()


CHROMIUM, AIORTC, FIREFOX = load("chromium-offer"), load("aiortc-offer"), load("firefox-offer")


def test_chromium_is_read() -> None:
    offer = sdp.read(CHROMIUM)
    sound, picture = offer.media
    assert (sound.kind, sound.mid, sound.payload_type, sound.rtx_payload_type) == ("audio", "0", 111, None)
    assert (picture.kind, picture.mid, picture.payload_type, picture.rtx_payload_type) == ("video", "1", 96, 97)
    assert sound.sends and picture.sends
    assert sound.ssrcs == (2942855762,) and picture.ssrcs == (2380130269,)
    assert picture.rtx_ssrcs == {3040642808: 2380130269}
    assert picture.extensions[sdp.TRANSPORT_SEQUENCE] == 3 and sound.extensions[sdp.AUDIO_LEVEL] == 1
    assert "transport-cc" in picture.feedback
    assert offer.fingerprints[0][0] == "sha-256" and offer.setup == "actpass"


def test_aiortc_is_read() -> None:
    offer = sdp.read(AIORTC)
    assert [(one.payload_type, one.rtx_payload_type) for one in offer.media] == [(96, None), (97, 98)]
    assert len(offer.fingerprints) == 3


def test_firefox_is_read() -> None:
    """Its picture stands on port 0 with bundle-only, its fingerprint at the session alone."""
    offer = sdp.read(FIREFOX)
    sound, picture = offer.media
    assert (sound.payload_type, picture.payload_type, picture.rtx_payload_type) == (109, 120, 124)
    assert sound.sends and picture.sends and not picture.rejected
    assert picture.ssrcs == (3438403030,) and picture.rtx_ssrcs == {1034040306: 3438403030}
    assert sound.extensions[sdp.TRANSPORT_SEQUENCE] == picture.extensions[sdp.TRANSPORT_SEQUENCE] == 7
    assert "transport-cc" in picture.feedback
    assert len(offer.fingerprints) == 1 and offer.setup == "actpass"


def test_a_candidate_is_never_looked_at() -> None:
    hostile = "".join(
        f"a=candidate:{text}\r\n"
        for text in (
            "1 1 udp 1 169.254.169.254 80 typ host",
            "1 1 udp 1 ::ffff:127.0.0.1 1 typ host",
            "1 1 tcp 1 internal.example 443 typ relay raddr 10.0.0.1 rport 1",
            "\x00" * 50,
            "9" * 3000,
        )
    )
    assert sdp.read(CHROMIUM + hostile) == sdp.read(CHROMIUM)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "v=0"),
        ("v=0\r\n", "without any media"),
        (CHROMIUM + "a=x:" + "y" * sdp.SIZE_LIMIT, "64 KB"),
        ("v=0\r\n" + "á" * (sdp.SIZE_LIMIT // 2 + 1), "64 KB"),
        ("v=0\r\n" + "\n" * 5000, "lines"),
        (CHROMIUM + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 11, "12 m-lines"),
        (CHROMIUM.replace("a=mid:1", "a=mid:0"), "twice"),
        (CHROMIUM.replace("a=mid:1\r\n", ""), "without valid mid"),
        (CHROMIUM.replace("a=mid:1\r\n", "a=mid:one two\r\n"), "without valid mid"),
        (CHROMIUM.replace("BUNDLE 0 1", "BUNDLE 0"), "BUNDLE"),
        (CHROMIUM.replace("a=rtcp-mux\r\n", ""), "rtcp-mux"),
        (CHROMIUM.replace("a=fingerprint:sha-256", "a=fingerprint:md5"), "fingerprint"),
        (CHROMIUM.replace("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 AA:"), "fingerprint"),
        (CHROMIUM.replace("a=ice-pwd:", "a=ice-pwd: "), "ICE"),
        (CHROMIUM.replace("a=ice-ufrag:", "a=was-ufrag:"), "ICE"),
        (CHROMIUM.replace("a=setup:actpass", "a=setup:passive"), "passive"),
        (CHROMIUM.replace("m=video 9", "m=video 99999"), "m-line"),
        (CHROMIUM.replace("m=video 9", "m=image 9"), "m-line"),
        (CHROMIUM.replace("m=video 9", "m=video -9"), "m-line"),
        (CHROMIUM.replace("m=video 9 UDP/TLS/RTP/SAVPF", "m=video"), "protocol"),
    ],
)
def test_what_no_browser_says_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        sdp.read(text)
    assert reason in refused.value.reason


def test_numbers_that_do_not_fit_are_not_there() -> None:
    text = CHROMIUM.replace("a=extmap:3 ", "a=extmap:15 ").replace("a=ssrc:2942855762", "a=ssrc:4294967296")
    text = text.replace("m=video 9 UDP/TLS/RTP/SAVPF 96 97", "m=video 9 UDP/TLS/RTP/SAVPF 72 97")
    text = text.replace("a=rtpmap:96 ", "a=rtpmap:72 ").replace("apt=96", "apt=72")
    sound, picture = sdp.read(text).media
    assert sdp.TRANSPORT_SEQUENCE not in picture.extensions and sound.ssrcs == ()
    assert picture.payload_type is None, "72 would be taken for RTCP"


def test_three_thousand_mutations_are_read_or_refused() -> None:
    refused = 0
    for text in mutations([CHROMIUM, AIORTC, FIREFOX], 3000, 2026):
        try:
            sdp.read(text)
        except Malformed:
            refused += 1
    assert 200 < refused < 2800, "the mutations neither all pass nor all fail"


def layered(simulcast: str, *rids: str) -> tuple[str, ...]:
    lines = "".join(f"a=rid:{one}\r\n" for one in rids) + f"a=simulcast:{simulcast}\r\n"
    return sdp.read(CHROMIUM.rstrip("\r\n") + "\r\n" + lines).media[1].rids


@pytest.mark.parametrize(
    ("simulcast", "rids", "found"),
    [
        ("send q;h;f", ("q send", "h send", "f send"), ("q", "h", "f")),
        ("recv a send q;~h", ("q send", "h send", "a recv"), ("q", "h")),
        ("send q,p;h", ("q send", "p send", "h send"), ("q", "h")),
        ("send a;b;c;d", ("a send", "b send", "c send", "d send"), ("a", "b", "c")),
        ("send q;q;h", ("q send", "h send"), ("q", "h")),
        ("send q;x", ("q send", "x recv"), ("q",)),
        ("send", ("q send",), ()),
        ("recv q", ("q send",), ()),
        ("send \u00e9;" + "y" * 17, ("\u00e9 send", "y" * 17 + " send"), ()),
    ],
)
def test_the_sizes_of_a_camera_are_read(simulcast: str, rids: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert layered(simulcast, *rids) == found


def test_a_rid_without_a_word_behind_it_is_passed_over() -> None:
    assert layered("send q", "q", "") == ()
