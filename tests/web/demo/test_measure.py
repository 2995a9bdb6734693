"""The report's own measures, on examples worked out by hand."""

import pytest

from web.demo.measure import word_error_rate, words

pytestmark = pytest.mark.pure


def test_words_ignore_case_and_marks_but_keep_apostrophes() -> None:
    assert words("It's the Best - of times, “Tạo”!") == ["it's", "the", "best", "of", "times", "tạo"]


@pytest.mark.parametrize(
    ("reference", "heard", "rate"),
    [
        ("a b c d", "a b c d", 0.0),
        ("a b c d", "a x c d", 0.25),  # one substitution
        ("a b c d", "a c d", 0.25),  # one deletion
        ("a b c d", "a b b c d", 0.25),  # one insertion
        ("a b c d", "", 1.0),
        ("a", "x y z", 3.0),
    ],
)
def test_word_error_rate(reference: str, heard: str, rate: float) -> None:
    assert word_error_rate(reference, heard) == rate
