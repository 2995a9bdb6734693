"""Runs ffmpeg, the only other program the product calls. Rule: it dies with us, and a half-made file has another name.

The system's ffmpeg is taken if there is one, else that of the `[ffmpeg]` extra (imageio-ffmpeg).
"""

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
COMPLAINT_BYTES = 4_000


class FfmpegMissing(Exception):
    """Neither way to ffmpeg is there. The message names both."""

    def __init__(self) -> None:
        super().__init__(
            "ffmpeg is missing: install it (on Debian: apt install ffmpeg), or install the extra hearing[ffmpeg]"
        )


class FfmpegFailed(Exception):
    """ffmpeg ended with a fault; the message is what it said last."""


class Cancelled(Exception):
    """Somebody no longer wants the file."""


def find_ffmpeg() -> str:
    """The path of an ffmpeg program."""
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as missing:
        raise FfmpegMissing from missing
    return str(get_ffmpeg_exe())


def make_file(arguments: Sequence[str], target: Path, *, progress: Callable[[int], bool], nice: int = 19) -> None:
    """Run `arguments` (the whole command; the output path is added here) and put the finished file at `target`.

    `progress(done_ms)` is called about twice a second; when it answers True the program is killed and `Cancelled` is
    raised. It must run in a thread that lives until the end: the kernel kills the program when that thread dies.
    """
    for left in target.parent.glob(f"{target.name}.*.part"):
        left.unlink(missing_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    complaints = part.with_suffix(".log")
    command = [
        arguments[0],
        *["-nostdin", "-hide_banner", "-loglevel", "warning", "-progress", "pipe:1", "-stats_period", "0.5"],
        *arguments[1:],
        *["-f", "mp4", "-y", str(part)],
    ]
    parent = os.getpid()
    with complaints.open("wb") as complaint:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaint, preexec_fn=_leash(parent, nice)
        )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            name, _, value = line.decode(errors="replace").strip().partition("=")
            if name == "out_time_us" and value.lstrip("-").isdigit() and progress(max(0, int(value) // 1000)):
                raise Cancelled
        if process.wait() != 0:
            said = complaints.read_bytes()[-COMPLAINT_BYTES:].decode(errors="replace").strip()
            raise FfmpegFailed(said or f"ffmpeg ended with {process.returncode}")
        os.replace(part, target)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
        part.unlink(missing_ok=True)
        complaints.unlink(missing_ok=True)


def _leash(parent: int, nice: int) -> Callable[[], None]:
    """What the child does before it becomes ffmpeg: die with its parent, and be nice."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

    def before() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                # The parent died before the leash was on.
                os._exit(1)
        os.nice(max(0, nice - os.getpriority(os.PRIO_PROCESS, 0)))

    return before
