"""Folding of names for search. Rule: fold the stored text and the query alike, and show the original.

No database folds Vietnamese alike (SQLite leaves đ, a letter of its own), so it is done here once for both.
"""

import unicodedata


def folded(text: str) -> str:
    """`Đặng Quốc Khải` -> `dang quoc khai`."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())
