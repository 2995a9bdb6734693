"""The catalogue: both languages whole, Vietnamese really Vietnamese, and every key that the pages use is there."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from web.i18n import LOCALE, Catalogue, Words, choose, fold

pytestmark = pytest.mark.pure

WEB = LOCALE.parent
# The same in both languages: names, units, signs.
SAME = re.compile(r"^[\W\d]*$|^(Camera|OK|PDF|VI|EN|BL.*|JSON|WebVTT|Video|Audio|Chat|Wi-Fi|Ông/Bà)$")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def plain(key: str) -> str:
    return re.sub(r"\.(one|other)$", "", key)


def test_both_languages_say_the_same_things(catalogue: Catalogue) -> None:
    assert {plain(key) for key in catalogue.texts["vi"]} == {plain(key) for key in catalogue.texts["en"]}


def test_no_vietnamese_text_is_the_english_one(catalogue: Catalogue) -> None:
    vi, en = catalogue.texts["vi"], catalogue.texts["en"]
    same = {key: vi[key] for key in vi if vi[key] == en.get(key) and not SAME.match(re.sub(r"\{\w+\}", "", vi[key]))}
    assert same == {}


def test_english_asks_for_no_value_that_vietnamese_does_not_give(catalogue: Catalogue) -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    vi, en = catalogue.texts["vi"], catalogue.texts["en"]
    other = {key for key in vi if key in en and not places(en[key]) <= places(vi[key])}
    assert other == set()


def test_every_key_written_in_our_pages_has_words(catalogue: Catalogue) -> None:
    known = {plain(key) for key in catalogue.texts["vi"]}
    used: set[str] = set()
    for path in [*WEB.glob("templates/**/*.html"), *WEB.glob("pages/*.py"), *WEB.glob("static/ui/*.js")]:
        text = path.read_text()
        used |= set(re.findall(r"""\b(?:t|words)\(\s*['"]([a-z_]+(?:\.[a-zA-Z0-9_-]+)+)['"]\s*[,)]""", text))
    assert len(used) > 200
    assert {plain(key) for key in used} - known == set()


def test_every_icon_the_pages_name_is_in_the_sprite() -> None:
    listed = set(Path(WEB / "icons.txt").read_text().split())
    used: set[str] = set()
    for path in WEB.glob("templates/**/*.html"):
        used |= set(re.findall(r"""icon\('([a-z0-9-]+)'""", path.read_text()))
    for path in WEB.glob("pages/*.py"):
        used |= set(re.findall(r"""icon="([a-z0-9-]+)\"""", path.read_text()))
    assert used and used <= listed


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        ("en", "vi", "vi", "en"),
        (None, "en", "vi", "en"),
        (None, None, "en-GB,vi;q=0.5", "en"),
        (None, None, "fr,de", "vi"),
        ("xx", "yy", None, "vi"),
    ],
)
def test_the_language_just_asked_for_wins(
    asked: str | None, kept: str | None, accepted: str | None, chosen: str
) -> None:
    assert choose(asked, kept, accepted) == chosen


def test_folding_drops_marks_and_the_stroke_of_d() -> None:
    assert fold("Đặng Quốc Khải") == "dang quoc khai"


def test_times_are_told_in_the_zone_of_the_court(catalogue: Catalogue) -> None:
    words = Words(catalogue=catalogue, lang="vi", zone=ZoneInfo("Asia/Ho_Chi_Minh"))
    at = datetime(2026, 6, 12, 17, 30, tzinfo=UTC)
    assert words.date(at) == "13/06/2026"
    assert words.time(at) == "00:30"
    assert words.until(at, at - timedelta(minutes=8)) == "còn 8 phút"
    assert words.duration(155 * 60_000) == "2 giờ 35 phút"
    assert words.duration(39_200) == "39 giây"


def test_english_has_a_singular(catalogue: Catalogue) -> None:
    assert catalogue.text("en", "until.days", count=1) == "in 1 day"
    assert catalogue.text("en", "until.days", count=2) == "in 2 days"
