"""One receiving connection's offers: at most one is outstanding; what changes meanwhile is folded into the next.

The server is the only offerer of this connection, so there is no glare. Rule: no I/O and no clock here; every step
returns the next value and says whether the caller must now ask the media process for an offer.

      needed            made(n)              answered(n), accepted
    idle ---> making ----------> waiting(n) ----------------------> idle, or making again when something has changed
                ^                    | timed_out(n)
                +--------------------+
"""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

# A page that never answers is asked this often, and then not again until something changes.
TRIES = 5


class Phase(Enum):
    IDLE = auto()
    MAKING = auto()
    WAITING = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Negotiation:
    phase: Phase = Phase.IDLE
    offer: int = -1
    changed: bool = False
    tries: int = 0

    def needed(self) -> tuple["Negotiation", bool]:
        """The streams have changed. True: ask for an offer now."""
        if self.phase is not Phase.IDLE:
            return replace(self, changed=True), False
        return Negotiation(phase=Phase.MAKING), True

    def made(self, offer: int) -> "Negotiation":
        """The media process made offer number `offer`; you must now send it to the page and watch the time."""
        return replace(self, phase=Phase.WAITING, offer=offer, tries=self.tries + 1)

    def awaits(self, offer: int) -> bool:
        """Whether an answer to `offer` is wanted. An answer to an older one is nothing to worry about."""
        return self.phase is Phase.WAITING and self.offer == offer

    def accepted(self) -> tuple["Negotiation", bool]:
        """The answer is in force. True: something changed meanwhile, ask for the next offer."""
        if self.changed:
            return Negotiation(phase=Phase.MAKING), True
        return Negotiation(), False

    def failed(self) -> tuple["Negotiation", bool]:
        """The offer could not be made, was not answered in time, or its answer was not usable. True: try again."""
        if self.tries >= TRIES:
            return Negotiation(), False
        return replace(self, phase=Phase.MAKING, changed=False), True


_ORIGIN = re.compile(r"^o=\S+ (\S+)", re.MULTILINE)
_FINGERPRINT = re.compile(r"^a=fingerprint:(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def owner_of(sdp: str) -> tuple[str, frozenset[str]]:
    """Tells one peer connection from another: the session id (RFC 8866, 5.2) and the certificate never change in it.

    An offer of the same owner is a renegotiation or an ICE restart; any other comes from a new connection.
    """
    origin = _ORIGIN.search(sdp)
    return origin.group(1) if origin else "", frozenset(one.upper() for one in _FINGERPRINT.findall(sdp))
