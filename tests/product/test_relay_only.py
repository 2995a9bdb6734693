"""Behind a firewall that leaves one way open: a real Chromium whose only way to the media process is a real coturn.

The product gives three ways (UDP, TCP, TLS on 443); coturn serves one at a time, so the browser finds the others shut,
as it does behind a firewall. The client has no route to this machine: the control shows that nothing comes directly.
"""

import asyncio
import contextlib
import functools
import statistics
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.product.conftest import CHROMIUM, SWITCHES
from tests.product.test_lan import key_of_authority
from tests.support.court import PEOPLE, Court
from tests.support.product import Product
from tests.support.relay import Coturn, Place, place
from tests.support.window import Window, eventually

FIRST_FRAME_WITHIN_S = 2.0
JOINS = 3

RELAYED = """
async () => {
  const found = [];
  for (const connection of connections) {
    if (connection.connectionState !== 'connected') continue;
    const rows = [...(await connection.getStats()).values()];
    const pair = rows.find((row) => row.id === rows.find((one) => one.type === 'transport')?.selectedCandidatePairId);
    const local = rows.find((row) => row.id === pair?.localCandidateId);
    found.push(`${local?.candidateType}/${local?.relayProtocol}`);
  }
  return found;
}
"""

# When the page said hello, by the first frame it sent on its socket.
HELLO = """
(() => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data === 'string' && data.includes('"hello"')) {
      window.saidHello ??= performance.timeOrigin + performance.now();
    }
    return send.call(this, data);
  };
})();
"""


@pytest.fixture
def somewhere() -> Iterator[Place]:
    with place() as made:
        yield made


@pytest.fixture
async def behind(somewhere: Place, tmp_path: Path) -> AsyncIterator[tuple[Coturn, Product]]:
    """A product whose pages reach the client by TCP, and its coturn, not yet started."""
    coturn = Coturn(somewhere, tmp_path)
    product = Product(
        tmp_path / "data",
        host="0.0.0.0",
        environment={
            "HEARING_TURN_URLS": ",".join(somewhere.urls().values()),
            "HEARING_TURN_SECRET": str(coturn.secret_file),
        },
    )
    await asyncio.to_thread(product.start)
    with somewhere.forwarded(product.port, product.port + 1):
        yield coturn, product
    coturn.stop()
    await asyncio.to_thread(product.stop)


@contextlib.asynccontextmanager
async def browsers(coturn: Coturn, product: Product, folder: Path) -> AsyncIterator[tuple[Browser, Browser]]:
    """One here, and one in the place behind the firewall; both trust the test's two authorities."""
    keys = [await asyncio.to_thread(key_of_authority, f"http://127.0.0.1:{product.port + 1}/trust/authority.crt")]
    keys.append(key_of_authority((folder / "tls" / "authority.crt").as_uri()))
    switches = [*SWITCHES, f"--ignore-certificate-errors-spki-list={','.join(keys)}"]
    there = coturn.place.chromium(folder, CHROMIUM)
    async with async_playwright() as play:
        near = await play.chromium.launch(executable_path=CHROMIUM, args=switches)
        far = await play.chromium.launch(executable_path=str(there), args=switches)
        yield near, far
        await far.close()
        await near.close()


async def test_over_a_relay_alone_the_first_frame_comes_within_two_seconds(
    behind: tuple[Coturn, Product], tmp_path: Path
) -> None:
    coturn, product = behind
    case = await product.schedule("B", PEOPLE)
    court = Court(case)
    origin = f"https://{coturn.place.near}:{product.port}"
    unreachable = subprocess.run(
        ["ip", "-n", coturn.place.client, "route", "get", coturn.place.court],
        capture_output=True,
        text=True,
        check=False,
    )
    assert unreachable.returncode != 0, "the client has a way around the relay, so nothing would be proved"
    async with browsers(coturn, product, tmp_path) as (near, far):
        coturn.start(("udp",))
        judge, plaintiff, _ = await court.opened(near, witness=False, elsewhere=(far, origin))
        await court.admits(judge, plaintiff)
        await court.opens(judge)
        await plaintiff.page.add_init_script(HELLO)
        told: dict[str, list[tuple[float, float]]] = {}
        sources: dict[str, str] = {}
        for way in ("udp", "tcp", "tls"):
            coturn.stop()
            coturn.start((way,))
            for _ in range(JOINS):
                told.setdefault(way, []).append(await joins(plaintiff, judge))
                await eventually("both ways are relayed", functools.partial(all_relayed, plaintiff, way))
            sources[way] = case.sources("b_plaintiff")["camera"]
            before = await judge.frames()
            await eventually("the judge sees more", functools.partial(more, judge, before))
        for way, times in told.items():
            joined, loaded = (", ".join(f"{one[at]:.2f}" for one in times) for at in (0, 1))
            print(f"\n{way}: first frame {joined} s after hello, {loaded} s after the page began to load")
        medians = {way: statistics.median(hello for hello, _ in times) for way, times in told.items()}
        assert all(one <= FIRST_FRAME_WITHIN_S for one in medians.values()), told
        await asyncio.sleep(3)  # the recorder's reordering and its last segment
        pictures = {
            way: sum(len(one.blocks) for one in case.recorded(source=source)) for way, source in sources.items()
        }
        print(f"pictures recorded from the last connection of each way: {pictures}")
        assert all(count > 5 for count in pictures.values())
        await court.closed(judge, plaintiff)
    await case.close()


