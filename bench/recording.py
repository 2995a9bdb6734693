"""What recording costs: ours, which keeps the encoded packets, and aiortc's MediaRecorder, which decodes and encodes.

Each participant sends VP8 (640x480, 30 pictures a second, about 0.9 Mb/s) and Opus (50 packets a second), in real time.
CPU is user plus system time of all threads of a process of its own, per hour of one participant. Ours begins with RTP
packets (order, frames, time, file, hashes, fdatasync each second); MediaRecorder is handed whole encoded frames and
writes MP4, the cheaper of its formats, so that the comparison leans to its side. Five rounds, the designs taking turns;
everything is printed, the median stands in `bench/results.json`.
"""

import argparse
import asyncio
import json
import os
import pickle
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
DESIGNS = {"hearing": 6, "mediarecorder": 1}
"""Participants at once: what six cost together is measured more exactly than one, and told for one."""
FPS = 30
MTU = 1100
LIMIT = 100


@dataclass(slots=True)
class Load:
    pictures: list[bytes]
    sounds: list[bytes]

    @property
    def seconds(self) -> float:
        return len(self.pictures) / FPS


def make_load(seconds: float) -> Load:
    """Encode a picture with noise in motion, as a camera gives, and a voice-like tone."""
    import av
    import numpy as np

    random = np.random.default_rng(1)
    video = av.CodecContext.create("libvpx", "w")
    video.width, video.height, video.pix_fmt, video.time_base = 640, 480, "yuv420p", Fraction(1, FPS)
    video.framerate = Fraction(FPS)
    video.bit_rate = 900_000
    video.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "300"}
    noise = random.integers(0, 255, (960, 1280), dtype=np.uint8)
    pictures: list[bytes] = []
    for number in range(int(seconds * FPS)):
        top, left = number * 3 % 400, number * 5 % 600
        grey = noise[top : top + 480, left : left + 640] // 4 + 64
        planes = np.vstack([grey, np.full((240, 640), 128, np.uint8)])
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts = number
        pictures += [bytes(packet) for packet in video.encode(frame)]
    audio = av.CodecContext.create("libopus", "w")
    audio.sample_rate, audio.layout, audio.format, audio.bit_rate = 48_000, "mono", "s16", 32_000
    audio.time_base = Fraction(1, 48_000)
    sounds: list[bytes] = []
    for number in range(int(seconds * 50)):
        at = (np.arange(960) + number * 960) / 48_000
        tone = 8000 * np.sin(2 * np.pi * 220 * at) * np.sin(2 * np.pi * 3 * at) + random.normal(0, 300, 960)
        sound = av.AudioFrame.from_ndarray(tone.astype(np.int16)[None, :], "s16", "mono")
        sound.sample_rate, sound.pts = 48_000, number * 960
        sounds += [bytes(packet) for packet in audio.encode(sound)]
    return Load(pictures, sounds)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# -- ours ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Track:
    room: str
    source: str
    kind: str
    codec: str
    clock_rate: int
    directory: Path

    def offset_ms(self) -> int:
        return 0

    def request_key_frame(self) -> None:
        pass

    def patience(self) -> float:
        return 0.0


def packets(load: Load) -> Iterator[tuple[float, str, int, bool, bytes]]:
    """(when, kind, timestamp, marker, payload) of one participant, in the order of sending."""
    for number, sound in enumerate(load.sounds):
        yield number / 50, "audio", number * 960, False, sound
    for number, picture in enumerate(load.pictures):
        parts = [picture[at : at + MTU] for at in range(0, len(picture), MTU)]
        for index, part in enumerate(parts):
            descriptor = bytes((0x90 if index == 0 else 0x80, 0x80)) + struct.pack("!H", 0x8000 | number & 0x7FFF)
            yield number / FPS, "video", number * 3000, index == len(parts) - 1, descriptor + part


def ours(load: Load, participants: int, directory: Path) -> float:
    from recording.capture import Capture

    planned = sorted(packets(load), key=lambda packet: packet[0])
    before = cpu()
    capture = Capture(lambda room, body: None)
    codecs = {"audio": ("opus", 48_000), "video": ("vp8", 90_000)}
    people = []
    for number in range(participants):
        tracks = {}
        for kind, (codec, rate) in codecs.items():
            track = Track(
                room="room", source=f"{kind}{number}", kind=kind, codec=codec, clock_rate=rate, directory=directory
            )
            tracks[kind] = capture.open_track(track)
        people.append(tracks)
    sequence = {"audio": 0, "video": 0}
    polled = start = time.monotonic()
    for at, kind, timestamp, marker, payload in planned:
        now = time.monotonic()
        if now < start + at:
            time.sleep(start + at - now)
            now = time.monotonic()
        if now >= polled + 0.1:
            polled = now
            capture.poll(now)  # in the product a timer of the event loop does this
        sequence[kind] = sequence[kind] + 1 & 0xFFFF
        for tracks in people:
            tracks[kind].rtp(sequence[kind], timestamp, marker, payload, now)
    for tracks in people:
        for captured in tracks.values():
            captured.close("left")
    capture.close()
    return cpu() - before


# -- MediaRecorder -------------------------------------------------------------------------------------------------


