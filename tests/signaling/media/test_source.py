"""A source asks again for what is missing, at once and by the clock, and gives up in time."""

import asyncio
from collections.abc import Iterator

import pytest

from signaling.media import rtcp
from signaling.media.outlet import Meter, Tap
from signaling.media.payload import OPUS, VP8, Codec
from signaling.media.repairs import NACK_AGE, NACK_TRIES, STALE_SOUND, interval, patience
from signaling.media.sink import KeptTrack
from signaling.media.source import KEY_FRAME_INTERVAL, Source
from tests.signaling.media.test_outlet import DELTA, KEY, track
from tests.signaling.media.wire import Feed, Wire, give, packet


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()
    yield found
    found.close()


class Heard:
    def __init__(self, codec: Codec) -> None:
        self.feed = Feed()
        self.source = Source("source", "seat", codec, "0", (100, 101), self.feed)
        self.source.speaks_as(5)
        self.kept = KeptTrack(track())
        self.source.tap = Tap(self.kept, Meter(), print)

    def asked(self) -> list[rtcp.Item]:
        found = [item for data in self.feed.sent for item in rtcp.read(data)]
        self.feed.sent.clear()
        return found


@pytest.fixture
def sound() -> Iterator[Heard]:
    heard = Heard(OPUS)
    yield heard
    heard.source.close("end")


@pytest.fixture
def picture() -> Iterator[Heard]:
    heard = Heard(VP8)
    yield heard
    heard.source.close("end")


async def test_a_gap_is_asked_for_at_once(sound: Heard, wire: Wire) -> None:
    for seq in (65534, 2):
        give(sound.source, wire, seq, b"x")
    assert sound.asked() == [rtcp.Nack(5, (65535, 0, 1))]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packet is missed however late this machine's timers are."""
    monkeypatch.setattr("signaling.media.source.patience", lambda kind, round_trip: 60.0)


async def test_and_again_by_the_clock_until_it_comes(sound: Heard, wire: Wire, patient: None) -> None:
    give(sound.source, wire, 1, b"x", now=asyncio.get_running_loop().time())
    give(sound.source, wire, 3, b"x", now=asyncio.get_running_loop().time())
    first: list[object] = []
    async with asyncio.timeout(60):
        while len(first) < 3:  # at once, then again and again
            await asyncio.sleep(0.02)
            first += sound.asked()
    assert set(map(str, first)) == {str(rtcp.Nack(5, (2,)))}
    give(sound.source, wire, 2, b"x")
    await asyncio.sleep(0.1)
    assert sound.asked() == []
    assert [one[0] for one in sound.kept.packets] == [1, 3, 2] and sound.source.lost == 0


async def asked_until_given_up(picture: Heard, wire: Wire) -> list[object]:
    """A picture with a hole: everything its sender was asked for, up to the key frame."""
    for seq, payload in ((1, KEY), (3, DELTA)):
        give(picture.source, wire, seq, payload, now=asyncio.get_running_loop().time())
    asked: list[object] = []
    async with asyncio.timeout(60):
        while rtcp.KeyFrameRequest(5) not in asked:
            await asyncio.sleep(0.02)
            asked += picture.asked()
    return asked


async def test_giving_up_means_a_key_frame(picture: Heard, wire: Wire, patient: None) -> None:
    asked = await asked_until_given_up(picture, wire)
    assert sum(isinstance(one, rtcp.Nack) for one in asked) == NACK_TRIES
    assert asked[-1] == rtcp.KeyFrameRequest(5)
    await asyncio.sleep(0.1)
    assert picture.asked() == [] and picture.source.lost == 1


async def test_what_nobody_waits_for_any_more_is_not_asked_for(
    picture: Heard, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NACK_AGE, "video", 0.0)
    asked = await asked_until_given_up(picture, wire)
    assert asked == [rtcp.Nack(5, (2,)), rtcp.KeyFrameRequest(5)]


