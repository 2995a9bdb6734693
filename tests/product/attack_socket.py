"""Attacks over Socket.IO: by nobody, by a stranger, and by one who has a seat and turns against the house.

Rule: the frames are written by hand over a WebSocket of our own, so that no library makes them better than they are.
"""

import asyncio
import json
import time
import uuid
from typing import Any

import aiohttp

from signaling.gateway import EVENTS_BURST
from tests.product.attack_house import Court, House

KB = 1024
PATIENCE_S = 6.0
SEAT = "a_victim"
TWINS = 20


class Raw:
    """One WebSocket of an attacker. `got` is every frame that came, `closed` the code of its end."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.got: list[str] = []
        self.closed: int | None = None
        self._number = 0
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Raw":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            await self.socket.close()

    async def open(self, headers: dict[str, str] | None = None) -> "Raw":
        url = self.house.origin + "/socket.io/?EIO=4&transport=websocket"
        self.socket = await self.house.session.ws_connect(url, headers=headers, max_msg_size=1 << 24)
        self._reading = asyncio.ensure_future(self._read())
        return self

    async def sign_in(self, token: str) -> "Raw":
        await self.send("40/hearing," + json.dumps({"token": token}))
        await self.until("the namespace", lambda: any(one.startswith("40/hearing") for one in self.got))
        return self

    async def enter(self, token: str, hearing: str) -> "Raw":
        await (await self.open()).sign_in(token)
        await self.send("42/hearing," + json.dumps(["hello", {"hearing": hearing}]))
        await self.until("the welcome", lambda: any('"welcome"' in one for one in self.got))
        return self

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                if message.data == "2":
                    await self.socket.send_str("3")
                else:
                    self.got.append(message.data)
        self.closed = self.socket.close_code or 1006

    async def send(self, frame: str) -> None:
        await self.socket.send_str(frame)

    async def ask(self, event: str, payload: Any, *, text: str | None = None) -> dict[str, Any] | None:
        """The acknowledgement, or None when the connection was ended instead. `text` is the payload as it is sent."""
        self._number += 1
        number = self._number
        body = text if text is not None else json.dumps(payload)
        try:
            await self.send(f'42/hearing,{number}["{event}",{body}]')
        except (ConnectionError, aiohttp.ClientError):
            return None
        head = f"43/hearing,{number}["
        await self.until(f"an answer to {event}", lambda: self.closed is not None or self._find(head) is not None)
        found = self._find(head)
        return json.loads(found[len(head) - 1 :])[0] if found is not None else None

    def _find(self, head: str) -> str | None:
        return next((one for one in self.got if one.startswith(head)), None)

    async def command(self, name: str, args: Any, op_id: Any = None) -> dict[str, Any] | None:
        return await self.ask("command", {"op_id": op_id or str(uuid.uuid4()), "name": name, "args": args})

    async def until(self, what: str, holds: Any, patience_s: float = PATIENCE_S) -> None:
        end = time.monotonic() + patience_s
        while not holds():
            assert time.monotonic() < end, f"waited in vain for {what}; got {self.got[-3:]}, closed {self.closed}"
            await asyncio.sleep(0.01)

    async def is_ended(self, patience_s: float = PATIENCE_S) -> None:
        await self.until("the end of the connection", lambda: self.closed is not None, patience_s)


async def check_strangers(house: House, court: Court) -> None:
    """Nobody, a forged token, a person of another case, a foreign page with a good cookie: no welcome, no view."""
    good = await house.token("tk1")
    for token in ("", "forged", "a" * 3000, "\u0000", "é"):
        async with Raw(house) as one:
            await one.open()
            await one.send("40/hearing," + json.dumps({"token": token}))
            await one.until("a refusal", lambda one=one: any("44/hearing" in frame for frame in one.got))
            assert not any("welcome" in frame for frame in one.got)
    for key, hearing in (("b_plaintiff", court.hearing), ("tk2", court.hearing), ("tp1", "no-such-hearing")):
        async with Raw(house) as one:
            await (await one.open()).sign_in(await house.token(key))
            answer = await one.ask("hello", {"hearing": hearing})
            assert answer == {"refused": "no-such-hearing"}, (key, answer)
            await one.is_ended()
            assert not any("welcome" in frame for frame in one.got)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        try:
            async with Raw(house) as one:
                await one.open({**headers, "Cookie": f"session={good}"})
                raise AssertionError(f"{headers} was let in")
        except aiohttp.WSServerHandshakeError as refused:
            assert refused.status in (400, 403)
    async with Raw(house) as one:  # no Origin: then a cookie alone is not enough
        await one.open({"Cookie": f"session={good}"})
        await one.send("40/hearing,{}")
        await one.until("a refusal", lambda: any("44/hearing" in frame for frame in one.got))
    async with Raw(house) as one:  # the twin: our own page with the same cookie
        await one.open({"Cookie": f"session={good}", "Origin": house.origin})
        await one.send("40/hearing,{}")
        await one.until("the namespace", lambda: any(frame.startswith("40/hearing") for frame in one.got))


async def check_refused(court: Court, token: str) -> None:
    """Well-formed commands that are not the sender's to give: refused with a code, and nothing is written."""
    seats, me = court.seats, court.seats[SEAT]
    async with Raw(court.house) as one:
        await one.enter(token, court.hearing)
        before = await _marked(court)
        for name, args in (
            ("OpenHearing", {}),
            ("CloseHearing", {}),
            ("EndSitting", {}),
            ("EnterPhase", {"phase": "deliberation"}),
            ("Mute", {"seat": seats["tp1"]}),
            ("Unmute", {"seat": seats["a_defendant"]}),
            ("GiveFloor", {"seat": me}),
            ("Admit", {"seats": [me]}),
            ("Remove", {"seat": seats["tp1"], "reason": "x"}),
            ("Arrive", {"seat": seats["tp1"], "connection": "x"}),
            ("LoseConnection", {"seat": seats["tp1"]}),
            ("Enter", {"seat": me}),
            ("LowerHand", {"seat": seats["a_defendant"]}),
            ("LogNote", {"note": str(uuid.uuid4()), "text": "x"}),
            ("StopRecording", {"reason": "x"}),
            ("AnchorClock", {"ms": 0, "utc": "2026-01-01T00:00:00Z", "source": "x", "offset_ms": 0}),
            ("AnnounceSource", {"source": str(uuid.uuid4()), "seat": seats["tp1"], "kind": "microphone", "label": ""}),
            ("Mute", {"seat": "no-such-seat"}),
            ("Mute", {"seat": "../" + "x" * 30}),
        ):
            answer = await one.command(name, args)
            assert answer is not None and set(answer) == {"refused"}, (name, answer)
            await asyncio.sleep(0.03)  # below 20 a second: only the rules may say no here
        end = await _marked(court)
        written = [
            entry
            for entry in court.clients["tk1"].entries[before : end - 1]
            # That this page came, or an earlier one of the seat went, is the court's own note.
            if entry["kind"] not in ("Arrived", "ConnectionLost") or entry["body"]["seat"] != me
        ]
        assert not written, written


