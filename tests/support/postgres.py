"""A real PostgreSQL for the tests: own directory, own port, started as an ordinary user because initdb refuses root."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[Postgres]:
    """Start a server, stop it at the end and take its directory away. Only a measurement needs it `durable`."""
    home = Path(tempfile.mkdtemp(prefix="hearing-postgres-"))
    try:
        if os.getuid() == 0:
            shutil.chown(home, "postgres")
        data, bin, port = home / "data", programs(), free_port()
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
        options = f"-p {port} -k {home} -h 127.0.0.1 -c fsync={'on' if durable else 'off'} -c max_connections=60"
        log = str(home / "log")
        run(str(bin / "pg_ctl"), "-D", str(data), "-l", log, "-o", options, "-w", "start")
        try:
            yield Postgres(port)
        finally:
            run(str(bin / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run(*command: str) -> None:
    # No pipes: the server would inherit them, and waiting for their end is waiting for the server.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(ordinary(*command), stdout=output, stderr=output, cwd="/", check=False)
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{command[0]}: {output.read().decode(errors='replace')}")
