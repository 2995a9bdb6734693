"""The switchboard between real pages (aiortc) and a real media process: the plan of the court, made true."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from signaling import control
from signaling.control import EdgeTraffic
from signaling.media.mux import Mux
from signaling.media.node import Node
from signaling.media.sink import MemorySink
from tests.signaling.courthouse import HEARING, SITTING, Courthouse
from tests.signaling.media.court import until
from tests.signaling.page import Page
from tests.support.hearings import CLERK, JUDGE
from tests.support.record import ListRecord

PLAINTIFF = "seat-plaintiff"


class Hearing:
    """A courthouse with one media process in the same loop. Its pages are closed at the end."""

    def __init__(self, courthouse: Courthouse, node: Node, sink: MemorySink) -> None:
        self.courthouse, self.node, self.sink = courthouse, node, sink
        self.pages: list[Page] = []

    async def page(self, seat: str, *, publishes: bool = True) -> Page:
        page = await Page.open(self.courthouse, seat, publishes=publishes)
        self.pages.append(page)
        return page

    async def court(self) -> tuple[Page, Page]:
        """The judge and the clerk are in the courtroom."""
        clerk, judge = await self.page(CLERK), await self.page(JUDGE)
        await clerk.client.command("StartSitting", sitting=SITTING)
        await clerk.client.command("Admit", seats=[CLERK, JUDGE])
        return clerk, judge

    async def waiting(self, clerk: Page) -> Page:
        """The plaintiff waits, checked and ready to be admitted, connections up."""
        plaintiff = await self.page(PLAINTIFF)
        await plaintiff.client.command("AcceptDuties", version="1")
        await clerk.client.command("CheckPapers", seat=PLAINTIFF, document="id_card", last4="1234")
        await until(plaintiff.connected, what="the waiting person's connections")
        return plaintiff

    def statistics(self) -> control.RoomStatistics:
        """The media process's own counters, asked for past the switchboard."""
        found = self.node._answer(control.Statistics(room=SITTING))
        assert isinstance(found, control.RoomStatistics)
        return found

    def egress(self, seat: str) -> int:
        """Packets the media process has sent to a seat."""
        return self.statistics().egress[seat].packets


@pytest.fixture
async def hearing(tmp_path: Path) -> AsyncIterator[Hearing]:
    sink = MemorySink()
    node = Node(Mux("127.0.0.1", 0), lambda notify: sink)
    await node.start(tmp_path / "media.sock")
    courthouse = Courthouse(ListRecord(), tmp_path, [tmp_path / "media.sock"], grace_s=60.0)
    await courthouse.start()
    await courthouse.schedules(admission_notice_ms=0)
    found = Hearing(courthouse, node, sink)
    yield found
    for page in found.pages:
        await page.close()
    await courthouse.close()
    await node.close()


