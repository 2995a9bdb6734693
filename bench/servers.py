"""The servers under test, each a process of its own: ours, with and without the recorder, the tutorial's MediaRelay,
and Debian's Janus twice.
"""

import asyncio
import json
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.network import Network
from signaling import control, health, sizes
from signaling.link import NodeLink

NEWS = (health.Load, sizes.Flow)
"""What a media process of ours tells unasked; `NodeLink` reads messages whose modules are loaded."""

Answering = Callable[[str], Awaitable[str]]
SMALLEST_RECORDING = 1_000
"""Bytes; a few seconds of silence in Opus are more."""
CLEAN_ENDS = (0, -signal.SIGTERM)
"""How a server may end when it is asked to; Janus answers the signal, ours is ended by it."""


class Server:
    """One server process, pinned to a core."""

    stamped = True
    only: tuple[str, ...] = ()
    """The loads it is measured under, if not under all."""

    def __init__(self, directory: Path, network: Network) -> None:
        self.directory, self.network = directory, network
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, command: list[str]) -> None:
        self.process = self.network.launch(command, self.directory, self.directory / f"{type(self).__name__}.log")

    async def wait_for(self, path: Path) -> None:
        end = time.monotonic() + 15
        while not path.exists():
            assert self.process is not None and self.process.poll() is None, "the server has ended; see its log"
            assert time.monotonic() < end, f"{path} does not appear"
            await asyncio.sleep(0.05)

    def cpu_ns(self) -> int:
        """User and system time of all threads."""
        assert self.process is not None
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total

    def resident_bytes(self) -> int:
        """Memory that stands for the process now."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ProcessLookupError(f"process {self.process.pid} has ended")

    async def start(self) -> None: ...

    async def publish(self, room: str, seat: str, offer: str) -> str:
        """The server's answer."""
        raise NotImplementedError

    async def subscribe(self, room: str, seat: str, publishers: list[str], answering: Answering) -> None:
        """Have `answering` answer the server's offer for the sound and picture of `publishers`."""
        raise NotImplementedError

    async def depart(self, room: str, seat: str) -> None:
        """One seat has gone."""
        raise NotImplementedError

    async def leave(self, room: str) -> None:
        """Everybody has gone."""

    async def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            if self.process.returncode not in CLEAN_ENDS:
                # After the last figure was taken; but whoever reads the figures should know it.
                print(f"      {type(self).__name__} ended with {self.process.returncode} when it was stopped")


class Hearing(Server):
    options: tuple[str, ...] = ()

    async def start(self) -> None:
        path = self.directory / f"media-{secrets.token_hex(4)}.sock"
        self.launch([sys.executable, "-m", "bench.node", str(path), self.network.server_address, *self.options])
        await self.wait_for(path)
        self.link = await NodeLink.connect(path, 1, lambda news: None)
        self._plan: dict[str, list[control.Edge]] = {}
        self._version = 0

    async def _room(self, room: str) -> None:
        if room not in self._plan:
            self._plan[room] = []
            await self.link.ask(control.OpenRoom(room=room, hearing_ms=0, directory=str(self._folder(room))))

    def _folder(self, room: str) -> Path:
        return self.directory / f"room-{room}"

    async def publish(self, room: str, seat: str, offer: str) -> str:
        await self._room(room)
        peer = f"{room}-{seat}-pub"
        await self.link.ask(control.CreatePeer(peer=peer, room=room, seat=seat, direction="pub"))
        sources = {"0": f"{seat}-mic", "1": f"{seat}-cam"}
        return (await self.link.ask(control.Offer(peer=peer, sdp=offer, sources=sources))).sdp

    async def subscribe(self, room: str, seat: str, publishers: list[str], answering: Answering) -> None:
        await self._room(room)
        plan = self._plan[room]
        plan += [(f"{one}-mic", seat, "audio") for one in publishers]
        plan += [(f"{one}-cam", seat, "video") for one in publishers]
        await self._set(room)
        peer = f"{room}-{seat}-sub"
        await self.link.ask(control.CreatePeer(peer=peer, room=room, seat=seat, direction="sub"))
        offer = await self.link.ask(control.MakeOffer(peer=peer))
        answer = await answering(offer.sdp)
        await self.link.ask(control.AcceptAnswer(peer=peer, offer=offer.offer, sdp=answer))

    async def depart(self, room: str, seat: str) -> None:
        for direction in ("pub", "sub"):
            await self.link.ask(control.ClosePeer(peer=f"{room}-{seat}-{direction}"))
        self._plan[room] = [one for one in self._plan[room] if one[1] != seat and one[0][:-4] != seat]
        await self._set(room)

    async def _set(self, room: str) -> None:
        self._version += 1
        await self.link.ask(control.SetEdges(room=room, version=self._version, edges=tuple(self._plan[room])))

    async def leave(self, room: str) -> None:
        await self.link.ask(control.CloseRoom(room=room))

    async def stop(self) -> None:
        await self.link.close()
        await super().stop()