async def _marked(court: Court) -> int:
    """The clerk writes a note; how many entries the clerk has when it has come back: all before it have come too."""
    clerk, note = court.clients["tk1"], str(uuid.uuid4())
    await court.does("tk1", "LogNote", note=note, text="mark")

    def place() -> int:
        notes = (number for number, entry in enumerate(clerk.entries, 1) if entry["body"].get("note") == note)
        return next(notes, 0)

    await clerk.until("the mark", lambda: place() > 0, PATIENCE_S)
    return place()


async def check_repeated(court: Court) -> None:
    """The same op_id again: the first answer again, one entry; by somebody else: refused."""
    clerk = court.clients["tk1"]
    op_id, note = str(uuid.uuid4()), str(uuid.uuid4())
    first = await clerk.command("LogNote", op_id=op_id, note=note, text="one")
    again = await asyncio.gather(
        *(clerk.command("LogNote", op_id=op_id, note=str(uuid.uuid4()), text="two") for _ in range(5))
    )
    assert set(again) == {first}
    await _marked(court)
    notes = [entry for entry in clerk.entries if entry["kind"] == "NoteLogged"]
    assert [one["body"]["text"] for one in notes if one["body"]["text"] in ("one", "two")] == ["one"]


MALFORMED: tuple[tuple[str, str], ...] = (
    ("unknown command", '{"op_id":"x","name":"DropTables","args":{}}'),
    ("a dunder", '{"op_id":"x","name":"__class__","args":{}}'),
    ("an extra field", '{"op_id":"x","name":"RaiseHand","args":{"reason":"speak","by":"court"}}'),
    ("an extra field outside", '{"op_id":"x","name":"RaiseHand","args":{"reason":"speak"},"by":"court"}'),
    ("a missing field", '{"op_id":"x","name":"Mute","args":{}}'),
    ("a wrong type", '{"op_id":"x","name":"Mute","args":{"seat":5}}'),
    ("a list for a text", '{"op_id":"x","name":"Mute","args":{"seat":["a"]}}'),
    ("a wrong word", '{"op_id":"x","name":"RaiseHand","args":{"reason":"dance"}}'),
    ("a huge text", '{"op_id":"x","name":"RaiseHand","args":{"reason":"speak","text":"' + "A" * 30000 + '"}}'),
    ("NUL", '{"op_id":"x","name":"RaiseHand","args":{"reason":"speak","text":"a\\u0000b"}}'),
    ("half a letter", '{"op_id":"x","name":"RaiseHand","args":{"reason":"speak","text":"\\ud800"}}'),
    ("a huge number", '{"op_id":"x","name":"StartRecess","args":{"minutes":1e400}}'),
    ("a number of many digits", '{"op_id":"x","name":"StartRecess","args":{"minutes":' + "9" * 4000 + "}}"),
    ("no number", '{"op_id":"x","name":"StartRecess","args":{"minutes":NaN}}'),
    ("true for a number", '{"op_id":"x","name":"StartRecess","args":{"minutes":true}}'),
    ("an op_id with a line end", '{"op_id":"a\\nb","name":"RaiseHand","args":{"reason":"speak"}}'),
    ("an op_id of 1 KB", '{"op_id":"' + "x" * 1024 + '","name":"RaiseHand","args":{"reason":"speak"}}'),
    ("no op_id", '{"name":"RaiseHand","args":{"reason":"speak"}}'),
    ("args as a list", '{"op_id":"x","name":"RaiseHand","args":[]}'),
    ("a text for all", '"RaiseHand"'),
    ("null", "null"),
    ("many seats", '{"op_id":"x","name":"Admit","args":{"seats":[' + ",".join(['"s"'] * 5000) + "]}}"),
    ("deep nesting", '{"op_id":"x","name":"Mute","args":{"seat":' + '{"a":' * 400 + "1" + "}" * 400 + "}}"),
)


