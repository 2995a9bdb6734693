// Written by `make protocol` from the dataclasses of the proceedings. Do not edit.

/** A place from which people take part. */
export interface Point {
  id: string;
  kind: "central" | "component";
  host: string;
  place_text?: string;
}

/** A place in one hearing, with a role and a point. `accompanies` is the seat this one represents or assists. `language` is the language this person speaks (BCP 47) when it is not the court's. */
export interface Seat {
  id: string;
  person: string;
  role: "presiding_judge" | "judge" | "assessor" | "reserve_judge" | "reserve_assessor" | "clerk" | "procurator" | "defendant" | "victim" | "civil_plaintiff_crim" | "civil_defendant_crim" | "plaintiff" | "respondent" | "claimant_admin" | "respondent_admin" | "related_person" | "legal_rep" | "defence_counsel" | "rights_protector" | "witness" | "interpreter" | "expert" | "valuer" | "investigator" | "tech_support" | "local_officer" | "detention_officer" | "court_police" | "juvenile_support" | "press" | "public" | "court_chief" | "admin_clerk";
  point: string;
  mandatory: boolean;
  accompanies?: string | null;
  language?: string;
}

/** Put a hearing on the calendar with its points and seats. */
export interface ScheduleHearing {
  hearing: string;
  case: string;
  court: string;
  pack: string;
  procedure: string;
  courtroom: string;
  starts_at: string;
  mode: "online" | "hybrid" | "in_person" | "remote_bench";
  visibility: "public" | "closed" | "partly_closed";
  points: Point[];
  seats: Seat[];
  admission_notice_ms?: number;
}

/** Open the doors: the hearing clock of this day starts at zero. */
export interface StartSitting {
  sitting: string;
}

/** Close the doors at the end of the day. */
export interface EndSitting {
}

/** Tie the hearing clock to a time source (by the court). */
export interface AnchorClock {
  ms: number;
  utc: string;
  source: string;
  offset_ms: number;
}

/** A connection took its seat; a second arrival is a reconnection (by the court). `point` is where the device is, when that is not the point of the seat. */
export interface Arrive {
  seat: string;
  connection: string;
  point?: string | null;
}

/** The connection of a seat is gone (by the court). */
export interface LoseConnection {
  seat: string;
}

/** Accept the five duties of people who take part from afar, in the given version of the text. */
export interface AcceptDuties {
  version: string;
}

/** Record that an identity paper was compared: its kind and its last four digits. */
export interface CheckPapers {
  seat: string;
  document: string;
  last4: string;
}

/** Record whether a person answered the roll call. */
export interface CallRoll {
  seat: string;
  present: boolean;
  reason?: string;
}

/** The presiding judge confirms by question and answer who this is. */
export interface ConfirmIdentity {
  seat: string;
}

/** Let people from the waiting room into the courtroom, after a notice. */
export interface Admit {
  seats: string[];
}

/** The notice of an admission has run out (by the court). */
export interface Enter {
  seat: string;
}

/** Send a person back to the waiting room. */
export interface ReturnToWaitingRoom {
  seat: string;
  reason: string;
}

/** Remove a person from the hearing for a breach of the rules. */
export interface Remove {
  seat: string;
  reason: string;
}

/** Declare the hearing open: the recording starts and the opening begins. */
export interface OpenHearing {
}

/** Go on to the next phase, or back along a return the law allows. */
export interface EnterPhase {
  phase: string;
}

/** Mark something that must happen in this phase as done. */
export interface TickItem {
  item: string;
}

/** Mark something that must happen in this phase as not applicable, with the reason. */
export interface WaiveItem {
  item: string;
  reason: string;
}

/** Ask for attention. */
export interface RaiseHand {
  reason: "speak" | "objection" | "request" | "cannot_hear";
  text?: string;
}

/** Take a hand down, one's own when no seat is named. */
export interface LowerHand {
  seat?: string | null;
}

/** Take every hand down. */
export interface LowerAllHands {
}

/** Give the floor to a seat; `answering` is the seat that is being asked. */
export interface GiveFloor {
  seat: string;
  answering?: string | null;
  purpose?: "speech" | "question" | "statement" | "reply" | "last_words";
}

