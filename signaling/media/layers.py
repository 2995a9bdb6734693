"""One source of a seat in the sizes its publisher sends, the smallest first; sound, screens and cameras without
simulcast have one. Who changes size sees no break: the one goes on until a key frame of the other has come.
"""

from collections.abc import Sequence

from signaling.media.outlet import Outlet, Tap, TapMove
from signaling.media.source import Source

SILENT = 0.5
"""Seconds a size may fall behind the others until it counts as left out, as browsers do when their line is narrow."""

STEADY = 1.0
"""Seconds a size must flow until somebody is given it."""

RECORDED = 3.0
"""Seconds a size must flow until the recorder, once it had to leave a larger one, takes it: the record shall not change
size at every breath."""

NAMES = {1: ("large",), 2: ("thumbnail", "large"), 3: ("thumbnail", "normal", "large")}
"""What the sizes are called, by how many there are."""

WIDTHS = {1: (), 2: (300,), 3: (300, 640)}
"""Up to this many pixels on a screen the smaller size will do."""


class Layers:
    """You must call `tick` some times a second and `close` at the end."""

    def __init__(self, streams: Sequence[Source]) -> None:
        first = streams[0]
        self.source, self.seat, self.codec, self.mid = first.source, first.seat, first.codec, first.mid
        self.streams = tuple(streams)
        self.tap: Tap | None = None
        self.rates = [0] * len(self.streams)
        """Bits per second of each size in the last second; 0 is not known, or nothing."""
        self._since: list[float | None] = [None] * len(self.streams)
        self._steady: list[bool] = [False] * len(self.streams)
        self._move: TapMove | None = None
        self._fell = False
        self._measured: list[int] = [0] * len(self.streams)
        self._measured_at = 0.0

    # -- which size ------------------------------------------------------------------------------------------------

    def name(self, rank: int) -> str:
        return NAMES[len(self.streams)][rank]

    def rank_for(self, width: int) -> int:
        """The smallest size that is good enough for a picture `width` pixels wide."""
        return sum(width > one for one in WIDTHS[len(self.streams)])

    def nearest(self, rank: int) -> int:
        """The size to be given to whoever should have `rank`: itself if it flows, else a smaller one, else a larger."""
        below = [one for one in range(rank, -1, -1) if self._steady[one]]
        above = [one for one in range(rank + 1, len(self.streams)) if self._steady[one]]
        return (below + above + [0])[0]

    def tick(self, now: float) -> bool:
        """Has it changed which sizes flow?"""
        if len(self.streams) == 1:
            return False
        before = list(self._steady)
        latest = max(stream.last_arrival for stream in self.streams)
        for rank, stream in enumerate(self.streams):
            if stream.newest < 0 or latest - stream.last_arrival > SILENT:
                self._since[rank], self._steady[rank] = None, False
                continue
            since = self._since[rank]
            if since is None:
                since = self._since[rank] = now
            # The first size to come is as good as none; a further one must prove itself.
            self._steady[rank] = now - since >= STEADY or not any(before)
        self._move_tap(now)
        return self._steady != before

    def measure(self, now: float) -> None:
        """Once a second: the rates."""
        elapsed = now - self._measured_at
        for rank, stream in enumerate(self.streams):
            whole = elapsed > 0 and self._measured[rank] > 0  # the second in which it began says too little
            self.rates[rank] = int(8 * (stream.bytes - self._measured[rank]) / elapsed) if whole else 0
            self._measured[rank] = stream.bytes
        self._measured_at = now

    # -- listeners -------------------------------------------------------------------------------------------------

    def lead(self, outlet: Outlet, rank: int, now: float) -> None:
        """Let `outlet` flow from size `rank`: from its next key frame on, until then as before."""
        wanted = self.streams[rank]
        if outlet.target is wanted:
            return
        for stream in self.streams:
            if outlet.target is stream:
                stream.waiting.remove(outlet)
                outlet.target = None
        if outlet.stream is not wanted:
            wanted.attach(outlet, now)

    def detach(self, outlet: Outlet) -> None:
        """From here on nothing of this source leaves by `outlet`."""
        for stream in self.streams:
            stream.detach(outlet)

    def request_key_frame(self, now: float) -> None:
        """Of every size that somebody takes."""
        for stream in self.streams:
            if stream.flowing or stream.waiting or stream.tap is not None:
                stream.request_key_frame(now)

    # -- the recorder ----------------------------------------------------------------------------------------------

    @property
    def recorded(self) -> Source:
        """The stream the recorder takes, or would begin with."""
        return next((one for one in self.streams if one.tap is not None), self.streams[self.nearest(0)])

    def open_tap(self, tap: Tap) -> None:
        self.recorded.tap = tap
        self.tap = tap

    def _move_tap(self, now: float) -> None:
        """The recorder takes the largest size that flows and has done so for a while."""
        if self.tap is None:
            return
        current = self.streams.index(self.recorded)
        flowing = [rank for rank, since in enumerate(self._since) if since is not None]
        needed = RECORDED if self._fell else STEADY
        proven = [rank for rank in flowing if now - (self._since[rank] or 0.0) >= needed]
        best = max([*proven, current]) if current in flowing else max(flowing, default=current)
        if (move := self._move) is not None:
            if move.target is self.streams[best] and move in self.streams[best].waiting:
                return
            for stream in self.streams:
                if move in stream.waiting:
                    stream.waiting.remove(move)
            self._move = None
        if best != current:
            self._fell = self._fell or best < current
            self._move = TapMove(self.tap, self.streams[current])
            self.streams[best].attach(self._move, now)

    def close(self, reason: str) -> None:
        for stream in self.streams:
            stream.close(reason)
        self.tap = None
