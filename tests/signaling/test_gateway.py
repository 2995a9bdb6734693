"""A hearing over real Socket.IO with the real docket: who is let in, what is answered, what is delivered."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from hearing.errors import Malformed, Refused
from hearing.proceedings.commands import StartSitting
from signaling.gateway import AUTHENTICATE_EVERY_S, SOCKETS_PER_SEAT
from tests.signaling.conftest import PATIENCE_S, Graces
from tests.signaling.courthouse import HEARING, SITTING, STRANGER, Courthouse
from tests.support.hearings import CLERK, JUDGE
from web.demo.client import CourtClient, Gone

PLAINTIFF = "seat-plaintiff"


def kinds(client: CourtClient) -> list[str]:
    return [entry["kind"] for entry in client.entries]


def seat_of(client: CourtClient, seat: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in client.view["seats"] if one["id"] == seat)
    return found


async def eventually(holds: Callable[[], bool]) -> None:
    """What no message tells of: looked at until it holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)


async def opened(courthouse: Courthouse) -> CourtClient:
    """The doors are open and the clerk is here."""
    await courthouse.does(StartSitting(sitting=SITTING), by=CLERK)
    return await courthouse.arrives(CLERK)


async def test_a_page_is_welcomed_with_its_own_view_the_names_and_the_clock(courthouse: Courthouse) -> None:
    client = await courthouse.arrives(JUDGE)
    assert client.view["you"]["seat"] == JUDGE
    assert client.view["you"]["role"] == "presiding_judge"
    assert client.people[JUDGE]["title"] == "Thẩm phán"
    assert client.clock["hearing_ms"] == 0 and client.clock["utc"].endswith("Z")
    assert client.media == {"iceServers": []}
    (arrived,) = await courthouse.entries("Arrived")
    assert arrived.by == "court"
    assert arrived.event.connection == client.connection  # type: ignore[union-attr]


async def test_a_command_is_acknowledged_with_its_number_and_everybody_sees_the_entry(courthouse: Courthouse) -> None:
    clerk, judge = await courthouse.arrives(CLERK), await courthouse.arrives(JUDGE)
    number = await clerk.command("StartSitting", sitting=SITTING)
    await judge.until("the doors are open", lambda: judge.view["stage"] == "doors_open")
    started = judge.entries[-1]
    assert started["kind"] == "SittingStarted" and started["by"] == CLERK and started["t_ms"] == 0
    assert started["body"] == {"sitting": SITTING}
    assert [entry.number for entry in await courthouse.entries("SittingStarted")] == [number]


async def test_a_refusal_is_the_answer_and_nothing_is_written(courthouse: Courthouse) -> None:
    await opened(courthouse)
    plaintiff = await courthouse.arrives(PLAINTIFF)
    before = len(await courthouse.entries())
    with pytest.raises(Refused) as refusal:
        await plaintiff.command("Admit", seats=[PLAINTIFF])
    assert refusal.value.code == "not-your-power"
    assert len(await courthouse.entries()) == before
    assert plaintiff.refused is None, "a refused command is answered once, by its acknowledgement"


async def test_a_repeated_operation_is_carried_out_once_and_answered_as_before(courthouse: Courthouse) -> None:
    clerk = await opened(courthouse)
    op_id = str(uuid.uuid4())
    first = await clerk.command("LogNote", op_id=op_id, note="n1", text="A")
    assert await clerk.command("LogNote", op_id=op_id, note="n1", text="A") == first
    assert len(await courthouse.entries("NoteLogged")) == 1
    with pytest.raises(Refused):
        judge = await courthouse.arrives(JUDGE)
        await judge.command("LogNote", op_id=op_id, note="n2", text="B")


async def test_commands_of_one_page_are_carried_out_in_the_order_of_sending(courthouse: Courthouse) -> None:
    clerk = await opened(courthouse)
    numbers = await asyncio.gather(*(clerk.command("LogNote", note=f"n{n}", text=str(n)) for n in range(20)))
    assert numbers == sorted(numbers)
    notes = [entry.event.note for entry in await courthouse.entries("NoteLogged")]  # type: ignore[union-attr]
    assert notes == [f"n{n}" for n in range(20)]