/** End the turn of whoever has the floor. */
export interface EndTurn {
}

/** Close a microphone, one's own or another's; locked, only the court can open it again. */
export interface Mute {
  seat: string;
  locked?: boolean;
}

/** Open a microphone, one's own or another's. */
export interface Unmute {
  seat: string;
}

/** Close every microphone but those of the bench, the clerk and the procurator. */
export interface MuteAll {
}

/** Call an isolated witness into the courtroom. */
export interface CallWitness {
  seat: string;
}

/** End the hearing of a witness, who stays to listen or leaves. */
export interface ReleaseWitness {
  seat: string;
  stays: boolean;
}

/** Send a witness to the witness room. */
export interface SendToWitnessRoom {
  seat: string;
}

/** Break for some minutes; the phase stays. */
export interface StartRecess {
  minutes: number;
  reason?: string;
}

/** Come back from the recess. */
export interface EndRecess {
}

/** Pause for a technical fault; the phase stays. */
export interface HoldForIncident {
  reason: string;
}

/** Go on after a technical pause. */
export interface ResumeAfterIncident {
}

/** Suspend the hearing: the same panel resumes it later, in the same phase. */
export interface SuspendHearing {
  reason: string;
  resumes_at?: string | null;
}

/** Resume a suspended hearing. */
export interface ResumeHearing {
}

/** Adjourn: this attempt ends and the hearing opens again from the start another day. */
export interface AdjournHearing {
  reason: string;
  reopens_at?: string | null;
}

/** Take the case out of the hearing by a decision: stayed, stopped, returned, or agreement. */
export interface EndWithoutJudgment {
  outcome: "closed" | "adjourned" | "stayed" | "stopped" | "returned" | "agreement";
  reason: string;
}

/** Go on although this mandatory person is not connected. */
export interface ContinueWithout {
  seat: string;
  reason: string;
}

/** Hear the case without this person. */
export interface TryInAbsence {
  seat: string;
  reason: string;
}

/** A reserve member who followed from the start takes the place of a panel member. */
export interface ReplaceMember {
  seat: string;
  by_seat: string;
  reason: string;
}

/** Move a seat to another point. */
export interface MoveSeat {
  seat: string;
  point: string;
}

/** Change how the hearing is held. */
export interface ChangeMode {
  mode: "online" | "hybrid" | "in_person" | "remote_bench";
  reason: string;
}

/** Close the hearing to the public, or open it. */
export interface ChangeVisibility {
  visibility: "public" | "closed" | "partly_closed";
  reason: string;
}

/** Let counsel and client talk alone: nobody else hears, nothing is recorded. */
export interface OpenConfidentialChannel {
  seats: string[];
}

/** End the confidential talk. */
export interface CloseConfidentialChannel {
}

/** Fix the text of the judgment by its hash. */
export interface FreezeJudgment {
  sha256: string;
}

/** Sign the minutes of the deliberation, as a member of the panel. */
export interface SignDeliberationMinutes {
}

/** Record that the judgment has been pronounced. */
export interface Pronounce {
}

/** Declare the hearing closed. */
export interface CloseHearing {
}

/** Write a line of the clerk's log; `about` is a seat, `said_at_ms` the moment meant. */
export interface LogNote {
  note: string;
  text: string;
  about?: string | null;
  said_at_ms?: number | null;
}

/** Start the official recording. */
export interface StartRecording {
}

/** Stop the official recording, with the reason. */
export interface StopRecording {
  reason: string;
}

/** A device offers a source. */
export interface AnnounceSource {
  source: string;
  seat: string;
  kind: "microphone" | "camera" | "screen" | "document_camera" | "interpretation";
  label?: string;
}

/** A source is gone. */
export interface WithdrawSource {
  source: string;
}

/** Say which seats use a source, such as the microphone of a room. */
export interface AssignSource {
  source: string;
  seats: string[];
}

/** A track of the recording was opened (by the court). */
export interface OpenTrack {
  track: string;
  source: string;
  kind: "audio" | "video";
  codec: string;
  file: string;
}

/** A segment of a track is durable and hashed (by the court). */
export interface CloseSegment {
  track: string;
  index: number;
  offset: number;
  length: number;
  t0_ms: number;
  t1_ms: number;
  sha256: string;
  prev: string;
  key_id: string;
}

