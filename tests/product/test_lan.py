"""Another machine on the court's network: a browser in a network namespace of its own, over TLS, seen, heard, recorded.

The namespace has one cable to this machine and nothing else. Its browser trusts the local authority's key alone, as a
phone does after the page that hands out the certificate.
"""

import asyncio
import base64
import hashlib
import os
import subprocess
import urllib.request
import wave
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import async_playwright

from tests.product.conftest import CHROMIUM, SWITCHES
from tests.support.court import PEOPLE, Court
from tests.support.product import Product
from tests.support.window import Window, eventually

RATE = 48_000
TONE_HZ = 1_000
BURST_S, PAUSE_S = 0.4, 0.6  # a tone that never ends would be taken for noise and suppressed


@dataclass(frozen=True)
class Cable:
    """The namespace `name`, this machine's address on the cable, and the far end's."""

    name: str
    here: str
    there: str
    device: str

    def run(self, *command: str) -> str:
        return subprocess.run(
            ["ip", "netns", "exec", self.name, *command], check=True, capture_output=True, text=True
        ).stdout

    def carried(self) -> tuple[int, int]:
        """Packets that came from the namespace, and that went to it, by the kernel's count."""
        folder = Path("/sys/class/net") / self.device / "statistics"
        return int((folder / "rx_packets").read_text()), int((folder / "tx_packets").read_text())


@pytest.fixture
def cable() -> Iterator[Cable]:
    number = os.getpid() % 250
    found = Cable(f"hearing{number}", f"10.213.{number}.1", f"10.213.{number}.2", f"hear{number}a")
    far = f"hear{number}b"

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    ip("netns", "add", found.name)
    try:
        ip("link", "add", found.device, "type", "veth", "peer", "name", far, "netns", found.name)
        ip("addr", "add", f"{found.here}/24", "dev", found.device)
        ip("link", "set", found.device, "up")
        ip("-n", found.name, "addr", "add", f"{found.there}/24", "dev", far)
        ip("-n", found.name, "link", "set", far, "up")
        yield found
    finally:
        ip("netns", "delete", found.name)


@pytest.fixture
async def networked(cable: Cable, tmp_path: Path) -> AsyncIterator[Product]:
    running = Product(tmp_path / "data", host="0.0.0.0")
    await asyncio.to_thread(running.start)
    yield running
    await asyncio.to_thread(running.stop)


async def test_a_browser_on_another_machine_is_seen_heard_and_recorded(
    cable: Cable, networked: Product, tmp_path: Path
) -> None:
    origin = f"https://{cable.here}:{networked.port}"
    trusted = await asyncio.to_thread(key_of_authority, f"http://{cable.here}:{networked.port + 1}/trust/authority.crt")
    tone = tmp_path / "tone.wav"
    bursts(tone)
    far_chromium = tmp_path / "chromium-there"
    far_chromium.write_text(f'#!/bin/sh\nexec ip netns exec {cable.name} {CHROMIUM} "$@"\n')
    far_chromium.chmod(0o755)
    trust = f"--ignore-certificate-errors-spki-list={trusted}"
    case = await networked.schedule("B", PEOPLE)
    court = Court(case)
    async with async_playwright() as play:
        here = await play.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, trust])
        there = await play.chromium.launch(
            executable_path=str(far_chromium), args=[*SWITCHES, trust, f"--use-file-for-fake-audio-capture={tone}"]
        )
        stranger = await play.chromium.launch(executable_path=str(far_chromium), args=SWITCHES)
        page = await stranger.new_page()
        with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
            await page.goto(f"{origin}/sign-in")
        await stranger.close()

        judge, plaintiff, _ = await court.opened(here, witness=False, elsewhere=(there, origin))
        assert plaintiff.page.url.startswith(origin) and await plaintiff.page.evaluate("isSecureContext")
        await court.admits(judge, plaintiff)
        admitted = (await case.entry("Admitted", seat=plaintiff.seat)).at
        await court.opens(judge)
        await court.about(judge, plaintiff, "Bật micro")
        seen = await judge.painted(plaintiff.seat, after=admitted)
        sees = await plaintiff.painted(judge.seat, after=admitted)
        ways = {one["address"] for one in await plaintiff.statistics() if one["address"]}
        loudest = await heard(judge)
        before, frames = cable.carried(), await judge.frames()
        await asyncio.sleep(5)
        after, later = cable.carried(), await judge.frames()
        source = case.sources("b_plaintiff")
        await asyncio.sleep(2)
        sound = share_of_tone(next(iter(case.recorded(source=source["microphone"]))).path)
        pictures = [len(one.blocks) for one in case.recorded(source=source["camera"])]
        print(
            f"\nmedia go to {ways}; seen {1000 * (seen[0] - admitted):.0f}, seeing {1000 * (sees[0] - admitted):.0f} "
            f"ms after the entry; {later - frames} frames in 5 s; loudest level heard {loudest:.3f}; over the cable in "
            f"5 s {after[0] - before[0]} packets in, {after[1] - before[1]} out; recorded {pictures} pictures; "
            f"{100 * sound:.0f}% of the loudest recorded sound is at {TONE_HZ} Hz"
        )
        assert ways == {cable.here}
        assert after[0] - before[0] > 250 and after[1] - before[1] > 250, "the media did not go over the cable"
        assert later - frames > 20
        assert loudest > 0.01, "the tone was not heard"
        assert sum(pictures) > 20 and sound > 0.5, "the tone was not recorded"
        await court.closed(judge, plaintiff)
        await case.close()
        await there.close()
        await here.close()


async def heard(window: Window) -> float:
    """The loudest level this browser played within some seconds."""
    levels: list[float] = []

    async def enough() -> bool:
        levels.extend(float(row["level"]) for row in await window.inbound() if row["kind"] == "audio")
        return max(levels, default=0.0) > 0.01

    await eventually("the tone is heard", enough)
    return max(levels)


def key_of_authority(address: str) -> str:
    """The fingerprint of its public key, from the page where a phone gets the certificate."""
    with urllib.request.urlopen(address, timeout=5) as answer:
        content = answer.read()
    load = x509.load_pem_x509_certificate if content.startswith(b"-----") else x509.load_der_x509_certificate
    key = load(content).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


def bursts(path: Path) -> None:
    """Ten seconds of a tone that comes and goes."""
    at = np.arange(10 * RATE) / RATE
    on = (at % (BURST_S + PAUSE_S)) < BURST_S
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((on * 12_000 * np.sin(2 * np.pi * TONE_HZ * at)).astype("<i2").tobytes())


def share_of_tone(path: Path) -> float:
    """How much of the power of the loudest tenths of a second lies within 30 Hz of the tone."""
    pieces = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE)
        try:
            for frame in container.decode(audio=0):
                pieces += [one.to_ndarray().reshape(-1) for one in resampler.resample(frame)]
        except av.FFmpegError:
            pass  # the file is still being written: its end may be half a frame
    size = RATE // 10
    sound = np.concatenate(pieces).astype(np.float64)
    windows = sound[: len(sound) // size * size].reshape(-1, size)
    loud = windows[np.argsort((windows**2).sum(axis=1))[-10:]]
    power = (np.abs(np.fft.rfft(loud * np.hanning(size), axis=1)) ** 2).sum(axis=0)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    return float(power[np.abs(hertz - TONE_HZ) <= 30].sum() / power.sum())
