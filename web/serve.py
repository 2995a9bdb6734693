"""`hearing serve`: the supervisor in the foreground, with a few lines for the person who started it."""

import asyncio
import signal
import sys
import time
import urllib.error
import urllib.request

from web.settings import Settings
from web.supervisor import Supervisor

READY_WITHIN_S = 60.0


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; returns the process's exit code."""
    return asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    ends = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ends.set)
    supervisor = Supervisor(settings)
    supervisor.start()
    ready = asyncio.ensure_future(wait_until_ready(settings))
    stop = asyncio.ensure_future(ends.wait())
    await asyncio.wait({ready, stop}, return_when=asyncio.FIRST_COMPLETED)
    code = 0
    if not stop.done():
        if ready.result():
            announce(settings)
            await stop
        else:
            print(f"The pages did not answer within {READY_WITHIN_S:.0f} s; the log above says why.", file=sys.stderr)
            code = 1
    ready.cancel()
    await supervisor.close()
    return code


async def wait_until_ready(settings: Settings) -> bool:
    """Whether the pages answer before `READY_WITHIN_S` have passed."""
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        if await asyncio.to_thread(_answers, settings):
            return True
        await asyncio.sleep(0.1)
    return False


def _answers(settings: Settings) -> bool:
    import ssl

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only asks whether our own server is up; nothing is sent or believed
    scheme = "https" if settings.secure else "http"
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "localhost") else settings.host
    address = f"[{host}]" if ":" in host else host
    try:
        with urllib.request.urlopen(f"{scheme}://{address}:{settings.port}/health", timeout=2, context=context) as got:
            return bool(got.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def announce(settings: Settings) -> None:
    """Say where the product is and what comes next."""
    print(f"\n  Hearing is served at {settings.origin}\n  Data: {settings.data}")
    if settings.secure and settings.certificate is None:
        print(
            "  Phones on this network first open "
            f"http://<this machine>:{settings.trust_port or settings.port + 1}/trust"
        )
    print("  Stop with Ctrl+C.\n", flush=True)
