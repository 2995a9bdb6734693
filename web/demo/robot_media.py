"""A robot's camera, microphone and eyes: aiortc as a client, with a log of what was really sent and received.

The logs are the other side's word: the report compares the recording with them, never with the server's own figures.
"""

import asyncio
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcrtpsender import RTCRtpSender

from hearing.tasks import spawn, stop
from web.demo.measure import GAP_MS
from web.demo.picture import FRAMES_PER_SECOND, TICKS, TIME_BASE, Loop
from web.demo.speech import FRAME_MS, RATE, Pcm

SAMPLES = RATE * FRAME_MS // 1000
LATE_S = 0.3


def connection() -> RTCPeerConnection:
    """A client's connection: no STUN server (the court's address is in its answer), one transport for everything."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


@dataclass
class Sent:
    """What went out of one kind: (unix time in s, media time in ms) of each frame, in order.

    `gap_ms`: two frames further apart than this in media time are not one stretch; nothing was sent between them.
    """

    frame_ms: float
    gap_ms: float
    frames: list[tuple[float, float]] = field(default_factory=list)

    def within(self, intervals: list[tuple[float, float]]) -> float:
        """Milliseconds of media sent inside `intervals` (unix seconds, in order, not overlapping)."""
        total = 0.0
        for begin, end in intervals:
            times = [media for at, media in self.frames if begin <= at < end]
            steps = (later - earlier for earlier, later in zip(times, times[1:], strict=False))
            total += sum(step if step <= self.gap_ms else self.frame_ms for step in steps)
            total += self.frame_ms if times else 0.0
        return total


class _Pace:
    """Wakes at an even pace of absolute times; a late wake-up is not passed on to the next."""

    def __init__(self, period: float) -> None:
        self.period = period
        self.next = time.monotonic()

    async def wait(self) -> int:
        """Wait for the next beat; returns how many beats have passed since the last one (1, unless we stood still)."""
        beats = 1
        late = time.monotonic() - self.next - self.period
        if late > LATE_S:  # as a device does: what was not captured in time is missing, and the timestamps say so
            beats += int(late / self.period)
        self.next += beats * self.period
        await asyncio.sleep(max(0.0, self.next - time.monotonic()))
        return beats


class Microphone(AudioStreamTrack):
    """Silence until it is given something to say."""

    def __init__(self, sent: Sent) -> None:
        super().__init__()
        self._queue: deque[Pcm] = deque()
        self._said = asyncio.Event()
        self._pace = _Pace(FRAME_MS / 1000)
        self._pts = 0
        self._sent = sent
        self.spoken: list[tuple[float, float]] = []

    async def say(self, pcm: Pcm) -> tuple[float, float]:
        """Speak `pcm`; returns the unix times between which it went out, once it has."""
        padded = np.concatenate([pcm, np.zeros(-len(pcm) % SAMPLES, np.int16)])
        self._said.clear()
        self._queue.extend(padded.reshape(-1, SAMPLES))
        began = time.time()
        await self._said.wait()
        self.spoken.append((began, time.time()))
        return self.spoken[-1]

    async def recv(self) -> av.AudioFrame:
        self._pts += (await self._pace.wait() - 1) * SAMPLES
        pcm = self._queue.popleft() if self._queue else np.zeros(SAMPLES, np.int16)
        if not self._queue:
            self._said.set()
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._pts, Fraction(1, RATE)
        self._pts += SAMPLES
        self._sent.frames.append((time.time(), frame.pts * 1000 / RATE))
        return frame


class Camera(VideoStreamTrack):
    """The encoded loop, again and again, with running timestamps."""

    def __init__(self, loop: Loop, sent: Sent) -> None:
        super().__init__()
        self._pictures = loop
        self._number = self._clock = 0
        self._pace = _Pace(1 / FRAMES_PER_SECOND)
        self._sent = sent

    async def recv(self) -> Any:
        beats = await self._pace.wait()
        self._clock += beats
        packet = av.Packet(self._pictures.frames[self._number % len(self._pictures.frames)])
        packet.pts, packet.time_base = self._clock * TICKS, TIME_BASE
        self._number += 1
        self._sent.frames.append((time.time(), self._clock * 1000 / FRAMES_PER_SECOND))
        return packet


class Publisher:
    """Sends one camera and one microphone."""

    def __init__(self, loop: Loop) -> None:
        self.sent = {
            "audio": Sent(FRAME_MS, GAP_MS["audio"]),
            "video": Sent(1000 / FRAMES_PER_SECOND, GAP_MS["video"]),
        }
        self.microphone = Microphone(self.sent["audio"])
        self.camera = Camera(loop, self.sent["video"])
        self.connection = connection()

    async def offer(self) -> tuple[str, dict[str, str]]:
        """The offer's SDP and which m-line carries which kind."""
        self.connection.addTrack(self.microphone)
        self.connection.addTrack(self.camera)
        capabilities = RTCRtpSender.getCapabilities("video").codecs
        for transceiver in self.connection.getTransceivers():
            transceiver.direction = "sendonly"
            if transceiver.kind == "video":  # the loop is VP8, so nothing else may be negotiated
                transceiver.setCodecPreferences([c for c in capabilities if c.mimeType == "video/VP8"])
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp, {str(t.mid): t.kind for t in self.connection.getTransceivers()}

    async def renew(self) -> None:
        """A new connection for the same camera and microphone, which go on as if nothing had been."""
        for sender in self.connection.getSenders():
            sender.replaceTrack(None)
        await self.connection.close()
        self.connection = connection()

    async def answer(self, sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def close(self) -> None:
        await self.connection.close()


class Subscriber:
    """Receives what the court lets it receive: counts every packet, decodes the first frame of each source, no more."""

    def __init__(self, on_first_frame: Callable[[str], None]) -> None:
        self.connection = connection()
        self.packets: dict[int, int] = {}
        self._on_first_frame = on_first_frame
        self._decoded: set[int] = set()
        self._hooked = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self.connection.on("track", self._track)

    async def answer(self, sdp: str) -> str:
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        self._hook()
        return self.connection.localDescription.sdp

    async def close(self) -> None:
        await stop(self._tasks)
        await self.connection.close()

    def _hook(self) -> None:
        """Count packets before aiortc parses them: nine robots could not decode everything on two cores."""
        if self._hooked or not self.connection.getTransceivers():
            return
        transport = self.connection.getTransceivers()[0].receiver.transport
        deliver = transport._handle_rtp_data

        async def count(data: bytes, arrival_time_ms: int) -> None:
            ssrc = struct.unpack_from("!I", data, 8)[0]
            self.packets[ssrc] = self.packets.get(ssrc, 0) + 1
            if ssrc not in self._decoded:
                await deliver(data, arrival_time_ms)

        transport._handle_rtp_data = count  # type: ignore[method-assign]  # no public place to count
        self._hooked = True

    def _track(self, track: MediaStreamTrack) -> None:
        receiver = next(t.receiver for t in self.connection.getTransceivers() if t.receiver.track is track)

        async def first() -> None:
            await track.recv()
            self._on_first_frame(track.kind)
            self._decoded.update(source.source for source in receiver.getSynchronizationSources())

        spawn(first(), name=f"first {track.kind} frame", owner=self._tasks)