def mediarecorder(load: Load, participants: int, directory: Path) -> float:
    assert participants == 1
    return asyncio.run(transcode(load, directory))


async def transcode(load: Load, directory: Path) -> float:
    from aiortc.codecs.opus import OpusDecoder
    from aiortc.codecs.vpx import Vp8Decoder
    from aiortc.contrib.media import MediaRecorder
    from aiortc.jitterbuffer import JitterFrame
    from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

    before = cpu()
    start = time.monotonic()
    # MediaRecorder opens the picture's encoder when the first sound is written; a first picture that comes later then
    # ends its track with an error. So the sound waits for the picture.
    picture_came = asyncio.Event()

    class Remote(MediaStreamTrack):
        """Decodes in a thread and in real time, as aiortc does for a remote track."""

        def __init__(self, kind: str, frames: list[bytes], interval: float, rate: int, decoder: Any) -> None:
            super().__init__()
            self.kind = kind
            self._left = list(enumerate(frames))[::-1]
            self._interval, self._rate, self._decoder = interval, rate, decoder

        async def recv(self) -> Any:
            if not self._left:
                self.stop()
                raise MediaStreamError
            number, data = self._left.pop()
            await asyncio.sleep(max(0.0, start + number * self._interval - time.monotonic()))
            encoded = JitterFrame(data=data, timestamp=round(number * self._interval * self._rate))
            frame = (await asyncio.to_thread(self._decoder.decode, encoded))[0]
            if self.kind == "video":
                picture_came.set()
            else:
                await picture_came.wait()
            return frame

    recorder = MediaRecorder(str(directory / "recording.mp4"))
    ended = []
    for kind, frames, interval, rate, decoder in (
        ("audio", load.sounds, 1 / 50, 48_000, OpusDecoder()),
        ("video", load.pictures, 1 / FPS, 90_000, Vp8Decoder()),
    ):
        track = Remote(kind, frames, interval, rate, decoder)
        done = asyncio.Event()
        track.on("ended", done.set)
        ended.append(done)
        recorder.addTrack(track)
    await recorder.start()
    for done in ended:
        await asyncio.wait_for(done.wait(), 60 + 20 * load.seconds)
    await recorder.stop()
    return cpu() - before


# -- rounds --------------------------------------------------------------------------------------------------------


def run_child(design: str, load_file: Path) -> None:
    """Measure one design in this process and print CPU seconds per participant-hour."""
    load: Load = pickle.loads(load_file.read_bytes())
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    measured = {"hearing": ours, "mediarecorder": mediarecorder}[design]
    with tempfile.TemporaryDirectory(prefix="bench-recording-") as directory:
        used = measured(load, DESIGNS[design], Path(directory))
        kept = sum(path.stat().st_size for path in Path(directory).iterdir())
    print(json.dumps({"cpu_s_per_hour": used / DESIGNS[design] / load.seconds * 3600, "bytes": kept}))


def merge(results: list[dict[str, Any]]) -> None:
    """Replace our list and leave what other measurements wrote."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known["recording"] = results
    unfinished = RESULTS.with_suffix(".new")
    unfinished.write_text(json.dumps(known, indent=2) + "\n")
    unfinished.replace(RESULTS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it runs; nothing is written")
    parser.add_argument("--child", nargs=2, metavar=("DESIGN", "LOAD"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        run_child(arguments.child[0], Path(arguments.child[1]))
        return 0
    rounds, seconds = (1, 3.0) if arguments.quick else (5, 10.0)
    load = make_load(seconds)
    rate = sum(map(len, load.pictures)) * 8 / load.seconds / 1e6
    count = sum(1 for packet in packets(load) if packet[1] == "video") / load.seconds
    print(f"load: video {rate:.2f} Mb/s in {count:.0f} packets a second, Opus 50 packets a second, {seconds:.0f} s")
    runs: dict[str, list[float]] = {design: [] for design in DESIGNS}
    with tempfile.TemporaryDirectory(prefix="bench-recording-") as directory:
        load_file = Path(directory) / "load"
        load_file.write_bytes(pickle.dumps(Load(load.pictures, load.sounds)))
        for number in range(rounds):
            for design in DESIGNS:
                command = [sys.executable, "-m", "bench.recording", "--child", design, str(load_file)]
                child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                measured = json.loads(child.stdout.splitlines()[-1])
                runs[design].append(measured["cpu_s_per_hour"])
                print(f"round {number + 1}  {design:14} {runs[design][-1]:9.2f} CPU-s per participant-hour", flush=True)
    results: list[dict[str, Any]] = [
        {"design": design, "cpu_s_per_hour": round(statistics.median(found), 3), "runs": [round(x, 3) for x in found]}
        for design, found in runs.items()
    ]
    median = {result["design"]: result["cpu_s_per_hour"] for result in results}
    ratio = median["mediarecorder"] / median["hearing"]
    print(f"median: hearing {median['hearing']:.2f}, mediarecorder {median['mediarecorder']:.1f}: 1/{ratio:.0f}")
    print(f"at most 1/{LIMIT} of MediaRecorder: {'yes' if ratio >= LIMIT else 'NO'}")
    if not arguments.quick:
        merge(results)
    return 0


if __name__ == "__main__":
    # the child unpickles `Load` under its real name
    from bench import recording as this

    sys.exit(this.main())
