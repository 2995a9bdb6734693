"""Folding of names for search, and what may stand in a name at all.

Rule: fold the stored text and the query alike, and show the original. No database folds Vietnamese alike (SQLite leaves
đ, a letter of its own), so it is done here once for both.
"""

import unicodedata

# They turn the text around them: with one, a name can look like another, and a file name end otherwise than it is.
TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """A name or a title as one line of letters: what breaks or turns a line becomes nothing more than a space."""
    shown = "".join(
        "" if letter in TURNING else " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in text
    )
    return text if shown == text else " ".join(shown.split())


def folded(text: str) -> str:
    """`Đặng Quốc Khải` -> `dang quoc khai`."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())
