"""The player with real WebM bytes: every track keeps to the clock, words play, losses are named."""

import json
import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import AT_REST, DESK, PHONE


async def player(
    browser: Browser, archive: str, *, size: dict[str, int] = DESK, query: str = "", begins: str = ""
) -> Page:
    """`begins`: when the hearing began, if not on the full hour."""

    async def later(route: Route) -> None:
        told = await (await route.fetch()).json()
        told["clock"]["start_utc"] = begins
        await route.fulfill(json=told)

    context = await browser.new_context(viewport={**size})  # type: ignore[typeddict-item]
    page = await context.new_page()
    if begins:
        await page.route("**/api/hearings/*/playback", later)
    await page.goto(f"{archive}/hearings/h1/playback{query}")
    await page.wait_for_function("window.player && window.player.players.size === 5")
    await page.wait_for_function("[...player.players.values()].every((one) => one.element.buffered.length)")
    return page


async def settled(page: Page, tracks: int) -> None:
    """All these tracks are in step with the clock at one moment; a busy machine may need some time for it."""
    await page.wait_for_function(
        """(tracks) => {
          const now = [...player.players.values()].filter((one) => one.ready(player.clock.ms) && !one.element.paused);
          return now.length === tracks
            && now.every((one) => Math.abs(one.element.currentTime - player.clock.ms / 1000) < 0.1);
        }""",
        arg=tracks,
    )


async def test_all_tracks_run_on_the_one_clock(browser: Browser, archive: str) -> None:
    page = await player(browser, archive)
    await page.keyboard.press("k")
    await settled(page, 5)
    before: float = await page.evaluate("player.clock.ms")
    await page.wait_for_function("(before) => player.clock.ms > before + 1500", arg=before)
    await settled(page, 5)  # and in step it stays


async def test_a_press_on_a_word_plays_that_word(browser: Browser, archive: str) -> None:
    page = await player(browser, archive)
    # Looked at in the same moment: the clock runs on from here.
    await page.evaluate("addEventListener('click', () => { window.pressed = player.clock.ms; })")
    await page.get_by_text("đường", exact=True).click()
    at: float = await page.evaluate("pressed")
    assert 11600 <= at < 13500
    await settled(page, 4)  # the fifth was lost here: it is silent and holds nobody up


async def test_a_lost_stretch_is_silent_named_and_holds_nobody_up(browser: Browser, archive: str) -> None:
    page = await player(browser, archive, query="?t=12500")
    await expect(page.get_by_text(re.compile("Mất: tiếng 4 giây lúc 08:00:09"))).to_be_visible()
    await page.keyboard.press("k")
    await page.wait_for_function("player.clock.ms > 14500")
    await settled(page, 5)


async def test_chapters_steps_and_speed_by_key(browser: Browser, archive: str) -> None:
    page = await player(browser, archive, query="?t=9000")
    await page.keyboard.press("]")
    assert await page.evaluate("player.clock.ms") == 11000
    await page.keyboard.press("]")
    assert await page.evaluate("player.clock.ms") == 18000
    await page.keyboard.press("[")
    assert await page.evaluate("player.clock.ms") == 11000
    await page.keyboard.press("j")
    assert await page.evaluate("player.clock.ms") == 1000
    await page.get_by_label("Tốc độ").select_option("2")
    assert await page.evaluate("player.clock.rate") == 2


async def test_only_one_voice_is_heard_when_it_is_chosen(browser: Browser, archive: str) -> None:
    page = await player(browser, archive)
    await page.get_by_role("button", name="Chỉ nghe Trần Văn Tạo").click()
    heard: list[Any] = await page.evaluate(
        """[...player.players.values()].filter((one) => one.track.kind === 'audio' && !one.element.muted)
          .map((one) => one.track.id)"""
    )
    assert heard == ["sound-defendant"]


async def test_words_are_found_without_marks(browser: Browser, archive: str) -> None:
    page = await player(browser, archive)
    await page.get_by_label("Tìm lời nói, không cần dấu").fill("duong de")
    lines = page.get_by_role("region", name="Các dòng lời nói").get_by_role("listitem")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("Dạ tôi đi theo đường đê")


async def test_machine_text_says_so_and_a_missing_engine_too(browser: Browser, archive: str) -> None:
    page = await player(browser, archive)
    await expect(page.get_by_text("Lời máy nghe, không phải biên bản.")).to_be_visible()
    await expect(page.get_by_text("máy chủ chưa có mô hình cho ngôn ngữ này")).to_be_visible()


async def test_a_film_is_asked_for_and_its_progress_is_shown(browser: Browser, archive: str) -> None:
    page = await player(browser, archive)
    await page.get_by_role("button", name="Xin bản phim").click()
    await expect(page.get_by_text("Đang làm phim, 40 %")).to_be_visible()


async def test_the_player_has_no_barrier(browser: Browser, archive: str) -> None:
    for size in (DESK, PHONE):
        page = await player(browser, archive, size=size)
        for lang in ("VI, Tiếng Việt", "EN, English"):
            await page.get_by_role("button", name=lang).click()
            await page.evaluate(AT_REST)
            found = await Axe().run(page)
            told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found.response["violations"]]
            assert not told, json.dumps(told)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("begins", ["2026-06-12T01:00:00+00:00", "2026-06-12T01:00:34+00:00"])
async def test_a_time_at_either_end_of_the_lanes_is_seen_whole(browser: Browser, archive: str, begins: str) -> None:
    page = await player(browser, archive, size=PHONE, begins=begins)
    lanes = await page.locator(".axis").bounding_box()
    time = await page.locator(".axis span").bounding_box()
    assert lanes and time, "one full minute lies in the hearing, at its begin or at its end"
    assert lanes["x"] - 1 <= time["x"] and time["x"] + time["width"] <= lanes["x"] + lanes["width"] + 1
