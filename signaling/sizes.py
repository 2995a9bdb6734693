"""What a page shows and what it gets, between the switchboard and a media process.

These are control messages like those of `control.py`; the page's own words for them are in `protocol.py`.
"""

from signaling import control
from signaling.control import Done, News, Request, message


@message
class SetView(Request[Done]):
    """What the page of a subscriber shows: how wide each picture is there. One that is missing is not shown."""

    reply = Done
    peer: str
    sizes: dict[str, int]


@message
class Flow(News):
    """Which size of each picture open to this subscriber flows: `off`, `thumbnail`, `normal` or `large`.

    `limited` names those that would be larger if the subscriber's line carried more.
    """

    peer: str
    sources: dict[str, str]
    limited: tuple[str, ...]


# Both ends import this module, so both know these messages by name.
control.MESSAGES.update({kind.__name__: kind for kind in (SetView, Flow)})