class HearingRecording(Hearing):
    """Ours with the recorder at work: every source goes to its files as well."""

    options = ("--record",)
    only = ("6-way",)

    async def publish(self, room: str, seat: str, offer: str) -> str:
        await self._room(room)
        self._plan[room] += [(f"{seat}-mic", "recorder", "audio"), (f"{seat}-cam", "recorder", "video")]
        await self._set(room)
        return await super().publish(room, seat, offer)

    async def leave(self, room: str) -> None:
        tracks = {source for source, listener, _ in self._plan[room] if listener == "recorder"}
        kept = [one.stat().st_size for one in self._folder(room).glob("*.webm")]
        await super().leave(room)
        if len([size for size in kept if size > SMALLEST_RECORDING]) < len(tracks):
            raise AssertionError(f"{len(tracks)} sources were to be recorded; the files have {kept} bytes")


class MediaRelay(Server):
    """The design of the tutorials: decode, relay, encode again for every listener."""

    stamped = False
    only = ("1", "5", "10", "20", "6-way")  # heavier ones it cannot carry: 6-way is too much already

    async def start(self) -> None:
        path = self.directory / f"relay-{secrets.token_hex(4)}.sock"
        self.launch([sys.executable, "-m", "bench.relay", str(path)])
        await self.wait_for(path)
        self._reader, self._writer = await asyncio.open_unix_connection(path, limit=1 << 22)

    async def _ask(self, **request: Any) -> Any:
        self._writer.write(json.dumps(request).encode() + b"\n")
        return json.loads(await self._reader.readline())

    async def publish(self, room: str, seat: str, offer: str) -> str:
        return str((await self._ask(do="publish", room=room, seat=seat, sdp=offer))["sdp"])

    async def subscribe(self, room: str, seat: str, publishers: list[str], answering: Answering) -> None:
        offer = await self._ask(do="subscribe", room=room, seat=seat, publishers=publishers)
        await self._ask(do="answer", room=room, seat=seat, sdp=await answering(offer["sdp"]))

    async def leave(self, room: str) -> None:
        await self._ask(do="leave", room=room)

    async def stop(self) -> None:
        self._writer.close()
        await super().stop()


