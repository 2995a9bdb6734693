"""The civil hearing at first instance, with family, commercial and labour: Civil Procedure Code 2015, chapter XIV."""

from hearing.proceedings.phases import Act, ItemRow, PhaseRow, Procedure
from hearing.proceedings.procedures import common as shared
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Outcome

_SIDES = (Role.PLAINTIFF, Role.RESPONDENT, Role.RELATED_PERSON)

PROCEDURE = Procedure(
    code="civil",
    phases=(
        shared.prep("237"),
        PhaseRow(
            code="opening",
            article="239",
            items=(
                shared.DECISION_READ,
                shared.PRESENCE_REPORTED,
                shared.IDENTITY_CONFIRMED,
                shared.RIGHTS_EXPLAINED,
                ItemRow(code="officials_introduced"),
                shared.ONLINE_RIGHTS_EXPLAINED,
            ),
            order=(Role.PRESIDING_JUDGE, Role.CLERK, *_SIDES),
            questions=True,
            public_when=shared.PARTLY,
        ),
        PhaseRow(
            code="challenges",
            article="240-242",
            items=(shared.CHALLENGES_ASKED, shared.PROMISES_MADE, shared.WITNESSES_APART),
            order=(*_SIDES, Role.RIGHTS_PROTECTOR, Role.LEGAL_REP),
            questions=True,
        ),
        PhaseRow(
            code="claims_check",
            article="243-246",
            items=(ItemRow(code="claims_asked"), ItemRow(code="agreement_asked")),
            order=_SIDES,
            questions=True,
        ),
        PhaseRow(
            code="statements",
            article="248",
            items=(
                ItemRow(code="plaintiff_stated", act=Act.SOMEBODY_SPOKE, roles=(Role.PLAINTIFF,)),
                ItemRow(code="respondent_stated", act=Act.SOMEBODY_SPOKE, roles=(Role.RESPONDENT,)),
                ItemRow(code="related_stated", act=Act.SOMEBODY_SPOKE, roles=(Role.RELATED_PERSON,)),
            ),
            order=(*_SIDES, Role.RIGHTS_PROTECTOR, Role.LEGAL_REP),
        ),
        PhaseRow(
            code="questioning",
            article="249-258",
            items=(ItemRow(code="questions_offered"), shared.WITNESSES_HEARD, shared.EVIDENCE_EXAMINED),
            order=(
                *_SIDES,
                Role.RIGHTS_PROTECTOR,
                Role.LEGAL_REP,
                *shared.PANEL,
                Role.PROCURATOR,
                Role.WITNESS,
                Role.EXPERT,
                Role.VALUER,
            ),
            questions=True,
            witnesses=True,
        ),
        PhaseRow(
            code="debate",
            article="260-262",
            items=(
                ItemRow(code="plaintiff_argued", act=Act.SOMEBODY_SPOKE, roles=(Role.PLAINTIFF,)),
                ItemRow(code="respondent_argued", act=Act.SOMEBODY_SPOKE, roles=(Role.RESPONDENT,)),
                ItemRow(code="procurator_opinion", act=Act.SOMEBODY_SPOKE, roles=(Role.PROCURATOR,)),
            ),
            order=(*_SIDES, Role.RIGHTS_PROTECTOR, Role.LEGAL_REP, Role.PROCURATOR),
        ),
        shared.deliberation("264"),
        shared.pronouncement("267"),
        PhaseRow(
            code="closing",
            article="236, 269",
            items=(shared.MINUTES_CHECKED,),
            public_when=shared.ALWAYS,
        ),
    ),
    # Arts. 263 and 265: back to the questioning from the debate and the deliberation.
    returns=(("debate", "questioning"), ("deliberation", "questioning")),
    required=(Role.PRESIDING_JUDGE, Role.CLERK, Role.PLAINTIFF),
    outcomes=(Outcome.STAYED, Outcome.STOPPED, Outcome.AGREEMENT),
)
