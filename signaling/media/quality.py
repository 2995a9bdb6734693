"""What one line down can carry, and which picture gets which size of it. Pure: times and rates are arguments.

Sound always goes and is never counted against pictures. Pictures are given up in steps: the least important ones get
smaller first, then the others, then they pause, again the least important first. Better pictures come back slowly: only
after a while of calm, and after the line has carried as much padding as they would need.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

PICTURES = 7
"""Pictures one page gets at most, however many people are in the room."""

NOMINAL = (120_000, 350_000, 900_000)
"""Bits per second taken for a size that has not been measured yet."""

START = 300_000
"""Bits per second that are tried first; then twice as much every other second, and only what was carried is used."""
UNHEARD = 4
"""Seconds without any report after which a listener counts as one that sends none: no limit is known for it."""

PATIENCE, LONGEST_PATIENCE = 5.0, 60.0
"""Seconds of calm before more is tried; doubled each time that the line could not carry it."""
GROWTH = 1.4
"""How much more padding goes from one second to the next."""
RELIEVED = 20.0
"""Seconds with everything that is wanted until the line counts as good again."""

KEEPING = 0.75
"""What a picture that is there already is taken for: its rate goes up and down, the picture shall not."""

ALMOST = 0.8
"""Estimates err by as much: the last picture is not given up for so little."""

FAR_SHORT = 0.5
"""A line that is believed to carry less than this share of what was sent needs no second proof."""
AGAIN = 10.0
"""Seconds within which a limit that shows again, although pictures are small, means that some must pause."""

DROP = 0.97
"""An estimate that falls below this share of the last one: the browser has seen packets queue up. That an estimate is
low says nothing, because it grows by a few percent a second from whatever it was."""
DROPPED = 3.0
"""Seconds for which that counts."""
SHORT = 0.9
"""Share of what was sent that an estimate may fall short by."""
QUEUED = 0.25
"""Seconds by which the round trip may be longer than its shortest of late; more stands in a queue of the line."""
QUEUING, MOST_JITTER = 0.06, 0.18
"""The same while more is tried, or the browser believes in less; more where the round trip jumps, at most so much: a
queue that is always there looks like jitter too."""
ROUND_TRIPS = 120
LESS, UNMOVED = 0.8, 0.1
"""A round trip that stays the same by so many seconds although only this share of what was sent before is sent, and
nothing is lost, is another way and not a queue: a queue would empty or grow."""
ELSEWHERE = 6.0
"""Seconds after which a long round trip is another way, whatever else speaks against it."""
SILENCE, BLIND = 2.0, 3.0
"""Seconds without a word that are an outage; and for how long what is told afterwards is of the outage."""
LOSS_WINDOW = 6
LOSS_TOLERANCE, LOSS_ALARM = 0.08, 0.4
LOSS_FLOOR = 300_000
"""By loss alone the limit does not fall below this: a bad radio loses packets however few there are."""
FLOOR = 40_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """`rates` are the bits per second of its sizes, the smallest first. `weight` is its width on the screen.

    `wanted` is the size its place on the screen asks for, `kept` the one it has, if that may stay for a little less.
    """

    source: str
    rates: tuple[int, ...]
    wanted: int
    weight: int
    kept: int = -1

    def rate(self, rank: int) -> int:
        if rank < 0:
            return 0
        return self.rates[rank] or NOMINAL[rank if len(self.rates) == len(NOMINAL) else min(2, 2 * rank)]


def share(budget: float | None, pictures: Sequence[Picture], *, pressed: int) -> dict[str, int]:
    """The size each picture gets, -1 for none, when all together may take `budget` bits per second (None: no limit).

    Only when the line is `pressed` may pictures pause, at 1 all but the most important one; else each has at least its
    smallest size.
    """
    if budget is None:
        return {one.source: one.wanted for one in pictures}
    ranked = sorted(pictures, key=lambda one: (-one.weight, one.source))
    given = dict.fromkeys((one.source for one in ranked), -1)
    spent = 0

    def fits(one: Picture, rank: int, share_of_it: float) -> bool:
        more = one.rate(rank) - one.rate(rank - 1)
        return (spent + more) * (KEEPING if rank <= one.kept else share_of_it) <= budget

    for place, one in enumerate(ranked):
        if pressed < (2 if place == 0 else 1) or fits(one, 0, ALMOST if place == 0 else 1):
            given[one.source] = 0
            spent += one.rate(0)
    for one in ranked:
        while 0 <= given[one.source] < one.wanted and fits(one, given[one.source] + 1, 1):
            spent += one.rate(given[one.source] + 1) - one.rate(given[one.source])
            given[one.source] += 1
    return given


def next_step(pictures: Sequence[Picture], given: dict[str, int]) -> int:
    """Bits per second that the next better picture would take, 0 when every one is as it is wanted."""
    for one in sorted(pictures, key=lambda one: (-one.weight, one.source)):
        if (rank := given[one.source]) < one.wanted:
            return max(1, one.rate(rank + 1) - one.rate(rank))
    return 0


class Proof(IntEnum):
    """Of what a bad second speaks. A line that loses packets, or is long, may be no narrow one (a bad radio, another
    way): pictures get smaller, and the most important one stays. With a longer round trip it is a full queue.
    """

    LOSSY, FULL, SURE = range(3)


@dataclass(slots=True)
class Queue:
    """What may be one, as it was first seen."""

    since: float
    round_trip: float
    sent: float
    measured: int = 0
    """Round trips since less is sent."""
    unmoved: bool = True
    """As long as nothing else shows, it may be another way as well."""


class Downlink:
    """One listener's line. Call `estimated` and `took` with what its browser tells, and `step` once a second.

    `limit` is what may be sent in bits per second, sound included; None means: whatever is wanted. `padding` is how
    much is to be sent on top, to try the line. `pressed` says that the smallest pictures are too much as well: 1 all of
    them, 2 even one.
    `tightened` says that the last second has shown the limit.

    One bad second is no proof, because browsers that are short of time believe too little, and a line may be gone for
    a moment: two in a row are, or an estimate that falls below half of what was sent.
    """

    def __init__(self) -> None:
        self.limit: float | None = FLOOR
        self.padding = 0.0
        self.pressed = 0
        self.tightened = False
        self._shown_at: float | None = None
        self._strikes = 0
        self._estimate = 0.0
        self._dropped_at: float | None = None
        self._round_trips: deque[float] = deque(maxlen=ROUND_TRIPS)
        self._sent: deque[float] = deque(maxlen=3)
        self._losses: deque[float] = deque(maxlen=LOSS_WINDOW)
        self._queue: Queue | None = None
        self._heard = False
        self._told_at: float | None = None
        self._blind_until = 0.0
        self._now = 0.0
        self._steps = 0
        self._calm_since = 0.0
        self._content_since: float | None = None
        self._patience = PATIENCE

    @property
    def shown(self) -> bool:
        """Has the line shown its limit, and not been relieved since?"""
        return self._shown_at is not None

    def told(self, now: float) -> None:
        """Anything has come from the browser. After an outage it tells of that, and not of what the line carries."""
        if self._told_at is not None and now - self._told_at > SILENCE:
            self._blind_until = now + BLIND
            self._losses.clear()
            self._estimate = 0.0
        self._told_at = now
        self._heard = True

    def estimated(self, rate: float, now: float) -> None:
        """The browser's own estimate of its line, bits per second."""
        self.told(now)
        if rate < DROP * self._estimate:
            self._dropped_at = now
            if self.padding:
                self._failed(now)
        self._estimate = rate

    def took(self, round_trip: float) -> None:
        """One measured round trip, seconds."""
        if self.padding and self._round_trips:
            usual, jitter = self._usual()
            if round_trip > usual + max(QUEUING, jitter):
                self._failed(self._now)
        self._round_trips.append(round_trip)
        if self._queue is not None and self._sent[-1] <= LESS * self._queue.sent:
            self._queue.measured += 1

    def step(self, now: float, *, sent: float, loss: float | None, more: float) -> None:
        """One second has passed, in which `sent` bits left (padding included) and the share `loss` was lost, if told.

        `more` is what the next better picture would take (`next_step`).
        """
        self._now = now
        self.tightened = False
        self._steps += 1
        self._heard = self._heard or loss is not None
        if now < self._blind_until:
            return
        if not self._heard:
            if self._steps >= UNHEARD:
                self.limit = None
            return
        self._sent.append(sent)
        carried, proof = self._carried(now, loss)
        if carried is not None:
            if self.padding:
                self._failed(now)  # that was too much; what is there besides may still be right
                return
            self._strikes += 1
            if proof is Proof.SURE or self._strikes >= 2:
                self._tighten(max(FLOOR, carried), now, proof)
            return
        self._strikes = 0
        if self._shown_at is None:
            self._begin(more)
        else:
            self._calm(now, more)

    def _begin(self, more: float) -> None:
        """The line has shown nothing yet: use what it has carried, and try twice as much.

        Reports come a second late: what left in this second may still stand in a queue.
        """
        if self.limit is None or (not self._round_trips and self._steps < UNHEARD):
            return
        self.limit = max(self.limit, min(self._sent[-1], self._sent[-2] if len(self._sent) > 1 else 0.0))
        self.padding = max(START - self.limit, self.limit) if more else 0.0

    def _carried(self, now: float, loss: float | None) -> tuple[float | None, "Proof"]:
        """What the line carries, when it has just shown that it carries no more; and how well that is proved."""
        sent = min(self._sent[-1], sum(self._sent) / len(self._sent))
        if self._is_elsewhere(now, loss):
            return None, Proof.LOSSY
        found: list[float] = []
        dropped = self._dropped_at is not None and now - self._dropped_at < DROPPED
        if dropped and self._estimate < SHORT * sent:
            found.append(self._estimate)
        queued = self._queued()
        proof = Proof.LOSSY
        if found and queued:
            proof = Proof.SURE if self._estimate < FAR_SHORT * sent else Proof.FULL
        if self._queue is not None:
            found.append(0.7 * sent)
        if loss is not None:
            usual = min(self._losses) if len(self._losses) == LOSS_WINDOW else 0.0
            self._losses.append(loss)
            if loss > LOSS_ALARM:
                found.append(sent * (1 - loss))
                proof = max(proof, Proof.FULL)
            elif loss - usual > LOSS_TOLERANCE:
                found.append(max(min(sent, LOSS_FLOOR), sent * (1 - loss / 2)))
                if queued:
                    proof = max(proof, Proof.FULL)
        return min(found, default=None), proof

    def _usual(self) -> tuple[float, float]:
        """The usual round trip, and by how much one may be longer by jitter alone.

        Jitter is taken from the shorter half: the longer one may be what stood in our own queue.
        """
        known = sorted(self._round_trips)
        least, usual = (known[int(part * (len(known) - 1))] for part in (0.1, 0.5))
        return usual, 4 * (usual - least)

    def _queued(self) -> bool:
        """Is the round trip longer than jitter explains?"""
        return bool(self._round_trips) and self._longer() > min(MOST_JITTER, max(QUEUING, self._usual()[1]))

    def _longer(self) -> float:
        """By how much the last round trip is longer than the shortest of late."""
        return self._round_trips[-1] - min(self._round_trips) if self._round_trips else 0.0

    def _is_elsewhere(self, now: float, loss: float | None) -> bool:
        """Has the line become another one, of which it is not known what it carries? Else `_queue` is as it seems."""
        if self._longer() <= QUEUED:
            self._queue = None
            return False
        last = self._round_trips[-1]
        if self._queue is None:
            self._queue = Queue(now, last, max(self._sent))
        queue = self._queue
        queue.unmoved = abs(last - queue.round_trip) <= UNMOVED and (loss or 0.0) <= LOSS_TOLERANCE
        if not (queue.unmoved and queue.measured >= 2) and now - queue.since <= ELSEWHERE:
            return False
        self._round_trips = deque([last], ROUND_TRIPS)
        self._queue = self._dropped_at = self._shown_at = None
        self.pressed = 0
        return True

    def _tighten(self, carried: float, now: float, proof: "Proof") -> None:
        self._failed(now)
        again = self._shown_at is not None and now - self._shown_at < AGAIN
        if proof is Proof.SURE or again:
            elsewhere = self._queue is not None and self._queue.unmoved
            self.pressed = max(self.pressed, 1 if proof is Proof.LOSSY or elsewhere else 2)
        self.limit = carried if self.limit is None or not self.shown else min(self.limit, carried)
        self._shown_at, self.tightened, self._strikes = now, True, 0

    def _failed(self, now: float) -> None:
        if self.padding:
            if self._shown_at is None:
                self._shown_at = now
            else:
                self._patience = min(LONGEST_PATIENCE, 2 * self._patience)
        self.padding = 0.0
        self._calm_since = now
        self._content_since = None

    def _calm(self, now: float, more: float) -> None:
        """Nothing is wrong: try for more, if more is wanted."""
        assert self.limit is not None
        if not more:
            self.padding = 0.0
            self._content_since = now if self._content_since is None else self._content_since
            if now - self._content_since > RELIEVED:
                self.pressed, self._shown_at, self._patience = 0, None, PATIENCE
            return
        self._content_since = None
        if self.padding >= more:
            self.limit = max(self.limit, self._sent[-1] + 0.1 * more)
            self.padding, self._calm_since, self._patience = 0.0, now, max(PATIENCE, self._patience / 2)
        elif self.padding:
            self.padding = min(GROWTH * self.padding, 1.1 * more)
        elif now - self._calm_since >= self._patience:
            self.padding = min(max(30_000.0, 0.25 * self._sent[-1]), 1.1 * more)
