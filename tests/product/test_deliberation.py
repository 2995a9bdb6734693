"""A real hearing to its end: nothing of the deliberation lies on disk; the transcript outlives its worker.

The robots go on sending all the time; what is not recorded is not recorded because the court has no edge for it. A twin
of the product with that one rule broken shows that this test would see it.
"""

import asyncio
import contextlib
import hashlib
import time
import uuid
from pathlib import Path

from hearing.errors import Refused
from tests.support.product import Case, Product, until
from web.demo.api import ApiRefused
from web.demo.client import CourtClient
from web.demo.picture import draw
from web.demo.robot import Robot
from web.demo.speech import EMBEDDED, load

PEOPLE = (("tp1", "presiding_judge", True), ("tk1", "clerk", True), ("b_plaintiff", "plaintiff", True))
DELIBERATES_S = 3.0
TRANSCRIPT_WITHIN_S = 90.0

# Loaded by every process of the twin: the recorder goes on listening to the panel in its deliberation.
BROKEN = """
from hearing.proceedings import audience

lawful = audience.plan


def plan(hearing):
    edges = lawful(hearing)
    if hearing.sitting is None or hearing.over or not hearing.sealed:
        return edges
    return edges | {
        audience.Edge(source=source.id, listener=audience.RECORDER, kind=source.kind.media)
        for source in hearing.sources.values()
    }


audience.plan = plan
"""


async def test_no_segment_meets_the_deliberation_and_the_transcript_outlives_its_worker(
    product: Product,
) -> None:
    case = await product.schedule("B", PEOPLE)
    await hold(case)
    segments, deliberation, meeting = deliberated(case)
    print(
        f"\n{len(segments)} segments; deliberation from {deliberation[0]} to {deliberation[1]} ms; {len(meeting)} meet "
        f"it {meeting}; the nearest ends {gap_before(segments, deliberation)} ms before it"
    )
    assert deliberation[1] - deliberation[0] >= DELIBERATES_S * 1000
    assert any(t1 <= deliberation[0] for _, t1 in segments) and any(t0 >= deliberation[1] for t0, _ in segments)
    assert meeting == []

    pid, killed = product.kill("worker.0")
    now = await product.replaced("worker.0", pid)
    found = await transcript(case)
    print(f"worker {pid} -> {now}; transcript of {len(found['segments'])} utterances finished "
          f"{time.time() - killed:.1f} s after the kill")  # fmt: skip
    assert now != pid and found["segments"]