async def check_malformed(court: Court, token: str) -> None:
    """Broken commands: told what is wrong, then the connection ends; the seat may come again at once."""
    for what, text in MALFORMED:
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            answer = await one.ask("command", None, text=text)
            assert answer is None or set(answer) == {"malformed"}, (what, answer)
            await one.is_ended()
            assert answer is None or "\n" not in answer["malformed"], what
    async with Raw(court.house) as one:  # the twin: a good one goes through the same hands
        await one.enter(token, court.hearing)
        answer = await one.command("RaiseHand", {"reason": "speak", "text": "Xin phép"})
        assert answer is not None and ("number" in answer or "refused" in answer), answer


FRAMES: tuple[tuple[str, str], ...] = (
    ("nothing", ""),
    ("no frame", "hello"),
    ("an unknown packet", "49/hearing"),
    ("a binary packet", '451-/hearing,["x",{"_placeholder":true,"num":0}]'),
    ("broken JSON", '42/hearing,["command",{'),
    ("no list", '42/hearing,{"a":1}'),
    ("an event that is no text", "42/hearing,[5,{}]"),
    ("the library's own event", '42/hearing,["disconnect"]'),
    ("the library's own event", '42/hearing,["connect",{}]'),
    ("an unknown event", '42/hearing,["shout",{}]'),
    ("no payload", '42/hearing,["command"]'),
    ("three payloads", '42/hearing,["command",{},{},{}]'),
    ("a deep one", '42/hearing,["command",' + "[" * 60000 + "]" * 60000 + "]"),
    ("a number without end", '42/hearing,["command",' + "9" * 6000 + "]"),
    ("an acknowledgement number without end", "42/hearing," + "9" * 6000 + '["command",{}]'),
    ("above the limit", '42/hearing,["command",{"op_id":"' + "A" * (200 * KB) + '"}]'),
)