async def test_what_is_hidden_from_a_seat_leaves_no_gap_in_its_numbers(courthouse: Courthouse) -> None:
    clerk = await opened(courthouse)
    plaintiff = await courthouse.arrives(PLAINTIFF)
    begun, said = plaintiff.seq, len(kinds(plaintiff))
    numbers: list[int] = []
    plaintiff.on_entry = lambda entry: _note(numbers, plaintiff)
    for n in range(5):
        await clerk.command("LogNote", note=f"n{n}", text="for the clerk's eyes")
    await clerk.command("CheckPapers", seat=PLAINTIFF, document="id_card", last4="1234")
    await plaintiff.until("the check of the own papers", lambda: "PapersChecked" in kinds(plaintiff))
    assert kinds(plaintiff)[said:] == ["PapersChecked"]
    assert begun is not None and numbers == [begun + 1]
    assert plaintiff.view["notes"] == []


async def _note(numbers: list[int], client: CourtClient) -> None:
    assert client.seq is not None
    numbers.append(client.seq)


async def test_whoever_is_not_signed_in_or_has_no_seat_is_turned_away(courthouse: Courthouse) -> None:
    with pytest.raises(Gone, match="not-signed-in|refused|failed"):
        await courthouse.arrives("forged-token")
    with pytest.raises(Refused) as refusal:
        await courthouse.arrives(STRANGER)
    assert refusal.value.code == "no-such-hearing"
    other = CourtClient(courthouse.origin, JUDGE, "another-hearing")
    courthouse.clients.append(other)
    with pytest.raises(Refused) as refusal:
        await other.connect()
    assert refusal.value.code == "no-such-hearing"
    assert await courthouse.entries("Arrived") == []


async def test_the_newest_page_has_the_seat_and_the_older_one_is_told(courthouse: Courthouse, graces: Graces) -> None:
    first = await courthouse.arrives(JUDGE)
    second = await courthouse.arrives(JUDGE)
    await first.until("being moved", lambda: first.moved)
    assert ("moved", {}) in first.signals
    with pytest.raises((Gone, Refused)):
        await first.command("StartSitting", sitting=SITTING)
    await second.command("StartSitting", sitting=SITTING)
    arrivals = [entry.event.connection for entry in await courthouse.entries("Arrived")]  # type: ignore[union-attr]
    assert arrivals == [first.connection, second.connection]
    await asyncio.wait_for(first._lost.wait(), PATIENCE_S)
    await graces.pass_by(courthouse)
    assert await courthouse.entries("ConnectionLost") == []


async def test_a_lost_connection_is_noted_after_its_grace_and_the_return_as_well(courthouse: Courthouse) -> None:
    watcher = await courthouse.arrives(CLERK)
    judge = await courthouse.arrives(JUDGE, reconnect=False)
    await judge.drop()
    await watcher.until("the loss", lambda: "ConnectionLost" in kinds(watcher))
    await courthouse.arrives(JUDGE)
    await watcher.until("the return", lambda: kinds(watcher).count("Arrived") >= 2)
    assert seat_of(watcher, JUDGE)["connected"]


async def test_a_short_loss_is_resumed_without_a_word_on_the_record_and_without_missing_one(
    courthouse: Courthouse, graces: Graces
) -> None:
    clerk = await opened(courthouse)
    judge = await courthouse.arrives(JUDGE)
    for n in range(10):
        await clerk.command("LogNote", note=f"n{n}", text=str(n))
        if n == 4:
            await judge.drop()
    await judge.until("all notes", lambda: kinds(judge).count("NoteLogged") == 10)
    assert [e["body"]["note"] for e in judge.entries if e["kind"] == "NoteLogged"] == [f"n{n}" for n in range(10)]
    assert judge.welcomes == 1
    await graces.pass_by(courthouse)
    assert len(await courthouse.entries("Arrived")) == 2
    assert await courthouse.entries("ConnectionLost") == []