/** A track of the recording has ended (by the court). */
export interface CloseTrack {
  track: string;
  reason: string;
}

/** Sound or picture of this stretch is lost (by the court). */
export interface ReportLoss {
  track: string;
  source: string;
  t0_ms: number;
  t1_ms: number;
  reason: string;
}

/** Something needs the court's attention at once (by the court). */
export interface RaiseAlarm {
  alarm: string;
  reason: string;
}

/** The matter of an alarm is settled (by the court). */
export interface ClearAlarm {
  alarm: string;
}

/** Something was added to the case file, such as the transcript (by the court). */
export interface AttachItem {
  item: string;
  kind: string;
  sha256: string;
  title: string;
}

/** A hearing was put on the calendar. */
export interface HearingScheduled {
  hearing: string;
  case: string;
  court: string;
  pack: string;
  procedure: string;
  courtroom: string;
  starts_at: string;
  mode: "online" | "hybrid" | "in_person" | "remote_bench";
  visibility: "public" | "closed" | "partly_closed";
  points: Point[];
  seats: Seat[];
  admission_notice_ms: number;
}

/** The doors opened; the hearing clock of this day started at zero. */
export interface SittingStarted {
  sitting: string;
}

/** The doors closed. */
export interface SittingEnded {
}

/** The hearing clock was tied to a time source. */
export interface ClockAnchored {
  ms: number;
  utc: string;
  source: string;
  offset_ms: number;
}

/** A connection took its seat. */
export interface Arrived {
  seat: string;
  connection: string;
  point: string | null;
}

/** The connection of a seat was lost. */
export interface ConnectionLost {
  seat: string;
}

/** A person accepted the five duties. */
export interface DutiesAccepted {
  seat: string;
  version: string;
}

/** An identity paper was compared. */
export interface PapersChecked {
  seat: string;
  document: string;
  last4: string;
}

/** A person's presence was noted at the roll call. */
export interface RollCalled {
  seat: string;
  present: boolean;
  reason: string;
}

/** The presiding judge confirmed an identity. */
export interface IdentityConfirmed {
  seat: string;
}

/** A person will enter the courtroom at this time of the hearing clock. */
export interface AdmissionAnnounced {
  seat: string;
  enters_at_ms: number;
}

/** A person entered the courtroom. */
export interface Admitted {
  seat: string;
}

/** A person was sent back to the waiting room. */
export interface ReturnedToWaitingRoom {
  seat: string;
  reason: string;
}

/** A person was removed from the hearing. */
export interface Removed {
  seat: string;
  reason: string;
}

/** The hearing was declared open. */
export interface HearingOpened {
}

/** A phase began. */
export interface PhaseEntered {
  phase: string;
}

/** Something that must happen was done; `automatic` when the court's own acts show it. */
export interface ItemTicked {
  item: string;
  automatic: boolean;
}

/** Something that must happen does not apply here. */
export interface ItemWaived {
  item: string;
  reason: string;
}

/** A hand went up. */
export interface HandRaised {
  seat: string;
  reason: "speak" | "objection" | "request" | "cannot_hear";
  text: string;
}

/** A hand went down. */
export interface HandLowered {
  seat: string;
}

/** The floor was given. */
export interface FloorGiven {
  seat: string;
  answering: string | null;
  purpose: "speech" | "question" | "statement" | "reply" | "last_words";
}

/** A turn ended. */
export interface TurnEnded {
  seat: string;
}

/** A microphone was closed, by its owner (`own`) or by the court. */
export interface Muted {
  seat: string;
  locked: boolean;
  own: boolean;
}

/** A microphone was opened, by its owner (`own`) or by the court. */
export interface Unmuted {
  seat: string;
  own: boolean;
}

/** A witness was called. */
export interface WitnessCalled {
  seat: string;
}

/** The hearing of a witness ended. */
export interface WitnessReleased {
  seat: string;
  stays: boolean;
}

/** A witness went to the witness room. */
export interface SentToWitnessRoom {
  seat: string;
}

/** A recess began. */
export interface RecessStarted {
  minutes: number;
  reason: string;
}

