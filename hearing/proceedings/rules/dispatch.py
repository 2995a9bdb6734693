"""Which rule answers which command."""

from datetime import datetime
from typing import assert_never

from hearing.errors import Refused
from hearing.proceedings import commands as cmd
from hearing.proceedings.events import Event
from hearing.proceedings.rules import calendar, coming, course, floor, interruptions, participation, record
from hearing.proceedings.values import Hearing


def answer(hearing: Hearing, command: cmd.Command, *, by: str, now: datetime) -> tuple[Event, ...]:
    """The facts that follow from the command itself, or `Refused`."""
    match command:
        case cmd.ScheduleHearing():
            raise Refused("already-scheduled")
        case cmd.StartSitting():
            return calendar.start_sitting(hearing, command, by)
        case cmd.EndSitting():
            return calendar.end_sitting(hearing, by)
        case cmd.AnchorClock():
            return calendar.anchor_clock(command, by)
        case cmd.Arrive():
            return coming.arrive(hearing, command, by)
        case cmd.LoseConnection():
            return coming.lose_connection(hearing, command, by)
        case cmd.AcceptDuties():
            return coming.accept_duties(hearing, command, by)
        case cmd.CheckPapers():
            return coming.check_papers(hearing, command, by)
        case cmd.CallRoll():
            return coming.call_roll(hearing, command, by)
        case cmd.ConfirmIdentity():
            return coming.confirm_identity(hearing, command, by)
        case cmd.Admit():
            return coming.admit(hearing, command, by, now)
        case cmd.Enter():
            return coming.enter(hearing, command, by, now)
        case cmd.ReturnToWaitingRoom():
            return coming.return_to_waiting_room(hearing, command, by)
        case cmd.Remove():
            return coming.remove(hearing, command, by)
        case cmd.OpenHearing():
            return course.open_hearing(hearing, by)
        case cmd.EnterPhase():
            return course.enter_phase(hearing, command, by)
        case cmd.TickItem():
            return course.tick(hearing, command, by)
        case cmd.WaiveItem():
            return course.waive(hearing, command, by)
        case cmd.RaiseHand():
            return floor.raise_hand(hearing, command, by)
        case cmd.LowerHand():
            return floor.lower_hand(hearing, command, by)
        case cmd.LowerAllHands():
            return floor.lower_all_hands(hearing, by)
        case cmd.GiveFloor():
            return floor.give_floor(hearing, command, by)
        case cmd.EndTurn():
            return floor.end_turn(hearing, by)
        case cmd.Mute():
            return floor.mute(hearing, command, by)
        case cmd.Unmute():
            return floor.unmute(hearing, command, by)
        case cmd.MuteAll():
            return floor.mute_all(hearing, by)
        case cmd.CallWitness():
            return coming.call_witness(hearing, command, by, now)
        case cmd.ReleaseWitness():
            return coming.release_witness(hearing, command, by)
        case cmd.SendToWitnessRoom():
            return coming.send_to_witness_room(hearing, command, by)
        case cmd.StartRecess():
            return interruptions.start_recess(hearing, command, by)
        case cmd.EndRecess():
            return interruptions.end_recess(hearing, by)
        case cmd.HoldForIncident():
            return interruptions.hold(hearing, command, by)
        case cmd.ResumeAfterIncident():
            return interruptions.resume_after_incident(hearing, by)
        case cmd.SuspendHearing():
            return interruptions.suspend(hearing, command, by)
        case cmd.ResumeHearing():
            return interruptions.resume(hearing, by)
        case cmd.AdjournHearing():
            return interruptions.adjourn(hearing, command, by)
        case cmd.EndWithoutJudgment():
            return interruptions.end_without_judgment(hearing, command, by)
        case cmd.ContinueWithout():
            return participation.continue_without(hearing, command, by)
        case cmd.TryInAbsence():
            return participation.try_in_absence(hearing, command, by)
        case cmd.ReplaceMember():
            return participation.replace_member(hearing, command, by)
        case cmd.MoveSeat():
            return participation.move_seat(hearing, command, by)
        case cmd.ChangeMode():
            return participation.change_mode(hearing, command, by)
        case cmd.ChangeVisibility():
            return participation.change_visibility(hearing, command, by)
        case cmd.OpenConfidentialChannel():
            return participation.open_channel(hearing, command, by)
        case cmd.CloseConfidentialChannel():
            return participation.close_channel(hearing, by)
        case cmd.FreezeJudgment():
            return course.freeze_judgment(hearing, command, by)
        case cmd.SignDeliberationMinutes():
            return course.sign_minutes(hearing, by)
        case cmd.Pronounce():
            return course.pronounce(hearing, by)
        case cmd.CloseHearing():
            return course.close_hearing(hearing, by)
        case cmd.LogNote():
            return record.log_note(hearing, command, by)
        case cmd.StartRecording():
            return record.start_recording(hearing, by)
        case cmd.StopRecording():
            return record.stop_recording(hearing, command, by)
        case cmd.AnnounceSource():
            return record.announce_source(hearing, command, by)
        case cmd.WithdrawSource():
            return record.withdraw_source(hearing, command, by)
        case cmd.AssignSource():
            return record.assign_source(hearing, command, by)
        case cmd.OpenTrack():
            return record.open_track(hearing, command, by)
        case cmd.CloseSegment():
            return record.close_segment(hearing, command, by)
        case cmd.CloseTrack():
            return record.close_track(hearing, command, by)
        case cmd.ReportLoss():
            return record.report_loss(hearing, command, by)
        case cmd.RaiseAlarm():
            return record.raise_alarm(hearing, command, by)
        case cmd.ClearAlarm():
            return record.clear_alarm(hearing, command, by)
        case cmd.AttachItem():
            return record.attach_item(command, by)
    assert_never(command)
