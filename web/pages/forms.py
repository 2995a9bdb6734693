"""Reading forms: one place where what a person typed becomes values, or sentences that say how to correct it.

Rule: what was typed is kept as typed, so that the form can be shown again with nothing lost.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from aiohttp import web
from multidict import MultiDictProxy

from hearing.errors import Malformed
from hearing.text import one_line
from web.i18n import Words

DATE = re.compile(r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$")
TIME = re.compile(r"^\s*(\d{1,2})[:hg](\d{2})\s*$")


async def posted(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
    """The fields of a form. Raises `Malformed` for bytes that are no text, an unknown charset, a broken multipart."""
    try:
        form = await request.post()
    except (ValueError, LookupError, AssertionError):
        raise Malformed("the form cannot be read") from None
    if any("\0" in str(value) for value in form.values()):
        raise Malformed("a form holds no NUL")  # no database takes it for text
    return form


@dataclass(slots=True)
class Form:
    """The fields as typed, and the errors found so far by field."""

    words: Words
    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, request: web.Request, words: Words) -> "Form":
        form = await posted(request)
        typed = {name: one_line(unicodedata.normalize("NFC", str(value))).strip() for name, value in form.items()}
        return cls(words=words, typed=typed)

    def text(self, name: str, *, most: int, required: bool = True) -> str:
        value = self.typed.get(name, "")
        if required and not value:
            self.errors[name] = self.words("form.required")
        elif len(value) > most:
            self.errors[name] = self.words("form.too_long", count=most)
        return value

    def choice(self, name: str, options: set[str] | frozenset[str]) -> str:
        value = self.typed.get(name, "")
        if value not in options:
            self.errors[name] = self.words("form.choose")
        return value

    def date(self, name: str) -> date | None:
        """dd/MM/yyyy as people write it, or the yyyy-MM-dd that a date field sends."""
        value = self.typed.get(name, "")
        try:
            if found := DATE.match(value):
                return date(int(found[3]), int(found[2]), int(found[1]))
            return date.fromisoformat(value)
        except ValueError:
            self.errors[name] = self.words("form.date")
            return None

    def time(self, name: str) -> time | None:
        found = TIME.match(self.typed.get(name, ""))
        try:
            if found:
                return time(int(found[1]), int(found[2]))
        except ValueError:
            pass
        self.errors[name] = self.words("form.time")
        return None


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)
