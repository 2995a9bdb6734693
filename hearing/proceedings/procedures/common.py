"""Rows that every kind of case shares."""

from hearing.proceedings.phases import Act, Guard, ItemRow, Media, PhaseRow
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Mode, Visibility

ROLL_CALLED = ItemRow(code="roll_called", act=Act.ROLL_CALLED)
PAPERS_CHECKED = ItemRow(code="papers_checked", act=Act.PAPERS_CHECKED)
DUTIES_ACCEPTED = ItemRow(code="duties_accepted", act=Act.DUTIES_ACCEPTED)
RULES_ANNOUNCED = ItemRow(code="rules_announced")
DECISION_READ = ItemRow(code="decision_read")
PRESENCE_REPORTED = ItemRow(code="presence_reported")
IDENTITY_CONFIRMED = ItemRow(code="identity_confirmed", act=Act.IDENTITY_CONFIRMED)
RIGHTS_EXPLAINED = ItemRow(code="rights_explained")
# Circular 05/2021, art. 13: people are told that rights and procedure are those of an ordinary hearing.
ONLINE_RIGHTS_EXPLAINED = ItemRow(
    code="online_rights_explained", modes=(Mode.ONLINE, Mode.HYBRID, Mode.REMOTE_BENCH), packs=("vn",)
)
CHALLENGES_ASKED = ItemRow(code="challenges_asked")
PROMISES_MADE = ItemRow(code="promises_made", roles=(Role.WITNESS, Role.EXPERT, Role.INTERPRETER))
WITNESSES_APART = ItemRow(code="witnesses_apart", act=Act.WITNESSES_APART, roles=(Role.WITNESS,))
WITNESSES_HEARD = ItemRow(code="witnesses_heard", act=Act.WITNESSES_HEARD, roles=(Role.WITNESS,))
EVIDENCE_EXAMINED = ItemRow(code="evidence_examined")
JUDGMENT_FROZEN = ItemRow(code="judgment_frozen", act=Act.JUDGMENT_FROZEN, waivable=False)
MINUTES_SIGNED = ItemRow(code="deliberation_minutes_signed", act=Act.MINUTES_SIGNED, waivable=False)
PRONOUNCED = ItemRow(code="judgment_pronounced", act=Act.PRONOUNCED, waivable=False)
APPEAL_EXPLAINED = ItemRow(code="appeal_right_explained")
MINUTES_CHECKED = ItemRow(code="minutes_checked")

PANEL = (Role.PRESIDING_JUDGE, Role.JUDGE, Role.ASSESSOR)
PARTLY = (Visibility.PUBLIC, Visibility.PARTLY_CLOSED)
ALWAYS = (Visibility.PUBLIC, Visibility.PARTLY_CLOSED, Visibility.CLOSED)


def prep(article: str) -> PhaseRow:
    """Before the opening: the clerk has the floor of the room, so to speak."""
    return PhaseRow(
        code="prep",
        article=article,
        items=(ROLL_CALLED, PAPERS_CHECKED, DUTIES_ACCEPTED, RULES_ANNOUNCED),
        clerk_ticks=True,
        public_when=PARTLY,
    )


def deliberation(article: str) -> PhaseRow:
    """The panel alone."""
    return PhaseRow(code="deliberation", article=article, items=(JUDGMENT_FROZEN, MINUTES_SIGNED), media=Media.SEALED)


def pronouncement(article: str) -> PhaseRow:
    """Public even when the hearing was closed."""
    return PhaseRow(
        code="pronouncement",
        article=article,
        items=(PRONOUNCED, APPEAL_EXPLAINED),
        order=PANEL[:1],
        guards=(Guard.JUDGMENT_FROZEN, Guard.MINUTES_SIGNED),
        public_when=ALWAYS,
    )
