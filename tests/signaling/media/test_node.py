"""Seats meet over the real socket; what the plan says is what the wire carries, whatever else happens."""

import asyncio
import gc
import os
import secrets
import socket
import struct
import time
import weakref
from pathlib import Path

import pytest
from aioice import stun
from OpenSSL import SSL

from hearing.errors import Malformed
from signaling import control
from signaling.media import node as node_module
from signaling.media import peer as peer_module
from signaling.media import rtcp
from signaling.media import subscriber as subscriber_module
from tests.signaling.media.court import Browser, Court, Picture, Tone, court, until
from tests.signaling.media.test_sdp import AIORTC, CHROMIUM

MIC, CAM = ("j-mic", "clerk", "audio"), ("j-cam", "clerk", "video")
KEPT = [("j-mic", "recorder", "audio"), ("j-cam", "recorder", "video")]


def unbroken(browser: Browser) -> bool:
    """Every stream arrived whole: no number is missing between the first and the last."""
    for numbers in browser.sequence.values():
        first = numbers[0]
        steps = sorted({(number - first) & 0xFFFF for number in numbers})
        if steps != list(range(len(steps))):
            return False
    return True


async def meeting(room: Court) -> tuple[Browser, Browser]:
    """The judge is heard and seen by the clerk and the recorder."""
    judge, clerk = room.seat("judge"), room.seat("clerk")
    await room.plan(MIC, CAM, *KEPT)
    await clerk.subscribe()
    await judge.publish({"j-mic": Tone(), "j-cam": Picture()})
    await until(lambda: min(clerk.received.get(one, 0) for one in ("j-mic", "j-cam")) > 5, what="clerk sees and hears")
    return judge, clerk


