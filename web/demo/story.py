"""The screenplay: a criminal hearing of the `vn` pack from the doors to the judgment, in the order of the law.

It reads like a transcript. Who may do what is never decided here: a wrong line would be refused by the court.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from web.demo.robot import Robot
from web.demo.speech import RATE, Pcm, Speech

OVERLAP_S = 3.0
PAUSE_S = 0.4
CLAUSE_MS = 5_500
JUDGMENT = "The text of the judgment that the robots pronounce."


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Something a robot said: whose words, and the unix times between which they went out."""

    speech: str
    person: str
    seat: str
    source: str
    began: float
    ended: float


@dataclass
class Story:
    """Plays the hearing with the robots by role. `lines` is what was said, in order; `said` whom it belongs to."""

    cast: dict[str, Robot]
    reading: Speech
    extra: list[Speech]
    progress: Callable[[str], None]
    lines: list[Line] = field(default_factory=list)

    async def play(self) -> None:
        await self._doors_open()
        await self._opening()
        await self._questioning()
        await self._debate()
        await self._judgment()

    def __post_init__(self) -> None:
        self._clauses = iter(self.reading.clauses(CLAUSE_MS))
        self.judge = self.cast["presiding_judge"]
        self.clerk = self.cast["clerk"]
        self.procurator = self.cast["procurator"]
        self.defendant = self.cast["defendant"]
        self.counsel = self.cast["defence_counsel"]
        self.victim = self.cast["victim"]
        self.witness = self.cast["witness"]
        self.panel = [robot for robot in self.cast.values() if robot.role in ("presiding_judge", "assessor")]

    # -- acts ------------------------------------------------------------------------------------------------------

    async def _doors_open(self) -> None:
        self.progress("doors")
        await self.clerk.arrive()
        await self.clerk.does("StartSitting", sitting=str(uuid.uuid4()))
        self.progress("arrive")
        for robot in self.cast.values():
            await robot.open_devices()
        self.progress("roll_call")
        everybody = list(self.cast.values())
        for robot in everybody:
            if robot.may("AcceptDuties"):
                await robot.does("AcceptDuties", version="1")
        await asyncio.sleep(PAUSE_S)
        for robot in everybody:
            if self.clerk.may("CheckPapers", robot.seat):
                await self.clerk.does("CheckPapers", seat=robot.seat, document="identity_card", last4="0000")
        for robot in everybody:
            if self.clerk.may("CallRoll", robot.seat):
                await self.clerk.does("CallRoll", seat=robot.seat, present=True)
        note = "Test hearing: what is said is a reading, in English."
        await self.clerk.does("LogNote", note=str(uuid.uuid4()), text=note)
        if self.clerk.may("SendToWitnessRoom", self.witness.seat):
            await self.clerk.does("SendToWitnessRoom", seat=self.witness.seat)
        await asyncio.sleep(PAUSE_S)
        inside = [robot for robot in everybody if robot is not self.witness]
        await self.clerk.does("Admit", seats=[r.seat for r in inside if self.clerk.may("Admit", r.seat)])
        for robot in inside:
            await robot.sees("the courtroom", lambda view: view["you"]["place"] == "courtroom")

    async def _opening(self) -> None:
        self.progress("opening")
        await self._finish(None)
        await self.judge.does("OpenHearing")
        await self.judge.sees("the opening", lambda view: bool(view["phase"] == "opening"))
        await self._speak(self.judge)
        await asyncio.sleep(PAUSE_S)
        for robot in self.cast.values():
            if self.judge.may("ConfirmIdentity", robot.seat):
                await self.judge.does("ConfirmIdentity", seat=robot.seat)
        await self._finish("challenges")
        await self._finish("indictment")
        await self._turn(self.procurator)
        await self._finish("questioning")

    async def _questioning(self) -> None:
        self.progress("questioning")
        await self._turn(self.defendant)
        await self.defendant.does("RaiseHand", reason="speak")
        await self._turn(self.victim)
        self.progress("witness")
        await self.judge.does("CallWitness", seat=self.witness.seat)
        await self.witness.sees("the courtroom", lambda view: view["you"]["place"] == "courtroom")
        await self._turn(self.witness)
        for speech in self.extra:
            self.progress("reading")
            await self.judge.does("GiveFloor", seat=self.witness.seat)
            await self._say(self.witness, speech.name, speech.pcm)
            await self.judge.does("EndTurn")
        await self.judge.does("ReleaseWitness", seat=self.witness.seat, stays=True)
        await self._finish("debate")

    async def _debate(self) -> None:
        self.progress("debate")
        await self._turn(self.procurator)
        await self._turn(self.counsel)
        self.progress("overlap")
        await self.judge.does("GiveFloor", seat=self.counsel.seat)
        piece = self.reading.pcm[: int(OVERLAP_S * RATE)]
        other = self.reading.pcm[int(12.8 * RATE) : int((12.8 + OVERLAP_S) * RATE)]
        await asyncio.gather(
            self._say(self.counsel, "overlap", piece), self._say(self.procurator, "overlap", other)
        )  # fmt: skip
        await self.judge.does("EndTurn")
        await self._finish("last_words")
        await self._turn(self.defendant)
        await self._finish("deliberation")

    async def _judgment(self) -> None:
        self.progress("deliberation")
        await asyncio.sleep(4)  # the panel talks among itself; the court's edges to the recorder are closed meanwhile
        await self.judge.does("FreezeJudgment", sha256=hashlib.sha256(JUDGMENT.encode()).hexdigest())
        for member in self.panel:
            await member.does("SignDeliberationMinutes")
        await self._finish("pronouncement")
        self.progress("pronouncement")
        while (clause := next(self._clauses, None)) is not None:
            await self._say(self.judge, self.reading.name, clause)
        await self.judge.does("Pronounce")
        await self._finish("closing")
        await self._finish(None)
        await self.judge.does("CloseHearing")
        self.progress("closed")

    # -- gestures --------------------------------------------------------------------------------------------------

    async def _turn(self, robot: Robot) -> None:
        """Give `robot` the floor, let it speak the next clauses, take the floor back."""
        await self.judge.does("GiveFloor", seat=robot.seat)
        await self._speak(robot)
        await self.judge.does("EndTurn")

    async def _speak(self, robot: Robot) -> None:
        clause = next(self._clauses, None)
        if clause is not None:
            await self._say(robot, self.reading.name, clause)

    async def _say(self, robot: Robot, speech: str, pcm: Pcm) -> None:
        await asyncio.sleep(PAUSE_S)
        began, ended = await robot.publisher.microphone.say(pcm)
        source = robot.sources["audio"]
        self.lines.append(
            Line(speech=speech, person=robot.person, seat=robot.seat, source=source, began=began, ended=ended)
        )
        await asyncio.sleep(PAUSE_S)

    async def _finish(self, phase: str | None) -> None:
        """Tick what the court's own acts have not ticked yet, then go on to `phase`."""
        await asyncio.sleep(PAUSE_S)
        for item in list(self.judge.client.view["checklist"]):
            code = item["code"]
            if item["state"] == "open" and self.judge.may("TickItem", code):
                await self.judge.does("TickItem", item=code)
        if phase is not None:
            await self.judge.does("EnterPhase", phase=phase)
            await self.judge.sees(phase, lambda view: bool(view["phase"] == phase))
