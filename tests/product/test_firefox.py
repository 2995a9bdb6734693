"""Firefox and Chromium in one hearing, each by the pages: they see and hear one another, and both are recorded."""

import uuid
from pathlib import Path
from typing import Any

import av
import numpy as np
from playwright.async_api import Browser

from tests.support.court import Court
from tests.support.firefox import Firefox, firefox
from tests.support.product import Case
from tests.support.window import STATISTICS, WATCH, Window, eventually

KEY = "b_plaintiff"
TONE = 0.01
"""Loudness (root mean square of 1) that no silence has; both browsers' made-up microphones sound."""


async def comes_in(fox: Firefox, case: Case) -> None:
    """By the code of the invitation, as the plaintiff does at home."""
    await fox.goto(f"{case.product.origin}/sign-in")
    await fox.type("Mã tham gia", case.codes[KEY])
    await fox.press("Tiếp tục", tag="button")
    await fox.until("!/[/](sign-in|join)$/.test(location.pathname)")
    await fox.goto(f"{case.product.origin}/hearings/{case.hearing}/duties")
    await fox.press("Tôi đã đọc", tag="input")
    await fox.press("Đồng ý và tiếp tục")
    await fox.until("location.pathname.endsWith('/invitation')")
    await fox.goto(f"{case.product.origin}/hearings/{case.hearing}/live")
    await fox.until("document.body.dataset.scene === 'waiting'")


async def streams(fox: Firefox, way: str) -> list[dict[str, Any]]:
    connections = await fox.evaluate(f"({STATISTICS})()")
    return [row for one in connections for row in one[way]]


async def open_case(case: Case, browser: Browser, fox: Firefox) -> Window:
    """The judge in Chromium inside, the plaintiff in Firefox admitted, the hearing opened."""
    await case.does("tk1", "StartSitting", sitting=str(uuid.uuid4()))
    judge = await Window.open(browser, case, "tp1")
    await comes_in(fox, case)
    await judge.in_waiting_room()
    await judge.sends()

    async def sending() -> bool:
        return {one["kind"] for one in await streams(fox, "outbound") if one["packets"]} == {"audio", "video"}

    await eventually("Firefox sends", sending)
    await case.does("tk1", "CheckPapers", seat=case.seats[KEY], document="identity_card", last4="0000")
    for key in ("tp1", "tk1", KEY):
        await case.does("tk1", "CallRoll", seat=case.seats[key], present=True)
    await case.does("tk1", "CallRoll", seat=case.seats["b_witness"], present=False, reason="sick")
    await case.does("tk1", "TickItem", item="rules_announced")
    await case.does("tk1", "Admit", seats=[case.seats[key] for key in ("tp1", "tk1", KEY)])
    await judge.in_courtroom()
    await fox.until("document.body.dataset.scene === 'courtroom'")
    await Court(case).opens(judge)
    await Court(case).about(judge, await _as_window(case, judge), "Bật micro")
    return judge


async def _as_window(case: Case, judge: Window) -> Window:
    """The plaintiff as the judge's page names it: only its name and seat are asked."""
    return Window(judge.page, case, KEY, [])


async def test_firefox_and_chromium_see_hear_and_are_recorded(court: Court, browser: Browser, tmp_path: Path) -> None:
    case = court.case
    async with firefox(tmp_path, WATCH) as fox:
        judge = await open_case(case, browser, fox)

        async def both() -> bool:
            """Each decodes pictures and plays sound of the other."""
            rows = [await judge.inbound(), await streams(fox, "inbound")]
            return all(
                sum(one["frames"] for one in own) > 60 and max((one["energy"] for one in own), default=0) > 0.001
                for own in rows
            )

        await eventually("both see and hear", both, 40.0)
        await fox.until("[...document.querySelectorAll('video')].filter((one) => one.videoWidth > 100).length >= 2")
        for key in ("tp1", KEY):
            sources = case.sources(key)
            (camera,), (microphone,) = (case.recorded(source=sources[kind]) for kind in ("camera", "microphone"))
            await eventually(f"{key} is recorded", lambda one=camera: _grown(case, one.source), 10.0)
            assert _loudness(microphone.path) > TONE, key
            assert _pictures(camera.path) > 30, key
        await judge.close()


async def _grown(case: Case, source: str) -> bool:
    return sum(len(one.blocks) for one in case.recorded(source=source)) > 60


def _loudness(path: Path) -> float:
    loudest = 0.0
    with av.open(str(path)) as container:
        try:
            for frame in container.decode(audio=0):
                samples = frame.to_ndarray().astype(np.float64)
                loudest = max(loudest, float(np.sqrt((samples**2).mean())))
        except av.FFmpegError:
            pass  # the file is still being written: its end may be half a frame
    return loudest


def _pictures(path: Path) -> int:
    found = 0
    with av.open(str(path)) as container:
        try:
            for _ in container.decode(video=0):
                found += 1
        except av.FFmpegError:
            pass
    return found
