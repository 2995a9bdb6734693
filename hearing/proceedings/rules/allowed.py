"""What a person may do now: every command is put to the rules as a question.

There is no second list of conditions. A probe is a complete command about one target; what the rules would accept is
allowed, so `allowed` and `decide` cannot disagree.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from hearing.errors import Refused
from hearing.proceedings import commands as cmd
from hearing.proceedings.checklist import items
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


def _without_target(sitting: str) -> Iterator[Probe]:
    yield cmd.StartSitting(sitting=sitting), None
    yield cmd.EndSitting(), None
    yield cmd.OpenHearing(), None
    yield cmd.LowerAllHands(), None
    yield cmd.EndTurn(), None
    yield cmd.MuteAll(), None
    yield cmd.StartRecess(minutes=10), None
    yield cmd.EndRecess(), None
    yield cmd.HoldForIncident(reason=_BECAUSE), None
    yield cmd.ResumeAfterIncident(), None
    yield cmd.SuspendHearing(reason=_BECAUSE), None
    yield cmd.ResumeHearing(), None
    yield cmd.AdjournHearing(reason=_BECAUSE), None
    yield cmd.CloseConfidentialChannel(), None
    for sha256 in _HASHES:
        yield cmd.FreezeJudgment(sha256=sha256), None
    yield cmd.SignDeliberationMinutes(), None
    yield cmd.Pronounce(), None
    yield cmd.CloseHearing(), None
    yield cmd.LogNote(note=_BECAUSE, text=_BECAUSE), None
    yield cmd.StartRecording(), None
    yield cmd.StopRecording(reason=_BECAUSE), None
    yield cmd.AcceptDuties(version=_BECAUSE), None


def _choices(hearing: Hearing, who: str) -> Iterator[Probe]:
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


def _pairs(hearing: Hearing, who: str) -> Iterator[Probe]:
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
    yield from _channels(hearing, who)


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


def _probes(hearing: Hearing, who: str) -> Iterator[Probe]:
    yield from _without_target(_BECAUSE)
    for id in hearing.seats:
        yield from _about_seats(id)
    yield from _choices(hearing, who)
    yield from _pairs(hearing, who)


def allowed(hearing: Hearing, who: str) -> dict[str, tuple[str, ...]]:
    """The commands open to `who`, each with its possible targets; none for a command that takes no target."""
    found: dict[str, list[str]] = {}
    for command, target in _probes(hearing, who):
        try:
            answer(hearing, command, by=who, now=_ANY_TIME)
        except Refused:
            continue
        targets = found.setdefault(type(command).__name__, [])
        if target is not None and target not in targets:
            targets.append(target)
    return {name: tuple(targets) for name, targets in found.items()}