async def test_with_the_rule_broken_segments_do_meet_the_deliberation(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(BROKEN)
    twin = Product(tmp_path / "data", environment={"PYTHONPATH": str(tmp_path / "broken")})
    await asyncio.to_thread(twin.start)
    try:
        case = await twin.schedule("B", PEOPLE)
        await hold(case)
        segments, deliberation, meeting = deliberated(case)
    finally:
        await asyncio.to_thread(twin.stop)
    print(f"\nthe rule broken: {len(meeting)} of {len(segments)} segments meet the deliberation {deliberation}")
    assert meeting, "the test is blind: a recorder that listens to the deliberation was not seen"


async def hold(case: Case) -> None:
    """From the doors to the closing entry; the panel deliberates for `DELIBERATES_S`, everybody sends all the time."""
    reading = await asyncio.to_thread(load, EMBEDDED, EMBEDDED.with_suffix(".txt"))
    loop = await asyncio.to_thread(draw, (112, 82, 58), (24, 26, 32))
    people = {}
    for key, role, _ in PEOPLE:
        client = CourtClient(case.product.origin, await case.product.token(key), case.hearing)
        people[key] = Robot(person=key, role=role, seat=case.seats[key], client=client, loop=loop)
    judge, clerk, plaintiff = people["tp1"], people["tk1"], people["b_plaintiff"]
    try:
        await clerk.arrive()
        await clerk.does("StartSitting", sitting=str(uuid.uuid4()))
        for robot in people.values():
            await robot.open_devices()
        await plaintiff.does("AcceptDuties", version="1")
        await clerk.does("CheckPapers", seat=plaintiff.seat, document="identity_card", last4="0000")
        for robot in people.values():
            await clerk.does("CallRoll", seat=robot.seat, present=True)
        await clerk.does("TickItem", item="rules_announced")
        await clerk.does("Admit", seats=[robot.seat for robot in people.values()])
        await judge.does("OpenHearing")
        clauses = reading.clauses(5_500)
        await judge.sees("the opening", lambda view: bool(view["phase"] == "opening"))
        await judge.does("ConfirmIdentity", seat=plaintiff.seat)
        await judge.publisher.microphone.say(next(iter(clauses)))
        for phase in ("challenges", "claims_check", "statements"):
            await goes_on(judge, phase)
        await turn(judge, plaintiff)
        await goes_on(judge, "questioning")
        await goes_on(judge, "debate")
        await turn(judge, plaintiff)
        await goes_on(judge, "deliberation")
        await asyncio.sleep(DELIBERATES_S)
        await judge.does("FreezeJudgment", sha256=hashlib.sha256(b"judgment").hexdigest())
        await judge.does("SignDeliberationMinutes")
        await goes_on(judge, "pronouncement")
        await asyncio.sleep(2)
        await judge.does("Pronounce")
        await goes_on(judge, "closing")
        await goes_on(judge, None)
        await judge.does("CloseHearing")
    finally:
        for robot in people.values():
            await robot.leave()
    tracks = len(case.entries("TrackOpened"))
    await until("every track is closed", lambda: len(case.entries("TrackClosed")) >= tracks > 0, 20)


async def goes_on(judge: Robot, phase: str | None) -> None:
    for item in list(judge.client.view["checklist"]):
        if item["state"] == "open" and judge.may("TickItem", item["code"]):
            with contextlib.suppress(Refused):  # the court itself ticked it a moment before
                await judge.does("TickItem", item=item["code"])
    if phase is not None:
        await judge.does("EnterPhase", phase=phase)
        await judge.sees(phase, lambda view: bool(view["phase"] == phase))


async def turn(judge: Robot, robot: Robot) -> None:
    await judge.does("GiveFloor", seat=robot.seat)
    await asyncio.sleep(1)
    await judge.does("EndTurn")


Span = tuple[int, int]


def deliberated(case: Case) -> tuple[list[Span], Span, list[Span]]:
    """Every segment's span, the deliberation's, and the spans that meet it, all on the hearing clock."""
    phases = [(case.clock_ms(entry.at), entry.body["phase"]) for entry in case.entries("PhaseEntered")]
    begin = next(at for at, phase in phases if phase == "deliberation")
    end = min(at for at, phase in phases if at > begin)
    segments = [(entry.body["t0_ms"], entry.body["t1_ms"]) for entry in case.entries("SegmentClosed")]
    meeting = [(t0, t1) for t0, t1 in segments if t0 < end and t1 > begin]
    return segments, (begin, end), meeting


def gap_before(segments: list[Span], deliberation: Span) -> int:
    return deliberation[0] - max(t1 for _, t1 in segments if t1 <= deliberation[0])


async def transcript(case: Case) -> dict[str, list[object]]:
    api = case.product.api(await case.product.token("tk1"))
    until_s = time.monotonic() + TRANSCRIPT_WITHIN_S
    try:
        while True:
            try:
                found: dict[str, list[object]] = await api.get(f"/api/hearings/{case.hearing}/transcript.json")
            except ApiRefused:
                found = {}
            if found.get("finished"):
                return found
            assert time.monotonic() < until_s, f"no finished transcript within {TRANSCRIPT_WITHIN_S:.0f} s"
            await asyncio.sleep(0.3)
    finally:
        await api.close()
