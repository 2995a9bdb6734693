"""Whole hearings as text. `python -m tests.hearing.test_scripts --rewrite` writes the answers the rules give now.

Commit a rewritten answer only when you understand it: the difference is the review.
"""

import sys
from pathlib import Path

import pytest

from tests.hearing.script import play

pytestmark = pytest.mark.pure

SCRIPTS = sorted((Path(__file__).parents[1] / "scripts").glob("*.txt"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_court_answers_as_the_script_says(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert play(text) == text


def test_there_are_scripts() -> None:
    assert len(SCRIPTS) >= 12


if __name__ == "__main__":
    for path in SCRIPTS:
        answered = play(path.read_text(encoding="utf-8"))
        if "--rewrite" in sys.argv:
            path.write_text(answered, encoding="utf-8")
        print(path.stem, "rewritten" if "--rewrite" in sys.argv else answered)
