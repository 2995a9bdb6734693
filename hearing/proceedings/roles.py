"""Who may sit in a hearing and what each may do: one table. Everyone else asks for a power, never for a role."""

from dataclasses import dataclass
from enum import StrEnum


class Power(StrEnum):
    """What a seat may do. The comment is the letter of the permission tables."""

    CONTROL = "control"  # C phases and floor
    ADMIT = "admit"  # A
    MUTE = "mute"  # M
    RECORD = "record"  # R
    EXHIBIT = "exhibit"  # E the common screen
    UPLOAD = "upload"  # U
    ASK = "ask"  # Q in turn
    SPEAK = "speak"  # S in turn
    OBJECT = "object"  # O
    NOTE = "note"  # N the minutes
    SIGN = "sign"  # G
    SEE_ALL = "see_all"  # V
    SEE_PART = "see_part"  # v
    DELIBERATE = "deliberate"  # D
    WATCH_LINES = "watch_lines"  # T how good everybody's connection is


class Scope(StrEnum):
    """How far the powers of a role reach."""

    HEARING = "hearing"
    OWN_POINT = "own_point"
    PUBLIC_PHASES = "public_phases"


class Seating(StrEnum):
    """Where a role sits when the jurisdiction asks for it."""

    CENTRAL = "central"
    COMPONENT = "component"
    EITHER = "either"
    NONE = "none"


class Group(StrEnum):
    """Whom the guide sentences of a phase speak to."""

    PARTY = "party"
    WITNESS = "witness"
    COUNSEL = "counsel"
    PRESIDING = "presiding"
    PANEL = "panel"
    CLERK = "clerk"
    PROCURATOR = "procurator"
    SUPPORT = "support"
    PUBLIC = "public"


class Confidence(StrEnum):
    """The part a role may take in the confidential channel."""

    COUNSEL = "counsel"
    CLIENT = "client"
    VOICE = "voice"


class Role(StrEnum):
    """Every kind of seat."""

    PRESIDING_JUDGE = "presiding_judge"
    JUDGE = "judge"
    ASSESSOR = "assessor"
    RESERVE_JUDGE = "reserve_judge"
    RESERVE_ASSESSOR = "reserve_assessor"
    CLERK = "clerk"
    PROCURATOR = "procurator"
    DEFENDANT = "defendant"
    VICTIM = "victim"
    CIVIL_PLAINTIFF_CRIM = "civil_plaintiff_crim"
    CIVIL_DEFENDANT_CRIM = "civil_defendant_crim"
    PLAINTIFF = "plaintiff"
    RESPONDENT = "respondent"
    CLAIMANT_ADMIN = "claimant_admin"
    RESPONDENT_ADMIN = "respondent_admin"
    RELATED_PERSON = "related_person"
    LEGAL_REP = "legal_rep"
    DEFENCE_COUNSEL = "defence_counsel"
    RIGHTS_PROTECTOR = "rights_protector"
    WITNESS = "witness"
    INTERPRETER = "interpreter"
    EXPERT = "expert"
    VALUER = "valuer"
    INVESTIGATOR = "investigator"
    TECH_SUPPORT = "tech_support"
    LOCAL_OFFICER = "local_officer"
    DETENTION_OFFICER = "detention_officer"
    COURT_POLICE = "court_police"
    JUVENILE_SUPPORT = "juvenile_support"
    PRESS = "press"
    PUBLIC = "public"
    COURT_CHIEF = "court_chief"
    ADMIN_CLERK = "admin_clerk"


