"""The one thread of a media process that touches the disk. Rule: the event loop never waits for it.

The loop leaves work in a bounded queue, without waking anybody; the thread looks in five times a second, hands the
bytes to the kernel (so `kill -9` costs a fifth of a second), and once a second makes them durable (so a power cut costs
a second). When the queue is full, the disk fails or is nearly full, it raises an alarm; it never ends in silence.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from recording.trackfile import TrackFile

log = logging.getLogger(__name__)

TICK_S = 0.2
SYNC_S = 1.0
RETRY_S = 0.5
DISK_CHECK_S = 5.0
QUEUE_BYTES = 64 << 20
LOW_DISK_BYTES = 512 << 20
LOW_DISK_HOURS = 2.0

QUEUE_FULL = "recording-queue-full"
DISK_FAILED = "recording-disk-failed"
DISK_LOW = "recording-disk-low"
WRITER_FAILED = "recording-writer-failed"


class Writer:
    """You must call `close()`; it blocks until everything taken is durable, at most `close_limit_s`."""

    def __init__(
        self,
        *,
        queue_bytes: int = QUEUE_BYTES,
        low_disk_bytes: int = LOW_DISK_BYTES,
        close_limit_s: float = 5.0,
    ) -> None:
        self._queue_bytes = queue_bytes
        self._low_disk_bytes = low_disk_bytes
        self._close_limit = close_limit_s
        self._queue: deque[tuple[int, Callable[[], None]]] = deque()
        self._put = 0  # grows on the event loop only
        self._taken = 0  # grows on the thread only
        self._unwritten = 0
        self._files: list[TrackFile] = []
        self._ending = threading.Event()
        self._raised: dict[str, dict[str, TrackFile]] = {}  # by reason: the rooms that were told, with one file each
        self._retry_at = 0.0
        self._disk_checked = 0.0
        self._disk_written = 0
        self._written_before = 0
        self._thread = threading.Thread(target=self._run, name="recording-writer", daemon=True)
        self._thread.start()

    # -- from the event loop ---------------------------------------------------------------------------------------

    def open(self, file: TrackFile) -> None:
        self._leave(0, partial(self._opened, file))

    def frame(self, file: TrackFile, t_ms: int, duration_ms: float, key: bool, picture: bool, data: bytes) -> bool:
        """Take a frame; False when the queue is full and the frame is lost."""
        if self.backlog + len(data) > self._queue_bytes:
            return False
        self._leave(len(data), partial(file.frame, t_ms, duration_ms, key, picture, data))
        return True

    @property
    def backlog(self) -> int:
        """Bytes that have been taken and are not yet with the kernel."""
        return self._put - self._taken + self._unwritten

    def mark(self, call: Callable[[], None]) -> None:
        """Anything but a frame, in its turn: small, and never refused."""
        self._leave(0, call)

    def queue_full(self, full: bool) -> None:
        """A frame was refused, or is taken again."""
        self._leave(0, partial(self._raise, QUEUE_FULL, full))

    def close(self) -> None:
        self._ending.set()
        self._thread.join(self._close_limit + 2.0)

    def _leave(self, cost: int, call: Callable[[], None]) -> None:
        self._put += cost
        self._queue.append((cost, call))

    # -- the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        synced = time.monotonic()
        while not self._ending.wait(TICK_S):
            try:
                synced = self._step(synced)
                self._raise(WRITER_FAILED, False)
            except Exception:
                # A fault of ours must not stop the other tracks, and must be seen in the courtroom.
                log.exception("the recording writer failed")
                self._raise(WRITER_FAILED, True)
        limit = time.monotonic() + self._close_limit
        while self._queue or self._files:
            try:
                self._drain()
                self._disk(self._files, sync=True, retry=True)
                if not any(file.pending for file in self._files):
                    break
            except Exception:
                log.exception("the recording writer failed while closing")
            if time.monotonic() > limit:
                log.error("the recording writer gave up with %d bytes unwritten", self._unwritten)
                break
            time.sleep(TICK_S)
        for file in self._files:
            file.release()

    def _step(self, synced: float) -> float:
        now = time.monotonic()
        self._drain()
        due = now - synced >= SYNC_S
        self._disk(self._files if due else [file for file in self._files if file.urgent], sync=True)
        if not due:
            self._disk(self._files, sync=False)
        for file in [file for file in self._files if file.finished and not file.pending]:
            self._files.remove(file)
            self._disk_written += file.written
            file.release()
        if now - self._disk_checked >= DISK_CHECK_S and self._files:
            self._check_free(now)
        return now if due else synced

    def _drain(self) -> None:
        while self._queue:
            cost, call = self._queue.popleft()
            self._taken += cost
            call()
        self._unwritten = sum(file.unwritten for file in self._files)

    def _disk(self, files: list[TrackFile], *, sync: bool, retry: bool = False) -> None:
        """Write; a disk that failed is tried again twice a second, and every file in its turn."""
        now = time.monotonic()
        if DISK_FAILED in self._raised and now < self._retry_at and not retry:
            return
        failed = False
        for file in files:
            try:
                if sync:
                    file.sync()
                else:
                    file.flush()
            except OSError as error:
                if DISK_FAILED not in self._raised:
                    log.error("cannot write the recording of track %s: %s", file.track, error)
                failed = True
        if files:
            self._unwritten = sum(file.unwritten for file in self._files)
            if failed:
                self._retry_at = now + RETRY_S
                self._raise(DISK_FAILED, True)
            elif sync and len(files) == len(self._files):
                self._raise(DISK_FAILED, False)

    def _check_free(self, now: float) -> None:
        """Low is less than a fixed reserve, or than two hours at the rate of the last seconds."""
        written = self._disk_written + sum(file.written for file in self._files)
        rate = max(0, written - self._written_before) / (now - self._disk_checked) if self._disk_checked else 0.0
        self._disk_checked, self._written_before = now, written
        needed = max(self._low_disk_bytes, rate * 3600 * LOW_DISK_HOURS)
        for directory in {file.directory for file in self._files}:
            place = os.statvfs(directory)
            if place.f_bavail * place.f_frsize < needed:
                self._raise(DISK_LOW, True)
                return
        self._raise(DISK_LOW, False)

    def _opened(self, file: TrackFile) -> None:
        self._files.append(file)
        for reason in list(self._raised):
            self._raise(reason, True)

    def _raise(self, reason: str, raised: bool) -> None:
        """The disk is everybody's: each room that records hears of an alarm once, and of its end if it heard of it."""
        if raised:
            told = self._raised.setdefault(reason, {})
            for file in self._files:
                if file.room not in told:
                    told[file.room] = file
                    file.publish({"kind": "alarm", "reason": reason})
        else:
            for file in self._raised.pop(reason, {}).values():
                file.publish({"kind": "alarm-cleared", "reason": reason})
