"""What the pages are given: the open edges and a few values of the settings. Handed in once, read by every page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from hearing.docket import Docket
from hearing.ports import BlobStore, Clock, Ids, Notifier
from hearing.store import Store
from signaling.control import RoomStatistics
from signaling.turn import Ways


@dataclass(frozen=True, kw_only=True, slots=True)
class JobState:
    """How far a long job has come: `status` is none, waiting, running, done or failed; `percent` 0 to 100."""

    status: str
    percent: int = 0
    step: str = ""
    reason: str = ""
    blob: str = ""
    left_s: int | None = None
    started_at: datetime | None = None


class Jobs(Protocol):
    """Long jobs as the pages see them. Asking for one that runs or is done changes nothing."""

    async def request(self, kind: str, hearing: str) -> None: ...

    async def state(self, kind: str, hearing: str) -> JobState: ...

    async def draft(self, hearing: str) -> bytes | None:
        """The transcript as far as it has come."""
        ...

    async def written(self, hearing: str, form: str) -> str | None:
        """The blob of the finished transcript in this form (json, vtt, txt)."""
        ...


async def nothing_flows(hearing: str) -> RoomStatistics | None:
    return None


async def nobody_answers(sdp: str, process: int) -> str | None:
    return None


def no_ways(connection: str) -> Ways:
    return Ways(processes=0, relays={})


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything the pages need from the world. `public_origin` is set behind a proxy only.

    `certificate` is the local authority's certificate that phones may be asked to trust, None with a public one;
    `trust_port` is that of the plain page that hands it out, `port` that of the pages.
    `traffic` says what has flowed in the open room of a hearing.
    `ways` names the ways media may go, `probe` answers whoever tries one (as in `signaling.Signaling`).
    `metrics` writes the figures for Prometheus; with `metrics_token` only for who shows it.
    `attach` adds what is not a page: Socket.IO, start and end.
    """

    data: Path
    secure: bool
    store: Store
    docket: Docket
    blobs: BlobStore
    notifier: Notifier
    clock: Clock
    ids: Ids
    jobs: Jobs | None = None
    public_origin: str = ""
    certificate: Path | None = None
    trust_port: int = 0
    port: int = 0
    recordings: Path | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    traffic: Callable[[str], Awaitable[RoomStatistics | None]] = nothing_flows
    ways: Callable[[str], Ways] = no_ways
    probe: Callable[[str, int], Awaitable[str | None]] = nobody_answers
    metrics: Callable[[], Awaitable[bytes]] | None = None
    metrics_token: bytes = b""
    attach: Callable[[web.Application], None] = lambda app: None


PARTS = web.AppKey("parts", Parts)
