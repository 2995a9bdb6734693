"""`make soak HOURS=n`: three people who talk for hours over a line that loses one packet in a hundred.

Each minute a line says how far sound, picture and hearing clock have moved apart, by what the senders logged and what
lies on disk, and what the processes hold in memory. It ends by itself; Ctrl+C ends it earlier and shows what there is.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.drift import Block, beep, picture_offset, slope_per_hour, sound_offset
from bench.stage import BASE, end_gently, fault
from hearing.tasks import spawn, stop
from tests.recording import matroska
from tests.support import network
from tests.support.link import inside
from tests.support.network import Network
from tests.support.product import Case, Product
from web.demo.client import CourtClient
from web.demo.picture import LOOP_FRAMES, draw
from web.demo.robot import Robot

RESULTS = Path(__file__).with_name("soak.json")
LOSS = replace(BASE, loss_pct=1)
DRIFT_MS, SLOPE_MB = 40, 5
PEOPLE = (
    ("tp1", "presiding_judge", True),
    ("tk1", "clerk", True),
    ("b_plaintiff", "plaintiff", True),
    ("b_respondent", "respondent", True),
)
TALKERS = {"tp1": "presiding_judge", "b_plaintiff": "plaintiff", "b_respondent": "respondent"}
PROCESSES = ("media.0", "web.0", "worker.0")
LOOKS_S, BEEPS_S, MEMORY_S, LOOKS_BACK_S = 60.0, 8.0, 5.0, 45.0
SETTLES_S = 600.0
"""The first ten minutes of memory (at most the first third) fill caches and are no part of the slope."""


class Behind(Product):
    """The product as it is reached from behind the line."""

    address = ""

    @property
    def origin(self) -> str:
        return f"https://{self.address}:{self.port}"


@dataclass
class Talker:
    """A robot that beeps; `beeps` are the unix times at which its beeps went out."""

    key: str
    robot: Robot
    loop: tuple[bytes, ...]
    beeps: list[float] = field(default_factory=list)

    async def talk(self) -> None:
        sound = beep()
        frames = self.robot.publisher.sent["audio"].frames
        while True:
            await asyncio.sleep(BEEPS_S)
            count, (began, _) = len(frames), await self.robot.publisher.microphone.say(sound)
            self.beeps.append(next(at for at, _ in frames[max(0, count - 2) :] if at >= began))

    def pictures(self, since: float) -> list[tuple[float, int]]:
        frames = self.robot.publisher.sent["video"].frames
        first = max(0, len(frames) - int(LOOKS_BACK_S * 40))
        return [(at, number % LOOP_FRAMES) for number, (at, _) in enumerate(frames[first:], first) if at > since]


@dataclass
class Soak:
    case: Case
    talkers: list[Talker]
    began: float = field(default_factory=time.time)
    offsets: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    async def watch(self, seconds: float) -> None:
        next_look = LOOKS_S
        while (past := time.time() - self.began) < seconds:
            for name in PROCESSES:
                if (pid := self.case.product.pid(name)) is not None:
                    self.memory.setdefault(f"{name} {pid}", []).append((past, anonymous_mb(pid)))
            if past >= next_look:
                next_look += LOOKS_S
                found = await asyncio.to_thread(self.look)
                print(f"{past / 60:5.0f} min: {found}", flush=True)
            await asyncio.sleep(MEMORY_S)

    def look(self) -> str:
        now, zero = time.time(), self.case.began()
        since = now - LOOKS_BACK_S
        until = now - 4  # what is newer may not be on disk yet
        for one in self.talkers:
            sources = one.robot.sources
            beeps = [1000 * (at - zero) for at in one.beeps if since < at < until]
            sound = sound_offset(self.blocks(sources["audio"], since), beeps)
            shown = [(1000 * (at - zero), number) for at, number in one.pictures(since)]
            picture = picture_offset(self.blocks(sources["video"], since), shown, one.loop)
            for kind, value in (("audio", sound), ("video", picture)):
                self.offsets.setdefault((one.key, kind), []).append(float("nan") if value is None else value)
        return f"{self.told()}; {self.held()}"

    def blocks(self, source: str, since: float) -> list[Block]:
        """The newest blocks of this source on disk, times by the hearing clock."""
        found: list[Block] = []
        first = 1000 * (since - self.case.began()) - 1000
        for entry in self.case.entries("TrackOpened"):
            path = self.case.product.data / "recordings" / entry.body["file"]
            if entry.body["source"] == source and path.exists() and path.stat().st_mtime > since:
                found += [one for one in whole_blocks(path.read_bytes()) if one[0] > first]
        return found

    # -- what is told --------------------------------------------------------------------------------------------------

    def drift(self) -> dict[str, float]:
        """The largest change since the first look: of sound and picture against the clock, and against each other."""
        worst = {"audio": 0.0, "video": 0.0, "between": 0.0}
        for one in self.talkers:
            pairs = list(zip(*(self.offsets.get((one.key, kind), []) for kind in ("audio", "video")), strict=True))
            sound, picture = ([value for value in side if value == value] for side in zip(*pairs, strict=True))
            apart = [a - v for a, v in pairs if a == a and v == v]
            for name, values in (("audio", sound), ("video", picture), ("between", apart)):
                moved = [abs(value - values[0]) for value in values]
                worst[name] = max([worst[name], *moved])
        return {name: round(value, 1) for name, value in worst.items()}

    def slopes(self) -> dict[str, float]:
        found = {}
        for name, samples in self.memory.items():
            settled = min(SETTLES_S, samples[-1][0] / 3)
            found[name] = round(slope_per_hour([one for one in samples if one[0] >= settled]), 2)
        return found

    def told(self) -> str:
        worst = self.drift()
        missing = sum(value != value for values in self.offsets.values() for value in values)
        now = {f"{key} {kind}": round(values[-1], 1) for (key, kind), values in self.offsets.items()}
        return (
            f"offset ms {now}, moved by at most {worst['audio']} (sound), {worst['video']} (picture), "
            f"{worst['between']} (between them)" + (f"; {missing} looks found nothing" if missing else "")
        )

    def held(self) -> str:
        return "MB " + ", ".join(f"{name.split()[0]} {values[-1][1]:.1f}" for name, values in self.memory.items())


def whole_blocks(content: bytes) -> list[Block]:
    """Of a file that is still being written: everything but a cut end."""
    found: list[Block] = []
    cluster = -1
    with contextlib.suppress(ValueError, IndexError):
        for element in matroska.elements(content):
            if element.number == 0xE7:
                cluster = int.from_bytes(element.content, "big")
            elif element.number == 0xA3:
                found.append((cluster + int.from_bytes(element.content[1:3], "big", signed=True), element.content[4:]))
    return found


def anonymous_mb(pid: int) -> float:
    """What a process holds for itself; files it has mapped come and go with the machine."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    return float("nan")