async def test_after_a_restart_of_the_web_process_a_page_gets_the_whole_view_and_nobody_is_lost(
    courthouse: Courthouse, graces: Graces
) -> None:
    clerk = await opened(courthouse)
    seq = clerk.seq
    await courthouse.restart()
    await clerk.until("a second welcome", lambda: clerk.welcomes == 2)
    assert seq is not None and clerk.seq is not None and clerk.seq > seq
    await clerk.command("LogNote", note="n1", text="still here")
    await clerk.until("the note", lambda: "NoteLogged" in kinds(clerk))
    await graces.pass_by(courthouse)
    assert await courthouse.entries("ConnectionLost") == []
    assert len(await courthouse.entries("Arrived")) == 1


async def test_after_a_restart_whoever_does_not_come_back_is_noted_as_lost(courthouse: Courthouse) -> None:
    clerk = await opened(courthouse)
    judge = await courthouse.arrives(JUDGE, reconnect=False)
    await courthouse.restart()
    await clerk.until("a second welcome", lambda: clerk.welcomes == 2)
    await clerk.until("the loss", lambda: not seat_of(clerk, JUDGE)["connected"])
    lost = [entry.event.seat for entry in await courthouse.entries("ConnectionLost")]  # type: ignore[union-attr]
    assert lost == [judge.view["you"]["seat"]]


async def test_a_command_that_was_under_way_when_the_connection_broke_is_carried_out_once(
    courthouse: Courthouse, graces: Graces
) -> None:
    clerk = await opened(courthouse)
    command = asyncio.ensure_future(clerk.command("LogNote", note="n1", text="x"))
    await asyncio.sleep(0)
    await clerk.drop()
    number = await command
    assert [entry.number for entry in await courthouse.entries("NoteLogged")] == [number]


async def test_a_seat_has_a_few_sockets_and_no_more(courthouse: Courthouse) -> None:
    # Moved pages are closed by the court; only sockets that do not let go of theirs can be too many.
    gateway = courthouse.signaling._gateway
    await courthouse.arrives(JUDGE, reconnect=False)
    for _ in range(SOCKETS_PER_SEAT - 1):
        caller = next(iter(gateway._callers.values()))
        gateway._callers[str(uuid.uuid4())] = caller
    with pytest.raises(Refused) as refusal:
        await courthouse.arrives(JUDGE)
    assert refusal.value.code == "too-many-windows"
    gateway._callers.clear()


async def test_a_seat_whose_access_was_taken_is_disconnected_at_once(courthouse: Courthouse) -> None:
    judge = await courthouse.arrives(JUDGE, reconnect=False)
    await courthouse.signaling.expel(HEARING, JUDGE)
    await asyncio.wait_for(judge._lost.wait(), PATIENCE_S)