class Janus(Server):
    """Debian's package as it comes, with its Unix socket for the signalling and the video room only."""

    options: tuple[str, ...] = ()

    async def start(self) -> None:
        folder = self.directory / f"janus-{secrets.token_hex(4)}"
        shutil.copytree("/etc/janus", folder)
        path = folder / "api.sock"
        # Our own text replaces the package's, which leaves the socket off.
        (folder / "janus.transport.pfunix.jcfg").write_text(
            f'general: {{ enabled = true json = "compact" path = "{path}" }}\nadmin: {{ admin_enabled = false }}\n'
        )
        settings = (folder / "janus.jcfg").read_text()
        others = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_rabbitmq.so,libjanus_websockets.so"
        settings = settings.replace("transports: {", f'transports: {{\n\tdisable = "{others}"', 1)
        (folder / "janus.jcfg").write_text(settings)
        self.launch(["janus", "-F", str(folder), "-N", "-C", str(folder / "janus.jcfg"), *self.options])
        await self.wait_for(path)
        await asyncio.sleep(0.3)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        await asyncio.get_running_loop().sock_connect(self._socket, str(path))
        self._answers: dict[str, asyncio.Queue[Any]] = {}
        self._reading = asyncio.ensure_future(self._read())
        self._session = (await self._ask(janus="create"))["data"]["id"]
        self._handles: dict[tuple[str, str], list[int]] = {}
        self._rooms: set[str] = set()
        self._feeds: dict[tuple[str, str], int] = {}

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._socket, 1 << 18):
            message = json.loads(data)
            if (queue := self._answers.get(message.get("transaction", ""))) is not None:
                queue.put_nowait(message)

    async def _ask(self, **request: Any) -> Any:
        transaction = secrets.token_hex(8)
        queue = self._answers[transaction] = asyncio.Queue()
        request["transaction"] = transaction
        await asyncio.get_running_loop().sock_sendall(self._socket, json.dumps(request).encode())
        while True:
            message = await asyncio.wait_for(queue.get(), 10)
            if message["janus"] != "ack":
                break
        del self._answers[transaction]
        found = message.get("plugindata", {}).get("data", {})
        assert message["janus"] != "error" and "error" not in found, message
        return message

    async def _message(self, handle: int, body: dict[str, Any], jsep: dict[str, Any] | None = None) -> Any:
        more = {"jsep": jsep} if jsep else {}
        return await self._ask(janus="message", session_id=self._session, handle_id=handle, body=body, **more)

    async def _attach(self, room: str, seat: str) -> int:
        reply = await self._ask(janus="attach", session_id=self._session, plugin="janus.plugin.videoroom")
        handle = int(reply["data"]["id"])
        if room not in self._rooms:
            self._rooms.add(room)
            create = {
                "request": "create",
                "room": int(room),
                "publishers": 20,
                "videocodec": "vp8",
                "audiocodec": "opus",
            }
            await self._message(handle, create)
        self._handles.setdefault((room, seat), []).append(handle)
        return handle

    async def publish(self, room: str, seat: str, offer: str) -> str:
        handle = await self._attach(room, seat)
        joined = await self._message(handle, {"request": "join", "ptype": "publisher", "room": int(room)})
        self._feeds[room, seat] = joined["plugindata"]["data"]["id"]
        reply = await self._message(handle, {"request": "publish"}, {"type": "offer", "sdp": offer})
        return str(reply["jsep"]["sdp"])

    async def subscribe(self, room: str, seat: str, publishers: list[str], answering: Answering) -> None:
        handle = await self._attach(room, seat)
        streams = [{"feed": self._feeds[room, one]} for one in publishers]
        body = {"request": "join", "ptype": "subscriber", "room": int(room), "streams": streams}
        offer = await self._message(handle, body)
        answer = await answering(offer["jsep"]["sdp"])
        await self._message(handle, {"request": "start"}, {"type": "answer", "sdp": answer})

    async def leave(self, room: str) -> None:
        for _, seat in [one for one in self._handles if one[0] == room]:
            await self.depart(room, seat)

    async def depart(self, room: str, seat: str) -> None:
        for handle in self._handles.pop((room, seat)):
            await self._ask(janus="detach", session_id=self._session, handle_id=handle)

    async def stop(self) -> None:
        self._reading.cancel()
        # Its end takes the descriptor out of the loop; once closed, the number may be another socket's.
        await asyncio.gather(self._reading, return_exceptions=True)
        self._socket.close()
        await super().stop()


class JanusTuned(Janus):
    options = ("-e", "1")


DESIGNS: dict[str, type[Server]] = {
    "hearing": Hearing,
    "hearing-recording": HearingRecording,
    "mediarelay": MediaRelay,
    "janus": Janus,
    "janus-tuned": JanusTuned,
}
