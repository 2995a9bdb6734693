"""A place that has no way to the court but over a TURN server: three networks, with a real coturn in the middle.

    client namespace (10.x.y.2) --- turn namespace (10.x.y.1, 10.x.z.2, no forwarding) --- this machine (10.x.z.1)

Only TCP to the pages is carried across, by a forwarder in the middle; media have coturn or nothing. A second address
of this machine (`elsewhere`) stands for everything that is not the media server.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from web.tls import Certificate, local_certificate
from web.turn_config import Relay, write

PLAIN_PORT, TLS_PORT = 3478, 443
READY_WITHIN_S = 10.0

FORWARD = """
import asyncio, sys
here, there = sys.argv[1:3]
async def carry(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
async def came(reader, writer, port):
    try:
        far = await asyncio.open_connection(there, port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(carry(reader, far[1]), carry(far[0], writer))
async def main():
    servers = [
        await asyncio.start_server(lambda r, w, port=int(port): came(r, w, port), here, int(port))
        for port in sys.argv[3:]
    ]
    print("ready", flush=True)
    await asyncio.gather(*(one.serve_forever() for one in servers))
asyncio.run(main())
"""


@dataclass(frozen=True)
class Place:
    """`client` and `middle` are namespaces; `near` is coturn's address for the client, `far` the one it relays from,
    `court` and `elsewhere` are addresses of this machine."""

    client: str
    middle: str
    near: str
    far: str
    court: str
    elsewhere: str
    here: str
    """The client's own address."""

    def urls(self) -> dict[str, str]:
        return {
            "udp": f"turn:{self.near}:{PLAIN_PORT}?transport=udp",
            "tcp": f"turn:{self.near}:{PLAIN_PORT}?transport=tcp",
            "tls": f"turns:{self.near}:{TLS_PORT}?transport=tcp",
        }

    @contextlib.contextmanager
    def forwarded(self, *ports: int) -> Iterator[None]:
        """The client reaches these TCP ports of this machine at `near`."""
        command = ["ip", "netns", "exec", self.middle, sys.executable, "-c", FORWARD, self.near, self.court]
        process = subprocess.Popen([*command, *map(str, ports)], stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            yield
        finally:
            _end(process)

    def chromium(self, folder: Path, chromium: str) -> Path:
        """A script that starts Chromium in the client's namespace."""
        path = folder / "chromium-there"
        path.write_text(f'#!/bin/sh\nexec ip netns exec {self.client} {chromium} "$@"\n')
        path.chmod(0o755)
        return path


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """Make the networks; they are gone afterwards. Needs root."""
    tag, net = secrets.token_hex(2), f"10.{200 + secrets.randbelow(50)}"
    one, two = secrets.randbelow(120), 120 + secrets.randbelow(120)
    found = Place(
        client=f"hrc{tag}", middle=f"hrt{tag}", near=f"{net}.{one}.1", here=f"{net}.{one}.2",
        far=f"{net}.{two}.2", court=f"{net}.{two}.1", elsewhere=f"{net}.{two}.9",
    )  # fmt: skip
    try:
        for name in (found.client, found.middle):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("link", "add", f"hc{tag}", "netns", found.client, "type", "veth", "peer", "name", f"hm{tag}", "netns",
           found.middle)  # fmt: skip
        ip("link", "add", f"hr{tag}", "type", "veth", "peer", "name", f"hf{tag}", "netns", found.middle)
        for namespace, device, address in (
            (found.client, f"hc{tag}", found.here), (found.middle, f"hm{tag}", found.near),
            (found.middle, f"hf{tag}", found.far),
        ):  # fmt: skip
            ip("-n", namespace, "addr", "add", f"{address}/24", "dev", device)
            ip("-n", namespace, "link", "set", device, "up")
        for address in (found.court, found.elsewhere):
            ip("addr", "add", f"{address}/24", "dev", f"hr{tag}")
        ip("link", "set", f"hr{tag}", "up")
        # This machine could answer the client; the client cannot ask, and the middle carries nothing on by itself.
        ip("route", "add", f"{found.here}/32", "via", found.far)
        still = "echo 0 > /proc/sys/net/ipv4/ip_forward"
        subprocess.run(["ip", "netns", "exec", found.middle, "sh", "-c", still], check=True)
        yield found
    finally:
        for name in (found.client, found.middle):
            subprocess.run(["ip", "netns", "delete", name], check=False)
        subprocess.run(["ip", "link", "delete", f"hr{tag}"], check=False, stderr=subprocess.DEVNULL)


class Coturn:
    """A coturn in the middle, with the configuration that `hearing turn-config` writes. `start`, then `stop`."""

    def __init__(self, place: Place, folder: Path, *, keys: Sequence[bytes] = (b"a-secret-for-tests",)) -> None:
        self.place, self.folder, self.keys = place, folder, tuple(keys)
        self.certificate: Certificate = local_certificate(folder / "tls", place.near)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.folder / "coturn.log").read_text(errors="replace")

    @property
    def secret_file(self) -> Path:
        path = self.folder / "turn-secret"
        path.write_bytes(b"\n".join(self.keys) + b"\n")
        return path

    def start(self, ways: Sequence[str] = ("udp", "tcp", "tls"), *, leave_out: str = "", put_in: str = "") -> None:
        """Serve these ways only. `leave_out` begins the lines to do without, `put_in` is one to have instead."""
        urls = self.place.urls()
        text = write(
            Relay(
                urls=[urls[way] for way in ways],
                secrets=self.keys,
                media=[self.place.court],
                certificate=self.certificate.chain,
                private_key=self.certificate.key,
            )
        )
        kept = [line for line in text.splitlines() if not leave_out or not line.startswith(leave_out)]
        assert not leave_out or len(kept) < len(text.splitlines())
        kept += [put_in] if put_in else []
        # Where it serves and relays; the rest is about running as an ordinary process.
        kept += [f"listening-ip={self.place.near}", f"listening-ip={self.place.far}", f"relay-ip={self.place.far}"]
        kept += [f"pidfile={self.folder / 'coturn.pid'}", f"userdb={self.folder / 'turndb'}", "simple-log", "verbose"]
        kept += [f"log-file={self.folder / 'coturn.log'}", "no-stdout-log"]
        configuration = self.folder / "turnserver.conf"
        configuration.write_text("\n".join(kept) + "\n")
        (self.folder / "coturn.log").write_text("")
        self._process = subprocess.Popen(
            ["ip", "netns", "exec", self.place.middle, "turnserver", "-c", str(configuration)],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wanted = [f":{TLS_PORT} "] if tuple(ways) == ("tls",) else [f":{PLAIN_PORT} "]
        until = time.monotonic() + READY_WITHIN_S
        while not all(one in self._listening() for one in wanted):
            assert self._process.poll() is None and time.monotonic() < until, self.log
            time.sleep(0.05)

    def _listening(self) -> str:
        command = ["ip", "netns", "exec", self.place.middle, "ss", "-Hlnut"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def stop(self) -> None:
        if self._process is not None:
            _end(self._process)
            self._process = None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