async def test_who_is_connected_is_asked_again_and_again_and_a_revoked_session_closes_its_socket_alone(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert AUTHENTICATE_EVERY_S <= 2.0
    monkeypatch.setattr("signaling.gateway.AUTHENTICATE_EVERY_S", 0.05)
    gateway, asked = courthouse.signaling._gateway, 0
    answer: str | None | Exception = PLAINTIFF
    before = gateway._authenticate

    async def authenticate(environ: Any, auth: Any, hearing: str | None) -> str | None:
        nonlocal asked
        if auth.get("token") != PLAINTIFF:
            return await before(environ, auth, hearing)
        asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(gateway, "_authenticate", authenticate)
    judge = await courthouse.arrives(JUDGE, reconnect=False)
    plaintiff = await courthouse.arrives(PLAINTIFF, reconnect=False)

    async def asked_more(times: int) -> None:
        wanted = asked + times
        await eventually(lambda: asked >= wanted)

    await asked_more(3)
    answer = OSError("the database is away")  # our own fault empties no courtroom
    await asked_more(3)
    assert not plaintiff._lost.is_set()
    answer = None  # signed out, or the invitation was revoked
    await asyncio.wait_for(plaintiff._lost.wait(), PATIENCE_S)
    assert not judge._lost.is_set()
    await eventually(lambda: [one.seat for one in gateway._callers.values()] == [JUDGE])


async def test_a_session_that_now_has_another_seat_does_not_keep_the_first_one(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.gateway.AUTHENTICATE_EVERY_S", 0.05)

    async def authenticate(environ: Any, auth: Any, hearing: str | None) -> str | None:
        return JUDGE

    plaintiff = await courthouse.arrives(PLAINTIFF, reconnect=False)
    monkeypatch.setattr(courthouse.signaling._gateway, "_authenticate", authenticate)
    await asyncio.wait_for(plaintiff._lost.wait(), PATIENCE_S)


async def test_a_malformed_command_is_answered_and_ends_the_connection_of_its_sender_only(
    courthouse: Courthouse,
) -> None:
    clerk = await opened(courthouse)
    judge = await courthouse.arrives(JUDGE, reconnect=False)
    with pytest.raises(Malformed, match="unknown command"):
        await judge.command("Abdicate")
    await asyncio.wait_for(judge._lost.wait(), PATIENCE_S)
    await clerk.command("LogNote", note="n1", text="unmoved")


@pytest.mark.parametrize("signal", [{"type": "shout"}, {"type": "publish", "sdp": "v=0" + "x" * 70_000, "sources": []}])
async def test_a_malformed_signal_is_answered_and_ends_the_connection(
    courthouse: Courthouse, signal: dict[str, object]
) -> None:
    judge = await courthouse.arrives(JUDGE, reconnect=False)
    with pytest.raises(Malformed):
        await judge._ask("signal", signal)
    await asyncio.wait_for(judge._lost.wait(), PATIENCE_S)


async def test_a_flood_ends_the_connection_of_its_sender_and_nobody_else_notices(courthouse: Courthouse) -> None:
    clerk = await opened(courthouse)
    judge = await courthouse.arrives(JUDGE, reconnect=False)
    flood = [judge.command("RaiseHand", reason="speak") for _ in range(300)]
    answers = await asyncio.gather(*flood, return_exceptions=True)
    assert any(isinstance(one, (Malformed, Gone)) for one in answers)
    await asyncio.wait_for(judge._lost.wait(), PATIENCE_S)
    async with asyncio.timeout(PATIENCE_S):
        await clerk.command("LogNote", note="n1", text="unmoved")


async def test_nothing_is_done_before_hello(courthouse: Courthouse) -> None:
    import socketio

    socket = socketio.AsyncClient(reconnection=False)
    ended = asyncio.Event()
    socket.on("disconnect", lambda *_: ended.set(), namespace="/hearing")
    await socket.connect(courthouse.origin, auth={"token": JUDGE}, transports=["websocket"], namespaces=["/hearing"])
    order = {"op_id": "1", "name": "StartSitting", "args": {"sitting": SITTING}}
    answer = await socket.call("command", order, namespace="/hearing", timeout=PATIENCE_S)
    assert answer == {"malformed": "say hello first"}
    await asyncio.wait_for(ended.wait(), PATIENCE_S)
    assert await courthouse.entries("SittingStarted") == []
    await socket.disconnect()


async def test_a_quality_report_is_kept_in_memory_and_not_on_the_record(courthouse: Courthouse) -> None:
    judge = await courthouse.arrives(JUDGE)
    before = len(await courthouse.entries())
    await judge.signal("quality", rtt_ms=31, text="ignored")
    assert courthouse.signaling.quality(HEARING) == {JUDGE: {"rtt_ms": 31.0}}
    assert len(await courthouse.entries()) == before


async def test_a_page_that_a_fault_of_ours_left_without_welcome_is_disconnected(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(hearing: str, seat: str) -> dict[str, object]:
        raise RuntimeError("the names cannot be read")

    monkeypatch.setattr(courthouse.signaling._gateway, "_people", broken)
    with pytest.raises(Gone):
        await courthouse.arrives(JUDGE, reconnect=False)
    monkeypatch.undo()
    await courthouse.arrives(JUDGE)


async def test_a_page_whose_deliveries_failed_is_disconnected_and_resumes(
    courthouse: Courthouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await opened(courthouse)
    judge = await courthouse.arrives(JUDGE)
    court = courthouse.signaling._court
    failing = ["once"]
    view = court.view

    def broken(hearing: Any, seat: str) -> Any:
        if seat == JUDGE and failing:
            failing.clear()
            raise RuntimeError("no view")
        return view(hearing, seat)

    monkeypatch.setattr(court, "view", broken)
    await clerk.command("LogNote", note="n1", text="x")
    await judge.until("the note", lambda: "NoteLogged" in kinds(judge))
    assert not failing and judge.welcomes == 1
