"""What a phase, a procedure and a jurisdiction pack are. The rows themselves stand in `procedures/`.

A procedure is a list of phases in order. One goes forward to the next row, or back along a listed return. An
interruption is not a phase: it stands beside the phase and keeps it.
"""

from dataclasses import dataclass
from enum import StrEnum

from hearing.proceedings.roles import Role
from hearing.proceedings.words import Mode, Outcome, Visibility


class Act(StrEnum):
    """An act of the court that ticks an item by itself."""

    ROLL_CALLED = "roll_called"
    PAPERS_CHECKED = "papers_checked"
    DUTIES_ACCEPTED = "duties_accepted"
    IDENTITY_CONFIRMED = "identity_confirmed"
    WITNESSES_APART = "witnesses_apart"
    WITNESSES_HEARD = "witnesses_heard"
    SOMEBODY_SPOKE = "somebody_spoke"
    """One of the row's roles, or somebody who accompanies one, ended a turn in this phase."""
    EVERYBODY_SPOKE = "everybody_spoke"
    """Each present seat of the row's roles ended or answered a turn in this phase."""
    JUDGMENT_FROZEN = "judgment_frozen"
    MINUTES_SIGNED = "minutes_signed"
    PRONOUNCED = "pronounced"


class Guard(StrEnum):
    """A condition on entering a phase that no reason can waive."""

    JUDGMENT_FROZEN = "judgment_frozen"
    MINUTES_SIGNED = "minutes_signed"


class Media(StrEnum):
    """What flows in a phase."""

    COURTROOM = "courtroom"
    SEALED = "sealed"
    """The panel alone: nothing is heard outside it and nothing is recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRow:
    """Something that must happen in a phase."""

    code: str
    act: Act | None = None
    roles: tuple[Role, ...] = ()
    """Who the act is about. An item about roles that no seat has does not apply."""
    modes: tuple[Mode, ...] = ()
    packs: tuple[str, ...] = ()
    waivable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseRow:
    """One phase: what must happen, who speaks in which order, what flows, what guards its entry."""

    code: str
    article: str
    items: tuple[ItemRow, ...] = ()
    order: tuple[Role, ...] = ()
    """Who asks or speaks, in the order of the law."""
    questions: bool = False
    """Whether one person may be asked by another."""
    floor_for: tuple[Role, ...] = ()
    """When given, the floor is for these alone."""
    witnesses: bool = False
    """Whether witnesses may be called."""
    clerk_ticks: bool = False
    """Whether whoever writes the minutes may tick items."""
    media: Media = Media.COURTROOM
    guards: tuple[Guard, ...] = ()
    public_when: tuple[Visibility, ...] = (Visibility.PUBLIC,)
    """At which visibilities press and public may be in the courtroom."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Procedure:
    """The course of one kind of case."""

    code: str
    phases: tuple[PhaseRow, ...]
    returns: tuple[tuple[str, str], ...]
    required: tuple[Role, ...]
    """Roles without which the court cannot sit."""
    outcomes: tuple[Outcome, ...]
    """The decisions by which the case may leave the hearing without a judgment."""

    def row(self, phase: str) -> PhaseRow:
        """The row of `phase`; the caller has made sure that it exists."""
        return next(row for row in self.phases if row.code == phase)

    def next_phase(self, phase: str) -> str | None:
        """The phase after `phase`, if there is one."""
        codes = [row.code for row in self.phases]
        following = codes[codes.index(phase) + 1 :]
        return following[0] if following else None

    def steps(self, phase: str) -> tuple[str, ...]:
        """The phases that may follow `phase`: the next one first, then the returns."""
        forward = self.next_phase(phase)
        back = tuple(target for origin, target in self.returns if origin == phase)
        return ((forward,) if forward else ()) + back


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """What differs between jurisdictions."""

    code: str
    max_component_points: int | None
    central_bench: bool
    """Whether roles that belong to the central point must sit there."""
    full_bench: bool
    """Whether every required role of the procedure must have a seat; otherwise a presiding judge is enough."""
    deliberation_media: bool
    """Whether the panel may deliberate over sound and picture."""
    cites: bool
    """Whether the articles of the rows are the law of this jurisdiction."""
    incident_limit_ms: int = 5 * 60 * 1000
    """After this long a technical pause raises an alarm: the presiding judge must choose what to do."""