/** The recess ended. */
export interface RecessEnded {
}

/** The hearing was paused for a technical fault; `seat` is whose connection failed. */
export interface IncidentHeld {
  reason: string;
  seat: string | null;
  automatic: boolean;
}

/** The technical pause ended. */
export interface IncidentEnded {
}

/** The hearing was suspended; everyone returned to the waiting room. */
export interface HearingSuspended {
  reason: string;
  resumes_at: string | null;
}

/** The suspended hearing resumed. */
export interface HearingResumed {
}

/** The hearing was adjourned. */
export interface HearingAdjourned {
  reason: string;
  reopens_at: string | null;
}

/** The case left the hearing by a decision. */
export interface HearingEnded {
  outcome: "closed" | "adjourned" | "stayed" | "stopped" | "returned" | "agreement";
  reason: string;
}

/** The presiding judge decided to go on while this person is not connected. */
export interface AbsenceAccepted {
  seat: string;
  reason: string;
}

/** The presiding judge decided to hear the case without this person. */
export interface TriedInAbsence {
  seat: string;
  reason: string;
}

/** A reserve member took the place of a panel member. */
export interface MemberReplaced {
  seat: string;
  by_seat: string;
  reason: string;
}

/** A seat was moved to another point. */
export interface SeatMoved {
  seat: string;
  point: string;
}

/** The way the hearing is held changed. */
export interface ModeChanged {
  mode: "online" | "hybrid" | "in_person" | "remote_bench";
  reason: string;
}

/** The hearing was closed to the public, or opened. */
export interface VisibilityChanged {
  visibility: "public" | "closed" | "partly_closed";
  reason: string;
}

/** Counsel and client talk alone. */
export interface ConfidentialChannelOpened {
  seats: string[];
}

/** The confidential talk ended. */
export interface ConfidentialChannelClosed {
}

/** The text of the judgment was fixed. */
export interface JudgmentFrozen {
  sha256: string;
}

/** A member of the panel signed the minutes of the deliberation. */
export interface DeliberationMinutesSigned {
  seat: string;
}

/** The judgment was pronounced. */
export interface JudgmentPronounced {
}

/** The hearing was declared closed. */
export interface HearingClosed {
}

/** A line was written in the clerk's log. */
export interface NoteLogged {
  note: string;
  text: string;
  by: string;
  about: string | null;
  said_at_ms: number | null;
}

/** The official recording started. */
export interface RecordingStarted {
}

/** The official recording stopped; `resumes` when it starts again by itself. */
export interface RecordingStopped {
  reason: string;
  resumes: boolean;
}

/** A device offered a source. */
export interface SourceAnnounced {
  source: string;
  seat: string;
  kind: "microphone" | "camera" | "screen" | "document_camera" | "interpretation";
  label: string;
}

/** A source went away. */
export interface SourceWithdrawn {
  source: string;
}

/** It was noted which seats use a source. */
export interface SourceAssigned {
  source: string;
  seats: string[];
}

/** A track of the recording was opened. */
export interface TrackOpened {
  track: string;
  source: string;
  kind: "audio" | "video";
  codec: string;
  file: string;
}

/** A segment of a track became durable. */
export interface SegmentClosed {
  track: string;
  index: number;
  offset: number;
  length: number;
  t0_ms: number;
  t1_ms: number;
  sha256: string;
  prev: string;
  key_id: string;
}

/** A track of the recording ended. */
export interface TrackClosed {
  track: string;
  reason: string;
}

/** Sound or picture of this stretch is lost. */
export interface MediaLost {
  track: string;
  source: string;
  t0_ms: number;
  t1_ms: number;
  reason: string;
}

/** An alarm was raised. */
export interface AlarmRaised {
  alarm: string;
  reason: string;
}

/** An alarm was settled. */
export interface AlarmCleared {
  alarm: string;
}

/** Something was added to the case file. */
export interface ItemAttached {
  item: string;
  kind: string;
  sha256: string;
  title: string;
}

/** What the hearing is. */
export interface HearingView {
  id: string;
  case: string;
  court: string;
  pack: string;
  procedure: string;
  mode: string;
  visibility: string;
  courtroom: string;
  starts_at: string;
}

