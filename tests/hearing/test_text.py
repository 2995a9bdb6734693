"""What may stand in a name: one line of letters, in every script, and nothing that makes it look like another."""

import pytest

from hearing.text import folded, one_line

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "name",
    ["Đặng Quốc Khải", "Nguyễn Thị Cẩm Hà", "O'Brien-Smith", "李明", "ქართული", "  two  spaces ", "a\u200db", "🙂", ""],
)
def test_a_name_stays_as_it_is(name: str) -> None:
    assert one_line(name) == name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Trần\r\nVăn Tạo", "Trần Văn Tạo"),
        ("a@b.vn\r\nBcc: c@d.vn", "a@b.vn Bcc: c@d.vn"),
        ("a\tb\vc\fd\x1be\x7ff\x85g\u2028h\u2029i", "a b c d e f g h i"),
        ("don\u202efdp.exe", "donfdp.exe"),
        ("\u2066\u2069\u200e", ""),
        ("\n", ""),
    ],
)
def test_what_breaks_or_turns_a_line_is_taken_out(written: str, kept: str) -> None:
    assert one_line(written) == kept
    assert one_line(kept) == kept


def test_folding_is_of_what_is_read() -> None:
    assert folded("  Đặng QUỐC   Khải ") == "dang quoc khai"
