"""A test network: a namespace at the far end of a line that can be made bad (`tests.support.link`).

The near end is this machine itself, so whatever listens on every address is reached from the namespace at `here`.
Names are unique, and everything is gone at the end: the devices live in the emulator, the emulator lives as long as its
input, and a namespace that a killed run has left behind is removed by the next one. Needs root.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from tests.support.link import WAYS, Conditions, Counters, inside

ROOT = Path(__file__).parents[2]
PREFIX = "hearing-line-"
PERFECT = Conditions()
CUT = Conditions(cut=True)


class Link:
    """The emulator of one line, from outside."""

    def __init__(self, far: str, far_device: str, near_device: str, seed: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.link", far, far_device, "", near_device, str(seed)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._answer()

    @property
    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None and self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def set(self, both: Conditions | None = None, **ways: Conditions) -> dict[str, Counters]:
        """Make both ways, or `up` or `down` alone, like this from now on; the counters at this moment."""
        wanted = {**dict.fromkeys(WAYS if both else (), both), **ways}
        orders, _ = self._pipes
        orders.write(json.dumps({name: asdict(one) for name, one in wanted.items() if one is not None}) + "\n")
        orders.flush()
        return self._answer()

    def counters(self) -> dict[str, Counters]:
        return self.set()

    def _answer(self) -> dict[str, Counters]:
        line = self._pipes[1].readline()
        assert line, f"the link emulator ended with {self._process.wait(5)}"
        return {name: Counters(**one) for name, one in json.loads(line).items()}

    def close(self) -> None:
        for pipe in self._pipes:
            with suppress(BrokenPipeError):
                pipe.close()
        self._process.wait(5)


@dataclass
class Network:
    """`name` is the namespace; `here` and `there` are the addresses of this machine and of the far end."""

    name: str
    device: str
    here: str
    there: str
    link: Link

    def run(self, *command: str) -> str:
        return subprocess.run(
            ["ip", "netns", "exec", self.name, *command], check=True, capture_output=True, text=True
        ).stdout

    def socket(self, kind: socket.SocketKind = socket.SOCK_DGRAM) -> socket.socket:
        """An IPv4 socket at the far end."""
        with inside(self.name):
            return socket.socket(socket.AF_INET, kind)

    def move(self) -> None:
        """The far end loses its address and gets another one, as a phone that changes its network."""
        old, host = self.there, int(self.there.rpartition(".")[2])
        self.there = f"{old.rpartition('.')[0]}.{host + 1}"
        _ip("-n", self.name, "addr", "flush", "dev", self.device, "scope", "global")
        _ip("-n", self.name, "addr", "add", f"{self.there}/24", "dev", self.device)

    def wrapper(self, folder: Path, program: str) -> Path:
        """A program that starts `program` at the far end."""
        found = folder / f"far-{Path(program).name}"
        found.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {program} "$@"\n')
        found.chmod(0o755)
        return found


@contextmanager
def line(seed: int = 1) -> Iterator[Network]:
    """A namespace behind a perfect line. Raises CalledProcessError when this machine does not allow one."""
    sweep()
    letters = secrets.token_hex(2)
    name = f"{PREFIX}{os.getpid()}-{letters}"
    far, near = f"hf{letters}{os.getpid() % 10**7:x}", f"hn{letters}{os.getpid() % 10**7:x}"
    subnet = _free_subnet()
    _ip("netns", "add", name)
    try:
        link = Link(name, far, near, seed)
        try:
            _ip("addr", "add", f"{subnet}.1/24", "dev", near)
            _ip("link", "set", near, "up")
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "addr", "add", f"{subnet}.2/24", "dev", far)
            _ip("-n", name, "link", "set", far, "up")
            yield Network(name, far, f"{subnet}.1", f"{subnet}.2", link)
        finally:
            link.close()
    finally:
        _ip("netns", "delete", name)


def sweep() -> None:
    """Remove the namespaces of runs whose process is no more."""
    for found in Path("/run/netns").glob(f"{PREFIX}*"):
        pid = found.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            subprocess.run(["ip", "netns", "delete", found.name], check=False)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _free_subnet() -> str:
    used = subprocess.run(["ip", "-4", "addr"], check=True, capture_output=True, text=True).stdout
    while True:
        found = f"10.{214 + secrets.randbelow(6)}.{secrets.randbelow(256)}"
        if f" {found}." not in used:
            return found
