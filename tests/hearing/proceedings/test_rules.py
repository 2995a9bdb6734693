"""Refusals and small facts that the scripts do not reach, one line each."""

from dataclasses import replace
from typing import Any

import pytest

from hearing.errors import Refused
from hearing.proceedings import COURT, attendance, deadlines, guide
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.procedures import PACKS, PROCEDURES
from hearing.proceedings.roles import Power, Role, has, powers
from hearing.proceedings.rules import decide
from hearing.proceedings.state import evolve
from hearing.proceedings.views import view, visible
from hearing.proceedings.words import (
    Interruption,
    Kind,
    Mode,
    Outcome,
    Place,
    PointKind,
    Purpose,
    SourceKind,
    Stage,
    Visibility,
)
from tests.hearing.proceedings.world import CAST, DAWN, World, assemble, begin, go_on, ready, schedule

pytestmark = pytest.mark.pure


def at(phase: str, pack: str = "vn") -> World:
    world = ready(pack, phase)
    return World(world.hearing, list(world.record), world.now)


def code(world: World, command: cmd.Command, by: str) -> str:
    """What the court answers: a refusal's code, or the first event's name."""
    try:
        return type(decide(world.hearing, command, by=by, now=world.now)[0]).__name__
    except Refused as refusal:
        return refusal.code


CENTRAL = cmd.Point(id="central", kind=PointKind.CENTRAL, host="court")
CAMP = cmd.Point(id="camp", kind=PointKind.COMPONENT, host="detention")


def seat(id: str, role: Role, point: str = "central", accompanies: str | None = None) -> cmd.Seat:
    return cmd.Seat(id=id, person=id, role=role, point=point, mandatory=True, accompanies=accompanies)


RETURN_THE_FILE = cmd.EndWithoutJudgment(outcome=Outcome.RETURNED, reason="new facts")


def announce(source: str, seat: str, kind: SourceKind) -> cmd.AnnounceSource:
    return cmd.AnnounceSource(source=source, seat=seat, kind=kind)


BENCH = (
    seat("judge", Role.PRESIDING_JUDGE),
    seat("clerk", Role.CLERK),
    seat("procurator", Role.PROCURATOR),
    seat("defendant", Role.DEFENDANT),
)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"pack": "moon"}, "unknown-pack"),
        ({"procedure": "duel"}, "unknown-procedure"),
        ({"mode": Mode.REMOTE_BENCH}, "mode-needs-reason"),
        ({"admission_notice_ms": -1}, "notice-invalid"),
        ({"points": (CENTRAL, CENTRAL)}, "point-twice"),
        ({"points": (CAMP,)}, "one-central-point"),
        ({"seats": (*BENCH, BENCH[0])}, "seat-twice"),
        ({"seats": (*BENCH, seat("recorder", Role.VICTIM))}, "seat-twice"),
        ({"seats": (*BENCH, seat("court", Role.VICTIM))}, "seat-twice"),
        ({"seats": (*BENCH, seat("x", Role.VICTIM, "nowhere"))}, "unknown-point"),
        ({"seats": (*BENCH, seat("x", Role.LEGAL_REP, accompanies="nobody"))}, "accompanies-nobody"),
        ({"seats": (*BENCH, seat("x", Role.LEGAL_REP, accompanies="x"))}, "accompanies-nobody"),
        ({"seats": (*BENCH, seat("x", Role.COURT_CHIEF))}, "no-seat-for-role"),
        ({"seats": (*BENCH, seat("x", Role.ASSESSOR, "camp"))}, "must-sit-centrally"),
        ({"seats": (*BENCH, seat("x", Role.DETENTION_OFFICER))}, "must-sit-at-component"),
        ({"seats": BENCH[1:]}, "one-presiding-judge"),
        ({"seats": BENCH[:2]}, "seat-missing"),
    ],
)
def test_a_hearing_that_the_law_forbids_is_not_scheduled(changes: dict[str, Any], refused: str) -> None:
    with pytest.raises(Refused) as refusal:
        decide(None, schedule(**changes), by=COURT, now=DAWN)
    assert refusal.value.code == refused


def test_nothing_comes_before_the_schedule_and_nothing_schedules_twice() -> None:
    with pytest.raises(Refused, match="no-hearing"):
        decide(None, cmd.OpenHearing(), by="judge", now=DAWN)
    assert code(begin(), schedule(), COURT) == "already-scheduled"


