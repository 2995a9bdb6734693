"""A network without IPv4: a browser that has IPv6 alone joins, sees, is seen and heard, and is recorded."""

import asyncio
import ipaddress
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.product.conftest import CHROMIUM, SWITCHES
from tests.product.test_lan import bursts, heard, key_of_authority, share_of_tone
from tests.support.court import PEOPLE, Court
from tests.support.product import Product
from tests.support.relay import ip
from tests.support.window import eventually


@dataclass(frozen=True)
class Six:
    """The namespace, this machine's address on the cable to it, and the far end's."""

    name: str
    here: str
    there: str


@pytest.fixture
def six() -> Iterator[Six]:
    tag, net = secrets.token_hex(2), ipaddress.IPv6Address(b"\xfd" + secrets.token_bytes(7) + bytes(8))
    found = Six(f"h6{tag}", str(net + 1), str(net + 2))  # a network of our own (RFC 4193), in the way browsers write it
    near, far = f"h6{tag}a", f"h6{tag}b"
    ip("netns", "add", found.name)
    try:
        ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", found.name)
        # An address is not usable while the kernel looks whether somebody else has it.
        ip("-6", "addr", "add", f"{found.here}/64", "dev", near, "nodad")
        ip("link", "set", near, "up")
        ip("-n", found.name, "-6", "addr", "add", f"{found.there}/64", "dev", far, "nodad")
        ip("-n", found.name, "link", "set", far, "up")
        yield found
    finally:
        ip("netns", "delete", found.name)


@pytest.fixture
async def served(six: Six, tmp_path: Path) -> AsyncIterator[Product]:
    running = Product(tmp_path / "data", host="::")
    await asyncio.to_thread(running.start)
    yield running
    await asyncio.to_thread(running.stop)


async def test_a_browser_with_ipv6_alone_joins_sees_is_seen_heard_and_recorded(
    six: Six, served: Product, tmp_path: Path
) -> None:
    told = subprocess.run(["ip", "-n", six.name, "-4", "addr"], check=True, capture_output=True, text=True).stdout
    assert "inet " not in told, "the namespace has IPv4, so nothing would be proved"
    origin = f"https://[{six.here}]:{served.port}"
    trusted = await asyncio.to_thread(key_of_authority, f"http://[{six.here}]:{served.port + 1}/trust/authority.crt")
    by_four = await asyncio.to_thread(key_of_authority, f"http://127.0.0.1:{served.port + 1}/trust/authority.crt")
    assert by_four == trusted, "the host :: is every address, IPv4 too"
    tone = tmp_path / "tone.wav"
    bursts(tone)
    far_chromium = tmp_path / "chromium-there"
    far_chromium.write_text(f'#!/bin/sh\nexec ip netns exec {six.name} {CHROMIUM} "$@"\n')
    far_chromium.chmod(0o755)
    trust = f"--ignore-certificate-errors-spki-list={trusted}"
    case = await served.schedule("B", PEOPLE)
    court = Court(case)
    async with async_playwright() as play:
        here = await play.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, trust])
        there = await play.chromium.launch(
            executable_path=str(far_chromium), args=[*SWITCHES, trust, f"--use-file-for-fake-audio-capture={tone}"]
        )
        # The page for phones leads to the product at the same address, and its square holds it.
        phone = await there.new_page()
        await phone.goto(f"http://[{six.here}]:{served.port + 1}/sign-in")
        assert phone.url == f"{origin}/sign-in"
        await phone.goto(f"{origin}/trust")
        assert await phone.get_by_text(f"http://[{six.here}]:{served.port + 1}/trust").count() > 0
        await phone.close()

        judge, plaintiff, _ = await court.opened(here, witness=False, elsewhere=(there, origin))
        assert plaintiff.page.url.startswith(origin) and await plaintiff.page.evaluate("isSecureContext")
        await court.admits(judge, plaintiff)
        admitted = (await case.entry("Admitted", seat=plaintiff.seat)).at
        await court.opens(judge)
        await court.about(judge, plaintiff, "Bật micro")
        await judge.painted(plaintiff.seat, after=admitted)
        await plaintiff.painted(judge.seat, after=admitted)
        ways = {one["address"].strip("[]") for one in await plaintiff.statistics() if one["address"]}
        loudest = await heard(judge)
        before = await plaintiff.frames(), await judge.frames()

        async def more() -> bool:
            return await plaintiff.frames() > before[0] + 20 and await judge.frames() > before[1] + 20

        await eventually("both see each other go on", more)
        source = case.sources("b_plaintiff")
        await asyncio.sleep(2)
        sound = share_of_tone(next(iter(case.recorded(source=source["microphone"]))).path)
        pictures = [len(one.blocks) for one in case.recorded(source=source["camera"])]
        print(f"\nmedia go to {ways}; loudest level heard {loudest:.3f}; recorded {pictures} pictures; "
              f"{100 * sound:.0f}% of the loudest recorded sound is the tone")  # fmt: skip
        assert ways == {six.here}
        assert loudest > 0.01 and sum(pictures) > 20 and sound > 0.5

        page = await plaintiff.page.context.new_page()
        await page.goto(f"{origin}/device-check#ways")
        await page.get_by_text("Mạng này để hình và tiếng đi thẳng đến Tòa án.").wait_for(timeout=20_000)
        await page.close()
        await court.closed(judge, plaintiff)
        await there.close()
        await here.close()
    await case.close()
