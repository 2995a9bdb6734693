"""The scenes of the live page: who sits where, and that every word a module asks for is there."""

import json
import re
from pathlib import Path

from tests.browser.conftest import Open

FIXTURES = sorted(path.stem for path in (Path(__file__).parent / "fixtures").glob("*.json"))
ROOT = Path(__file__).resolve().parents[2]


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
