"""What one page shows, and what its line lets it have: the size of every picture that may be sent to it.

The plan of the court comes first: only pictures whose edge is open are looked at here, and sound is no concern of it.
"""

from collections.abc import Iterable, Sequence

from signaling.media.layers import Layers
from signaling.media.quality import PICTURES, Downlink, Picture, next_step, share

OVERHEAD = 20
"""Bytes of the header of every packet: browsers count without it when they judge their line."""

_EVERYTHING = 1 << 20
_JUST_ARRIVED = 1
"""Width of a picture that the page did not know of when it last said what it shows."""


class Screen:
    """`ranks` is the size of each picture, -1 for none. `limited` are those that the line keeps small or off."""

    def __init__(self) -> None:
        self.line = Downlink()
        self.ranks: dict[str, int] = {}
        self.limited: tuple[str, ...] = ()
        self._sizes: dict[str, int] | None = None
        self._known: set[str] = set()
        self._more = 0
        self._counted: dict[str, int] = {}
        self._sound = 0.0
        self._highest: dict[int, int] = {}
        self._expected = self._lost = 0.0
        self._at: float | None = None

    def show(self, sizes: dict[str, int], known: Iterable[str]) -> None:
        """The page shows these, in pixels of width, and of the others it `known` nothing."""
        self._sizes, self._known = sizes, set(known)

    def plan(self, open_pictures: Sequence[Layers]) -> None:
        """Decide anew, for the pictures open to this page."""
        widths = {one.source: self._width(one.source) for one in open_pictures}
        shown = sorted(open_pictures, key=lambda one: (-widths[one.source], one.source))
        if self._sizes is not None:
            shown = [one for one in shown if widths[one.source]][:PICTURES]
        pictures = [
            Picture(
                source=one.source,
                rates=tuple(one.rates),
                wanted=one.nearest(one.rank_for(widths[one.source])),
                weight=widths[one.source],
                kept=-1 if self.line.tightened else self.ranks.get(one.source, -1),
            )
            for one in shown
        ]
        limit = self.line.limit
        budget = None if limit is None else limit - self._sound
        given = share(budget, pictures, pressed=self.line.pressed)
        self._more = next_step(pictures, given)
        # What begins small is not yet the line's doing.
        held = [one.source for one in pictures if given[one.source] < one.wanted]
        self.limited = tuple(held) if self.line.shown else ()
        self.ranks = {one.source: given.get(one.source, -1) for one in open_pictures}

    def _width(self, source: str) -> int:
        if self._sizes is None:
            return _EVERYTHING
        return self._sizes.get(source, 0 if source in self._known else _JUST_ARRIVED)

    # -- the line --------------------------------------------------------------------------------------------------

    def received(self, ssrc: int, highest: int, fraction_lost: int, now: float) -> None:
        """A receiver report of one stream: its highest number, and what was lost of 256 since the last report."""
        self.line.told(now)
        expected = highest - self._highest.get(ssrc, highest)
        self._highest[ssrc] = highest
        if 0 < expected < 10_000:
            self._expected += expected
            self._lost += expected * fraction_lost / 256

    def estimated(self, rate: int, now: float, *, with_sound: bool) -> None:
        """The browser's own estimate of its line in bits per second; some look at the pictures alone."""
        self.line.estimated(rate if with_sound else rate + self._sound, now)

    def second(self, now: float, sent: Iterable[tuple[str, bool, int]]) -> None:
        """A second has passed. `sent` has (source, is it sound, bytes of payload so far) of everything that flows."""
        elapsed, self._at = now - (self._at or now), now
        sound = picture = 0
        counted: dict[str, int] = {}
        for source, is_sound, size in sent:
            grown = size - self._counted.get(source, size)
            counted[source] = size
            sound += grown if is_sound else 0
            picture += 0 if is_sound else grown
        self._counted = counted
        if elapsed > 0:
            self._sound = 8 * sound / elapsed
            loss = self._lost / self._expected if self._expected else None
            rate = 8 * (sound + picture) / elapsed
            self.line.step(now, sent=rate, loss=loss, more=self._more)
            self._expected = self._lost = 0.0
