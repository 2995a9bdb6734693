"""How the switchboard asks a media process to answer a page that tries whether media reach it.

These are control messages like those of `control.py`; they know no room.
"""

from signaling import control
from signaling.control import Reply, Request, message


@message
class Probed(Reply):
    """`sdp` answers the offer; it is empty when too many try at this moment."""

    sdp: str


@message
class Probe(Request[Probed]):
    """The offer of a page. What is made for it belongs to no room and ends in seconds."""

    reply = Probed
    sdp: str


# Both ends import this module, so both know these messages by name.
control.MESSAGES.update({kind.__name__: kind for kind in (Probe, Probed)})
