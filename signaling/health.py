"""What a media process says of itself: how busy it is, whether it is being emptied, and its counters.

These are control messages like those of `control.py`; they know processes, not rooms.
"""

from signaling import control
from signaling.control import News, Reply, Request, message


@message
class Load(News):
    """Told on greeting and each second. All but the two flags are running averages over about four seconds.

    `cpu` is in thousandths of one core (all threads), `lag_ms` how late the event loop was at worst in a second,
    `packets` how many a second came and went, `unsent` how many a second the kernel refused to take.
    `draining`: it takes no new room and ends when the last one has; `moving`: its rooms are to go elsewhere now.
    """

    rooms: int
    peers: int
    cpu: int
    lag_ms: int
    packets: int
    unsent: int
    draining: bool
    moving: bool


@message
class Figures(Reply):
    """Counters since the process began, and `GAUGES`, which say what is now. `dropped` counts datagrams by reason."""

    values: dict[str, int]
    dropped: dict[str, int]


@message
class Count(Request[Figures]):
    reply = Figures


GAUGES = frozenset({"rooms", "peers", "sources", "draining", "lag_ms", "recorder_queue_bytes"})

# Both ends import this module, so both know these messages by name.
control.MESSAGES.update({kind.__name__: kind for kind in (Load, Figures, Count)})
