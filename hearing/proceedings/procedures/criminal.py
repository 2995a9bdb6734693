"""The criminal hearing at first instance: Criminal Procedure Code 2015, chapter XXI."""

from hearing.proceedings.phases import Act, ItemRow, PhaseRow, Procedure
from hearing.proceedings.procedures import common as shared
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Outcome

_ACCUSED = (Role.DEFENDANT,)
_HARMED = (Role.VICTIM, Role.CIVIL_PLAINTIFF_CRIM, Role.CIVIL_DEFENDANT_CRIM, Role.RELATED_PERSON)

PROCEDURE = Procedure(
    code="criminal",
    phases=(
        shared.prep("300"),
        PhaseRow(
            code="opening",
            article="301",
            items=(
                shared.DECISION_READ,
                shared.PRESENCE_REPORTED,
                shared.IDENTITY_CONFIRMED,
                shared.RIGHTS_EXPLAINED,
                shared.ONLINE_RIGHTS_EXPLAINED,
            ),
            order=(Role.PRESIDING_JUDGE, Role.CLERK, *_ACCUSED, *_HARMED),
            questions=True,
            public_when=shared.PARTLY,
        ),
        PhaseRow(
            code="challenges",
            article="302-305",
            items=(
                shared.CHALLENGES_ASKED,
                shared.PROMISES_MADE,
                shared.WITNESSES_APART,
                ItemRow(code="requests_heard"),
            ),
            order=(Role.PROCURATOR, *_ACCUSED, Role.DEFENCE_COUNSEL, *_HARMED, Role.RIGHTS_PROTECTOR),
            questions=True,
        ),
        PhaseRow(
            code="indictment",
            article="306",
            items=(ItemRow(code="indictment_read", act=Act.SOMEBODY_SPOKE, roles=(Role.PROCURATOR,)),),
            order=(Role.PROCURATOR,),
        ),
        PhaseRow(
            code="questioning",
            article="307-318",
            items=(
                ItemRow(code="defendants_questioned", act=Act.EVERYBODY_SPOKE, roles=_ACCUSED),
                shared.WITNESSES_HEARD,
                shared.EVIDENCE_EXAMINED,
            ),
            order=(
                *shared.PANEL,
                Role.PROCURATOR,
                Role.DEFENCE_COUNSEL,
                Role.RIGHTS_PROTECTOR,
                *_ACCUSED,
                *_HARMED,
                Role.WITNESS,
                Role.EXPERT,
                Role.VALUER,
            ),
            questions=True,
            witnesses=True,
        ),
        PhaseRow(
            code="debate",
            article="320-322",
            items=(
                ItemRow(code="prosecution_argued", act=Act.SOMEBODY_SPOKE, roles=(Role.PROCURATOR,)),
                ItemRow(code="defence_argued", act=Act.SOMEBODY_SPOKE, roles=(*_ACCUSED, Role.DEFENCE_COUNSEL)),
                ItemRow(code="replies_made"),
            ),
            order=(Role.PROCURATOR, Role.DEFENCE_COUNSEL, *_ACCUSED, *_HARMED, Role.RIGHTS_PROTECTOR),
        ),
        PhaseRow(
            code="last_words",
            article="324",
            items=(ItemRow(code="last_words_spoken", act=Act.EVERYBODY_SPOKE, roles=_ACCUSED),),
            order=_ACCUSED,
            floor_for=_ACCUSED,
        ),
        shared.deliberation("326"),
        shared.pronouncement("327"),
        PhaseRow(
            code="closing",
            article="258, 328-329",
            items=(ItemRow(code="custody_decided"), shared.MINUTES_CHECKED),
            public_when=shared.ALWAYS,
        ),
    ),
    # Arts. 323 and 326: back to the questioning from the debate, the last words and the deliberation.
    returns=(("debate", "questioning"), ("last_words", "questioning"), ("deliberation", "questioning")),
    required=(Role.PRESIDING_JUDGE, Role.CLERK, Role.PROCURATOR, Role.DEFENDANT),
    outcomes=(Outcome.STAYED, Outcome.STOPPED, Outcome.RETURNED),
)