async def test_two_seats_hear_and_see_each_other(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = room.seat("judge"), room.seat("clerk")
        await room.plan(MIC, CAM, ("c-mic", "judge", "audio"))
        await judge.subscribe()
        await clerk.subscribe()
        await judge.publish({"j-mic": Tone(), "j-cam": Picture()})
        await clerk.publish({"c-mic": Tone()})
        await until(lambda: judge.received.get("c-mic", 0) > 20, what="judge hears")
        await until(lambda: min(clerk.received.get(one, 0) for one in ("j-mic", "j-cam")) > 10, what="clerk sees")
        arrived = judge.packets  # counted before the node is asked: packets go on
        statistics = await room.statistics()
        assert statistics.egress["judge"].packets >= arrived > 0
        assert unbroken(judge) and unbroken(clerk)


async def test_a_closed_edge_carries_nothing_and_opens_without_a_new_offer(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        _, clerk = await meeting(room)
        offers = clerk.offers
        await room.plan()
        left, kept = (await room.statistics()).egress["clerk"], [len(one.packets) for one in room.sink.tracks]
        # What had left before the answer to the plan may still be on its way to the listener.
        await until(lambda: clerk.packets >= left.packets, what="the last packets arrive")
        before = clerk.packets
        await room.flows()  # the publisher keeps sending
        statistics = await room.statistics()
        assert statistics.egress["clerk"] == left and clerk.packets == before, "also by the listener's own count"
        assert [len(one.packets) for one in room.sink.tracks] == kept
        assert not any(one.open for one in statistics.edges)

        await room.plan(MIC, CAM, *KEPT)
        heard, seen = clerk.received["j-mic"], clerk.received["j-cam"]
        await until(lambda: clerk.received["j-mic"] > heard + 5 and clerk.received["j-cam"] > seen + 5)
        assert clerk.offers == offers and unbroken(clerk)
        assert [one.calls for one in room.sink.tracks] == [["pause", "resume"]] * 2


async def test_what_came_before_an_edge_closes_still_goes_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with court(tmp_path) as room:
        _, clerk = await meeting(room)
        with monkeypatch.context() as waiting:
            waiting.setattr(room.node.mux, "take_in", lambda: 0)
            await asyncio.sleep(0.2)  # sound comes every 20 ms
        left, kept = room.node.mux.outgoing.sent, [len(one.packets) for one in room.sink.tracks]
        room.node._answer(control.SetEdges(room="room", version=room.version + 1, edges=()))
        assert room.node.mux.outgoing.sent >= left + 5
        assert sum(len(one.packets) for one in room.sink.tracks) >= sum(kept) + 5


async def test_a_seat_without_an_edge_is_connected_and_receives_nothing(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        await meeting(room)
        witness = room.seat("witness")
        await witness.subscribe()
        await until(lambda: control.PeerConnected(peer="witness-sub") in room.news, what="the witness is connected")
        await room.flows()
        statistics = await room.statistics()
        assert statistics.egress["witness"] == control.Traffic(packets=0, bytes=0)
        assert statistics.egress["clerk"].packets > 0 and witness.packets == 0


async def test_a_late_joiner_gets_a_key_frame_at_once(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        await meeting(room)
        asked = sum(one.key_frames_asked for one in (await room.statistics()).sources)
        witness = room.seat("witness")
        await witness.subscribe()
        await until(lambda: control.PeerConnected(peer="witness-sub") in room.news)
        await room.plan(MIC, CAM, *KEPT, ("j-cam", "witness", "video"))
        # This camera makes a key frame when it is asked and never else; how long it takes is measured with browsers.
        await until(lambda: witness.received.get("j-cam", 0) > 0, what="the witness sees")
        assert sum(one.key_frames_asked for one in (await room.statistics()).sources) > asked


async def test_lines_are_reused_when_publishers_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_module, "DEPARTED_LINGER", 0.0)
    async with court(tmp_path) as room:
        clerk = room.seat("clerk")
        await clerk.subscribe()
        for number in range(3):
            source = f"mic-{number}"
            await room.plan((source, "clerk", "audio"))
            guest = room.seat(f"guest-{number}")
            await guest.publish({source: Tone()})
            await until(lambda source=source: source in clerk.streams.values(), what="it is offered")
            meter = room.node.rooms["room"].meter(source, "audio", "clerk")
            await until(lambda meter=meter: meter.packets > 10, what="it is heard")
            await guest.close()
            await until(lambda: not clerk.streams, what="it is gone from the offer")
        assert clerk.sub is not None and len(clerk.sub.getTransceivers()) == 2


async def test_who_leaves_is_known_at_once_and_who_comes_back_goes_on(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = await meeting(room)
        offers = clerk.offers
        await judge.close()
        await until(lambda: control.PeerLost(peer="judge-pub", reason="left") in room.news)
        assert [one.calls for one in room.sink.tracks] == [["close: left"]] * 2
        again = room.seat("judge")
        await again.publish({"j-mic": Tone(), "j-cam": Picture()})
        heard, seen = clerk.received["j-mic"], clerk.received["j-cam"]
        await until(lambda: clerk.received["j-mic"] > heard + 5 and clerk.received["j-cam"] > seen + 5)
        assert clerk.offers == offers and unbroken(clerk), "the same stream goes on"
        assert len(room.sink.tracks) == 4, "a new connection is a new track"


async def test_loss_on_the_way_in_is_repaired(tmp_path: Path) -> None:
    count = 0

    def lose() -> bool:
        nonlocal count
        count += 1
        return count > 100 and count % 13 == 0

    async with court(tmp_path, loss=lose) as room:
        _, clerk = await meeting(room)
        await until(lambda: clerk.received["j-cam"] > 60)
        picture = next(one for one in (await room.statistics()).sources if one.kind == "video")
        assert picture.recovered > 0, "something was lost and came again"
        assert picture.lost <= 2, "nothing but what is on its way"


def hostile() -> list[bytes]:
    """Everything a stranger may send."""
    client = SSL.Connection(SSL.Context(SSL.DTLS_METHOD), None)
    client.set_connect_state()
    with pytest.raises(SSL.WantReadError):
        client.do_handshake()
    header = struct.pack("!HHI", 1, 0, stun.COOKIE) + secrets.token_bytes(12)
    return [
        b"",
        b"\x00",
        b"\x17",
        b"\x80",
        b"\x80\x60",
        b"\x80\x60" + secrets.token_bytes(198),
        b"\x80\xc8" + secrets.token_bytes(60),
        b"\x15\xfe\xff" + bytes(8) + b"\x00\x02\x02\x28",
        b"\x15\xfe\xff" + bytes(8) + b"\x00\x02\x01\x00",
        b"\x16\xfe\xff" + secrets.token_bytes(80),
        client.bio_read(2000),
        header,
        header[:2] + b"\x00\x40" + header[4:],
        header[:2] + b"\x00\x08" + header[4:] + b"\x00\x06\x00\x40abcd",
        header[:2] + b"\x00\x08" + header[4:] + b"\x00\x06\x00\x04\xff\xfe\xfd\xfc",
        header[:2] + b"\x00\x0c" + header[4:] + b"\x00\x20\x00\x08\x00\x09\x00\x01\x02\x03\x04\x05",
        b"\xff" * 1400,
        secrets.token_bytes(2048),
    ]


async def test_hostile_datagrams_get_silence_and_cost_the_call_nothing(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = await meeting(room)
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stranger.setblocking(False)
        target = ("127.0.0.1", room.node.mux.port)
        before = sum((await room.statistics()).dropped.values())
        sent = 0
        for _ in range(50):
            for datagram in hostile():
                stranger.sendto(datagram, target)
                sent += 1
            await asyncio.sleep(0.01)
        heard = clerk.received["j-mic"]
        await until(lambda: clerk.received["j-mic"] > heard + 10)
        dropped = (await room.statistics()).dropped
        assert sum(dropped.values()) - before == sent, dropped
        assert {"empty", "short", "stun", "stranger"} <= set(dropped)
        with pytest.raises(BlockingIOError):
            stranger.recv(100)
        stranger.close()
        assert judge.pub is not None and judge.pub.connectionState == "connected"
        assert unbroken(clerk)


async def test_strangers_cannot_disturb_a_handshake(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        sent = 0

        async def disturb() -> None:
            nonlocal sent
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                while True:
                    for datagram in hostile():
                        stranger.sendto(datagram, ("127.0.0.1", room.node.mux.port))
                        sent += 1
                    await asyncio.sleep(0.002)

        disturbing = asyncio.ensure_future(disturb())
        _, clerk = await meeting(room)
        await until(lambda: sent > 500)
        disturbing.cancel()
        assert unbroken(clerk)
        assert not [one for one in room.news if isinstance(one, control.PeerLost)]


async def test_a_full_courtroom_is_one_offer_with_many_lines(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        names = [f"s{number}" for number in range(10)]
        for name in names:
            await room.ask(control.CreatePeer(peer=f"{name}-pub", room="room", seat=name, direction="pub"))
            sources = {"0": f"{name}-mic", "1": f"{name}-cam"}
            await room.ask(control.Offer(peer=f"{name}-pub", sdp=CHROMIUM, sources=sources))
        await room.plan(*((f"{n}-{s}", "clerk", k) for n in names for s, k in (("mic", "audio"), ("cam", "video"))))
        clerk = room.seat("clerk")
        await clerk.subscribe()
        await until(lambda: control.PeerConnected(peer="clerk-sub") in room.news)
        assert len(clerk.streams) == 20 and clerk.offers == 1


async def test_repairs_are_limited_for_each_listener(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        _, clerk = await meeting(room)
        subscriber = room.node.peers["clerk-sub"]
        assert isinstance(subscriber, subscriber_module.Subscriber) and clerk.sub is not None
        place = next(one for one in subscriber._places if one.codec.kind == "audio")
        outlet = place.outlet
        assert outlet is not None and outlet.stream is not None
        source = outlet.stream
        await until(lambda: source.newest - outlet.first > 100)
        newest = (source.newest + outlet.seq_offset) & 0xFFFF
        before = outlet.meter.packets
        nack = rtcp.Nack(outlet.ssrc, tuple((newest - back) & 0xFFFF for back in range(50)))
        now = time.monotonic()  # one moment, however long the machine takes for it
        for _ in range(100):
            subscriber.take_rtcp(rtcp.write_nack(nack.ssrc, nack.numbers), now)
        assert 0 < outlet.meter.packets - before <= subscriber_module.REPAIRS_BURST + 100
        assert room.node.mux.dropped["repairs"] > 4000
        heard = clerk.received["j-mic"]
        await until(lambda: clerk.received["j-mic"] > heard + 10)


async def test_what_is_lost_of_padding_is_a_loss_of_the_line(tmp_path: Path) -> None:
    """Padding goes as a repair: the stream of the repairs is reported on too, and a full line loses it first."""
    async with court(tmp_path) as room:
        await meeting(room)
        subscriber = room.node.peers["clerk-sub"]
        assert isinstance(subscriber, subscriber_module.Subscriber)
        repairs = next(one.outlet for one in subscriber._places if one.outlet and one.codec.kind == "video").rtx_ssrc
        now = subscriber.agent.heard
        for highest, lost in ((100, 0), (200, 128)):
            report = rtcp.Reception(
                ssrc=repairs, fraction_lost=lost, lost=0, highest=highest, jitter=0, last_report=0, delay=0
            )
            subscriber.take_rtcp(rtcp.write_receiver_report([report]), now)
        assert subscriber.screen._lost >= 50


async def test_garbage_from_a_proven_address_is_dropped_too(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = await meeting(room)
        assert judge.pub is not None
        ice = judge.pub.getTransceivers()[0].sender.transport.transport._connection
        transport = ice._nominated[1].protocol.transport
        target = ice._nominated[1].remote_addr
        for datagram in hostile():
            # Not the two alerts and the handshake: from its own address a peer may end its own call.
            if datagram[:1] not in (b"\x15", b"\x16"):
                transport.sendto(datagram, target)
        heard = clerk.received["j-mic"]
        await until(lambda: clerk.received["j-mic"] > heard + 10)
        assert (await room.statistics()).dropped["srtp"] >= 1 and unbroken(clerk)


async def test_packets_go_on_when_the_controller_dies_and_the_next_one_learns_the_state(tmp_path: Path) -> None:
    began = time.monotonic()
    async with court(tmp_path) as room:
        _, clerk = await meeting(room)
        assert room.link is not None
        await room.link.close()
        before = clerk.packets
        await until(lambda: clerk.packets > before + 15, what="packets without a controller")
        assert unbroken(clerk)
        await room.connect(generation=2)
        (state,) = room.link.state.rooms
        assert (state.room, state.version) == ("room", 1) and set(state.edges) == {MIC, CAM, *KEPT}
        peers = {one.peer: one for one in state.peers}
        assert peers["judge-pub"].connected and peers["clerk-sub"].connected
        assert {one.source for one in peers["clerk-sub"].streams} == {"j-mic", "j-cam"}
        assert 1000 <= state.hearing_ms <= 1001 + (time.monotonic() - began) * 1000
        with pytest.raises(Malformed, match="older"):
            await room.ask(control.SetEdges(room="room", version=0, edges=()))
        await room.plan(MIC)
        assert clerk.packets > before


async def test_a_peer_that_never_connects_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_module, "SETUP_TIMEOUT", 0.5)
    async with court(tmp_path) as room:
        for number in range(3):
            seat = f"s{number}"
            await room.ask(control.CreatePeer(peer=f"p{number}", room="room", seat=seat, direction="pub"))
            await room.ask(control.Offer(peer=f"p{number}", sdp=CHROMIUM, sources={"0": f"mic-{number}"}))
        await until(lambda: sum(control.PeerLost(peer=f"p{n}", reason="idle") in room.news for n in range(3)) == 3)
        assert not room.node.peers and not room.node.mux.ice.agents
        assert (await room.statistics()).sources == ()


async def test_a_peer_that_falls_silent_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with court(tmp_path) as room:
        judge = room.seat("judge")
        await judge.publish({"j-mic": Tone()})
        await until(lambda: control.PeerConnected(peer="judge-pub") in room.news)
        monkeypatch.setattr(peer_module, "CONSENT_TIMEOUT", 1.0)
        await until(lambda: control.PeerLost(peer="judge-pub", reason="consent") in room.news)


async def test_a_seat_keeps_its_newest_connections(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        for number in range(node_module.PEERS_PER_SEAT + 2):
            await room.ask(control.CreatePeer(peer=f"p{number}", room="room", seat="judge", direction="sub"))
        await until(lambda: control.PeerLost(peer="p1", reason="replaced") in room.news)
        assert control.PeerLost(peer="p0", reason="replaced") in room.news
        assert len(room.node.peers) == node_module.PEERS_PER_SEAT


async def test_what_cannot_be_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        await room.ask(control.CreatePeer(peer="pub", room="room", seat="judge", direction="pub"))
        await room.ask(control.CreatePeer(peer="sub", room="room", seat="judge", direction="sub"))
        await room.ask(control.CreatePeer(peer="thief", room="room", seat="thief", direction="pub"))
        await room.ask(control.Offer(peer="pub", sdp=CHROMIUM, sources={"0": "j-mic"}))
        opus = CHROMIUM.replace("opus/48000", "speex/48000")
        for request, reason in (
            (control.CreatePeer(peer="pub", room="room", seat="x", direction="pub"), "exists"),
            (control.CreatePeer(peer="new", room="room", seat="x", direction="both"), "neither"),
            (control.CreatePeer(peer="new", room="nowhere", seat="x", direction="pub"), "no room"),
            (control.Offer(peer="sub", sdp=CHROMIUM, sources={}), "no publisher"),
            (control.Offer(peer="pub", sdp="x" * 70_000, sources={}), "64 KB"),
            (control.Offer(peer="pub", sdp=CHROMIUM, sources={"7": "j-mic"}), "no m-line"),
            (control.Offer(peer="pub", sdp=CHROMIUM, sources={"0": "a", "1": "a"}), "one source"),
            (control.Offer(peer="pub", sdp=opus, sources={"0": "j-mic"}), "does not offer opus"),
            (control.Offer(peer="pub", sdp=AIORTC, sources={"0": "j-mic"}), "fingerprint has changed"),
            (control.Offer(peer="thief", sdp=AIORTC, sources={"0": "j-mic"}), "another seat"),
            (control.MakeOffer(peer="pub"), "no subscriber"),
            (control.AcceptAnswer(peer="sub", offer=9, sdp=CHROMIUM), "outstanding"),
            (control.Statistics(room="nowhere"), "no room"),
        ):
            with pytest.raises(Malformed) as refused:
                await room.ask(request)
            assert reason in refused.value.reason
        assert [one.source for one in (await room.statistics()).sources] == ["j-mic"]


async def test_an_answer_must_fit_its_offer(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        await room.ask(control.CreatePeer(peer="sub", room="room", seat="judge", direction="sub"))
        first = await room.ask(control.MakeOffer(peer="sub"))
        second = await room.ask(control.MakeOffer(peer="sub"))
        assert second.offer > first.offer and second.streams == ()
        answer = CHROMIUM.replace("a=setup:actpass", "a=setup:active")
        with pytest.raises(Malformed, match="outstanding"):
            await room.ask(control.AcceptAnswer(peer="sub", offer=first.offer, sdp=answer))
        cut = answer[: answer.index("m=video")].replace("BUNDLE 0 1", "BUNDLE 0")
        with pytest.raises(Malformed, match="other m-lines"):
            await room.ask(control.AcceptAnswer(peer="sub", offer=second.offer, sdp=cut))
        await room.ask(control.AcceptAnswer(peer="sub", offer=second.offer, sdp=answer))


async def test_levels_are_told_for_what_may_be_heard(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        await meeting(room)

        def levels() -> list[dict[str, int]]:
            return [one.levels for one in room.news if isinstance(one, control.Levels)]

        await until(lambda: len(levels()) > 3)
        assert all(set(one) == {"j-mic"} and -127 <= one["j-mic"] <= 0 for one in levels())
        await room.plan(CAM)
        count = len(levels())  # news and answers come by one socket, in order
        await asyncio.sleep(0.5)
        await room.flows()
        assert len(levels()) == count, "nobody learns how loud somebody is who may not be heard"


async def test_the_sink_gets_the_hearings_clock(tmp_path: Path) -> None:
    began = time.monotonic()
    async with court(tmp_path) as room:  # which opens the room at 1000 ms
        opened = time.monotonic()
        await meeting(room)
        kept = room.sink.tracks[0]
        arrival = kept.packets[-1][4]
        ms = arrival * 1000 + kept.track.offset_ms()
        assert 999 + (arrival - opened) * 1000 <= ms <= 1001 + (arrival - began) * 1000
        now = time.monotonic()
        (state,) = [one.state(now) for one in room.node.rooms.values()]
        assert abs(state.hearing_ms - (now * 1000 + kept.track.offset_ms())) < 50
        await until(lambda: all(one.reports for one in room.sink.tracks), what="clock reports")
        await room.ask(control.CloseRoom(room="room"))
        assert {one.calls[-1] for one in room.sink.tracks} == {"close: closed"}


async def test_nothing_is_left_when_everybody_has_gone(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        await meeting(room)
        files = len(os.listdir("/proc/self/fd"))
        for number in range(3):
            guest, peer = room.seat("guest"), f"guest-{number}"
            await guest.publish({"g-mic": Tone()}, peer)
            await until(lambda peer=peer: control.PeerConnected(peer=peer) in room.news)
            await until(lambda guest=guest: guest.pub.connectionState == "connected")
            await guest.close()
            await until(lambda peer=peer: peer not in room.node.peers)
        assert len(room.node.mux.ice.agents) == 2
        await until(lambda: len(os.listdir("/proc/self/fd")) <= files + 1, what="every socket is closed")


async def test_who_has_left_leaves_nothing_behind(tmp_path: Path) -> None:
    """Connections hold themselves in circles; here nobody but the node looks for those."""
    async with court(tmp_path) as room:
        await meeting(room)
        known = {name: weakref.ref(room.node.peers[name]) for name in ("judge-pub", "clerk-sub")}
        gc.disable()
        try:
            for name in known:
                await room.ask(control.ClosePeer(peer=name))
            room.sink.tracks.clear()  # a recorder forgets what is closed; this one would show it to the test
            await until(lambda: all(one() is None for one in known.values()), what="both are gone from memory")
        finally:
            gc.enable()
