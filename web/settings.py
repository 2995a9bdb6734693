"""Every setting of the product, read once at start from `HEARING_*` and the command line.

Secrets are never settings: a setting names the file that holds one. `docs/settings.md` is generated from the
descriptions here (`make docs`).
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from signaling.turn import read_secrets

# A Unix socket's path must fit struct sockaddr_un (108 bytes with the closing zero, unix(7)).
UNIX_PATH_LIMIT = 100
# On one or two cores the web process and the worker need what one media process leaves.
CORES_FOR_ONE = 2
MOST_PROCESSES = 64


class Settings(BaseSettings):
    """One value per choice; the defaults run the whole product from one folder."""

    model_config = SettingsConfigDict(env_prefix="HEARING_", extra="forbid", frozen=True)

    data: Path = Field(default=Path("hearing-data"), description="Folder that holds everything the product keeps.")
    host: str = Field(default="127.0.0.1", description="Address on which the pages are served.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port on which the pages are served.")
    tls: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="`on` serves HTTPS, `off` plain HTTP; `auto` is HTTPS unless the host is this machine alone, "
        "because browsers give camera and microphone to secure origins only.",
    )
    certificate: Path | None = Field(default=None, description="PEM certificate chain; without it a local authority.")
    private_key: Path | None = Field(default=None, description="PEM private key of the certificate.")
    trust_port: int = Field(
        default=0, ge=0, le=65535, description="Plain HTTP port of the page that hands out the local authority's "
        "certificate; 0 means the port after the one for pages."
    )  # fmt: skip
    public_origin: str = Field(default="", description="Origin under which people reach the product, behind a proxy.")
    database: str = Field(default="", description="`postgresql://...`; empty means SQLite in the data folder.")
    storage: str = Field(
        default="",
        description="Documents, transcripts, films: `s3://bucket/prefix`; empty means files in the data folder.",
    )
    asr: str = Field(
        default="pocketsphinx:",
        description="Speech to text: `pocketsphinx:` (English, weak), `sherpa:///folder/of/a/model?language=vi`, "
        "`none:`; several with spaces between.",
    )
    notify: str = Field(
        default="file:",
        description="Notices: `file:` (into the data folder), `none:`, or "
        "`smtp://user@host:587?from=court@example.org&password-file=/run/secrets/smtp` (`smtps://` is TLS at once).",
    )
    media_processes: Literal["auto"] | Annotated[int, Field(ge=1, le=MOST_PROCESSES)] = Field(
        default="auto",
        description="Media processes; `auto` is one for each core, and a single one on a machine of one or two cores.",
    )
    media_full: int = Field(
        default=60, ge=1, le=100, description="Share of its core, in percent, from which a media process takes no new "
        "sitting; half of the rest is kept for further people of open ones."
    )  # fmt: skip
    media_port: int = Field(default=0, ge=0, le=65535, description="UDP port of the first media process; 0 is any.")
    media_addresses: str = Field(
        default="", description="Further addresses under which the media port is reached, separated by commas."
    )
    turn_urls: str = Field(default="", description="TURN servers for clients, separated by commas.")
    turn_secret: Path | None = Field(
        default=None, description="File with the secret shared with the TURN server; further lines are older ones."
    )
    metrics_token: Path | None = Field(
        default=None, description="File with the bearer token for `GET /metrics`; without it the page answers on this "
        "machine alone, and behind a proxy not at all."
    )  # fmt: skip
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def secure(self) -> bool:
        """Whether the pages are served over TLS."""
        return self.tls == "on" or (self.tls == "auto" and self.host not in ("127.0.0.1", "localhost", "::1"))

    @property
    def secure_for_people(self) -> bool:
        """Whether people reach the pages over TLS, ours or that of a proxy in front of us: then cookies are for it."""
        return self.secure or self.public_origin.startswith("https://")

    @property
    def origin(self) -> str:
        """The origin that links and cookies are made for."""
        if self.public_origin:
            return self.public_origin.rstrip("/")
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host
        return f"{'https' if self.secure else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def media_address_list(self) -> tuple[str, ...]:
        """The addresses of `media_addresses`."""
        return tuple(address.strip() for address in self.media_addresses.split(",") if address.strip())

    @property
    def turn_servers(self) -> tuple[str, ...]:
        """The URLs of `turn_urls`."""
        return tuple(url.strip() for url in self.turn_urls.split(",") if url.strip())

    @property
    def turn_secrets(self) -> tuple[bytes, ...]:
        """The secrets of the file `turn_secret`, the one in use first. `OSError` when it cannot be read."""
        return read_secrets(self.turn_secret.read_bytes()) if self.turn_secret else ()

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'hearing.sqlite'}"

    @property
    def jobs_url(self) -> str:
        """The job board: beside the record in PostgreSQL, else a file of its own."""
        return self.database or f"sqlite:///{self.data / 'jobs.sqlite'}"

    @property
    def storage_url(self) -> str:
        return self.storage or f"file://{self.data / 'blobs'}"

    @property
    def notify_url(self) -> str:
        return f"file://{self.data / 'outbox'}" if self.notify == "file:" else self.notify

    @property
    def media_count(self) -> int:
        """How many media processes there are."""
        if self.media_processes != "auto":
            return self.media_processes
        cores = len(os.sched_getaffinity(0))
        return 1 if cores <= CORES_FOR_ONE else min(cores, MOST_PROCESSES)

    @property
    def recordings(self) -> Path:
        return self.data / "recordings"

    def media_socket(self, index: int) -> Path:
        """Path of the control socket of media process `index`, short enough for the kernel wherever the data lie."""
        path = self.data / f"media.{index}.sock"
        if len(str(path)) <= UNIX_PATH_LIMIT:
            return path
        name = hashlib.sha256(str(path).encode()).hexdigest()[:24]
        return Path(tempfile.gettempdir()) / f"hearing-{name}.sock"

    def environment(self) -> dict[str, str]:
        """The `HEARING_*` variables that give a child process exactly these settings."""
        return {
            f"HEARING_{name.upper()}": str(value)
            for name, value in self.model_dump(mode="json").items()
            if value is not None
        }
