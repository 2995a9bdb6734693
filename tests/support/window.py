"""A person's browser window on the live page, by what the person sees: roles and names, never CSS.

What the browser measured is read from its own statistics; a few natives are wrapped before the page begins, so that
nothing of the page's code is asked.
"""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.support.product import Case, Product, until

DESK: ViewportSize = {"width": 1280, "height": 800}

WATCH = """
(() => {
  const Native = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...options) { super(...options); connections.push(this); }
  };
  window.captured = [];
  const ask = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);
  if (ask) navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    captured.push(stream);
    return stream;
  };
  window.painted = [];
  const painting = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    return painting.call(this, (now, about) => {
      painted.push({
        seat: this.closest('[data-seat]')?.dataset.seat ?? '',
        at: performance.timeOrigin + performance.now(),
        received: performance.timeOrigin + (about.receiveTime ?? NaN),
      });
      callback(now, about);
    });
  };
})();
"""

STATISTICS = """
async () => {
  const found = [];
  for (const connection of connections) {
    if (connection.connectionState === 'closed') continue;
    const rows = [...(await connection.getStats()).values()];
    const of = (type) => rows.filter((row) => row.type === type);
    const transport = of('transport')[0] ?? {};
    const pair = rows.find((row) => row.id === transport.selectedCandidatePairId);
    const local = rows.find((row) => row.id === pair?.localCandidateId);
    const far = rows.find((row) => row.id === pair?.remoteCandidateId);
    const track = (row) => ({
      kind: row.kind, ssrc: row.ssrc, mid: row.mid, packets: row.packetsReceived ?? row.packetsSent ?? 0,
      bytes: (row.bytesReceived ?? row.bytesSent ?? 0) + (row.headerBytesReceived ?? row.headerBytesSent ?? 0),
      frames: row.framesDecoded ?? 0, energy: row.totalAudioEnergy ?? 0, level: row.audioLevel ?? 0,
    });
    found.push({
      state: connection.connectionState, port: local?.port ?? 0, address: far?.address ?? '',
      received: transport.bytesReceived ?? 0,
      inbound: of('inbound-rtp').map(track), outbound: of('outbound-rtp').map(track),
    });
  }
  return found;
}
"""


@dataclass
class Window:
    """One person's page. `open` it; a fault in the page fails whoever closes it."""

    page: Page
    case: Case
    key: str
    faults: list[str]

    @classmethod
    async def open(cls, browser: Browser, case: Case, key: str, *, by_code: bool = False, origin: str = "") -> "Window":
        """Come in by the door of the house: the account on the sign-in page, or the code of the invitation."""
        context = await browser.new_context(viewport=DESK, locale="vi-VN")
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.add_init_script(WATCH)
        product: Product = case.product
        origin = origin or product.origin
        await page.goto(f"{origin}/sign-in")
        if by_code:
            await page.get_by_label("Mã tham gia").fill(case.codes[key])
            await page.get_by_role("button", name="Tiếp tục").click()
        else:
            account = product.account(key)
            await page.get_by_label("Tên đăng nhập").fill(account.name)
            await page.get_by_label("Mật khẩu").fill(account.password)
            await page.get_by_role("button", name="Đăng nhập", exact=True).click()
        await page.wait_for_url(lambda url: not url.rstrip("/").endswith(("/sign-in", "/join")))
        if by_code:
            await page.goto(f"{origin}/hearings/{case.hearing}/duties")
            await page.get_by_role("checkbox", name="Tôi đã đọc").check()
            await page.get_by_role("button", name="Đồng ý và tiếp tục").click()
            await page.wait_for_url("**/invitation")
        await page.goto(f"{origin}/hearings/{case.hearing}/live")
        window = cls(page, case, key, faults)
        return window

    @property
    def seat(self) -> str:
        return self.case.seats[self.key]

    @property
    def name(self) -> str:
        return self.case.product.seeded.people[self.key].name

    async def close(self) -> None:
        await self.page.context.close()
        assert not self.faults, self.faults

    # -- what is seen ------------------------------------------------------------------------------------------------

    async def in_courtroom(self) -> None:
        await expect(self.page.get_by_role("list", name="Những người trong phòng xử án")).to_be_visible(timeout=15_000)

    async def in_waiting_room(self) -> None:
        await expect(self.page.get_by_text("Chỉ Tòa án được ghi âm, ghi hình. Phòng chờ không ghi.")).to_be_visible(
            timeout=15_000
        )

    async def sends(self) -> None:
        """Camera and microphone are open and travel to the court."""

        async def sending() -> bool:
            return any(
                {one["kind"] for one in connection["outbound"] if one["packets"]} == {"audio", "video"}
                for connection in await self.statistics()
            )

        await eventually(f"{self.name} sends", sending)

    # -- what was measured -------------------------------------------------------------------------------------------

    async def statistics(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.page.evaluate(STATISTICS)
        return found

    async def inbound(self) -> list[dict[str, Any]]:
        """Every RTP stream this browser received."""
        return [row for connection in await self.statistics() for row in connection["inbound"]]

    async def outbound(self, kind: str) -> dict[str, Any]:
        rows = [row for connection in await self.statistics() for row in connection["outbound"] if row["kind"] == kind]
        found: dict[str, Any] = rows[0]
        return found

    async def receiving_port(self) -> int:
        """The UDP port at which this browser receives the others' media."""
        return next((int(one["port"]) for one in await self.statistics() if one["port"] and not one["outbound"]), 0)

    async def ports(self) -> set[int]:
        return {int(one["port"]) for one in await self.statistics() if one["port"]}

    async def painted(self, seat: str, *, after: float, patience_s: float = 10.0) -> tuple[float, float]:
        """(painted, received): when this page first painted a frame of `seat` that it got after that moment."""
        found: list[dict[str, Any]] = []

        async def seen() -> bool:
            rows: list[dict[str, Any]] = await self.page.evaluate("painted")
            found[:] = [one for one in rows if one["seat"] == seat and one["at"] / 1000 > after]
            return bool(found)

        await eventually(f"{self.name} sees {seat}", seen, patience_s)
        return found[0]["at"] / 1000, found[0]["received"] / 1000

    async def frames(self) -> int:
        return sum(int(row["frames"]) for row in await self.inbound() if row["kind"] == "video")


async def eventually(what: str, holds: Any, patience_s: float = 20.0) -> None:
    """As `until`, for a question that has to be awaited."""
    import asyncio
    import time

    end = time.monotonic() + patience_s
    while not await holds():
        assert time.monotonic() < end, f"waited {patience_s:.0f} s in vain for: {what}"
        await asyncio.sleep(0.05)


__all__ = ["Window", "eventually", "until"]
