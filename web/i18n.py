"""The catalogue: every word a person reads, by key and language. Vietnamese is the source, English the second.

Rule: no user-facing text stands in code or templates. Each part (`pages`, `court`, `rules`, ...) keeps its own file
`locale/<language>/<part>.json`; a key belongs to one part.
"""

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

LANGUAGES = ("vi", "en")
SOURCE = "vi"
COOKIE = "lang"
LOCALE = Path(__file__).resolve().parent / "locale"

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Texts by language and key, and a version that changes when any of them does."""

    texts: Mapping[str, Mapping[str, str]]
    version: str

    @classmethod
    def load(cls, folder: Path = LOCALE) -> "Catalogue":
        """Read every part of every language; a key in two parts of one language is a mistake of ours."""
        texts: dict[str, Mapping[str, str]] = {}
        digest = hashlib.sha256()
        for language in LANGUAGES:
            merged: dict[str, str] = {}
            for part in sorted((folder / language).glob("*.json")):
                content = part.read_bytes()
                digest.update(content)
                entries: dict[str, str] = json.loads(content)
                if twice := merged.keys() & entries.keys():
                    raise ValueError(f"{part.name} repeats {sorted(twice)[:3]}")
                merged.update((key, unicodedata.normalize("NFC", text)) for key, text in entries.items())
            texts[language] = MappingProxyType(merged)
        return cls(texts=MappingProxyType(texts), version=digest.hexdigest()[:12])

    def text(self, language: str, key: str, **values: object) -> str:
        """The sentence for `key`; with `count`, the form `<key>.one` or `<key>.other` where the catalogue has one."""
        texts = self.texts[language]
        if "count" in values:
            form = "one" if values["count"] == 1 and language != SOURCE else "other"
            key = f"{key}.{form}" if f"{key}.{form}" in texts else key
        found = texts.get(key) or self.texts[SOURCE].get(key) or key
        return _PLACE.sub(lambda match: str(values.get(match[1], match[0])), found)

    def has(self, key: str) -> bool:
        return key in self.texts[SOURCE]


def choose(asked: str | None, kept: str | None, accepted: str | None) -> str:
    """The language of this page: the link just pressed, else the one kept, else the browser's wish, else Vietnamese."""
    for wish in (asked, kept):
        if wish in LANGUAGES:
            return wish
    for wish in (accepted or "").lower().split(","):
        if (short := wish.split(";")[0].strip()[:2]) in LANGUAGES:
            return short
    return SOURCE


def fold(text: str) -> str:
    """For searching and comparing: no marks, no case, `đ` as `d`."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue in one language and one time zone: what a template or a page speaks with."""

    catalogue: Catalogue
    lang: str
    zone: ZoneInfo

    def __call__(self, key: str, **values: object) -> str:
        return self.catalogue.text(self.lang, key, **values)

    def has(self, key: str) -> bool:
        return self.catalogue.has(key)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def date(self, at: datetime | dt.date) -> str:
        day = self.local(at).date() if isinstance(at, datetime) else at
        return f"{day:%d/%m/%Y}"

    def day(self, at: datetime | dt.date) -> str:
        """dd/MM, where the year stands beside it."""
        day = self.local(at).date() if isinstance(at, datetime) else at
        return f"{day:%d/%m}"

    def weekday(self, at: datetime | dt.date) -> str:
        day = self.local(at).date() if isinstance(at, datetime) else at
        return self(f"weekday.{day.isoweekday()}")

    def long_date(self, at: datetime | dt.date) -> str:
        return self("date.long", weekday=self.weekday(at), date=self.date(at))

    def time(self, at: datetime, *, seconds: bool = False) -> str:
        return self.local(at).strftime("%H:%M:%S" if seconds else "%H:%M")

    def moment(self, at: datetime) -> str:
        return f"{self.time(at)}, {self.date(at)}"

    def until(self, at: datetime, now: datetime) -> str:
        """How far away, in the largest unit that still says something."""
        left = at - now
        if left < timedelta(0):
            return self("until.past")
        if left < timedelta(hours=1):
            return self("until.minutes", count=max(1, round(left.total_seconds() / 60)))
        if left < timedelta(hours=24):
            return self("until.hours", count=round(left.total_seconds() / 3600))
        return self("until.days", count=(self.local(at).date() - self.local(now).date()).days)

    def duration(self, ms: int) -> str:
        """A length in words: `2 giờ 35 phút`, `39 giây`."""
        seconds = round(ms / 1000)
        if seconds < 60:
            return self("duration.seconds", count=seconds)
        minutes = round(seconds / 60)
        if minutes < 60:
            return self("duration.minutes", count=minutes)
        if minutes % 60 == 0:
            return self("duration.whole_hours", count=minutes // 60)
        return self("duration.hours", hours=minutes // 60, minutes=minutes % 60)