/** A step of the procedure: `state` is done, now or later. */
export interface PhaseView {
  code: string;
  article: string;
  state: string;
}

/** Why nothing goes on, and until when. */
export interface InterruptionView {
  kind: string;
  reason: string;
  since: string;
  until: string | null;
}

/** Whether the courtroom is being recorded, since when it has been so. */
export interface RecordingView {
  on: boolean;
  since: string | null;
}

/** A hand that is up. */
export interface HandView {
  seat: string;
  reason: string;
  text: string;
  at: string;
}

/** What the person must know of the own seat. `guide` and `guide_may` are catalogue keys of the guide sentences. */
export interface YouView {
  seat: string;
  role: string;
  place: string;
  point: string;
  microphone: string;
  hand: string | null;
  duties_accepted: boolean;
  holds_floor: boolean;
  answering: boolean;
  enters_at_ms: number | null;
  guide: string;
  guide_may: string;
}

/** A seat as this person may see it. What is hidden is null, and so are checks that this role does not need. */
export interface SeatView {
  id: string;
  person: string;
  role: string;
  point: string;
  place: string;
  connected: boolean;
  since: string | null;
  microphone: string | null;
  hand: string | null;
  mandatory: boolean;
  roll: string | null;
  papers: boolean | null;
  oral: boolean | null;
  duties: boolean | null;
}

/** A point of the hearing. */
export interface PointView {
  id: string;
  kind: string;
  host: string;
  place_text: string;
}

/** Who has the floor, who is asked, and what for. */
export interface FloorView {
  seat: string;
  answering: string | null;
  purpose: string;
  since: string;
}

/** Something that must happen in this phase: open, done, or waived with a reason. */
export interface CheckView {
  code: string;
  state: string;
  reason: string;
}

/** A phase one may go to, and what is still open before that. */
export interface NextPhaseView {
  phase: string;
  open_items: string[];
}

/** A source this person may receive now. */
export interface SourceView {
  id: string;
  seats: string[];
  kind: string;
  point: string;
}

/** Something that needs the court's attention. */
export interface AlarmView {
  id: string;
  reason: string;
  since: string;
}

/** A line of the clerk's log. */
export interface NoteView {
  id: string;
  text: string;
  about: string | null;
  t_ms: number;
  by: string;
}

/** Everything one person may know. `order`: the seats that ask or speak in this phase, in the order of the law. */
export interface View {
  hearing: HearingView;
  stage: string;
  phase: string;
  phases: PhaseView[];
  interruption: InterruptionView | null;
  recording: RecordingView;
  you: YouView;
  seats: SeatView[];
  points: PointView[];
  floor: FloorView | null;
  hands: HandView[];
  checklist: CheckView[];
  next_phases: NextPhaseView[];
  order: string[];
  sources: SourceView[];
  alarms: AlarmView[];
  notes: NoteView[];
  allowed: { [name: string]: string[] };
}