def test_every_procedure_goes_from_preparation_to_closing() -> None:
    for pack in PACKS:
        for procedure in PROCEDURES:
            world = begin(pack=pack, procedure=procedure)
            assemble(world)
            go_on(world, "closing")
            for item in world.hearing.row.items:
                world.give(cmd.TickItem(item=item.code), "judge")
            assert world.give(cmd.CloseHearing(), "judge"), (pack, procedure, world.hearing.phase)
            assert world.hearing.stage is Stage.CLOSED


@pytest.mark.parametrize(
    ("phase", "command", "by", "answer"),
    [
        ("prep", cmd.StartSitting(sitting="x"), "clerk", "doors-already-open"),
        ("prep", cmd.EnterPhase(phase="opening"), "judge", "open-first"),
        ("prep", cmd.EndSitting(), "clerk", "SittingEnded"),
        ("prep", cmd.SuspendHearing(reason="x"), "judge", "not-open"),
        ("prep", cmd.HoldForIncident(reason="x"), "judge", "not-open"),
        ("prep", cmd.StartRecording(), "judge", "RecordingStarted"),
        ("questioning", cmd.EndSitting(), COURT, "still-in-session"),
        ("questioning", cmd.AnchorClock(ms=1, utc=DAWN, source="web", offset_ms=0), "judge", "court-only"),
        ("questioning", cmd.AnchorClock(ms=1, utc=DAWN, source="web", offset_ms=0), COURT, "ClockAnchored"),
        ("questioning", cmd.Arrive(seat="nobody", connection="c"), COURT, "no-such-seat"),
        ("questioning", cmd.LoseConnection(seat="nobody"), COURT, "no-such-seat"),
        ("questioning", cmd.AcceptDuties(version="1"), "defendant", "duties-already-accepted"),
        ("questioning", cmd.OpenHearing(), "judge", "already-open"),
        ("questioning", cmd.OpenHearing(), "nobody", "no-seat"),
        ("questioning", cmd.CheckPapers(seat="victim", document="p", last4="0001"), "clerk", "no-such-seat"),
        ("questioning", cmd.CheckPapers(seat="defendant", document="p", last4="1"), "clerk", "papers-incomplete"),
        ("questioning", cmd.CheckPapers(seat="defendant", document="p", last4="0001"), "press", "not-your-power"),
        ("questioning", cmd.ConfirmIdentity(seat="witness"), "judge", "not-in-courtroom"),
        ("questioning", cmd.Admit(seats=()), "clerk", "nobody-named"),
        ("questioning", cmd.Admit(seats=("defendant",)), "clerk", "not-waiting"),
        ("questioning", cmd.Enter(seat="defendant"), COURT, "not-announced"),
        ("questioning", cmd.CallWitness(seat="defendant"), "judge", "not-a-witness"),
        ("questioning", cmd.ReleaseWitness(seat="witness", stays=True), "judge", "witness-not-called"),
        ("questioning", cmd.SendToWitnessRoom(seat="defendant"), "clerk", "not-a-witness"),
        ("questioning", cmd.ReturnToWaitingRoom(seat="witness", reason="x"), "clerk", "not-in-courtroom"),
        ("questioning", cmd.EnterPhase(phase="closing"), "judge", "no-such-step"),
        ("questioning", cmd.TickItem(item="nonsense"), "judge", "no-such-item"),
        ("questioning", cmd.TickItem(item="evidence_examined"), "clerk", "not-your-power"),
        ("questioning", cmd.WaiveItem(item="nonsense", reason="x"), "judge", "no-such-item"),
        ("questioning", cmd.FreezeJudgment(sha256="a" * 64), "judge", "not-deliberating"),
        ("questioning", cmd.SignDeliberationMinutes(), "judge", "not-deliberating"),
        ("questioning", cmd.Pronounce(), "judge", "not-pronouncing"),
        ("questioning", cmd.CloseHearing(), "judge", "not-closing"),
        ("questioning", cmd.LowerAllHands(), "judge", "hand-not-up"),
        ("questioning", cmd.LowerHand(seat="press"), "defendant", "not-your-power"),
        ("questioning", cmd.GiveFloor(seat="press"), "judge", "may-not-speak"),
        ("questioning", cmd.GiveFloor(seat="defendant", answering="judge"), "judge", "may-not-ask"),
        ("indictment", cmd.GiveFloor(seat="judge", answering="defendant"), "judge", "no-questions-now"),
        ("questioning", cmd.EndTurn(), "judge", "nobody-has-floor"),
        ("questioning", cmd.Mute(seat="judge"), "clerk", "part-of-the-court"),
        ("questioning", cmd.Unmute(seat="press"), "clerk", "may-not-speak"),
        ("questioning", cmd.Unmute(seat="lay"), "clerk", "already-open"),
        ("questioning", cmd.Unmute(seat="judge"), "judge", "already-open"),
        ("questioning", cmd.StartRecess(minutes=0), "judge", "minutes-invalid"),
        ("questioning", cmd.EndRecess(), "judge", "not-in-recess"),
        ("questioning", cmd.ResumeAfterIncident(), "judge", "not-on-hold"),
        ("questioning", cmd.ResumeHearing(), "judge", "not-suspended"),
        ("questioning", cmd.HoldForIncident(reason="noise"), "clerk", "IncidentHeld"),
        ("questioning", RETURN_THE_FILE, "judge", "RecordingStopped"),
        ("questioning", cmd.TryInAbsence(seat="nobody", reason="x"), "judge", "no-such-seat"),
        ("questioning", cmd.TryInAbsence(seat="lay", reason="x"), "judge", "part-of-the-court"),
        ("questioning", cmd.TryInAbsence(seat="defendant", reason="x"), "judge", "not-missing"),
        ("questioning", cmd.ReplaceMember(seat="lay", by_seat="press", reason="x"), "judge", "not-a-reserve"),
        ("questioning", cmd.MoveSeat(seat="defendant", point="moon"), "clerk", "unknown-point"),
        ("questioning", cmd.MoveSeat(seat="defendant", point="camp"), "clerk", "no-change"),
        ("questioning", cmd.ChangeMode(mode=Mode.ONLINE, reason="x"), "judge", "no-change"),
        ("questioning", cmd.ChangeVisibility(visibility=Visibility.PUBLIC, reason="x"), "judge", "no-change"),
        ("questioning", cmd.OpenConfidentialChannel(seats=("counsel", "witness")), "judge", "counsel-and-client-only"),
        ("questioning", cmd.CloseConfidentialChannel(), "judge", "channel-not-open"),
        ("questioning", cmd.LogNote(note="n", text=" "), "clerk", "note-empty"),
        ("questioning", cmd.LogNote(note="n", text="t", about="nobody"), "clerk", "no-such-seat"),
        ("questioning", cmd.StartRecording(), "judge", "already-recording"),
        ("questioning", cmd.StopRecording(reason="x"), "clerk", "not-your-power"),
        ("questioning", cmd.StopRecording(reason="x"), "judge", "RecordingStopped"),
        ("prep", cmd.StopRecording(reason="x"), "judge", "not-recording"),
        ("questioning", announce("s", "judge", SourceKind.CAMERA), "lay", "not-your-device"),
        ("questioning", announce("s", "press", SourceKind.CAMERA), "press", "may-not-publish"),
        ("questioning", announce("s", "clerk", SourceKind.INTERPRETATION), "clerk", "may-not-publish"),
        ("questioning", announce("mic-lay", "judge", SourceKind.MICROPHONE), "judge", "source-taken"),
        ("questioning", announce("mic-lay", "lay", SourceKind.CAMERA), "lay", "source-taken"),
        ("questioning", announce("mic-lay", "lay", SourceKind.INTERPRETATION), "lay", "source-taken"),
        ("questioning", announce("mic-lay", "lay", SourceKind.MICROPHONE), COURT, "SourceAnnounced"),
        ("questioning", cmd.WithdrawSource(source="nothing"), COURT, "no-such-source"),
        ("questioning", cmd.WithdrawSource(source="mic-lay"), "judge", "not-your-device"),
        ("questioning", cmd.WithdrawSource(source="mic-lay"), "lay", "SourceWithdrawn"),
        ("questioning", cmd.AssignSource(source="mic-lay", seats=()), "clerk", "nobody-named"),
        ("questioning", cmd.AssignSource(source="mic-lay", seats=("defendant",)), "clerk", "different-points"),
        ("questioning", cmd.AssignSource(source="mic-lay", seats=("press",)), "clerk", "may-not-publish"),
        ("questioning", cmd.AssignSource(source="mic-lay", seats=("lay",)), "clerk", "no-change"),
        ("questioning", cmd.CloseTrack(track="t", reason="x"), COURT, "no-such-track"),
        ("questioning", cmd.ClearAlarm(alarm="a"), COURT, "no-such-alarm"),
        ("questioning", cmd.ClearAlarm(alarm="a"), "judge", "court-only"),
        ("questioning", cmd.ReportLoss(track="t", source="s", t0_ms=0, t1_ms=9, reason="x"), COURT, "MediaLost"),
        ("questioning", cmd.AttachItem(item="i", kind="film", sha256="0" * 64, title="t"), COURT, "ItemAttached"),
        ("pronouncement", cmd.SuspendHearing(reason="x"), "judge", "RecordingStopped"),
    ],
)  # fmt: skip
def test_the_court_answers(phase: str, command: cmd.Command, by: str, answer: str) -> None:
    assert code(at(phase), command, by) == answer


