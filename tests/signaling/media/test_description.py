"""What we write is understood by aiortc, and holds exactly what we decided."""

from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription

from signaling.media import sdp
from signaling.media.description import (
    LEVEL_ID,
    SEND_TIME_ID,
    Line,
    Transport,
    feeds_back,
    stream_name,
    write_answer,
    write_offer,
)
from signaling.media.payload import OPUS, VP8

pytestmark = pytest.mark.pure

CHROMIUM = (Path(__file__).parent / "descriptions" / "chromium-offer.sdp").read_bytes().decode()
AIORTC = (Path(__file__).parent / "descriptions" / "aiortc-offer.sdp").read_bytes().decode()
TRANSPORT = Transport(
    ufrag="ufrag000",
    password="p" * 32,
    fingerprint=":".join(["AB"] * 32),
    port=4000,
    addresses=["192.0.2.7", "2001:db8::7", "127.0.0.1"],
)


def answer(text: str, accepted: list[str]) -> SessionDescription:
    return SessionDescription.parse(write_answer(sdp.read(text), TRANSPORT, accepted, 1, 1))


def test_the_answer_receives_what_was_accepted_and_nothing_else() -> None:
    parsed = answer(CHROMIUM, ["1"])
    sound, picture = parsed.media
    assert (sound.direction, picture.direction) == ("inactive", "recvonly")
    assert [codec.mimeType for codec in picture.rtp.codecs] == ["video/VP8", "video/rtx"]
    assert [codec.payloadType for codec in picture.rtp.codecs] == [96, 97]
    assert parsed.group[0].items == ["0", "1"]
    for media in parsed.media:
        assert media.ice.iceLite and media.dtls.role == "server"
        assert [one.ip for one in media.ice_candidates] == ["192.0.2.7", "2001:db8::7", "127.0.0.1"]
        priorities = [one.priority for one in media.ice_candidates]
        assert priorities == sorted(set(priorities), reverse=True)


def test_a_publisher_is_fed_back_in_the_way_it_knows() -> None:
    wide, plain = answer(CHROMIUM, ["0", "1"]), answer(AIORTC, ["0", "1"])
    assert {one.type for one in wide.media[1].rtp.codecs[0].rtcpFeedback} >= {"transport-cc", "nack"}
    assert "goog-remb" in {one.type for one in plain.media[1].rtp.codecs[0].rtcpFeedback}
    assert sdp.ABS_SEND_TIME not in {one.uri for one in wide.media[1].rtp.headerExtensions}
    assert sdp.ABS_SEND_TIME in {one.uri for one in plain.media[1].rtp.headerExtensions}
    assert [feeds_back(one) for one in sdp.read(AIORTC).media] == [False, False]


def test_sound_is_repaired_and_sent_without_gaps() -> None:
    text = write_answer(sdp.read(CHROMIUM), TRANSPORT, ["0"], 1, 1)
    assert "a=rtcp-fb:111 nack\r\n" in text and "usedtx=0" in text


def test_a_line_we_cannot_use_is_rejected_and_left_out_of_the_bundle() -> None:
    data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n"
    parsed = answer(CHROMIUM.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + data, ["0"])
    assert parsed.media[2].port == 0 and parsed.group[0].items == ["0", "1"]


def test_the_offer_keeps_every_line_in_its_place() -> None:
    lines = [
        Line(mid="0", codec=OPUS, stream="seat a", ssrc=11, rtx_ssrc=12),
        Line(mid="1", codec=VP8, stream="seat a", ssrc=13, rtx_ssrc=14),
        Line(mid="2", codec=VP8, stream=None, ssrc=0, rtx_ssrc=0),
    ]
    parsed = SessionDescription.parse(write_offer(lines, TRANSPORT, 1, 3))
    assert [one.direction for one in parsed.media] == ["sendonly", "sendonly", "inactive"]
    assert [one.rtp.muxId for one in parsed.media] == ["0", "1", "2"]
    assert {one.ssrc for one in parsed.media[1].ssrc} == {13, 14} and not parsed.media[2].ssrc
    assert parsed.media[0].msid == "seat_a seat_a-0"
    extensions = {one.uri: one.id for one in parsed.media[0].rtp.headerExtensions}
    assert extensions[sdp.AUDIO_LEVEL] == LEVEL_ID and extensions[sdp.ABS_SEND_TIME] == SEND_TIME_ID


@pytest.mark.parametrize("text", ["", "a b", "ghế số 1", "x\r\na=evil", "y" * 100])
def test_a_stream_name_is_always_one_token(text: str) -> None:
    name = stream_name(text)
    assert 0 < len(name) <= 48 and name.replace("_", "a").replace("-", "a").isalnum() and name.isascii()


def test_every_size_of_an_accepted_camera_is_received() -> None:
    lines = "a=rid:q send\r\na=rid:h send\r\na=simulcast:send q;h\r\n"
    offer = sdp.read(CHROMIUM.rstrip("\r\n") + "\r\n" + lines)
    text = write_answer(offer, TRANSPORT, ["1"], 1, 1)
    picture = text[text.index("m=video") :].split("\r\n")
    assert {"a=rid:q recv", "a=rid:h recv", "a=simulcast:recv q;h"} <= set(picture)
    assert {f"a=extmap:10 {sdp.RID}", f"a=extmap:11 {sdp.REPAIRED_RID}"} <= set(picture)
    assert "simulcast" not in write_answer(offer, TRANSPORT, ["0"], 1, 1), "what is not received has no sizes"
    assert sdp.RID not in write_answer(sdp.read(CHROMIUM), TRANSPORT, ["1"], 1, 1)
