"""The procedures and the jurisdiction packs, by code. A new kind of case is one new file and one line here."""

from hearing.proceedings.phases import Pack, Procedure
from hearing.proceedings.procedures import civil, criminal, packs

PROCEDURES: dict[str, Procedure] = {module.PROCEDURE.code: module.PROCEDURE for module in (criminal, civil)}
PACKS: dict[str, Pack] = {pack.code: pack for pack in (packs.VN, packs.OPEN)}
