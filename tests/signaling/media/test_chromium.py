"""Two Chromium windows meet through the node: what aiortc's own clients cannot show."""

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, async_playwright

from signaling import control
from tests.signaling.media.court import PATIENCE_S, Court, court, until
from tests.signaling.media.narrow import Narrow

ARGUMENTS = [
    "--use-fake-device-for-media-stream=fps=10",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
]


class Window:
    """One page of one seat. It has a window of its own, because hidden tabs paint nothing."""

    def __init__(self, room: Court, page: Page, seat: str, line: Narrow | None) -> None:
        self.room, self.page, self.seat, self.line = room, page, seat, line

    @classmethod
    async def open(cls, room: Court, chromium: Chromium, seat: str, line: Narrow | None = None) -> "Window":
        """`line` is between this window and the node."""
        context = await chromium.new_context()
        window = cls(room, await context.new_page(), seat, line)
        await window.page.expose_function("ask", window._ask)
        html = (Path(__file__).parent / "page.html").read_text()
        await window.page.route("http://localhost/", lambda route: route.fulfill(body=html, content_type="text/html"))
        await window.page.goto("http://localhost/")
        await room.ask(control.CreatePeer(peer=f"{seat}-pub", room="room", seat=seat, direction="pub"))
        room.browsers[f"{seat}-sub"] = window
        await room.ask(control.CreatePeer(peer=f"{seat}-sub", room="room", seat=seat, direction="sub"))
        return window

    async def _ask(self, what: str, body: dict[str, Any]) -> str:
        answer = await self.room.ask(control.Offer(peer=f"{self.seat}-pub", **body))
        return self._through(answer.sdp)

    def _through(self, sdp: str) -> str:
        return sdp if self.line is None else self.line.through(sdp)

    async def take_offer(self, offer: control.SubOffer) -> str:
        streams = [{"mid": one.mid, "source": one.source} for one in offer.streams]
        found: str = await self.page.evaluate(
            "offer => answer(offer)", {"sdp": self._through(offer.sdp), "streams": streams}
        )
        return found

    async def publish(self, sizes: list[dict[str, Any]] | None = None, picture: dict[str, int] | None = None) -> None:
        """Send microphone and camera, the camera in the sizes `sizes`, if given (`RTCRtpEncodingParameters`)."""
        await self.page.evaluate(
            "([seat, sizes, picture]) => publish(seat, sizes ?? undefined, picture ?? undefined)",
            [self.seat, sizes, picture],
        )

    async def figures(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate("figures()")
        return found

    async def wait(self, condition: Any, seconds: float = PATIENCE_S) -> dict[str, Any]:
        end = asyncio.get_running_loop().time() + seconds
        while not condition(found := await self.figures()):
            assert asyncio.get_running_loop().time() < end, found
            await asyncio.sleep(0.1)
        return found


def edges(*seats: str) -> list[tuple[str, str, str]]:
    return [
        (f"{source}-{name}", listener, kind)
        for source in seats
        for listener in (*seats, "recorder")
        if listener != source
        for name, kind in (("mic", "audio"), ("cam", "video"))
    ]


async def test_two_windows_meet_restart_ice_and_are_muted(tmp_path: Path) -> None:
    async with async_playwright() as playwright, court(tmp_path) as room:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        judge, witness = [await Window.open(room, chromium, seat) for seat in ("judge", "witness")]
        await room.plan()
        await judge.publish()
        await witness.publish()
        await until(lambda: sum(isinstance(one, control.PeerConnected) for one in room.news) == 4)

        # Nothing is open: both connections stand, and not one packet of media has come.
        alone = await witness.figures()
        assert alone["sub"] == "connected" and alone["received"] == 0
        assert (await room.statistics()).egress["witness"].packets == 0

        await room.plan(*edges("judge", "witness"))
        for window, other in ((judge, "witness"), (witness, "judge")):
            await window.wait(
                lambda found, other=other: (
                    found["decoded"].get(f"{other}-cam", 0) > 10 and found["decoded"].get(f"{other}-mic", 0) > 10_000
                )
            )
        # The browser judges its own line by our feedback: more on a free machine, less on a starved one. Without any
        # it would stay at the 300 kbit/s it begins with, to the bit.
        await judge.wait(lambda found: found["bitrate"] not in (0, 300_000))

        before = {kept.track.source: len(kept.packets) for kept in room.sink.tracks}
        await judge.page.evaluate("restart('judge')")
        await until(lambda: all(len(k.packets) > before[k.track.source] + 50 for k in room.sink.tracks))
        for kept in room.sink.tracks:
            numbers = {packet[0] for packet in kept.packets}
            assert len(numbers) >= max(numbers) - min(numbers) - 1, "an ICE restart loses nothing"

        received = (await judge.figures())["received"]
        await room.ask(control.RestartIce(peer="judge-sub"))
        await until(lambda: sum(one == control.OfferNeeded(peer="judge-sub") for one in room.news) >= 3)
        found = await judge.wait(lambda found: found["received"] > received + 300)
        assert found["sub"] == "connected" and found["lost"] == 0

        await room.plan(*(edge for edge in edges("judge", "witness") if edge[0] != "judge-mic"))
        muted = next(kept for kept in room.sink.tracks if kept.track.source == "judge-mic")
        count = len(muted.packets)
        statistics = await room.statistics()
        await room.flows(20)  # of every source, the muted one too
        after = await room.statistics()
        assert len(muted.packets) == count and muted.calls == ["pause"]
        traffic = {(one.source, one.listener): one.packets for one in after.edges}
        for one in statistics.edges:
            grew = traffic[one.source, one.listener] > one.packets
            assert grew is (one.source != "judge-mic"), one
        arrived = {one.source: one.packets for one in after.sources}
        assert arrived["judge-mic"] > count, "the browser keeps sending"
        await chromium.close()