/** Every command by its name. */
export interface Commands {
  ScheduleHearing: ScheduleHearing;
  StartSitting: StartSitting;
  EndSitting: EndSitting;
  AnchorClock: AnchorClock;
  Arrive: Arrive;
  LoseConnection: LoseConnection;
  AcceptDuties: AcceptDuties;
  CheckPapers: CheckPapers;
  CallRoll: CallRoll;
  ConfirmIdentity: ConfirmIdentity;
  Admit: Admit;
  Enter: Enter;
  ReturnToWaitingRoom: ReturnToWaitingRoom;
  Remove: Remove;
  OpenHearing: OpenHearing;
  EnterPhase: EnterPhase;
  TickItem: TickItem;
  WaiveItem: WaiveItem;
  RaiseHand: RaiseHand;
  LowerHand: LowerHand;
  LowerAllHands: LowerAllHands;
  GiveFloor: GiveFloor;
  EndTurn: EndTurn;
  Mute: Mute;
  Unmute: Unmute;
  MuteAll: MuteAll;
  CallWitness: CallWitness;
  ReleaseWitness: ReleaseWitness;
  SendToWitnessRoom: SendToWitnessRoom;
  StartRecess: StartRecess;
  EndRecess: EndRecess;
  HoldForIncident: HoldForIncident;
  ResumeAfterIncident: ResumeAfterIncident;
  SuspendHearing: SuspendHearing;
  ResumeHearing: ResumeHearing;
  AdjournHearing: AdjournHearing;
  EndWithoutJudgment: EndWithoutJudgment;
  ContinueWithout: ContinueWithout;
  TryInAbsence: TryInAbsence;
  ReplaceMember: ReplaceMember;
  MoveSeat: MoveSeat;
  ChangeMode: ChangeMode;
  ChangeVisibility: ChangeVisibility;
  OpenConfidentialChannel: OpenConfidentialChannel;
  CloseConfidentialChannel: CloseConfidentialChannel;
  FreezeJudgment: FreezeJudgment;
  SignDeliberationMinutes: SignDeliberationMinutes;
  Pronounce: Pronounce;
  CloseHearing: CloseHearing;
  LogNote: LogNote;
  StartRecording: StartRecording;
  StopRecording: StopRecording;
  AnnounceSource: AnnounceSource;
  WithdrawSource: WithdrawSource;
  AssignSource: AssignSource;
  OpenTrack: OpenTrack;
  CloseSegment: CloseSegment;
  CloseTrack: CloseTrack;
  ReportLoss: ReportLoss;
  RaiseAlarm: RaiseAlarm;
  ClearAlarm: ClearAlarm;
  AttachItem: AttachItem;
}

/** Every event by its kind. */
export interface Events {
  HearingScheduled: HearingScheduled;
  SittingStarted: SittingStarted;
  SittingEnded: SittingEnded;
  ClockAnchored: ClockAnchored;
  Arrived: Arrived;
  ConnectionLost: ConnectionLost;
  DutiesAccepted: DutiesAccepted;
  PapersChecked: PapersChecked;
  RollCalled: RollCalled;
  IdentityConfirmed: IdentityConfirmed;
  AdmissionAnnounced: AdmissionAnnounced;
  Admitted: Admitted;
  ReturnedToWaitingRoom: ReturnedToWaitingRoom;
  Removed: Removed;
  HearingOpened: HearingOpened;
  PhaseEntered: PhaseEntered;
  ItemTicked: ItemTicked;
  ItemWaived: ItemWaived;
  HandRaised: HandRaised;
  HandLowered: HandLowered;
  FloorGiven: FloorGiven;
  TurnEnded: TurnEnded;
  Muted: Muted;
  Unmuted: Unmuted;
  WitnessCalled: WitnessCalled;
  WitnessReleased: WitnessReleased;
  SentToWitnessRoom: SentToWitnessRoom;
  RecessStarted: RecessStarted;
  RecessEnded: RecessEnded;
  IncidentHeld: IncidentHeld;
  IncidentEnded: IncidentEnded;
  HearingSuspended: HearingSuspended;
  HearingResumed: HearingResumed;
  HearingAdjourned: HearingAdjourned;
  HearingEnded: HearingEnded;
  AbsenceAccepted: AbsenceAccepted;
  TriedInAbsence: TriedInAbsence;
  MemberReplaced: MemberReplaced;
  SeatMoved: SeatMoved;
  ModeChanged: ModeChanged;
  VisibilityChanged: VisibilityChanged;
  ConfidentialChannelOpened: ConfidentialChannelOpened;
  ConfidentialChannelClosed: ConfidentialChannelClosed;
  JudgmentFrozen: JudgmentFrozen;
  DeliberationMinutesSigned: DeliberationMinutesSigned;
  JudgmentPronounced: JudgmentPronounced;
  HearingClosed: HearingClosed;
  NoteLogged: NoteLogged;
  RecordingStarted: RecordingStarted;
  RecordingStopped: RecordingStopped;
  SourceAnnounced: SourceAnnounced;
  SourceWithdrawn: SourceWithdrawn;
  SourceAssigned: SourceAssigned;
  TrackOpened: TrackOpened;
  SegmentClosed: SegmentClosed;
  TrackClosed: TrackClosed;
  MediaLost: MediaLost;
  AlarmRaised: AlarmRaised;
  AlarmCleared: AlarmCleared;
  ItemAttached: ItemAttached;
}
