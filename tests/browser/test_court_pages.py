"""Every scene of the live page in both languages and both widths: no barrier, nothing cut off, no word missing."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.browser.conftest import AT_REST, Open

FIXTURES = sorted(path.stem for path in (Path(__file__).parent / "fixtures").glob("*.json"))
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("name", FIXTURES)
async def test_a_scene_has_no_barrier_in_either_language(live: Open, name: str, phone: bool) -> None:
    page = await live(name, phone=phone)
    for lang in ("vi", "en"):
        switch = page.get_by_role("button", name=re.compile("^" + lang, re.IGNORECASE)).first
        await switch.click()
        await page.wait_for_function(f"document.documentElement.lang === '{lang}'")
        await page.evaluate(AT_REST)  # the fade of the scene: half-transparent text has no fair contrast
        found = await Axe().run(page)
        violations = found.response["violations"]
        told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
        assert not told, json.dumps(told, ensure_ascii=False)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        missing = await page.evaluate(
            r"document.body.innerText.match(/\b(court|playback|guide|role|phase|item)\.[a-z_.]+\b/g) ?? []"
        )
        assert missing == []


async def test_the_judge_sees_the_whole_hearing_without_scrolling(live: Open) -> None:
    page = await live("judge")
    below = await page.evaluate(
        """() => {
          const side = document.querySelector('#side');
          return [document.documentElement.scrollHeight - innerHeight, side.scrollHeight - side.clientHeight];
        }"""
    )
    assert below == [0, 0]


async def test_procurator_and_counsel_face_each_other_in_equal_size(live: Open) -> None:
    page = await live("judge")
    left = await page.locator('[data-seat="procurator"]').bounding_box()
    right = await page.locator('[data-seat="counsel"]').bounding_box()
    assert left is not None and right is not None
    assert abs(left["y"] - right["y"]) < 1
    assert abs(left["width"] - right["width"]) < 1 and abs(left["height"] - right["height"]) < 1
    assert left["x"] < right["x"]


async def test_in_a_civil_case_the_plaintiff_sits_left_and_the_respondent_right(live: Open) -> None:
    page = await live("civil")
    plaintiff = await page.locator('[data-seat="counsel"]').bounding_box()
    respondent = await page.locator('[data-seat="defendant"]').bounding_box()
    procurator = await page.locator('[data-seat="procurator"]').bounding_box()
    clerk = await page.locator('[data-seat="clerk"]').bounding_box()
    assert plaintiff and respondent and procurator and clerk
    assert plaintiff["x"] < respondent["x"] and abs(plaintiff["y"] - respondent["y"]) < 1
    assert abs(procurator["y"] - clerk["y"]) < 1


def test_both_catalogues_of_the_room_have_the_same_keys_and_placeholders() -> None:
    for part in ("court", "playback"):
        vi, en = (json.loads((ROOT / f"web/locale/{lang}/{part}.json").read_text("utf-8")) for lang in ("vi", "en"))
        assert vi.keys() == en.keys()
        unknown = {
            key: set(re.findall(r"\{\w+\}", en[key])) - set(re.findall(r"\{\w+\}", vi[key])) - {"{you}"} for key in vi
        }
        assert not {key: names for key, names in unknown.items() if names}


def test_every_word_a_module_asks_for_is_in_the_catalogue() -> None:
    known = {}
    for path in (ROOT / "web/locale/vi").glob("*.json"):
        known.update(json.loads(path.read_text("utf-8")))
    wanted = set()
    for folder in ("court", "playback"):
        for module in (ROOT / "web/static" / folder).rglob("*.js"):
            wanted |= set(re.findall(r"\bt\(\s*'([a-z_]+(?:\.[A-Za-z_]+)+)'", module.read_text("utf-8")))
    assert wanted, "no word was found: the pattern no longer fits"
    assert not {key for key in wanted if key not in known and f"{key}.other" not in known}
