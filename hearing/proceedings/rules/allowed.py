"""What a person may do now: every command is put to the rules as a question.

There is no second list of conditions. A probe is a complete command about one target; what the rules would accept is
allowed, so `allowed` and `decide` cannot disagree.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from hearing.errors import Powerless, Refused
from hearing.proceedings import commands as cmd
from hearing.proceedings.checklist import items
from hearing.proceedings.once import once
from hearing.proceedings.rules.dispatch import answer
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import HandReason, Mode, Place, Visibility

# No rule that a person can meet asks for the time; the court's own timers are not probed.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_BECAUSE = "?"
_HASHES = ("0" * 64, "1" * 64)

Probe = tuple[cmd.Command, str | None]


def _about_seats(id: str) -> Iterator[Probe]:
    yield cmd.CheckPapers(seat=id, document=_BECAUSE, last4="0000"), id
    yield cmd.CallRoll(seat=id, present=False), id
    yield cmd.ConfirmIdentity(seat=id), id
    yield cmd.Admit(seats=(id,)), id
    yield cmd.ReturnToWaitingRoom(seat=id, reason=_BECAUSE), id
    yield cmd.Remove(seat=id, reason=_BECAUSE), id
    yield cmd.LowerHand(seat=id), id
    yield cmd.GiveFloor(seat=id), id
    yield cmd.Mute(seat=id), id
    yield cmd.Unmute(seat=id), id
    yield cmd.CallWitness(seat=id), id
    yield cmd.ReleaseWitness(seat=id, stays=False), id
    yield cmd.SendToWitnessRoom(seat=id), id
    yield cmd.ContinueWithout(seat=id, reason=_BECAUSE), id
    yield cmd.TryInAbsence(seat=id, reason=_BECAUSE), id


_WITHOUT_TARGET: tuple[cmd.Command, ...] = (
    cmd.StartSitting(sitting=_BECAUSE),
    cmd.EndSitting(),
    cmd.OpenHearing(),
    cmd.LowerAllHands(),
    cmd.EndTurn(),
    cmd.MuteAll(),
    cmd.StartRecess(minutes=10),
    cmd.EndRecess(),
    cmd.HoldForIncident(reason=_BECAUSE),
    cmd.ResumeAfterIncident(),
    cmd.SuspendHearing(reason=_BECAUSE),
    cmd.ResumeHearing(),
    cmd.AdjournHearing(reason=_BECAUSE),
    cmd.CloseConfidentialChannel(),
    *(cmd.FreezeJudgment(sha256=sha256) for sha256 in _HASHES),
    cmd.SignDeliberationMinutes(),
    cmd.Pronounce(),
    cmd.CloseHearing(),
    cmd.LogNote(note=_BECAUSE, text=_BECAUSE),
    cmd.StartRecording(),
    cmd.StopRecording(reason=_BECAUSE),
    cmd.AcceptDuties(version=_BECAUSE),
)


def _choices(hearing: Hearing) -> Iterator[Probe]:
    for phase in hearing.course.steps(hearing.phase):
        yield cmd.EnterPhase(phase=phase), phase
    for item in items(hearing):
        yield cmd.TickItem(item=item.code), item.code
        yield cmd.WaiveItem(item=item.code, reason=_BECAUSE), item.code
    for reason in HandReason:
        yield cmd.RaiseHand(reason=reason), reason.value
    for mode in Mode:
        yield cmd.ChangeMode(mode=mode, reason=_BECAUSE), mode.value
    for visibility in Visibility:
        yield cmd.ChangeVisibility(visibility=visibility, reason=_BECAUSE), visibility.value
    for outcome in hearing.course.outcomes:
        yield cmd.EndWithoutJudgment(outcome=outcome, reason=_BECAUSE), outcome.value


def _pairs(hearing: Hearing) -> Iterator[Probe]:
    """Commands about two things. The target is the one a person would click on."""
    for seat in hearing.seats.values():
        for other in hearing.seats.values():
            if other.row.replaces is not None:
                yield cmd.ReplaceMember(seat=seat.id, by_seat=other.id, reason=_BECAUSE), seat.id
        for point in hearing.points:
            yield cmd.MoveSeat(seat=seat.id, point=point.id), seat.id
    for source in hearing.sources.values():
        here = hearing.seats[source.owner].located
        users = tuple(
            seat.id for seat in hearing.seats.values() if seat.located == here and seat.publishes and seat.active
        )
        yield cmd.AssignSource(source=source.id, seats=users), source.id
        yield cmd.AssignSource(source=source.id, seats=users[:1]), source.id


def _channels(hearing: Hearing, who: str) -> Iterator[Probe]:
    near = [
        seat
        for seat in hearing.seats.values()
        if seat.row.confidence is not None and seat.place in (Place.COURTROOM, Place.WAITING_ROOM)
    ]
    for seat in near:
        for other in near:
            if other is not seat:
                pair = (who, other.id) if seat.id == who else (seat.id, other.id)
                yield cmd.OpenConfidentialChannel(seats=pair), other.id


@once
def _for_everybody(hearing: Hearing) -> tuple[Probe, ...]:
    about = (probe for id in hearing.seats for probe in _about_seats(id))
    return (*((command, None) for command in _WITHOUT_TARGET), *about, *_choices(hearing), *_pairs(hearing))


def allowed(hearing: Hearing, who: str) -> dict[str, tuple[str, ...]]:
    """The commands open to `who`, each with its possible targets; none for a command that takes no target.

    Whoever lacks the power is asked once, and then about the own seat only: most people in a room lack most powers.
    """
    found: dict[str, list[str]] = {}
    powerless: set[type[cmd.Command]] = set()
    for command, target in (*_for_everybody(hearing), *_channels(hearing, who)):
        if type(command) in powerless and target != who:
            continue
        try:
            answer(hearing, command, by=who, now=_ANY_TIME)
        except Powerless:
            if target != who:
                powerless.add(type(command))
            continue
        except Refused:
            continue
        targets = found.setdefault(type(command).__name__, [])
        if target is not None and target not in targets:
            targets.append(target)
    return {name: tuple(targets) for name, targets in found.items()}