_LETTERS = {
    "C": Power.CONTROL,
    "A": Power.ADMIT,
    "M": Power.MUTE,
    "R": Power.RECORD,
    "E": Power.EXHIBIT,
    "U": Power.UPLOAD,
    "Q": Power.ASK,
    "S": Power.SPEAK,
    "O": Power.OBJECT,
    "N": Power.NOTE,
    "G": Power.SIGN,
    "V": Power.SEE_ALL,
    "v": Power.SEE_PART,
    "D": Power.DELIBERATE,
    "T": Power.WATCH_LINES,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleRow:
    """One row of the table."""

    role: Role
    powers: frozenset[Power]
    seating: Seating = Seating.EITHER
    group: Group = Group.PARTY
    scope: Scope = Scope.HEARING
    conducts: bool = False
    """Conducts the proceedings: replaced, never removed, and not asked for papers at the door."""
    open_microphone: bool = False
    """Heard in the courtroom without being given the floor."""
    vouched: bool = True
    """Papers, duties and an oral confirmation are needed before and after admission."""
    isolated: bool = False
    """Kept from the courtroom until called."""
    confidence: Confidence | None = None
    replaces: Role | None = None
    """The role a reserve member steps into."""


def _row(
    role: Role,
    letters: str,
    seating: Seating = Seating.EITHER,
    group: Group = Group.PARTY,
    *,
    scope: Scope = Scope.HEARING,
    conducts: bool = False,
    open_microphone: bool = False,
    vouched: bool = True,
    isolated: bool = False,
    confidence: Confidence | None = None,
    replaces: Role | None = None,
) -> RoleRow:
    return RoleRow(
        role=role,
        powers=frozenset(_LETTERS[letter] for letter in letters),
        seating=seating,
        group=group,
        scope=scope,
        conducts=conducts,
        open_microphone=open_microphone,
        vouched=vouched and not conducts,
        isolated=isolated,
        confidence=confidence,
        replaces=replaces,
    )


# Circular 05/2021, art. 10: panel, clerk and the assigned procurator at the central point. The clerk reads out rules
# and presence, so the clerk's microphone is open like those of the bench and of the procurator.
_TABLE = (
    _row(Role.PRESIDING_JUDGE, "CAMREUQSGVD", Seating.CENTRAL, Group.PRESIDING, conducts=True, open_microphone=True),
    _row(Role.JUDGE, "QSGVD", Seating.CENTRAL, Group.PANEL, conducts=True, open_microphone=True),
    _row(Role.ASSESSOR, "QSGVD", Seating.CENTRAL, Group.PANEL, conducts=True, open_microphone=True),
    _row(Role.RESERVE_JUDGE, "V", Seating.CENTRAL, Group.SUPPORT, conducts=True, replaces=Role.JUDGE),
    _row(Role.RESERVE_ASSESSOR, "V", Seating.CENTRAL, Group.SUPPORT, conducts=True, replaces=Role.ASSESSOR),
    _row(Role.CLERK, "AMENGVT", Seating.CENTRAL, Group.CLERK, conducts=True, open_microphone=True),
    _row(Role.PROCURATOR, "QSOEUV", Seating.CENTRAL, Group.PROCURATOR, conducts=True, open_microphone=True),
    _row(Role.DEFENDANT, "SOUv", confidence=Confidence.CLIENT),
    _row(Role.VICTIM, "SOUv"),
    _row(Role.CIVIL_PLAINTIFF_CRIM, "SOUv"),
    _row(Role.CIVIL_DEFENDANT_CRIM, "SOUv"),
    _row(Role.PLAINTIFF, "SQOUv"),
    _row(Role.RESPONDENT, "SQOUv"),
    _row(Role.CLAIMANT_ADMIN, "SQOUv"),
    _row(Role.RESPONDENT_ADMIN, "SQOUv"),
    _row(Role.RELATED_PERSON, "SQOUv"),
    _row(Role.LEGAL_REP, "SQOUv"),
    _row(Role.DEFENCE_COUNSEL, "QSOUV", group=Group.COUNSEL, confidence=Confidence.COUNSEL),
    _row(Role.RIGHTS_PROTECTOR, "QSOUV", group=Group.COUNSEL),
    _row(Role.WITNESS, "S", group=Group.WITNESS, isolated=True),
    _row(Role.INTERPRETER, "S", group=Group.SUPPORT, confidence=Confidence.VOICE),
    _row(Role.EXPERT, "SEv", group=Group.SUPPORT),
    _row(Role.VALUER, "Sv", group=Group.SUPPORT),
    _row(Role.INVESTIGATOR, "S", group=Group.SUPPORT),
    _row(Role.TECH_SUPPORT, "T", group=Group.SUPPORT, vouched=False),
    _row(Role.LOCAL_OFFICER, "AU", Seating.COMPONENT, Group.SUPPORT, scope=Scope.OWN_POINT, vouched=False),
    _row(Role.DETENTION_OFFICER, "AU", Seating.COMPONENT, Group.SUPPORT, scope=Scope.OWN_POINT, vouched=False),
    _row(Role.COURT_POLICE, "", group=Group.SUPPORT, vouched=False),
    _row(Role.JUVENILE_SUPPORT, "S", group=Group.SUPPORT),
    _row(Role.PRESS, "", group=Group.PUBLIC, scope=Scope.PUBLIC_PHASES, vouched=False),
    _row(Role.PUBLIC, "", group=Group.PUBLIC, scope=Scope.PUBLIC_PHASES, vouched=False),
    _row(Role.COURT_CHIEF, "V", Seating.NONE, Group.SUPPORT, vouched=False),
    _row(Role.ADMIN_CLERK, "v", Seating.NONE, Group.SUPPORT, vouched=False),
)

ROLES: dict[Role, RoleRow] = {row.role: row for row in _TABLE}


def powers(role: Role) -> frozenset[Power]:
    """What `role` may do."""
    return ROLES[role].powers


def has(role: Role, power: Power) -> bool:
    """Whether `role` holds `power`."""
    return power in ROLES[role].powers