async def hold(product: Product, net: Network, seconds: float) -> Soak:
    """The hearing, from the doors on; returns what was seen when it is over or interrupted."""
    case = await product.schedule("B", PEOPLE)
    talkers = []
    for number, (key, role) in enumerate(TALKERS.items()):
        client = CourtClient(product.origin, await product.token(key), case.hearing)
        client._session = product.session()
        loop = draw((150 + 20 * number, 160, 170), (60, 30 + 30 * number, 50))
        robot = Robot(person=key, role=role, seat=case.seats[key], client=client, loop=loop)
        talkers.append(Talker(key, robot, loop.frames))
    running: set[asyncio.Task[Any]] = set()
    found = Soak(case, talkers)
    try:
        await open_hearing(case, {one.key: one.robot for one in talkers})
        before = net.link.set(LOSS)
        for one in talkers:
            spawn(one.talk(), name=f"{one.key} talks", owner=running)
        found.began = time.time()
        print("each minute: how far a beep and a picture lie from the hearing clock, on disk against the sender's log")
        with contextlib.suppress(asyncio.CancelledError):
            await found.watch(seconds)
        print(f"the line: {fault(before, net.link.counters())}")
    finally:
        await stop(running)
        for one in talkers:
            await one.robot.leave()
        await case.close()
    return found


async def open_hearing(case: Case, robots: dict[str, Robot]) -> None:
    """Doors, duties, papers, roll, entry, opening, every microphone open."""
    await case.does("tk1", "StartSitting", sitting=str(uuid.uuid4()))
    for robot in robots.values():
        await robot.open_devices()
    for robot in robots.values():
        if robot.may("AcceptDuties"):
            await robot.does("AcceptDuties", version="1")
    await asyncio.sleep(0.5)
    clerk = await case.client("tk1")
    for key, seat in case.seats.items():
        if seat in clerk.view["allowed"].get("CheckPapers", ()):
            await case.does("tk1", "CheckPapers", seat=seat, document="identity_card", last4="0000")
        await case.does("tk1", "CallRoll", seat=case.seats[key], present=True)
    await case.does("tk1", "TickItem", item="rules_announced")
    await case.does("tk1", "Admit", seats=list(case.seats.values()))
    judge = robots["tp1"]
    for robot in robots.values():
        await robot.sees("the courtroom", lambda view: bool(view["you"]["place"] == "courtroom"))
    await judge.does("OpenHearing")
    await judge.sees("the opening", lambda view: bool(view["phase"] == "opening"))
    for robot in robots.values():
        if judge.may("Unmute", robot.seat):
            await judge.does("Unmute", seat=robot.seat)


async def run(folder: Path, hours: float) -> Soak:
    with network.line() as net:
        product = Behind(folder / "data", host="0.0.0.0")
        product.address = net.here
        await asyncio.to_thread(product.start)
        try:
            with inside(net.name):  # every socket that this thread makes from here on lies behind the line
                return await hold(product, net, hours * 3600)
        finally:
            await asyncio.to_thread(product.stop)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=0.5)
    hours = parser.parse_args().hours
    end_gently()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        found = asyncio.run(run(Path(folder), hours))
    worst, slopes = found.drift(), found.slopes()
    looks = [len([one for one in values if one == one]) for values in found.offsets.values()]
    minutes = (time.time() - found.began) / 60
    print(f"\n{minutes:.0f} minutes, {min(looks, default=0)} looks at every track")
    print(f"moved apart by at most {max(worst.values())} ms (allowed {DRIFT_MS}): {worst}")
    print(f"memory MB an hour (allowed {SLOPE_MB}): {slopes}")
    levels = {name: statistics.median(value for _, value in samples) for name, samples in found.memory.items()}
    RESULTS.write_text(
        json.dumps({"minutes": minutes, "drift_ms": worst, "mb_per_hour": slopes, "mb": levels}, indent=1) + "\n"
    )
    kept = max(worst.values()) <= DRIFT_MS and all(one <= SLOPE_MB for one in slopes.values()) and min(looks, default=0)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
