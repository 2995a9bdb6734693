"""The page tells the court which pictures it shows and how large, and says what the line leaves of them."""

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from bench.crowd import SMALL_RATE
from tests.browser.conftest import Open

FIXTURES = Path(__file__).parent / "fixtures"
SHOWN = """async (candidates) => {
  const main = document.querySelector('script[src*="/court/main.js"]').src;
  const {chosen} = await import(main.replace('main.js', 'shown.js'));
  return chosen(candidates);
}"""
ENCODINGS = """async ([kind, picture]) => {
  const main = document.querySelector('script[src*="/court/main.js"]').src;
  const {encodings} = await import(main.replace('main.js', 'shown.js'));
  return encodings(kind, picture);
}"""
LAST = "() => line.signals.filter((one) => one.type === 'view').at(-1)?.sizes"
FLOW = """([size, limited]) => {
  const cameras = line.last.view.sources.filter((one) => one.kind === 'camera').map((one) => one.id);
  const sources = Object.fromEntries(cameras.map((one) => [one, size]));
  line.signal({type: 'flow', sources, limited: limited ? cameras : []});
}"""


async def told(page: Page) -> dict[str, int]:
    await page.wait_for_function(f"({LAST})() !== undefined")
    await page.wait_for_timeout(600)  # longer than a layout may still move
    found: dict[str, int] = await page.evaluate(LAST)
    return found


def cameras(name: str) -> dict[str, list[str]]:
    view = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["view"]
    return {one["id"]: one["seats"] for one in view["sources"] if one["kind"] == "camera"}


async def test_the_page_tells_what_it_shows_and_how_large(live: Open) -> None:
    page = await live("judge")
    sizes = await told(page)
    assert sizes and len(sizes) <= 7
    for source, width in sizes.items():
        seats = cameras("judge")[source]
        box = await page.locator(f'seat-tile[data-seat="{seats[0]}"]').bounding_box()
        assert box is not None and abs(box["width"] - width) <= 1
    own = await page.evaluate("() => line.last.view.you.seat")
    assert not any(own in cameras("judge")[source] for source in sizes), "nobody needs the own picture back"


async def test_a_smaller_screen_asks_for_smaller_pictures(live: Open) -> None:
    page = await live("judge")
    before = await told(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.wait_for_timeout(600)
    after = await told(page)
    assert after != before and sum(after.values()) < sum(before.values()) and set(after) <= set(before)


async def test_outside_the_courtroom_no_picture_is_asked_for(live: Open) -> None:
    page = await live("judge")
    assert await told(page)
    await page.evaluate("line.say((view) => { view.you.place = 'deliberation_room'; })")
    await page.wait_for_function(f"Object.keys(({LAST})()).length === 0")


async def test_the_seven_that_matter_most_are_chosen(live: Open) -> None:
    page = await live("judge")
    crowd: list[dict[str, Any]] = [
        {"source": f"s{number:02}", "width": 100 + number, "stand": False, "heard": 0} for number in range(20)
    ]
    crowd[3]["stand"], crowd[5]["heard"], crowd[19]["width"] = True, 9000, 0
    found = await page.evaluate(SHOWN, crowd)
    assert sorted(found) == ["s03", "s05", "s14", "s15", "s16", "s17", "s18"], "stand, speaker, then the largest"
    assert found["s03"] == 103
    assert await page.evaluate(SHOWN, []) == {}


async def test_a_camera_is_sent_in_sizes_and_a_screen_in_one(live: Open) -> None:
    page = await live("judge")
    small, large = await page.evaluate(ENCODINGS, ["camera", {"width": 640, "height": 480}])
    assert (small["rid"], small["scaleResolutionDownBy"], large["rid"]) == ("s", 3, "l")
    assert small["maxBitrate"] + large["maxBitrate"] < 1_000_000
    assert small["maxFramerate"] == SMALL_RATE and large["maxFramerate"] >= 24
    three = await page.evaluate(ENCODINGS, ["camera", {"width": 960, "height": 540}])
    assert [one["rid"] for one in three] == ["s", "m", "l"]
    assert [one.get("scaleResolutionDownBy", 1) for one in three] == [3, 1.5, 1]
    (screen,) = await page.evaluate(ENCODINGS, ["screen", {"width": 1920, "height": 1080}])
    assert "rid" not in screen and screen["maxFramerate"] <= 15


async def test_a_picture_that_does_not_come_is_no_frozen_face(live: Open) -> None:
    page = await live("judge")
    tile = page.locator('seat-tile[data-seat="counsel"]')
    assert await tile.locator("video.no-picture").count() == 0
    await page.evaluate(FLOW, ["off", True])
    assert await tile.locator("video.no-picture").count() == 1 and await tile.locator(".face").count() == 1
    assert "Tạm tắt hình" in await tile.inner_text()
    notice = page.locator("standing-notes [role=status]")
    assert "tiếng được giữ" in await notice.inner_text()
    await notice.get_by_role("button").click()
    assert await notice.count() == 0
    await page.evaluate(FLOW, ["thumbnail", True])
    await page.evaluate(FLOW, ["off", True])
    assert await notice.count() == 0, "once is enough while the line is weak"
    await page.evaluate(FLOW, ["thumbnail", True])
    assert await page.locator("court-header .line-weak").count() == 1
    assert await tile.locator("video.no-picture").count() == 0 and "Hình nhỏ" in await tile.inner_text()
    await page.evaluate(FLOW, ["large", False])
    assert "Hình nhỏ" not in await tile.inner_text() and await page.locator("court-header .line-weak").count() == 0
    await page.evaluate(FLOW, ["off", True])
    assert await notice.count() == 1, "a new weakness is told again"
    await page.evaluate(FLOW, ["off", False])
    assert await tile.locator("video.no-picture").count() == 1
    assert await notice.count() == 0, "what the page did not ask for is no fault of the line"


async def test_a_screen_that_is_shown_stands_whole_in_the_place_of_the_face(live: Open) -> None:
    page = await live("judge")
    before = await told(page)
    face = next(source for source, seats in cameras("judge").items() if "counsel" in seats)
    assert face in before
    await page.evaluate(
        """(face) => {
          line.say((view) => {
            const camera = view.sources.find((one) => one.id === face);
            view.sources.push({...camera, id: 'shown', kind: 'screen', label: 'Screen'});
          });
          const canvas = document.createElement('canvas');
          document.querySelector('court-stage').attach('shown', canvas.captureStream(1));
        }""",
        face,
    )
    after = await told(page)
    assert "shown" in after and face not in after, "what is not shown is not asked for"
    assert await page.locator('seat-tile[data-seat="counsel"] video.whole').count() == 1
    await page.evaluate("document.querySelector('court-stage').attach('shown', null)")
    assert face in await told(page)
    assert await page.locator('seat-tile[data-seat="counsel"] video.whole').count() == 0


async def test_who_is_not_seen_is_not_drawn_until_there_is_room(live: Open) -> None:
    page = await live("judge", phone=True)
    drawn = (
        "[...document.querySelectorAll('seat-tile')].map((one) => [one.hidden, one.querySelector('.tile') !== null])"
    )
    narrow = await page.evaluate(drawn)
    assert [True, False] in narrow and [False, True] in narrow
    assert all(hidden != has_picture for hidden, has_picture in narrow)
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.wait_for_function("![...document.querySelectorAll('seat-tile')].some((one) => one.hidden)")
    assert all(has_picture for _, has_picture in await page.evaluate(drawn))