def test_after_the_judgment_nothing_stops_the_hearing() -> None:
    world = at("pronouncement")
    assert world.give(cmd.Pronounce(), "judge")
    assert code(world, cmd.Pronounce(), "judge") == "already-pronounced"
    assert code(world, cmd.SuspendHearing(reason="x"), "judge") == "already-pronounced"
    assert code(world, cmd.AdjournHearing(reason="x"), "judge") == "already-pronounced"
    stayed = cmd.EndWithoutJudgment(outcome=Outcome.STAYED, reason="x")
    assert code(world, stayed, "judge") == "already-pronounced"


def test_the_ledger_may_repeat_itself_without_harm() -> None:
    world = at("questioning")
    track = cmd.OpenTrack(track="t", source="mic-judge", kind=Kind.AUDIO, codec="opus", file="t.webm")
    segment = cmd.CloseSegment(
        track="t", index=0, offset=0, length=9, t0_ms=0, t1_ms=4000, sha256="0" * 64, prev="", key_id="none"
    )
    assert world.give(track, COURT) and code(world, track, COURT) == "track-known"
    assert world.give(segment, COURT) and code(world, segment, COURT) == "segment-known"
    assert world.give(replace(segment, index=1), COURT)
    assert world.give(cmd.CloseTrack(track="t", reason="closed"), COURT)
    assert code(world, cmd.CloseTrack(track="t", reason="closed"), COURT) == "track-closed"
    assert world.hearing.tracks["t"].last_index == 1 and world.hearing.tracks["t"].closed
    assert not visible(world.record[-1][0], world.hearing, "judge")


