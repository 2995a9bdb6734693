"""What leaks to those inside the hearing who must not know: the isolated witness, the confidential talk, the
deliberation; over views, entries, levels, sources, playback and transcript.

Rule: each silence has its twin: the same listener heard the same source a moment before, or somebody else hears it now.
"""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.product.attack_house import MEMBERS, Court, House
from web.demo.client import CourtClient

WITNESS = "a_witness"
PANEL = ("tp1", "ht1", "ht2")
SECRET = "lời nói thầm chỉ để trong hồ sơ"
# What says what is going on in the courtroom, and who handles the judgment.
INSIDE_ONLY = {"HandRaised", "HandLowered", "FloorGiven", "TurnEnded", "Muted", "Unmuted", "NoteLogged", "ItemTicked",
               "ItemWaived", "SourceAnnounced", "AlarmRaised", "TrackOpened", "SegmentClosed", "JudgmentFrozen",
               "DeliberationMinutesSigned", "PapersChecked", "RollCalled", "IdentityConfirmed"}  # fmt: skip
PANEL_ONLY = {"JudgmentFrozen", "DeliberationMinutesSigned"}


@dataclass
class Listener:
    """Everything that has come down one connection since it was hooked."""

    client: CourtClient
    levels: list[tuple[float, set[str]]] = field(default_factory=list)

    @classmethod
    def on(cls, client: CourtClient) -> "Listener":
        made = cls(client)
        before = client.on_signal

        async def hear(kind: str, body: dict[str, Any]) -> None:
            if kind == "levels":
                made.levels.append((time.monotonic(), set(body["levels"])))
            await before(kind, body)

        client.on_signal = hear
        return made

    def heard(self, since: float) -> set[str]:
        return set().union(*(sources for at, sources in self.levels if at > since))


async def check_witness(house: House, court: Court) -> None:
    """Isolated: knows who is summoned and that the court sits, and nothing of what goes on."""
    client = CourtClient(house.origin, await house.token(WITNESS), court.hearing, reconnect=False)
    await client.connect()
    listener = Listener.on(client)
    try:
        await court.does("tk1", "SendToWitnessRoom", seat=court.seats[WITNESS])
        await client.until("the room", lambda: client.view["you"]["place"] == "witness_room")
        clerk = court.clients["tk1"]
        seen = len(clerk.entries)
        began = time.monotonic()
        await court.does("tk1", "LogNote", note=str(uuid.uuid4()), text=SECRET, about=court.seats[WITNESS])
        await court.does("a_counsel", "RaiseHand", reason="request", text=SECRET)
        await court.does("tp1", "GiveFloor", seat=court.seats["a_counsel"])
        await court.does("tp1", "EndTurn")
        await asyncio.sleep(1.2)
        kinds = {entry["kind"] for entry in clerk.entries[seen:]}
        assert {"NoteLogged", "HandRaised", "FloorGiven"} <= kinds, kinds  # the twin: they were told to the clerk
        assert not {entry["kind"] for entry in client.entries} & INSIDE_ONLY, client.entries
        view, everything = client.view, json.dumps([client.view, client.entries, client.signals], ensure_ascii=False)
        assert SECRET not in everything
        hidden = ("floor", "hands", "sources", "notes", "alarms", "checklist", "next_phases")
        assert not [name for name in hidden if view[name]], {name: view[name] for name in hidden}
        for row in view["seats"]:
            if row["id"] != court.seats[WITNESS]:
                assert (row["microphone"], row["hand"], row["roll"], row["papers"]) == (None,) * 4, row
        assert not listener.heard(began) and not any(kind == "subscribe" and body["streams"] for kind, body in
                                                     client.signals), client.signals  # fmt: skip
        for path in ("playback", "tracks", "transcript", "transcript.txt", "traffic"):
            told = await house.ask("GET", f"/api/hearings/{court.hearing}/{path}", token=client.token)
            assert told.status in (403, 404) and SECRET not in told.text, (path, told.status)
    finally:
        await client.close()


