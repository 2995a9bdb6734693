"""A real PostgreSQL for the tests: own directory, own port, started as an ordinary user because initdb refuses root."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.support.ports import free_port

LONGEST_BASE = 60


class Postgres:
    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, template: str | None = None) -> str:
        """A database of its own, empty or like the one whose URL is given; returns its URL."""
        name = f"hearing_{uuid4().hex}"
        like = ' TEMPLATE "{}"'.format(template.rsplit("/", 1)[1]) if template else ""
        self._maintain(f'CREATE DATABASE "{name}"{like}')
        return self.url(name)

    def drop(self, url: str) -> None:
        self._maintain(f'DROP DATABASE "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def _maintain(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def programs() -> Path:
    """Debian keeps the server's programs beside the version, not on the path."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: int(re.sub(r"\D", "", bin.parent.name))
    )
    if not versions:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    return versions[-1]


def ordinary(*command: str) -> list[str]:
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else list(command)


def home_for_all() -> Path:
    """A new folder that the ordinary user can reach and whose path leaves room for a Unix socket's name."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        reachable = subprocess.run(ordinary("test", "-x", base), stderr=subprocess.DEVNULL, cwd="/", check=False)
        if len(base) < LONGEST_BASE and reachable.returncode == 0:
            return Path(tempfile.mkdtemp(prefix="hearing-postgres-", dir=base))
    raise RuntimeError("no folder for temporary files can be reached by the user postgres")


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[Postgres]:
    """Start a server, stop it at the end and take its directory away. Only a measurement needs it `durable`."""
    home = home_for_all()
    try:
        if os.getuid() == 0:
            shutil.chown(home, "postgres")
        data, bin = home / "data", programs()
        run(
            str(bin / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        port = start(bin, home, durable)
        try:
            yield Postgres(port)
        finally:
            run(str(bin / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def start(bin: Path, home: Path, durable: bool) -> int:
    """The port. Somebody may have taken it since it was found free: then another one."""
    for attempt in range(5):
        port = free_port()
        options = f"-p {port} -k {home} -h 127.0.0.1 -c fsync={'on' if durable else 'off'} -c max_connections=60"
        log = home / "log"
        try:
            run(
                str(bin / "pg_ctl"), "-D", str(home / "data"), "-l", str(log), "-o", options, "-w", "-t", "120", "start"
            )
            return port
        except RuntimeError:
            told = log.read_text(errors="replace") if log.exists() else ""
            if "Address already in use" not in told or attempt == 4:
                raise RuntimeError(f"PostgreSQL did not start:\n{told}") from None
    raise AssertionError("unreachable")


def run(*command: str) -> None:
    # No pipes: the server would inherit them, and waiting for their end is waiting for the server.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(ordinary(*command), stdout=output, stderr=output, cwd="/", check=False)
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{command[0]}: {output.read().decode(errors='replace')}")
