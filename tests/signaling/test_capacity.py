"""Several media processes: who takes which sitting, how one is emptied, and what is refused when they are full.

Real processes, real pages. A hearing without pages is enough where only its place matters.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from hearing.proceedings.commands import StartSitting
from signaling import switchboard
from signaling.nodes import Node
from signaling.placement import NO_LIMITS, Limits
from signaling.switchboard import Switchboard
from tests.signaling.courthouse import HEARING, SITTING, Courthouse
from tests.signaling.machine import Machine, court
from tests.signaling.media.court import until
from tests.signaling.page import Page
from tests.support.hearings import CLERK, JUDGE, schedule
from tests.support.record import ListRecord

PLAINTIFF = "seat-plaintiff"
BELOW_TWO_PEOPLE = Limits(sitting=1, person=1)
"""A thousandth of a core: whatever two people send and receive is more."""


class House:
    """A courthouse over so many media processes. Its pages are closed at the end."""

    def __init__(self, courthouse: Courthouse, machine: Machine) -> None:
        self.courthouse, self.machine = courthouse, machine
        self.pages: list[Page] = []

    @property
    def switchboard(self) -> Switchboard:
        return self.courthouse.signaling._switchboard

    async def court(self) -> tuple[Page, Page]:
        clerk, judge = await court(self.courthouse)
        self.pages += [clerk, judge]
        return clerk, judge

    async def page(self, seat: str) -> Page:
        page = await Page.open(self.courthouse, seat)
        self.pages.append(page)
        return page

    async def opens(self, hearing: str) -> None:
        """Another hearing's doors are opened, past the pages."""
        docket = self.courthouse.docket
        await docket.handle(hearing, schedule(hearing, admission_notice_ms=0), by=CLERK, op_id=f"{hearing}-1")
        await docket.handle(hearing, StartSitting(sitting=f"sitting of {hearing}"), by=CLERK, op_id=f"{hearing}-2")

    async def placed(self, hearing: str) -> Node:
        await until(lambda: self.switchboard.node_of(hearing) is not None, what=f"a place for {hearing}")
        found = self.switchboard.node_of(hearing)
        assert found is not None
        return found

    def told(self, page: Page, kind: str) -> list[dict[str, Any]]:
        return [body for one, body in page.client.signals if one == kind]

    async def gone_and_back(self, node: Node, pid: int) -> None:
        await until(lambda: node.pid not in (None, pid), what="the process that was started again")


@pytest.fixture
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    machine = Machine(tmp_path, request.param)
    await machine.start()
    courthouse = Courthouse(ListRecord(), tmp_path, machine.sockets)
    await courthouse.start()
    await courthouse.schedules(admission_notice_ms=0)
    found = House(courthouse, machine)
    await until(lambda: all(node.load is not None for node in found.switchboard.nodes), what="the processes' own word")
    yield found
    for page in found.pages:
        await page.close()
    await courthouse.close()
    await machine.stop()


def goes_on(page: Page, other: Page) -> Callable[[], bool]:
    """Ten more frames from here on."""
    source = other.sources["audio"]
    frames = page.frames[source]
    return lambda: page.frames[source] > frames + 10