@pytest.mark.parametrize(("round_trip", "questions"), [(0.0, range(4, 30)), (0.4, range(2, 3))])
async def test_nothing_is_asked_again_before_its_answer_can_have_come(
    picture: Heard, wire: Wire, patient: None, round_trip: float, questions: range
) -> None:
    picture.feed.round_trip = round_trip
    loop = asyncio.get_running_loop()
    began = loop.time()
    give(picture.source, wire, 1, KEY, now=began)
    give(picture.source, wire, 3, DELTA, now=began)
    while loop.time() < began + interval(0.4) + 0.1:
        await asyncio.sleep(0.02)
    asked = [one for one in picture.asked() if isinstance(one, rtcp.Nack)]
    if loop.time() < began + 2 * interval(0.4):  # a machine that slept that long has shown nothing
        assert len(asked) in questions


@pytest.mark.pure
def test_whoever_is_far_away_is_waited_for_longer() -> None:
    assert patience("audio", 0.0) == 0.3 and patience("video", 0.02) < 0.8
    for kind in ("audio", "video"):
        assert patience(kind, 0.3) >= 2 * interval(0.3) + 0.3, "the third answer still comes in time"
        assert patience(kind, 2.0) < 10


async def test_sound_that_comes_too_late_for_a_player_is_kept_for_the_record(sound: Heard, wire: Wire) -> None:
    outlet = wire.outlet(OPUS)
    sound.source.attach(outlet, 0.0)
    for seq in (1, 3, 5):
        give(sound.source, wire, seq, b"%d" % seq, now=1.0)
    give(sound.source, wire, 2, b"2", now=1.0 + STALE_SOUND / 2)
    give(sound.source, wire, 4, b"4", now=1.0 + STALE_SOUND * 2)
    assert [one.payload for one in wire.arrived()] == [b"1", b"3", b"5", b"2"]
    assert [one[3] for one in sound.kept.packets] == [b"1", b"3", b"5", b"2", b"4"]


async def test_an_outage_is_not_asked_for_packet_by_packet(picture: Heard, wire: Wire) -> None:
    give(picture.source, wire, 1, KEY)
    give(picture.source, wire, 1000, DELTA)
    assert picture.asked() == [rtcp.KeyFrameRequest(5)]


async def test_a_repair_is_the_packet_it_repairs(picture: Heard, wire: Wire) -> None:
    outlet = wire.outlet(VP8)
    picture.source.attach(outlet, 0.0)
    give(picture.source, wire, 1, KEY, timestamp=90)
    give(picture.source, wire, 3, DELTA, timestamp=180)
    give(picture.source, wire, 2, b"\x00lost", timestamp=90, repair=True)
    give(picture.source, wire, 2, b"\x00lost", timestamp=90, repair=True)
    give(picture.source, wire, 2, b"\x00lost", timestamp=90)
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == [KEY, DELTA, b"\x00lost"], "a second copy goes nowhere"
    assert [one.seq - arrived[0].seq for one in arrived] == [0, 2, 1]
    assert picture.source.recovered == 1 and len(picture.kept.packets) == 3


async def test_a_first_key_frame_that_comes_late_still_begins_the_picture(picture: Heard, wire: Wire) -> None:
    outlet = wire.outlet(VP8)
    picture.source.attach(outlet, 0.0)
    give(picture.source, wire, 11, b"\x00second part")
    give(picture.source, wire, 10, KEY)
    give(picture.source, wire, 12, DELTA)
    arrived = wire.arrived()
    assert [one.payload for one in arrived] == [KEY, DELTA]
    missing = outlet.repair((arrived[0].seq + 1) & 0xFFFF, picture.source, 0.0)
    assert missing is not None and Wire.opened(missing).payload.endswith(b"second part")


async def test_key_frame_requests_are_one_within_a_quarter_second(picture: Heard, wire: Wire) -> None:
    now = asyncio.get_running_loop().time()
    for _ in range(20):
        picture.source.request_key_frame(now)
    assert picture.asked() == [rtcp.KeyFrameRequest(5)]
    await asyncio.sleep(KEY_FRAME_INTERVAL + 0.1)
    assert picture.asked() == [rtcp.KeyFrameRequest(5)], "the ones too early are kept as one"
    await asyncio.sleep(KEY_FRAME_INTERVAL + 0.1)
    assert picture.asked() == []