def test_an_alarm_is_raised_once_and_settled() -> None:
    world = at("questioning")
    assert world.give(cmd.RaiseAlarm(alarm="disk", reason="full"), COURT)
    assert code(world, cmd.RaiseAlarm(alarm="disk", reason="full"), COURT) == "alarm-known"
    assert [alarm.id for alarm in view(world.hearing, "judge").alarms] == ["disk"]
    assert view(world.hearing, "press").alarms == ()
    assert world.give(cmd.ClearAlarm(alarm="disk"), COURT)
    assert world.hearing.alarms == {}


def test_suspension_returns_everybody_to_the_waiting_room_and_stops_the_recording() -> None:
    world = at("debate")
    assert world.give(cmd.SuspendHearing(reason="ill"), "judge")
    inside = {seat.place for seat in world.hearing.seats.values()}
    assert inside == {Place.WAITING_ROOM} and not world.hearing.recording
    assert world.hearing.phase == "debate"
    assert code(world, cmd.SuspendHearing(reason="ill"), "judge") == "already-suspended"
    assert view(world.hearing, "defendant").interruption is not None


def test_notice_then_entry() -> None:
    world = begin(admission_notice_ms=10_000)
    world.give(cmd.StartSitting(sitting="day"), "clerk")
    world.give(cmd.Arrive(seat="clerk", connection="c"), COURT)
    assert world.give(cmd.Admit(seats=("clerk",)), "clerk")
    assert code(world, cmd.Admit(seats=("clerk",)), "clerk") == "already-announced"
    assert code(world, cmd.Enter(seat="clerk"), COURT) == "notice-running"
    (due,) = deadlines.due(world.hearing)
    assert due.command == cmd.Enter(seat="clerk")
    assert evolve(world.hearing, ev.Admitted(seat="clerk"), due.at).seats["clerk"].place is Place.COURTROOM
    assert view(world.hearing, "clerk").you.guide == "guide.entering.where"
    # A connection that is lost meanwhile takes the announcement with it: nobody comes back live without notice.
    assert world.give(cmd.LoseConnection(seat="clerk"), COURT)
    assert deadlines.due(world.hearing) == ()
    assert code(world, cmd.Admit(seats=("clerk",)), "clerk") == "not-connected"
    assert code(world, cmd.LoseConnection(seat="clerk"), COURT) == "not-connected"