async def test_two_people_in_the_courtroom_see_and_hear_each_other(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    for kind in ("audio", "video"):
        await until(partial(clerk.hears, judge, kind), what=f"the clerk receives {kind}")
        await until(partial(judge.hears, clerk, kind), what=f"the judge receives {kind}")
    announced = {entry.event.source for entry in await hearing.courthouse.entries("SourceAnnounced")}  # type: ignore[union-attr]
    assert announced == {source for page in (clerk, judge) for source in page.sources.values()}
    assert hearing.courthouse.notices.opened == [(SITTING, HEARING)]
    assert len(await hearing.courthouse.entries("ClockAnchored")) == 1


async def test_whoever_waits_gets_nothing_and_is_seen_at_once_after_the_admission(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    plaintiff = await hearing.waiting(clerk)
    await until(lambda: judge.hears(clerk), what="a running courtroom")
    assert hearing.egress(PLAINTIFF) == 0
    assert plaintiff.frames == {}
    answers = plaintiff.answers, judge.answers
    await clerk.client.command("Admit", seats=[PLAINTIFF])
    await until(lambda: plaintiff.hears(judge, "video") and judge.hears(plaintiff, "video"), what="first frames")
    # At once means: by the connections that stood before. How long that takes is measured with browsers.
    assert (plaintiff.answers, judge.answers) == answers and plaintiff.restarts == judge.restarts == 0
    assert not judge.hears(plaintiff, "audio"), "the plaintiff does not have the floor"


async def test_what_a_page_does_not_show_is_not_sent_to_it_by_a_new_connection_either(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk, "video"), what="the clerk is seen")
    camera = clerk.sources["video"]

    def sent() -> int:
        return next(one.packets for one in hearing.statistics().edges if (one.source, one.listener) == (camera, JUDGE))

    def arrived() -> int:
        return next(one.packets for one in hearing.statistics().sources if one.source == camera)

    await judge.client.signal("view", sizes={})
    await until(lambda: judge.flow == {camera: "off"}, what="the page learns that it comes no longer")
    before, came = sent(), arrived()
    await judge.client.signal("need-subscribe")
    answered = judge.offers
    await until(lambda: judge.offers > answered and judge.connected(), what="a new receiving connection")
    sound = judge.frames.get(clerk.sources["audio"], 0)
    await until(lambda: judge.frames.get(clerk.sources["audio"], 0) > sound + 10, what="sound goes on")
    await until(lambda: arrived() > came + 20, what="the camera goes on")
    assert sent() == before

    await judge.client.signal("view", sizes={camera: 640})
    await until(lambda: judge.flow == {camera: "large"} and sent() > before, what="it is shown again")


async def test_a_muted_source_is_silent_at_once_although_its_page_goes_on_sending(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    await clerk.client.command("Mute", seat=CLERK)
    edge = (clerk.sources["audio"], JUDGE)

    def sound() -> EdgeTraffic:
        return next(one for one in hearing.statistics().edges if (one.source, one.listener) == edge)

    def arrived() -> int:
        return next(one.packets for one in hearing.statistics().sources if one.source == edge[0])

    await until(lambda: not sound().open, what="the mute in the media process")  # how soon is measured with browsers
    forwarded, came, all_kinds = sound().packets, arrived(), hearing.egress(JUDGE)
    await until(lambda: arrived() > came + 25, what="the page goes on sending")
    assert sound().packets == forwarded, "no packet is forwarded any more"
    await until(lambda: hearing.egress(JUDGE) > all_kinds, what="the picture goes on")
    await clerk.client.command("Unmute", seat=CLERK)
    await until(lambda: sound().packets > forwarded, what="sound again")


async def test_the_recorder_listens_from_the_start_of_the_recording_only(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    assert hearing.sink.tracks == []
    await judge.client.command("StartRecording")
    await until(lambda: len(hearing.sink.tracks) == 4, what="four tracks")
    assert {track.track.source for track in hearing.sink.tracks} == {
        source for page in (clerk, judge) for source in page.sources.values()
    }


async def test_a_reloaded_page_takes_up_both_connections_anew_and_its_old_sources_are_withdrawn(
    hearing: Hearing,
) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    reloaded = await hearing.page(CLERK)
    await until(lambda: clerk.client.moved, what="the older page is told")
    await until(lambda: reloaded.hears(judge) and judge.hears(reloaded), what="media with the new page")
    withdrawn = {entry.event.source for entry in await hearing.courthouse.entries("SourceWithdrawn")}  # type: ignore[union-attr]
    assert withdrawn == set(clerk.sources.values())
    assert len(hearing.node.peers) == 4


async def test_a_short_loss_of_the_socket_leaves_the_media_alone(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    peers = set(hearing.node.peers)
    await clerk.client.drop()
    frames = judge.frames[clerk.sources["audio"]]
    await until(lambda: judge.frames[clerk.sources["audio"]] > frames + 10, what="sound while the socket is away")
    await clerk.client.until("being back", lambda: clerk.client.welcomes == 1 and clerk.client._greeted.is_set())
    await clerk.client.command("LogNote", note="n1", text="x")
    assert set(hearing.node.peers) == peers
    assert clerk.restarts == judge.restarts == 0


async def test_a_restarted_web_process_finds_the_room_again_and_packets_go_on(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk) and clerk.hears(judge), what="a running courtroom")
    peers = set(hearing.node.peers)
    await hearing.courthouse.stop()
    flown = hearing.egress(JUDGE)
    await until(lambda: hearing.egress(JUDGE) > flown + 20, what="packets while the web process is away")
    await hearing.courthouse.start([HEARING])
    await clerk.client.until("a second welcome", lambda: clerk.client.welcomes == 2)
    await judge.client.until("a second welcome", lambda: judge.client.welcomes == 2)
    await clerk.client.command("Mute", seat=CLERK)
    assert set(hearing.node.peers) == peers
    assert clerk.restarts == judge.restarts == 0
    (room,) = hearing.node.rooms.values()
    await until(lambda: (clerk.sources["audio"], JUDGE, "audio") not in room.edges, what="the mute after the restart")


async def test_a_page_that_is_back_before_the_media_process_is_found_keeps_its_connections(
    hearing: Hearing, tmp_path: Path
) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk) and clerk.hears(judge), what="a running courtroom")
    peers = set(hearing.node.peers)
    await hearing.courthouse.stop()
    found_late = tmp_path / "late.sock"
    hearing.courthouse.sockets = [found_late]
    await hearing.courthouse.start([HEARING])
    for page in (clerk, judge):
        await page.client.until("a second welcome", lambda page=page: page.client.welcomes == 2)  # type: ignore[misc]
    found_late.symlink_to(tmp_path / "media.sock")
    (room,) = hearing.node.rooms.values()
    await clerk.client.command("Mute", seat=CLERK)
    await until(lambda: (clerk.sources["audio"], JUDGE, "audio") not in room.edges, what="the room found again")
    assert set(hearing.node.peers) == peers
    assert clerk.restarts == judge.restarts == 0


async def test_a_source_of_somebody_else_cannot_be_published(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    judge.sources = dict(clerk.sources)
    with pytest.raises(Exception, match="not-your-source"):
        await judge.offer()
    assert judge.client.refused == "not-your-source"


async def test_a_hostile_offer_ends_the_connection_of_its_sender_only(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    hostile = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
    with pytest.raises(Exception, match="SDP"):
        await judge.client.signal(
            "publish", sdp=hostile, sources=[{"mid": "0", "source": judge.sources["audio"], "kind": "microphone"}]
        )
    frames = sum(judge.frames.values())
    await until(lambda: sum(judge.frames.values()) > frames + 20, what="the courtroom goes on")


async def test_the_room_ends_with_the_sitting(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    await clerk.client.command("EndSitting")
    await until(lambda: hearing.node.rooms == {}, what="the end of the room")
    await clerk.client.command("StartSitting", sitting="sitting-2")
    await clerk.client.command("Admit", seats=[CLERK, JUDGE])
    judge.frames.clear()
    await until(lambda: judge.hears(clerk) and clerk.hears(judge), what="the next sitting")
    assert [room for room, _ in hearing.courthouse.notices.opened] == [SITTING, "sitting-2"]


async def test_levels_are_told_of_what_one_hears_and_of_nothing_else(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    heard: list[dict[str, int]] = []
    signal = judge.client.on_signal

    async def listen(kind: str, body: dict[str, object]) -> None:
        if kind == "levels":
            heard.append(body["levels"])  # type: ignore[arg-type]
        await signal(kind, body)

    judge.client.on_signal = listen
    plaintiff = await hearing.waiting(clerk)
    await until(lambda: any(clerk.sources["audio"] in one for one in heard), what="a level of the clerk")
    assert {source for one in heard for source in one} == {clerk.sources["audio"]}
    assert plaintiff.client.signals != []


async def test_a_page_that_closed_its_connections_receives_again_when_there_is_something_to_receive(
    hearing: Hearing,
) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    assert judge.sub is not None and judge.pub is not None
    await judge.sub.close()
    await judge.pub.close()
    judge.sub = None
    await until(lambda: len(hearing.node.peers) == 2, what="the ends of both connections")
    judge.frames.clear()
    await clerk.client.command("Mute", seat=CLERK)
    await clerk.client.command("Unmute", seat=CLERK)
    await until(lambda: judge.hears(clerk), what="sound of the clerk again")
    assert judge.restarts == 0


async def test_a_page_that_asks_for_its_receiving_connection_gets_a_new_one(hearing: Hearing) -> None:
    clerk, judge = await hearing.court()
    await until(lambda: judge.hears(clerk), what="sound of the clerk")
    peer = judge.peer
    await judge.client.signal("need-subscribe")
    await until(lambda: judge.peer != peer, what="another connection")
    judge.frames.clear()
    await until(lambda: judge.hears(clerk), what="sound of the clerk again")
    assert len(hearing.node.peers) == 4