async def check_confidential(court: Court) -> None:
    """Counsel and client alone: their sound reaches each other and nobody else, and no file."""
    judge, counsel = Listener.on(court.clients["tp1"]), Listener.on(court.clients["a_counsel"])
    source = court.robots["a_defendant"].sources["audio"]
    began = time.monotonic()
    await _until("the judge to hear the defendant", lambda: source in judge.heard(began))  # the twin
    both = [court.seats["a_counsel"], court.seats["a_defendant"]]
    await court.does("tp1", "OpenConfidentialChannel", seats=both)
    await court.sees("a_defendant", "the channel", lambda view: view["you"]["place"] == "confidential_channel")
    await asyncio.sleep(0.6)
    began, from_ms = time.monotonic(), _now_ms(court)
    packets = sum(court.robots["tp1"].subscriber.packets.values())
    await _until("counsel to hear the client", lambda: source in counsel.heard(began))
    await asyncio.sleep(1.5)
    until_ms = _now_ms(court)
    assert source not in judge.heard(began)
    assert sum(court.robots["tp1"].subscriber.packets.values()) - packets < 10, "the judge still receives"
    mine = set(court.robots["a_defendant"].sources.values())
    for key in ("tp1", "tk1", "ks1", "ht1"):
        assert not {one["id"] for one in court.clients[key].view["sources"]} & mine, key
    await court.does("tp1", "CloseConfidentialChannel")
    await court.sees("a_defendant", "the courtroom", lambda view: view["you"]["place"] == "courtroom")
    await asyncio.sleep(2.5)
    await _nothing_recorded(court, mine, from_ms, until_ms)


async def check_deliberation(house: House, court: Court) -> None:
    """The panel withdraws: no source for anybody outside (in `vn` for nobody), no entry of theirs, no segment."""
    phase = court.clients["tp1"].view["phase"]
    assert phase == "opening", phase
    for one in ("challenges", "indictment", "questioning", "debate", "last_words", "deliberation"):
        await court.finish(one)
    listeners = {key: Listener.on(court.clients[key]) for key in MEMBERS}
    counted = {key: len(court.clients[key].entries) for key in MEMBERS}
    await asyncio.sleep(0.8)
    began, from_ms = time.monotonic(), _now_ms(court)
    await court.does("tp1", "FreezeJudgment", sha256="ab" * 32)
    for key in PANEL:
        await court.does(key, "SignDeliberationMinutes")
    await asyncio.sleep(2.0)
    until_ms = _now_ms(court)
    for key in MEMBERS:
        client = court.clients[key]
        kinds = {entry["kind"] for entry in client.entries[counted[key] :]}
        told = kinds & PANEL_ONLY
        assert told == (PANEL_ONLY if key in PANEL else set()), (key, kinds)
        assert "ab" * 32 not in json.dumps([client.view, client.entries]) or key in PANEL, key
        assert not client.view["sources"] and not listeners[key].heard(began), key
    await court.finish("pronouncement")
    await asyncio.sleep(2.5)
    every = {source for robot in court.robots.values() for source in robot.sources.values()}
    await _nothing_recorded(court, every, from_ms, until_ms)
    shown = await house.ask("GET", f"/api/hearings/{court.hearing}/playback", token=await house.token("a_defendant"))
    assert shown.status == 200 and "ab" * 32 not in shown.text
    assert SECRET not in shown.text, "the clerk's notes are not the parties'"


async def _nothing_recorded(court: Court, sources: set[str], from_ms: int, until_ms: int) -> None:
    """No segment of these sources meets the time; the control: there are segments before it, and after it again."""
    assert until_ms - from_ms > 1000
    token = await court.house.token("tp1")
    until = time.monotonic() + 12
    after: list[dict[str, Any]] = []
    while not after and time.monotonic() < until:
        answer = await court.house.ask("GET", f"/api/hearings/{court.hearing}/tracks", token=token)
        segments = [one for track in answer.json if track["source"] in sources for one in track["segments"]]
        after = [one for one in segments if one["t0_ms"] >= until_ms]
        await asyncio.sleep(0.4)
    assert after, "nothing is recorded again"
    assert [one for one in segments if one["t1_ms"] <= from_ms], "nothing was recorded before"
    meets = [one for one in segments if one["t0_ms"] < until_ms and one["t1_ms"] > from_ms]
    assert not meets, (from_ms, until_ms, meets)


def _now_ms(court: Court) -> int:
    """The hearing clock now, from the clerk's last entry and the wall clock."""
    from datetime import UTC, datetime

    entry = court.clients["tk1"].entries[-1]
    at = datetime.fromisoformat(entry["at"])
    return int(entry["t_ms"] + (datetime.now(UTC) - at).total_seconds() * 1000)


async def _until(what: str, holds: Any, patience_s: float = 8.0) -> None:
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.05)


def check_log(house: House) -> None:
    """After all this: no fault, and nothing of a person stands in the log."""
    log = house.product.log
    assert "web process 0 serves" in log, "the control: the log is written"
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
    names = [one.full_name for one in house.product.seeded.accounts]
    forbidden = {
        *house.secrets,
        *names,
        SECRET,
        "Xin phép",
        "still served",
        "169.254.169.254",
        "127.0.0.20",
        "127.0.0.30",
        "127.0.0.31",
        "Bản khai",
        "candidate:",
        "ice-ufrag",
        "ACDE",
        "planted-",
        "sealed words",
    }
    found = sorted(one for one in forbidden if one in log)
    lines = [line for line in log.splitlines() if any(one in line for one in found)]
    assert not found, (found, lines[:5])
