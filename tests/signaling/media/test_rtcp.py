"""RTCP: what is written reads back, here and in aiortc; what makes no sense ends the reading."""

import struct

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtcp

pytestmark = pytest.mark.pure


def test_a_key_frame_request_is_understood_by_others_and_by_us() -> None:
    (packet,) = RtcpPacket.parse(rtcp.write_pli(77))
    assert isinstance(packet, RtcpPsfbPacket) and packet.fmt == 1 and packet.media_ssrc == 77
    assert list(rtcp.read(rtcp.write_pli(77))) == [rtcp.KeyFrameRequest(77)]


def test_a_full_intra_request_names_its_streams() -> None:
    packet = struct.pack("!BBHII", 0x84, 206, 6, 1, 0) + struct.pack("!IIII", 5, 0, 6, 0)
    assert list(rtcp.read(packet)) == [rtcp.KeyFrameRequest(5), rtcp.KeyFrameRequest(6)]


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=40, unique=True))
def test_every_missing_number_is_asked_for_exactly_once(numbers: list[int]) -> None:
    (nack,) = rtcp.read(rtcp.write_nack(9, numbers))
    assert isinstance(nack, rtcp.Nack) and nack.ssrc == 9
    assert sorted(nack.numbers) == sorted(numbers)


def test_a_gap_across_the_wrap_is_one_word() -> None:
    packet = rtcp.write_nack(9, [65534, 65535, 0, 1])
    (parsed,) = RtcpPacket.parse(packet)
    assert isinstance(parsed, RtcpRtpfbPacket) and [one & 0xFFFF for one in parsed.lost] == [65534, 65535, 0, 1]
    assert len(packet) == 16


def test_one_nack_asks_for_a_bounded_number() -> None:
    body = struct.pack("!II", 1, 9) + b"\x00\x00\xff\xff" * 300
    packet = struct.pack("!BBH", 0x81, 205, len(body) // 4) + body
    (nack,) = rtcp.read(packet)
    assert isinstance(nack, rtcp.Nack) and len(nack.numbers) == rtcp.NACK_LIMIT


def test_reports_are_understood_by_others() -> None:
    one = rtcp.Reception(
        ssrc=5, fraction_lost=64, lost=-3, highest=70_000, jitter=90, last_report=0xAABBCCDD, delay=65536
    )
    (packet,) = RtcpPacket.parse(rtcp.write_receiver_report([one]))
    assert isinstance(packet, RtcpRrPacket)
    (report,) = packet.reports
    assert (report.ssrc, report.fraction_lost, report.packets_lost) == (5, 64, 0)
    assert (report.highest_sequence, report.jitter, report.lsr, report.dlsr) == (70_000, 90, 0xAABBCCDD, 65536)


@pytest.mark.parametrize("name", ["a", "ab", "abc", "abcd", "seat-" * 30])
def test_a_sender_report_carries_clock_counts_and_name(name: str) -> None:
    packet = rtcp.write_sender_report(7, name, 1 << 63, (1 << 32) + 5, 10, 2000)
    report, names = RtcpPacket.parse(packet)
    assert isinstance(report, RtcpSrPacket)
    assert (report.ssrc, report.sender_info.ntp_timestamp, report.sender_info.rtp_timestamp) == (7, 1 << 63, 5)
    assert (report.sender_info.packet_count, report.sender_info.octet_count) == (10, 2000)
    assert names.chunks[0].items == [(1, name.encode()[:60])]
    assert list(rtcp.read(packet)) == [rtcp.SenderReport(7, 1 << 63, 5)]


@pytest.mark.parametrize("rate", [0, 1, 300_000, 1_500_000, 50_000_000])
def test_a_bitrate_survives(rate: int) -> None:
    packet = rtcp.write_remb(rate, [3, 4])
    (parsed,) = RtcpPacket.parse(packet)
    assert isinstance(parsed, RtcpPsfbPacket)
    theirs, ssrcs = unpack_remb_fci(parsed.fci)
    assert ssrcs == [3, 4]
    assert list(rtcp.read(packet)) == [rtcp.BitrateEstimate(theirs, (3, 4))]
    assert abs(theirs - rate) <= rate / 1000


@given(st.binary(max_size=200))
def test_garbage_never_raises(data: bytes) -> None:
    list(rtcp.read(data))


@given(st.binary(max_size=60), st.sampled_from([200, 201, 205, 206, 207]), st.integers(0, 31))
def test_garbage_behind_a_good_header_never_raises(body: bytes, kind: int, count: int) -> None:
    body += bytes(-len(body) % 4)
    list(rtcp.read(struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body))


def test_the_round_trip_is_what_the_echo_leaves_over() -> None:
    asked = rtcp.write_reference_time(70_000.5)
    assert struct.unpack_from("!BBHIBBHQ", asked) == (0x80, 207, 4, 1, 4, 0, 2, int(70_000.5 * (1 << 32)))
    middle = int(70_000.5 * 65536) & 0xFFFFFFFF
    blocks = struct.pack("!BBHIII", 5, 0, 6, 99, 1, 2) + struct.pack("!III", 1, middle, 65536 // 2)
    body = struct.pack("!I", 7) + struct.pack("!BBHI", 42, 0, 1, 0) + blocks
    (echo,) = rtcp.read(struct.pack("!BBH", 0x80, 207, len(body) // 4) + body)
    assert echo == rtcp.Echo(middle, 65536 // 2), "somebody else's echo and other blocks are passed over"
    assert rtcp.round_trip(70_001.3, middle, 65536 // 2) == pytest.approx(0.3, abs=0.0001)
    assert rtcp.round_trip(70_000.9, middle, 65536 // 2) is None, "an echo cannot come before its question"
    assert rtcp.round_trip(70_100.0, middle, 65536 // 2) is None
