"""The two answers that are not faults. Everything else that is raised is our own mistake and is treated as one."""


class Refused(Exception):
    """The court says no. `code` is the key of the sentence shown to the person (`refused.<code>`)."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Powerless(Refused):
    """The person lacks the power: so it is for everything the command could be about, but the person's own seat."""


class Malformed(Exception):
    """A peer broke the protocol. `reason` is for the log and the peer's developer, never for a party."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
