"""Attacks by session descriptions: too large, too many media, hostile candidates, mutated at every line.

Rule: the good description goes by the same way, and is answered.
"""

import json
import time
import uuid

from signaling.protocol import FRAME_LIMIT
from tests.product.attack_house import Court
from tests.product.attack_socket import KB, Raw
from tests.support.mutations import mutations
from web.demo.robot_media import connection


async def offer() -> tuple[str, list[dict[str, str]]]:
    """A good offer of one microphone, as aiortc writes it, and its sources."""
    peer = connection()
    try:
        peer.addTransceiver("audio", direction="sendonly")
        await peer.setLocalDescription(await peer.createOffer())
        sdp = peer.localDescription.sdp
        return sdp, [{"mid": "0", "source": str(uuid.uuid4()), "kind": "microphone", "label": ""}]
    finally:
        await peer.close()


MUTATED = 60

HOSTILE = (
    "169.254.169.254 80",
    "127.0.0.1 22",
    "10.0.0.1 53",
    "evil.example 9",
    "::1 6379",
    "x" * 2000 + ".local 9",
)


async def check_sdp(court: Court, token: str) -> None:
    """SDP above 64 KB, with too many media, hostile candidates, or mutated at every line."""
    good, sources = await offer()
    for what, sdp in (
        ("above 64 KB", good + "a=x:" + "A" * (66 * KB) + "\r\n"),
        ("13 media", good + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n" * 13),
        ("no SDP", "hello"),
        ("nothing", ""),
    ):
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            answer = await one.ask("signal", {"type": "publish", "sdp": sdp, "sources": sources})
            assert answer is not None and set(answer) == {"malformed"}, (what, answer)
            await one.is_ended()
    lines = good.split("\r\n")
    candidates = [f"a=candidate:1 1 udp 2130706431 {address} typ host" for address in HOSTILE]
    async with Raw(court.house) as one:  # hostile candidates are just text: the offer is answered, nobody is dialled
        await one.enter(token, court.hearing)
        hostile = "\r\n".join([line for line in lines[:-1] if not line.startswith("a=candidate")] + candidates) + "\r\n"
        answer = await one.ask("signal", {"type": "publish", "sdp": hostile, "sources": sources})
        assert answer == {}, answer
        await one.until("the answer", lambda: any('"published"' in frame for frame in one.got))
        published = next(frame for frame in one.got if '"published"' in frame)
        assert "169.254.169.254" not in published and "evil.example" not in published
    broken = [_without(lines, number) for number in range(1, len(lines) - 1, 4)]
    broken += [good.replace("opus", "\x00"), good.replace("a=mid:0", "a=mid:" + "9" * 300), good[: len(good) // 2]]
    broken += [good.replace("sha-256", "md5"), good.replace("a=setup:actpass", "a=setup:passive"), good + "\ud7ff"]
    for sdp in broken:
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            answer = await one.ask("signal", {"type": "publish", "sdp": sdp, "sources": sources})
            assert answer is None or answer == {} or set(answer) <= {"malformed", "refused"}, (sdp[:80], answer)
            assert answer is None or answer.get("refused") != "internal", sdp
    for wrong in (
        [{**sources[0], "source": next(iter(court.robots.values())).sources["audio"]}],  # somebody else's source
        [{**sources[0], "mid": "7"}],
        [{**sources[0], "source": str(uuid.uuid4()), "kind": "weapon"}],
        [sources[0], sources[0]],
        [{**sources[0], "extra": 1}],
        sources * 20,
    ):
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            answer = await one.ask("signal", {"type": "publish", "sdp": good, "sources": wrong})
            assert answer is not None and set(answer) <= {"malformed", "refused"} and answer, (wrong, answer)
            assert answer.get("refused") != "internal"


async def check_mutated(court: Court, token: str) -> None:
    """A sample of what the media process alone gets three thousand of, by the way that everybody comes."""
    good, sources = await offer()
    media = court.house.processes()["media.0"]
    taken = 0
    for sdp in (*mutations([good], MUTATED, 2027), good + "A" * FRAME_LIMIT):
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            answer = await one.ask("signal", {"type": "publish", "sdp": sdp, "sources": sources})
            if len(json.dumps(sdp)) > FRAME_LIMIT:  # some grow beyond any frame: then the line ends without an answer
                assert answer is None, (len(sdp), answer)
                await one.is_ended()
                continue
            assert answer is not None and set(answer) <= {"malformed", "refused"}, (len(sdp), sdp[:2000], answer)
            assert answer.get("refused") != "internal", sdp[:2000]
            taken += answer == {}
    assert 0 < taken < MUTATED, "the mutations neither all pass nor all fail"
    assert court.house.processes()["media.0"] == media


def _without(lines: list[str], number: int) -> str:
    return "\r\n".join(lines[:number] + lines[number + 1 :])


def padded(sdp: str, size: int) -> str:
    """`sdp` with lines that mean nothing, `size` characters long."""
    line = "a=x-nothing:" + "A" * 200 + "\r\n"
    lines = sdp + line * ((size - len(sdp)) // len(line))
    left = size - len(lines)
    return lines if left == 0 else lines[:-2] + "A" * left + "\r\n"


async def check_limits_of_sdp(court: Court, token: str) -> None:
    """At the limit it is read, one character above it is not; a thousand media, in an offer and in an answer."""
    good, sources = await offer()
    for size, taken in ((64 * KB, True), (64 * KB + 1, False)):
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            sdp = padded(good, size)
            assert len(sdp) == size
            answer = await one.ask("signal", {"type": "publish", "sdp": sdp, "sources": sources})
            assert answer is not None and (set(answer) == {"malformed"}) is not taken, (size, answer)
            if not taken:
                await one.is_ended()
    many = good + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n" * 1000
    hostile = good + "".join(f"a=candidate:{n} 1 udp 1 10.0.{n % 250}.1 {n} typ host\r\n" for n in range(1000))
    for what, message in (
        ("an offer of 1,000 media", {"type": "publish", "sdp": many, "sources": sources}),
        ("an answer of 1,000 media", {"type": "subscribed", "offer": 1, "sdp": many}),
        ("an answer to nothing", {"type": "subscribed", "offer": 2**53 - 1, "sdp": good}),
        ("an answer to what was offered", {"type": "subscribed", "offer": None, "sdp": many}),
        ("1,000 candidates", {"type": "publish", "sdp": hostile, "sources": sources}),
    ):
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            if message.get("offer", 0) is None:
                await one.until("an offer", lambda one=one: any('"subscribe"' in got for got in one.got))
                told = next(got for got in one.got if '"subscribe"' in got)
                message = {**message, "offer": json.loads(told[told.index("[") :])[1]["offer"]}
            began = time.monotonic()
            answer = await one.ask("signal", message)
            assert answer is None or set(answer) <= {"malformed", "refused"}, (what, answer)
            assert answer is None or answer.get("refused") != "internal", what
            assert time.monotonic() - began < 5.0, what