async def joins(window: Window, other: Window) -> tuple[float, float]:
    """Load the live page again: seconds from its hello, and from the beginning of the load, to the first frame."""
    await window.page.reload()
    await window.painted(other.seat, after=0, patience_s=20)
    began, hello, painted = await window.page.evaluate(
        "[performance.timeOrigin, window.saidHello, Math.min(...painted.map((one) => one.at))]"
    )
    return (painted - hello) / 1000, (painted - began) / 1000


async def all_relayed(window: Window, way: str) -> bool:
    found: list[str] = await window.page.evaluate(RELAYED)
    return sorted(found) == [f"relay/{way}"] * 2


async def more(window: Window, before: int) -> bool:
    return await window.frames() > before + 10


async def test_without_the_relay_nothing_gets_through_and_the_page_says_so(
    behind: tuple[Coturn, Product], tmp_path: Path
) -> None:
    coturn, product = behind
    case = await product.schedule("B", PEOPLE)
    origin = f"https://{coturn.place.near}:{product.port}"
    async with browsers(coturn, product, tmp_path) as (near, far):
        await case.does("tk1", "StartSitting", sitting="sitting-without-relay")
        window = await Window.open(far, case, "b_plaintiff", by_code=True, origin=origin)
        await window.in_waiting_room()
        link = window.page.get_by_role("link", name="Thử đường truyền")
        await link.wait_for(timeout=60_000)
        rows = [row for one in await window.statistics() for row in one["outbound"] + one["inbound"]]
        assert sum(row["packets"] for row in rows) == 0
        assert await window.page.evaluate(RELAYED) == []

        async with window.page.context.expect_page() as opened:
            await link.click()
        page = await opened.value
        section = page.get_by_role("region", name="Đường truyền hình và tiếng")
        await section.get_by_text("Mạng này chặn hình và tiếng.").wait_for(timeout=20_000)
        assert await section.get_by_text("Bị chặn", exact=True).count() == 4
        steps = await section.get_by_role("listitem").all_inner_texts()
        print("\n" + "\n".join(steps))
        port = product.log.partition("on UDP port ")[2].split()[0]
        assert any("UDP với" in one and f"cổng {port}" in one for one in steps)
        assert any(f"TCP đến {coturn.place.near} cổng 3478; {coturn.place.near} cổng 443" in one for one in steps)

        # With a relay by TLS alone the same page says that a hearing can be held, and what would be better.
        coturn.start(("tls",))
        await page.get_by_role("button", name="Thử lại đường truyền").click()
        await section.get_by_text("Ông/Bà dự phiên tòa được.").wait_for(timeout=20_000)
        lines = await section.get_by_role("list").first.get_by_role("listitem").all_inner_texts()
        assert [line.split("\n")[-1] for line in lines] == ["Bị chặn", "Bị chặn", "Bị chặn", "Thông"]
        # And the waiting page comes through by itself.
        await eventually("the plaintiff's page sends over the relay", functools.partial(all_relayed, window, "tls"), 40)
        await link.wait_for(state="hidden")

        # A relay that answers but reaches no media server is the court's fault, not the network's.
        coturn.stop()
        coturn.start(("tls",), leave_out="allowed-peer-ip")
        await page.get_by_role("button", name="Thử lại đường truyền").click()
        await section.get_by_text("Lỗi ở phía Tòa án").wait_for(timeout=20_000)
        await page.close()
        await window.page.context.close()
    await case.close()