def test_who_is_missing() -> None:
    world = at("questioning")
    assert attendance.missing(world.hearing) == ()
    witness = replace(world.hearing.seats["witness"], mandatory=True)
    assert not attendance.is_missing(witness)
    assert attendance.is_missing(replace(witness, place=Place.OUTSIDE))
    assert not attendance.is_missing(replace(witness, place=Place.OUTSIDE, released=True))
    assert attendance.in_place(replace(witness, released=True))


def test_powers_stand_in_one_table() -> None:
    assert has(Role.CLERK, Power.ADMIT) and not has(Role.CLERK, Power.DELIBERATE)
    assert powers(Role.PRESS) == frozenset()


def test_guide_speaks_to_everybody_in_every_state() -> None:
    keys = set(guide.keys())
    world = at("questioning")
    seen = {guide.guide(world.hearing, seat) for seat in world.hearing.seats.values()}
    world.give(cmd.GiveFloor(seat="judge", answering="defendant", purpose=Purpose.QUESTION), "judge")
    assert guide.guide(world.hearing, world.hearing.seats["judge"])[1] == "guide.turn.speaking"
    assert guide.guide(world.hearing, world.hearing.seats["defendant"])[1] == "guide.turn.answering"
    world.give(cmd.Mute(seat="defendant"), "defendant")
    assert guide.guide(world.hearing, world.hearing.seats["defendant"])[1] == "guide.turn.muted"
    for kind, command in (
        (Interruption.RECESS, cmd.StartRecess(minutes=5)),
        (Interruption.INCIDENT_HOLD, cmd.HoldForIncident(reason="x")),
        (Interruption.SUSPENSION, cmd.SuspendHearing(reason="x")),
    ):
        paused = at("questioning")
        assert paused.give(command, "judge")
        assert guide.guide(paused.hearing, paused.hearing.seats["judge"])[1] == f"guide.paused.{kind}.presiding.may"
        seen |= {guide.guide(paused.hearing, seat) for seat in paused.hearing.seats.values()}
    for outcome in Outcome:
        ended = replace(world.hearing, outcome=outcome)
        seen |= {guide.guide(ended, seat) for seat in ended.seats.values()}
    seen |= {guide.guide(begin().hearing, seat) for seat in begin().hearing.seats.values()}
    seen |= {guide.guide(at("prep").hearing, seat) for seat in at("prep").hearing.seats.values()}
    assert {key for pair in seen for key in pair} <= keys


def test_who_is_told_what() -> None:
    world = at("questioning")
    hearing = world.hearing
    assert not visible(ev.HearingOpened(), hearing, "nobody")
    removed = replace(hearing, seats={**hearing.seats, "press": replace(hearing.seats["press"], removed=True)})
    assert visible(ev.Removed(seat="press", reason="x"), removed, "press")
    assert not visible(ev.HearingOpened(), removed, "press")
    told = {
        who for who in CAST if visible(ev.PapersChecked(seat="defendant", document="p", last4="0001"), hearing, who)
    }
    assert told == {"judge", "lay", "clerk", "defendant", "officer"}
    assert {who for who in CAST if visible(ev.JudgmentFrozen(sha256="a" * 64), hearing, who)} == {"judge", "lay"}
    assert not visible(ev.FloorGiven(seat="judge", answering=None, purpose=Purpose.SPEECH), hearing, "witness")


def test_the_clock_runs_from_the_opening_of_the_doors() -> None:
    assert begin().hearing.clock_ms(DAWN) == 0
    world = at("prep")
    assert world.hearing.clock_ms(DAWN) == 0
    assert world.hearing.clock_ms(world.now) > 0