@pytest.mark.parametrize("house", [2], indirect=True)
async def test_sittings_go_where_fewer_packets_flow(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.court()
    busy = await house.placed(HEARING)
    idle = next(node for node in house.switchboard.nodes if node is not busy)
    await until(lambda: busy.load is not None and busy.load.packets > 100, what="the packets of two people, measured")
    assert idle.load is not None and idle.load.packets < 10
    monkeypatch.setattr(switchboard, "SETTLING_S", 0.0)  # nothing is expected of a young sitting: only measured
    for number in range(3):
        await house.opens(f"hearing-{number + 2}")
        assert await house.placed(f"hearing-{number + 2}") is idle


@pytest.mark.parametrize("house", [2], indirect=True)
async def test_sittings_that_open_together_are_spread(house: House) -> None:
    for number in range(4):
        await house.opens(f"hearing-{number + 2}")
    places = [await house.placed(f"hearing-{number + 2}") for number in range(4)]
    assert sorted(places.count(node) for node in house.switchboard.nodes) == [2, 2]


@pytest.mark.parametrize("house", [2], indirect=True)
async def test_a_draining_process_serves_its_sitting_to_the_end_takes_no_other_and_is_started_again(
    house: House,
) -> None:
    clerk, judge = await house.court()
    here = await house.placed(HEARING)
    pid = here.pid
    assert pid is not None
    house.machine.drain(here.path)
    await until(lambda: here.load is not None and here.load.draining, what="the process says that it drains")
    for number in range(3):
        await house.opens(f"hearing-{number + 2}")
        assert await house.placed(f"hearing-{number + 2}") is not here
    plaintiff = await house.page(PLAINTIFF)
    await until(plaintiff.connected, what="a further person in the open sitting")
    await until(goes_on(clerk, judge), what="the sitting goes on")
    assert here.pid == pid and clerk.restarts == judge.restarts == 0
    await clerk.client.command("EndSitting")
    await house.gone_and_back(here, pid)
    await until(lambda: here.load is not None, what="the new process's own word")
    await house.opens("hearing-9")
    assert await house.placed("hearing-9") is here, "what was started again takes sittings"


@pytest.mark.parametrize("house", [2], indirect=True)
async def test_a_process_that_gives_its_sittings_away_is_left_by_all_and_the_pages_come_back_by_themselves(
    house: House,
) -> None:
    clerk, judge = await house.court()
    here = await house.placed(HEARING)
    await house.opens("hearing-2")
    there = await house.placed("hearing-2")
    await house.opens("hearing-3")
    third = await house.placed("hearing-3")
    pid = here.pid
    assert pid is not None and there is not here
    await clerk.client.command("LogNote", note="n1", text="before the move")
    entries = len(await house.courthouse.entries())
    clerk.frames.clear(), judge.frames.clear()
    house.machine.drain(here.path, moving=True)
    await house.gone_and_back(here, pid)
    for hearing in (HEARING, *(["hearing-3"] if third is here else [])):
        assert await house.placed(hearing) is there
    await until(lambda: clerk.restarts == judge.restarts == 1, what="both pages are told, once")
    clerk.frames.clear(), judge.frames.clear()
    await until(lambda: clerk.hears(judge) and judge.hears(clerk), what="media by the other process")
    await clerk.client.command("LogNote", note="n2", text="after the move")
    kinds = [entry.kind for entry in (await house.courthouse.entries())[entries:]]
    assert kinds == ["ClockAnchored", "NoteLogged"], "nobody was lost, no source withdrawn, nothing answered was undone"
    assert house.courthouse.notices.recovered.count(SITTING) == 2


@pytest.mark.parametrize("house", [1], indirect=True)
async def test_the_only_process_is_started_again_under_an_open_sitting(house: House) -> None:
    clerk, judge = await house.court()
    here = await house.placed(HEARING)
    pid = here.pid
    assert pid is not None
    house.machine.drain(here.path, moving=True)
    await house.gone_and_back(here, pid)
    await until(lambda: clerk.restarts and judge.restarts, what="both pages are told")
    clerk.frames.clear(), judge.frames.clear()
    await until(lambda: clerk.hears(judge) and judge.hears(clerk), what="media by the new process")
    assert await house.courthouse.entries("ConnectionLost", "SourceWithdrawn") == []


@pytest.mark.parametrize("house", [1], indirect=True)
async def test_doors_stay_closed_while_every_process_drains_and_the_open_sitting_is_not_touched(house: House) -> None:
    clerk, judge = await house.court()
    here = await house.placed(HEARING)
    house.machine.drain(here.path)
    await until(lambda: here.load is not None and here.load.draining, what="the process says that it drains")
    assert not house.switchboard.takes_sitting("hearing-2")
    assert house.switchboard.takes_sitting(HEARING), "a repeated opening of the open doors is answered by the rules"
    await until(goes_on(clerk, judge), what="the sitting goes on")


@pytest.mark.parametrize("house", [1], indirect=True)
async def test_a_full_process_refuses_what_is_new_and_lets_it_in_when_there_is_room(house: House) -> None:
    clerk, judge = await house.court()
    node = await house.placed(HEARING)
    await until(lambda: node.load is not None and node.load.cpu >= 1, what="the load of two people, measured")
    house.switchboard._limits = BELOW_TWO_PEOPLE
    assert not house.switchboard.takes_sitting("hearing-2")
    plaintiff = await house.page(PLAINTIFF)
    await until(lambda: house.told(plaintiff, "refused"), what="the refusal")
    assert house.told(plaintiff, "refused") == [{"code": "no-capacity-for-person"}]
    assert house.switchboard.lines(HEARING)[PLAINTIFF] == "waiting"
    assert not house.told(plaintiff, "published") and not house.told(plaintiff, "subscribe")
    reloaded = await house.page(JUDGE)
    await until(lambda: reloaded.hears(clerk) and clerk.hears(reloaded), what="who was in comes back in")
    await until(goes_on(clerk, reloaded), what="the sitting goes on")
    house.switchboard._limits = NO_LIMITS
    await until(plaintiff.connected, what="the person who waited is let in without asking again")
    assert house.switchboard.lines(HEARING)[PLAINTIFF] == "connected"


@pytest.mark.parametrize("house", [1], indirect=True)
async def test_the_clerk_is_told_that_the_doors_cannot_be_opened_now(house: House) -> None:
    await house.opens("hearing-2")
    node = await house.placed("hearing-2")
    clerk = await Page.open(house.courthouse, CLERK, publishes=False)
    house.pages.append(clerk)
    await until(lambda: node.load is not None and node.load.rooms == 1, what="the process's own word")
    house.switchboard._limits = Limits(sitting=0, person=1_000)
    with pytest.raises(Exception, match="no-capacity-for-sitting"):
        await clerk.client.command("StartSitting", sitting=SITTING)
    assert await house.courthouse.entries("SittingStarted") == [], "a refusal leaves nothing on the record"
    house.switchboard._limits = NO_LIMITS
    await clerk.client.command("StartSitting", sitting=SITTING)
    assert await house.placed(HEARING) is node


@pytest.mark.parametrize("house", [1], indirect=True)
async def test_the_counters_of_a_process_grow_with_what_the_pages_send(house: House) -> None:
    clerk, judge = await house.court()
    await house.placed(HEARING)

    async def values() -> dict[str, int]:
        ((_, counted),) = await house.switchboard.figures()
        assert counted is not None
        return counted.values

    first = await values()
    await until(goes_on(clerk, judge), what="ten frames more")
    later = await values()
    assert (later["rooms"], later["peers"], later["sources"]) == (1, 4, 4)
    for name in ("packets_in", "packets_out"):
        assert later[name] >= first[name] + 10
    assert later["bytes_in"] > first["bytes_in"] and later["bytes_out"] > first["bytes_out"]
    assert later["cpu_ms"] >= first["cpu_ms"] > 0 and later["key_frames_asked"] >= 1
    await clerk.client.command("EndSitting")
    await until(lambda: house.switchboard.node_of(HEARING) is None, what="the end of the room")
    ended = await values()
    assert ended["bytes_in"] >= later["bytes_in"] and ended["rooms"] == 0, "an ended room has still been"