async def check_frames(court: Court, token: str) -> None:
    """Frames that are none: the connection ends, and only that one."""
    for what, frame in FRAMES:
        async with Raw(court.house) as one:
            await one.enter(token, court.hearing)
            await one.send(frame)
            try:
                await one.is_ended()
            except AssertionError:
                raise AssertionError(f"{what}: the connection stayed open") from None
    async with Raw(court.house) as one:
        await one.enter(token, court.hearing)
        await one.socket.send_bytes(b"\x00" * 1000)
        await one.is_ended()
    async with Raw(court.house) as one:  # another namespace is not there
        await one.enter(token, court.hearing)
        await one.send('40/admin,{"token":"x"}')
        await one.until("a refusal", lambda: any("44/admin" in frame for frame in one.got) or one.closed is not None)


async def check_silent(court: Court) -> None:
    """Who opens sockets and says nothing is closed after five seconds, and costs nobody anything."""
    waiting = [await Raw(court.house).open() for _ in range(60)]
    try:
        for one in waiting:
            await one.is_ended(9.0)
    finally:
        for one in waiting:
            await one.__aexit__()


async def check_flood(court: Court, token: str) -> None:
    """More than 20 events a second, burst 60: counted on our side; the connection ends, others are served meanwhile."""
    async with Raw(court.house) as one:
        await one.enter(token, court.hearing)
        for _ in range(TWINS):  # what a busy page may send
            await one.send('42/hearing,["signal",{"type":"quality","rtt":1}]')
        await asyncio.sleep(0.5)
        assert one.closed is None
        sent = 0
        began = time.monotonic()
        while one.closed is None and time.monotonic() - began < 5:
            try:
                for _ in range(50):
                    await one.send('42/hearing,["signal",{"type":"quality","rtt":1}]')
                    sent += 1
            except (ConnectionError, aiohttp.ClientError):
                break
            await asyncio.sleep(0)
        # Not before its burst is used up; the busy page has taken its part of it.
        assert sent >= EVENTS_BURST - TWINS, sent
        await one.is_ended()
    began = time.monotonic()
    await court.does("tk1", "LogNote", note=str(uuid.uuid4()), text="still served")
    assert time.monotonic() - began < 2.0


async def check_two_tabs(court: Court, token: str) -> None:
    """One invitation in two tabs: the newest has the seat, the older is told and asks no more."""
    async with Raw(court.house) as old, Raw(court.house) as new:
        await old.enter(token, court.hearing)
        await new.enter(token, court.hearing)
        await old.until("the word that it was moved", lambda: any('"moved"' in one for one in old.got))
        await old.is_ended()
        answer = await new.command("RaiseHand", {"reason": "request", "text": ""})
        assert answer is not None and new.closed is None
        await new.command("LowerHand", {})


async def check_ended_session(house: House, court: Court) -> None:
    """Signed out, the live connection of that session ends within seconds, and does not come back."""
    row = house.product.account(SEAT)
    came = await house.ask("POST", "/api/sign-in", json={"name": row.name, "password": row.password})
    token = came.json["token"]
    house.secrets.add(token)
    async with Raw(house) as one:
        await one.enter(token, court.hearing)
        await asyncio.sleep(2.5)
        assert one.closed is None  # the twin: a session that goes on is left alone
        headers = {"Cookie": f"session={token}", "Sec-Fetch-Site": "same-origin"}
        assert (await house.ask("POST", "/sign-out", headers=headers)).status == 303
        await one.is_ended()
    async with Raw(house) as one:
        await one.open()
        await one.send("40/hearing," + json.dumps({"token": token}))
        await one.until("a refusal", lambda: any("44/hearing" in frame for frame in one.got))
