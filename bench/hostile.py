"""A call under attack: thousands of hostile datagrams a second of thirteen kinds, and what the others notice of it.

Two people send sound and picture to two listeners; a third listener is hostile. While the attack goes on, newcomers
come in one after the other. Rule: what was sent and what arrived stands in the senders' and listeners' own logs, what
was thrown in the attacker's; the server is asked only how many datagrams reached it.
"""

import argparse
import asyncio
import multiprocessing
import os
import secrets
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.datagrams import FORGED, INSIDER, KINDS, STRANGER, Aim, pour
from bench.line import Line, Sender, attribute, sections
from bench.network import Network
from bench.packets import AUDIO_INTERVAL, VIDEO_INTERVAL, Feed, make_audio, make_video
from bench.servers import Hearing
from signaling import control
from signaling.link import NodeLink

RATE, SECONDS = 8000.0, 10.0
LONGEST_LAG_MS = 100.0
PROVED = 0.98
"""Of what was thrown, so much must have reached the server by its own count, or the attack did not take place."""

NEWCOMER_EVERY_S, NEWCOMER_PATIENCE_S = 1.0, 5.0
PEOPLE, LISTENERS = ("judge", "party"), ("clerk", "public")


class Loopback(Hearing):
    """Our media process on this machine's loopback, which tells how late its loop was."""

    def __init__(self, directory: Path, module: str) -> None:
        super().__init__(directory, Network())  # never entered: nothing is made of it
        self._module = module

    async def start(self) -> None:
        path = self.directory / "media.sock"
        self.lag = self.directory / "lag"
        with (self.directory / "media.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self._module, str(path), "127.0.0.1", str(self.lag)], stdout=log, stderr=log
            )
        if (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(self.process.pid, {1})
        await self.wait_for(path)
        self.link = await NodeLink.connect(path, 1, lambda news: None)
        self._plan: dict[str, list[control.Edge]] = {}
        self._version = 0

    def lags_ms(self) -> list[float]:
        return [float(line) for line in self.lag.read_text().split()] if self.lag.exists() else []


@dataclass(kw_only=True)
class Result:
    """What an attack came to. `thrown` by kind, `dropped` by the server's reasons."""

    seconds: float
    thrown: dict[str, int]
    received: int
    dropped: dict[str, int]
    sound_sent: int
    sound_missing: int
    picture_sent: int
    picture_missing: int
    latency_ms: float
    lag_ms: float
    cpu: float
    joined_ms: list[float] = field(default_factory=list)
    not_joined: list[str] = field(default_factory=list)
    repaired_per_s: float = 0.0
    alive: bool = True

    def faults(self, longest_lag_ms: float = LONGEST_LAG_MS) -> list[str]:
        """Every rule that did not hold, the proof of the attack among them."""
        found = []
        if not self.alive:
            found.append("the media process has ended")
        if self.sound_missing or not self.sound_sent:
            found.append(f"{self.sound_missing} of {self.sound_sent} sound packets did not arrive")
        if self.lag_ms > longest_lag_ms:
            found.append(f"the loop was {self.lag_ms:.0f} ms late")
        if self.not_joined or not self.joined_ms:
            found.append(f"newcomers did not come in: {self.not_joined}")
        if self.received < PROVED * sum(self.thrown.values()):
            found.append(f"{self.received} datagrams reached the server of {sum(self.thrown.values())} thrown")
        for reason in sorted({*STRANGER.values(), *FORGED.values()}):
            thrown = sum(n for kind, n in self.thrown.items() if {**STRANGER, **FORGED}.get(kind) == reason)
            if self.dropped.get(reason, 0) < PROVED * thrown:
                found.append(f"{self.dropped.get(reason, 0)} were dropped as {reason} of {thrown} thrown")
        return found


class Trial:
    """One call on one server, attacked by `kinds` at `rate` a second for `seconds`."""

    def __init__(self, server: Loopback, kinds: tuple[str, ...], rate: float, seconds: float) -> None:
        self.server, self.kinds, self.rate, self.seconds = server, kinds, rate, seconds
        self.room = secrets.token_hex(4)
        self._lines: list[Line] = []
        self._feeds: list[tuple[Line, Feed]] = []
        self._listeners: list[Line] = []
        self._joined: list[float] = []
        self._not_joined: list[str] = []

    async def run(self) -> Result:
        sound, picture = make_audio(), make_video()
        for place, person in enumerate(PEOPLE):
            line, answer = await self._publish(person, [
                Feed(2 * place, 111, secrets.randbits(31) | 1, AUDIO_INTERVAL, sound),
                Feed(2 * place + 1, 96, secrets.randbits(31) | 1, VIDEO_INTERVAL, picture),
            ])  # fmt: skip
            if place == 0:
                aim = self._aim(line, answer)
        sender = Sender(self._feeds, stamped=True)
        sender.start()
        reports = asyncio.ensure_future(self._report())
        try:
            insider = Insider()
            self._listeners = [await self._subscribe(name, Line(controlling=False)) for name in LISTENERS]
            await self._subscribe("insider", insider)
            end = time.monotonic() + 15
            while any(len(line.arrivals.numbers) < 2 * len(PEOPLE) for line in (*self._listeners, insider)):
                assert time.monotonic() < end, "the call does not flow"
                await asyncio.sleep(0.05)
            return await self._attacked(aim, insider)
        finally:
            sender.stop()
            reports.cancel()
            for line in self._lines:
                await line.close()
            await self.server.leave(self.room)

    def _aim(self, line: Line, answer: str) -> Aim:
        pair = line.ice._nominated[1]
        first = sections(answer)[0]
        return Aim(
            server=pair.remote_addr,
            ufrag=attribute(first, "ice-ufrag"),
            password=attribute(first, "ice-pwd"),
            victim=pair.local_addr,
        )

    async def _publish(self, seat: str, feeds: list[Feed]) -> tuple[Line, str]:
        line = Line(controlling=True)
        self._lines.append(line)
        answer = await self.server.publish(self.room, seat, await line.offer(feeds))
        await line.connect(answer, server=attribute(sections(answer)[0], "setup") == "active")
        self._feeds += [(line, one) for one in feeds if one.packets]
        return line, answer

    async def _subscribe(self, seat: str, line: Line) -> Line:
        self._lines.append(line)
        offers: list[str] = []

        async def answering(offer: str) -> str:
            offers.append(offer)
            return await line.answer(offer)

        await self.server.subscribe(self.room, seat, list(PEOPLE), answering)
        await line.connect(offers[0], server=False)
        return line

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(1)
            for line in self._listeners:
                line.report()

    async def _attacked(self, aim: Aim, insider: "Insider") -> Result:
        outside = [kind for kind in self.kinds if kind not in INSIDER]
        inside = [kind for kind in self.kinds if kind in INSIDER]
        share = self.rate / len(self.kinds)
        here, there = multiprocessing.get_context("spawn").Pipe()
        attacker = multiprocessing.get_context("spawn").Process(
            target=pour, args=(aim, outside, share * len(outside), self.seconds, there), daemon=True
        )
        attacker.start()
        try:
            there.close()
            await asyncio.to_thread(here.recv)
            return await self._measure(here, insider, inside, share)
        finally:
            attacker.kill()
            attacker.join()

    async def _measure(self, attacker: Any, insider: "Insider", inside: list[str], share: float) -> Result:
        for line in self._listeners:
            line.arrivals.clear()
        lags = len(self.server.lags_ms())
        before, cpu = await self._asked(), self.server.cpu_ns()
        begin = time.monotonic_ns()
        attacker.send("go")
        storm = Storm(insider, inside, share, self.seconds)
        storm.start()
        joining = asyncio.ensure_future(self._newcomers())
        thrown = await asyncio.to_thread(attacker.recv)
        await asyncio.to_thread(storm.join)
        end = time.monotonic_ns()
        cpu = self.server.cpu_ns() - cpu
        await joining
        await asyncio.sleep(1.1)  # what is under way arrives; the last second of the lag is written
        after = await self._asked()
        sound, picture = (self._missing(kind, begin, end) for kind in (0, 1))
        delays = [delay for line in self._listeners for delay in line.arrivals.delays]
        # Both hear the same people; what the insider got beyond it was sent again.
        got = {name: after.egress[name].packets - before.egress[name].packets for name in ("insider", LISTENERS[0])}
        return Result(
            seconds=(end - begin) / 1e9,
            thrown={**thrown, **storm.sent},
            received=after.received - before.received,
            dropped={reason: count - before.dropped.get(reason, 0) for reason, count in after.dropped.items()},
            sound_sent=sound[0],
            sound_missing=sound[1],
            picture_sent=picture[0],
            picture_missing=picture[1],
            latency_ms=max(delays) / 1e6 if delays else 0.0,
            lag_ms=max(self.server.lags_ms()[lags:], default=0.0),
            cpu=cpu / (end - begin),
            joined_ms=self._joined,
            not_joined=self._not_joined,
            repaired_per_s=max(0, got["insider"] - got[LISTENERS[0]]) / ((end - begin) / 1e9),
            alive=self.server.process is not None and self.server.process.poll() is None,
        )

    async def _asked(self) -> control.RoomStatistics:
        return await self.server.link.ask(control.Statistics(room=self.room))

    def _missing(self, kind: int, begin: int, end: int) -> tuple[int, int]:
        """(sent, missing) packets of sound (0) or picture (1), each listener by itself."""
        sent = missing = 0
        for line in self._listeners:
            got = line.arrivals.arrived()
            for _, feed in self._feeds:
                if feed.number % 2 == kind:
                    numbers = {count & 0xFFFF for count, at in enumerate(feed.sent) if begin <= at < end}
                    sent += len(numbers)
                    missing += len(numbers - got.get(feed.number, set()))
        return sent, missing

    async def _newcomers(self) -> None:
        """One after the other, each with its own handshake, while hellos of strangers fly at the port."""
        until = time.monotonic() + self.seconds - 0.5
        number = 0
        while time.monotonic() < until:
            number += 1
            began = time.monotonic()
            feeds = [
                Feed(100, 111, secrets.randbits(31) | 1, 1.0, []),
                Feed(101, 96, secrets.randbits(31) | 1, 1.0, []),
            ]
            try:
                line, _ = await asyncio.wait_for(self._publish(f"guest{number}", feeds), NEWCOMER_PATIENCE_S)
            except (TimeoutError, ConnectionError, AssertionError) as error:
                self._not_joined.append(f"{number}: {error!r}")
                continue
            self._joined.append((time.monotonic() - began) * 1000)
            self._lines.remove(line)
            await line.close()
            await asyncio.sleep(max(0.0, began + NEWCOMER_EVERY_S - time.monotonic()))


class Insider(Line):
    """A listener who only looks at the numbers of what comes: the same packet may come many times."""

    def __init__(self) -> None:
        super().__init__(controlling=False, sample=1 << 16)
        self._highest: dict[int, int] = {}
        self._seen: dict[int, int] = {}

    def highest(self) -> list[tuple[int, int]]:
        """The newest number of each stream."""
        for stream, numbers in list(self.arrivals.numbers.items()):
            new = numbers[self._seen.get(stream, 0) :]
            self._seen[stream] = self._seen.get(stream, 0) + len(new)
            for number in new:
                if (number - self._highest.get(stream, number)) & 0xFFFF < 0x8000:
                    self._highest[stream] = number
        return list(self._highest.items())


class Storm(threading.Thread):
    """Real RTCP of a real listener: reports and key frames asked for, or packets asked for again, `rate` of each."""

    def __init__(self, line: Insider, kinds: list[str], rate: float, seconds: float) -> None:
        super().__init__(daemon=True)
        self._line, self._kinds, self._rate, self._seconds = line, kinds, rate, seconds
        self.sent = dict.fromkeys(kinds, 0)

    def run(self) -> None:
        began = time.monotonic()
        rounds = 0
        while self._kinds and (elapsed := time.monotonic() - began) < self._seconds:
            while rounds < elapsed * self._rate:
                for kind in self._kinds:
                    data = self._nacks(rounds) if kind == "nack" else self._reports()
                    self._line._socket.sendto(self._line.sending.protect_rtcp(data), self._line._remote)
                    self.sent[kind] += 1
                rounds += 1
            time.sleep(0.002)

    def _nacks(self, number: int) -> bytes:
        """340 numbers of one stream at once."""
        streams = self._line.highest()
        ssrc, highest = streams[number % len(streams)]
        words = b"".join(struct.pack("!HH", (highest - 17 * back) & 0xFFFF, 0xFFFF) for back in range(1, 21))
        return struct.pack("!BBHII", 0x81, 205, 2 + len(words) // 4, 77, ssrc) + words

    def _reports(self) -> bytes:
        streams = self._line.highest()
        blocks = b"".join(struct.pack("!IIIIII", ssrc, 0xFF000000, highest, 9, 0, 0) for ssrc, highest in streams)
        data = struct.pack("!BBHI", 0x80 | len(streams), 201, 1 + len(blocks) // 4, 77) + blocks
        for ssrc, _ in streams:
            data += struct.pack("!BBHII", 0x81, 206, 2, 77, ssrc)
        return data + struct.pack("!BBHII4sBBHI", 0x8F, 206, 5, 77, 0, b"REMB", 1, 0, 9, streams[0][0])


async def attack(
    directory: Path, kinds: tuple[str, ...], rate: float, seconds: float, module: str = "bench.node"
) -> Result:
    """Start `module` as the media process, hold a call on it, attack it. `directory` must be empty."""
    server = Loopback(directory, module)
    await server.start()
    try:
        return await Trial(server, kinds, rate, seconds).run()
    finally:
        await server.stop()


def tell(what: str, result: Result) -> None:
    thrown = sum(result.thrown.values())
    slowest = max(result.joined_ms, default=float("nan"))
    print(
        f"{what:<15} thrown {thrown:>6} = {thrown / result.seconds:>6.0f}/s  reached {result.received:>6}  "
        f"sound {result.sound_missing}/{result.sound_sent} missing  picture {result.picture_missing}/"
        f"{result.picture_sent}  longest way {result.latency_ms:>5.1f} ms  lag {result.lag_ms:>5.1f} ms  core "
        f"{result.cpu:>4.0%}  newcomers {len(result.joined_ms)} in {slowest:.0f} ms at most",
        flush=True,
    )
    for fault in result.faults():
        print(f"    FAULT {fault}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=RATE, help="datagrams a second")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--each", action="store_true", help="then each kind by itself at the whole rate")
    parser.add_argument("--quick", action="store_true", help="three seconds, to see that it runs")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.seconds = 3.0
    if os.geteuid() != 0:
        print("hostile: needs root, to forge the address of a sender", file=sys.stderr)
        return 1
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {0})
    faults = 0
    for kinds in [KINDS, *([(kind,) for kind in KINDS] if arguments.each else [])]:
        with tempfile.TemporaryDirectory(prefix="hearing-hostile-") as directory:
            result = asyncio.run(attack(Path(directory), kinds, arguments.rate, arguments.seconds))
        tell("all kinds" if len(kinds) > 1 else kinds[0], result)
        if len(kinds) > 1:
            print(
                f"    thrown {result.thrown}\n    dropped {result.dropped}\n    repaired {result.repaired_per_s:.0f}/s"
            )
        faults += len(result.faults())
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
