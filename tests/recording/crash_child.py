"""A process of its own that records in real time until it is killed, or until its disk is full.

`python crash_child.py DIRECTORY` prints one line of JSON for each notice, and for each packet once the recorder has it.
With a second argument the files may grow to that many bytes; a line on its input lifts the limit.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from recording.capture import Capture, CapturedTrack  # noqa: E402
from tests.recording.recorder import CODECS, GivenTrack  # noqa: E402
from tests.recording.rtp import Sender, Sent, opus_frames, vp8_frames  # noqa: E402

SECONDS = 7


def say(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body) + "\n")
    sys.stdout.flush()


def offset_ms() -> int:
    return 0  # the hearing clock is the machine's monotonic clock, so that the parent can compare


async def feed(track: CapturedTrack, packets: list[Sent]) -> None:
    for sent in packets:
        await asyncio.sleep(max(0.0, sent.at - time.monotonic()))
        track.rtp(sent.seq, sent.timestamp, sent.marker, sent.payload, time.monotonic())
        say({"kind": "given", "track": track.track, "at_ms": sent.at * 1000})


async def main() -> None:
    directory = Path(sys.argv[1])
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    sound, pictures = opus_frames(SECONDS), vp8_frames(SECONDS, key_every=50)
    capture = Capture(lambda room, body: say(body))
    tracks: dict[str, CapturedTrack] = {}
    for kind, (codec, clock_rate) in CODECS.items():
        tracks[kind] = capture.open_track(
            GivenTrack(
                room="room",
                source="source",
                kind=kind,
                codec=codec,
                clock_rate=clock_rate,
                directory=directory,
                offset_ms=offset_ms,
                request_key_frame=lambda: None,
                patience=lambda: 0.0,
            )
        )
    start = time.monotonic() + 0.05
    heard = Sender(48_000, 0.02, started=start).audio(sound)
    seen = Sender(90_000, 0.04, started=start).video(pictures)
    loop = asyncio.get_running_loop()

    def lift() -> None:
        sys.stdin.readline()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    loop.add_reader(sys.stdin, lift)
    await asyncio.gather(feed(tracks["audio"], heard), feed(tracks["video"], seen))
    for track in tracks.values():
        track.close("left")
    await asyncio.to_thread(capture.close)
    say({"kind": "ended"})


if __name__ == "__main__":
    asyncio.run(main())
