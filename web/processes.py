"""The wiring, one function per kind of process: open the edges, build the parts, serve, close in order.

`python -m web.processes web|media|worker INDEX` is how the supervisor starts each; the settings come from `HEARING_*`.
"""

import asyncio
import logging
import os
import signal
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from hearing import heap
from hearing.priority import weigh_session
from web.logs import quiet
from web.settings import Settings
from web.tls import Certificate, local_certificate

if TYPE_CHECKING:
    from aiohttp import web

    from web.parts import Parts

log = logging.getLogger("hearing")

# Sound must not wait for a page, and a person not for a transcript. Only root may ask for it; without it, it is 0.
MEDIA_NICE, WEB_NICE = -5, -3


def _until_told() -> asyncio.Event:
    """Set when the supervisor asks this process to end."""
    ends = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ends.set)
    return ends


def _go_before(niceness: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
        weigh_session(niceness)
    except PermissionError:
        log.info("this process runs at ordinary priority")


async def serve_media(settings: Settings, index: int) -> None:
    """One media process: the UDP port, the recorder, and nothing that blocks."""
    from recording.capture import Capture
    from signaling.media.node import serve

    _go_before(MEDIA_NICE)
    await serve(
        socket=settings.media_socket(index),
        sink=Capture,
        port=settings.media_port + index if settings.media_port else 0,
        addresses=settings.media_address_list,
        stop=_until_told(),
    )


async def serve_web(settings: Settings, index: int) -> None:
    """The front door: pages, API, Socket.IO, the docket and its followers."""
    from hearing.docket import Docket
    from hearing.notify import open_notifier
    from hearing.store import open_store
    from recording.board import Board
    from recording.ledger import Ledger
    from recording.storage import open_store as open_blobs
    from signaling.placement import Limits
    from signaling.signaling import Signaling
    from signaling.turn import Turn
    from web.app import Parts, build
    from web.app import runner as runner_of
    from web.archivist import Archivist
    from web.door import Door
    from web.i18n import Catalogue
    from web.metrics import Metrics

    _go_before(WEB_NICE)
    ends = _until_told()
    store = await open_store(settings.database_url)
    blobs = open_blobs(settings.storage_url)
    owner = f"{socket.gethostname()}:{settings.data}:{index}"
    docket = Docket(store.record, store.clock, store.ids, placements=store.placements, owner=owner)
    calendar = docket.follow("calendar", store.calendar.project, after=store.calendar.position)
    board = Board(settings.jobs_url)
    ledger = Ledger(docket, settings.recordings)

    async def recover(hearing: str, sitting: str, now_ms: int) -> None:
        ledger.open(sitting, hearing, settings.recordings / hearing / sitting)
        await ledger.recover(sitting, now_ms)

    archivist = Archivist(store, docket, blobs, board, store.clock, Catalogue.load().text, recover)
    door = Door(store, docket, secure=settings.secure_for_people)
    signaling = Signaling(
        docket,
        store.clock,
        store.ids,
        authenticate=door.authenticate,
        people=door.people,
        recorder=ledger,
        sockets=[settings.media_socket(number) for number in range(settings.media_count)],
        directory=lambda hearing, sitting: settings.recordings / hearing / sitting,
        # Nanoseconds only grow on one machine; a web process started later is obeyed before an earlier one.
        generation=time.time_ns(),
        turn=Turn(urls=settings.turn_servers, secret=settings.turn_secrets[0] if settings.turn_secrets else b""),
        limits=Limits.at(settings.media_full),
        origins=[settings.public_origin] if settings.public_origin else [],
    )
    metrics = Metrics(
        docket,
        media=signaling.figures,
        connections=lambda: signaling.connections,
        turned_away=lambda: signaling.turned_away,
        jobs=board.counts,
        processes=settings.data / "processes.json",
    )
    certificate = _certificate(settings)
    parts = Parts(
        data=settings.data,
        secure=settings.secure_for_people,
        store=store,
        docket=docket,
        blobs=blobs,
        notifier=open_notifier(settings.notify_url),
        clock=store.clock,
        ids=store.ids,
        jobs=archivist,
        public_origin=settings.public_origin,
        certificate=certificate.authority if certificate else None,
        trust_port=(settings.trust_port or settings.port + 1) if certificate and certificate.authority else 0,
        port=settings.port,
        recordings=settings.recordings,
        traffic=signaling.statistics,
        ways=signaling.ways,
        probe=signaling.probe,
        metrics=metrics.page,
        metrics_token=_token(settings.metrics_token),
        attach=signaling.attach,
    )
    app = build(parts)
    follower = docket.follow("archivist", archivist.follow)
    unfinished = await store.calendar.unfinished()
    await docket.resume(unfinished)
    runner = runner_of(app, proxied=bool(settings.public_origin), shutdown_timeout=3.0)
    await runner.setup()
    # From here the pages have a limited time to come back: nothing slow may stand between this and the open door.
    await signaling.start(unfinished)
    await _site(runner, settings.host, settings.port, _context(certificate)).start()
    trust = await _serve_trust(settings, parts)
    await archivist.start()
    metrics.start()
    heap.set_aside()
    log.info("web process %d serves %s", index, settings.origin)
    await ends.wait()
    await signaling.stop()
    if trust is not None:
        await trust.cleanup()
    await runner.cleanup()
    await metrics.stop()
    await archivist.stop()
    await docket.unfollow(follower)
    await docket.unfollow(calendar)
    await ledger.close()
    await docket.close()
    board.close()
    await store.close()


def _token(path: Path | None) -> bytes:
    """What the file holds; an empty file would open the door to everybody who knows that it is empty."""
    if path is None:
        return b""
    if not (token := path.read_bytes().strip()):
        raise SystemExit(f"the token file {path} is empty")
    return token


def _certificate(settings: Settings) -> Certificate | None:
    """What the pages are served with; `authority` is the one to hand out when it is our own."""
    if not settings.secure:
        return None
    if settings.certificate is not None and settings.private_key is not None:
        return Certificate(chain=settings.certificate, key=settings.private_key, authority=None)
    return local_certificate(settings.data / "tls", settings.host)


def _context(certificate: Certificate | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


async def _serve_trust(settings: Settings, parts: "Parts") -> "web.AppRunner | None":
    """The plain page for phones; without it the product works, but phones must be told by hand."""
    if not parts.trust_port:
        return None
    from web.app import build_trust
    from web.app import runner as runner_of

    runner = runner_of(build_trust(parts), proxied=False)
    await runner.setup()
    try:
        await _site(runner, settings.host, parts.trust_port).start()
    except OSError as fault:
        log.error("the page for phones is not served on port %d: %s", parts.trust_port, fault)
    return runner


def _site(runner: "web.AppRunner", host: str, port: int, context: ssl.SSLContext | None = None) -> "web.BaseSite":
    """Where `runner` listens. `::` is every address, IPv4 too: asyncio alone would make it IPv6 only."""
    from aiohttp import web

    if host == "::" and socket.has_dualstack_ipv6():
        listening = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        return web.SockSite(runner, listening, ssl_context=context)
    return web.TCPSite(runner, host, port, ssl_context=context, reuse_address=True)


def serve_worker(settings: Settings, index: int) -> None:
    """Transcripts and films: blocking work, one thing at a time."""
    from hearing.store import open_store
    from recording.storage import open_store as open_blobs
    from recording.worker import LoopThread, Worker, WorkerSettings, edges

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    loop = LoopThread()
    store = loop.run(open_store(settings.database_url))
    read, put = edges(loop, store.record, open_blobs(settings.storage_url))
    worker = Worker(
        WorkerSettings(
            jobs=settings.jobs_url,
            recordings=settings.recordings,
            own=settings.data / "worker" / str(index),
            engines=settings.asr,
        ),
        read=read,
        put=put,
    )
    heap.set_aside()
    worker.run(stop)
    worker.close()
    loop.run(store.close())
    loop.close()


def main(kind: str, index: int) -> None:
    """Run one process of `kind` until it is told to end."""
    settings = Settings()
    logging.basicConfig(
        level=settings.log_level.upper(), format=f"%(asctime)s {kind}.{index} %(levelname)s %(name)s: %(message)s"
    )
    quiet()
    settings.data.mkdir(parents=True, exist_ok=True)
    match kind:
        case "media":
            asyncio.run(serve_media(settings, index))
        case "web":
            asyncio.run(serve_web(settings, index))
        case "worker":
            serve_worker(settings, index)
        case _:
            raise SystemExit(f"no such kind of process: {kind}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
