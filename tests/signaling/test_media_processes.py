"""Media processes that are killed, stay away, or are several: the hearing goes on, and the pages by themselves."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hearing.proceedings.commands import ScheduleHearing, StartSitting
from signaling import switchboard
from signaling.control import Edge
from signaling.link import NodeLink
from tests.signaling.courthouse import HEARING, SITTING, Courthouse
from tests.signaling.machine import Machine, court
from tests.signaling.media.court import until
from tests.support.hearings import CLERK, JUDGE, schedule
from tests.support.record import ListRecord


@pytest.fixture
async def machine(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Machine]:
    found = Machine(tmp_path, getattr(request, "param", 1))
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def courthouse(machine: Machine, tmp_path: Path) -> AsyncIterator[Courthouse]:
    house = Courthouse(ListRecord(), tmp_path, machine.sockets)
    await house.start()
    await house.schedules(admission_notice_ms=0)
    yield house
    await house.close()


async def test_a_killed_media_process_is_replaced_and_the_pages_are_back_by_themselves(
    courthouse: Courthouse, machine: Machine
) -> None:
    clerk, judge = await court(courthouse)
    killed = machine.kill(machine.sockets[0])
    await until(lambda: clerk.restarts and judge.restarts, what="both pages are told")
    clerk.first.clear(), judge.first.clear()
    both = (judge.sources["audio"], judge.sources["video"], clerk.sources["audio"], clerk.sources["video"])
    await until(lambda: all(source in {**clerk.first, **judge.first} for source in both), what="media again")
    # How soon is measured on the whole product, which then has the machine to itself.
    node = courthouse.signaling._switchboard.node_of(HEARING)
    assert node is not None and node.pid not in (None, killed)
    assert len(await courthouse.entries("ClockAnchored")) == 2
    assert courthouse.notices.recovered == [SITTING, SITTING]
    assert await courthouse.entries("ConnectionLost", "SourceWithdrawn") == []
    for page in (clerk, judge):
        await page.close()


async def test_a_control_connection_that_broke_alone_is_taken_up_and_no_page_notices(
    courthouse: Courthouse, machine: Machine
) -> None:
    clerk, judge = await court(courthouse)
    (node,) = courthouse.signaling._switchboard.nodes
    link = node._link
    assert link is not None
    link._writer.transport.abort()
    await until(lambda: node._link is not None and node._link is not link, what="another control connection")
    await clerk.client.command("Mute", seat=CLERK)
    room = courthouse.signaling._switchboard._rooms[HEARING]
    muted: Edge = (clerk.sources["audio"], JUDGE, "audio")
    await until(lambda: room.edges is not None and muted not in room.edges, what="the mute")
    assert clerk.restarts == judge.restarts == 0
    for page in (clerk, judge):
        await page.close()


@pytest.mark.parametrize("machine", [2], indirect=True)
async def test_sittings_are_spread_and_move_when_their_process_stays_away(
    courthouse: Courthouse, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switchboard, "MOVE_AFTER_S", 0.3)
    clerk, judge = await court(courthouse)
    here = courthouse.signaling._switchboard.node_of(HEARING)
    assert here is not None
    other: ScheduleHearing = schedule("hearing-2", admission_notice_ms=0)
    await courthouse.docket.handle("hearing-2", other, by=CLERK, op_id="s2")
    await courthouse.docket.handle("hearing-2", StartSitting(sitting="sitting-2"), by=CLERK, op_id="s3")
    await until(lambda: courthouse.signaling._switchboard.node_of("hearing-2") is not None, what="a room")
    there = courthouse.signaling._switchboard.node_of("hearing-2")
    assert there is not None and there is not here, "the lighter process gets the next sitting"
    machine.left.add(here.path)
    machine.kill(here.path)
    await until(lambda: courthouse.signaling._switchboard.node_of(HEARING) is there, what="the move")
    await until(lambda: clerk.restarts and judge.restarts, what="both pages are told")
    clerk.frames.clear(), judge.frames.clear()
    await until(lambda: clerk.hears(judge) and judge.hears(clerk), what="media by the other process")
    for page in (clerk, judge):
        await page.close()


async def test_a_media_process_obeys_the_newest_web_process_only(courthouse: Courthouse, machine: Machine) -> None:
    clerk, judge = await court(courthouse)
    # Somebody with a higher generation takes the node; ours must not fight for it.
    newer = await NodeLink.connect(machine.sockets[0], 1_000, lambda news: None)
    node = courthouse.signaling._switchboard.nodes[0]
    await until(lambda: not node.up, what="the older controller is cut off")
    await asyncio.sleep(0.3)
    assert not node.up
    assert [room.room for room in newer.state.rooms] == [SITTING]
    frames = clerk.frames[judge.sources["audio"]]
    await until(lambda: clerk.frames[judge.sources["audio"]] > frames + 10, what="the media go on")
    await newer.close()
    for page in (clerk, judge):
        await page.close()
