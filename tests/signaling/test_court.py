"""What the door asks of the court when a page offers its devices: all is looked at before a word is written."""

import pytest

from hearing.errors import Malformed, Refused
from hearing.proceedings.commands import StartSitting
from signaling.protocol import OfferedSource
from tests.signaling.courthouse import HEARING, SITTING, Courthouse
from tests.support.hearings import CLERK, JUDGE


def offered(source: str, kind: str) -> OfferedSource:
    return OfferedSource(mid="0", source=source, kind=kind)


async def announced(courthouse: Courthouse) -> list[tuple[str, str]]:
    entries = await courthouse.entries("SourceAnnounced", "SourceWithdrawn")
    return [(entry.kind, entry.event.source) for entry in entries]  # type: ignore[union-attr]


async def test_a_source_keeps_the_kind_it_was_announced_with(courthouse: Courthouse) -> None:
    await courthouse.does(StartSitting(sitting=SITTING), by=CLERK)
    court = courthouse.signaling._court
    await court.announce(HEARING, JUDGE, (offered("one", "microphone"),))
    before = await announced(courthouse)
    for kind in ("camera", "interpretation", "weapon"):
        with pytest.raises(Refused) as refusal:
            await court.announce(HEARING, JUDGE, (offered("two", "camera"), offered("one", kind)))
        assert refusal.value.code == "source-taken"
    assert await announced(courthouse) == before == [("SourceAnnounced", "one")]
    await court.announce(HEARING, JUDGE, (offered("one", "microphone"), offered("two", "camera")))
    assert await announced(courthouse) == [*before, ("SourceAnnounced", "two")]


async def test_a_source_of_somebody_else_and_one_of_no_kind_are_refused(courthouse: Courthouse) -> None:
    await courthouse.does(StartSitting(sitting=SITTING), by=CLERK)
    court = courthouse.signaling._court
    await court.announce(HEARING, JUDGE, (offered("one", "microphone"),))
    with pytest.raises(Refused) as refusal:
        await court.announce(HEARING, CLERK, (offered("one", "microphone"),))
    assert refusal.value.code == "not-your-source"
    with pytest.raises(Malformed):
        await court.announce(HEARING, CLERK, (offered("two", "weapon"),))
    assert await announced(courthouse) == [("SourceAnnounced", "one")]
