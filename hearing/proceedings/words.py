"""The small closed vocabularies of a hearing. Every value is the same word in Python, on the wire and on the page."""

from enum import StrEnum


class Place(StrEnum):
    """Where a person is, for the audience plan."""

    WAITING_ROOM = "waiting_room"
    COURTROOM = "courtroom"
    WITNESS_ROOM = "witness_room"
    DELIBERATION_ROOM = "deliberation_room"
    CONFIDENTIAL_CHANNEL = "confidential_channel"
    OUTSIDE = "outside"


class Stage(StrEnum):
    """How far this attempt to hear the case has come."""

    SCHEDULED = "scheduled"
    DOORS_OPEN = "doors_open"
    IN_SESSION = "in_session"
    INTERRUPTED = "interrupted"
    CLOSED = "closed"
    ADJOURNED = "adjourned"
    ENDED = "ended"


class PointKind(StrEnum):
    """Central: the courtroom of the court. Component: a place the court organises or accepts."""

    CENTRAL = "central"
    COMPONENT = "component"


class SourceKind(StrEnum):
    """What a device sends."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    DOCUMENT_CAMERA = "document_camera"
    INTERPRETATION = "interpretation"

    @property
    def media(self) -> "Kind":
        """The kind of media such a source carries."""
        return Kind.AUDIO if self in (SourceKind.MICROPHONE, SourceKind.INTERPRETATION) else Kind.VIDEO


class Kind(StrEnum):
    """The kind of media on an edge."""

    AUDIO = "audio"
    VIDEO = "video"


class Mode(StrEnum):
    """How the hearing is held. `remote_bench`: the panel may sit elsewhere, with a reason on record."""

    ONLINE = "online"
    HYBRID = "hybrid"
    IN_PERSON = "in_person"
    REMOTE_BENCH = "remote_bench"


class Visibility(StrEnum):
    """Whether the public may attend."""

    PUBLIC = "public"
    CLOSED = "closed"
    PARTLY_CLOSED = "partly_closed"


class Interruption(StrEnum):
    """A stop that keeps the phase."""

    RECESS = "recess"
    INCIDENT_HOLD = "incident_hold"
    SUSPENSION = "suspension"


class Outcome(StrEnum):
    """How this attempt to hear the case ended. All but the first two take the case out of the hearing by a decision."""

    CLOSED = "closed"
    ADJOURNED = "adjourned"
    STAYED = "stayed"
    STOPPED = "stopped"
    RETURNED = "returned"
    AGREEMENT = "agreement"


class HandReason(StrEnum):
    """Why a hand is up."""

    SPEAK = "speak"
    OBJECTION = "objection"
    REQUEST = "request"
    CANNOT_HEAR = "cannot_hear"


class Purpose(StrEnum):
    """What the floor was given for."""

    SPEECH = "speech"
    QUESTION = "question"
    STATEMENT = "statement"
    REPLY = "reply"
    LAST_WORDS = "last_words"


class Microphone(StrEnum):
    """What a person sees of a microphone."""

    OPEN = "open"
    SELF_MUTED = "self_muted"
    COURT_MUTED = "court_muted"
    LOCKED = "locked"