async def test_a_lost_request_is_repeated_while_somebody_waits(picture: Heard, wire: Wire) -> None:
    now = asyncio.get_running_loop().time()
    give(picture.source, wire, 1, DELTA, now=now)
    picture.source.attach(wire.outlet(VP8), now)
    picture.asked()
    picture.source.tick(now + 0.6)
    assert picture.asked() == [rtcp.KeyFrameRequest(5)]
    give(picture.source, wire, 2, KEY, now=now)
    picture.source.tick(now + 1.2)
    assert picture.asked() == []


async def test_padding_is_forwarded_but_not_kept(sound: Heard, wire: Wire) -> None:
    sound.source.attach(wire.outlet(OPUS), 0.0)
    sound.source.take(packet(100, b"\0\0\0\4", padding=True), 12, 1, 0, -1, -1, 0.0, wire.batch)
    sound.source.take(packet(100, b"abc\2\2", padding=True), 12, 2, 0, -1, -1, 0.0, wire.batch)
    sound.source.take(packet(100, b"\xff", padding=True), 12, 3, 0, -1, -1, 0.0, wire.batch)
    assert [one.payload for one in wire.arrived()] == [b"\0\0\0\4", b"abc\2\2", b"\xff"]
    assert [one[3] for one in sound.kept.packets] == [b"", b"abc", b""]


async def test_a_padding_probe_on_the_repair_stream_is_nothing(picture: Heard, wire: Wire) -> None:
    give(picture.source, wire, 1, KEY)
    picture.source.take(packet(101, b"\0\0\0\4", padding=True), 12, 9, 0, -1, -1, 0.0, wire.batch)
    picture.source.take(packet(101, b""), 12, 10, 0, -1, -1, 0.0, wire.batch)
    assert len(picture.kept.packets) == 1


async def test_a_new_ssrc_is_a_new_stream_that_continues_the_old(picture: Heard, wire: Wire) -> None:
    outlet = wire.outlet(VP8)
    picture.source.attach(outlet, 0.0)
    give(picture.source, wire, 500, KEY, timestamp=1000, now=1.0)
    picture.source.speaks_as(6)
    give(picture.source, wire, 20, DELTA, timestamp=7_000_000, now=1.1)
    give(picture.source, wire, 21, KEY, timestamp=7_009_000, now=1.2)
    first, second = wire.arrived()
    assert second.seq == (first.seq + 1) & 0xFFFF
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == pytest.approx(18_000, abs=2)


async def test_loss_is_reported_since_the_last_report(sound: Heard, wire: Wire) -> None:
    for seq in (1, 2, 3, 5):
        give(sound.source, wire, seq, b"x", now=seq * 0.02, timestamp=seq * 960)
    report = sound.source.reception(0.1)
    assert report is not None
    assert (report.ssrc, report.lost, report.fraction_lost, report.highest & 0xFFFF) == (5, 1, 256 // 5, 5)
    assert report.jitter == 0
    give(sound.source, wire, 6, b"x", now=0.12, timestamp=6 * 960)
    again = sound.source.reception(0.2)
    assert again is not None and (again.lost, again.fraction_lost) == (1, 0)


async def test_sound_that_was_sent_again_is_told_as_lost_once_and_swapped_sound_is_not(
    sound: Heard, wire: Wire
) -> None:
    for seq in (1, 3, 4, 6):
        give(sound.source, wire, seq, b"x", now=1.0)
    give(sound.source, wire, 2, b"x", now=1.005)
    give(sound.source, wire, 5, b"x", now=1.05)
    report = sound.source.reception(1.1)
    assert report is not None and (report.lost, report.fraction_lost) == (0, 256 // 6)
    give(sound.source, wire, 7, b"x", now=1.2)
    again = sound.source.reception(1.3)
    assert again is not None and again.fraction_lost == 0
