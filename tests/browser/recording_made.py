"""A small recording made by ffmpeg, with the index the player reads: real WebM, block times on the hearing clock.

Rule: the bytes are real VP8 and Opus; a stretch that was lost is left out of the index, as the recorder leaves it out.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECONDS = 24
START_MS = 2000
CLUSTER = 0x1F43B675
SEGMENT = 0x18538067
TIMECODE = 0xE7
TONES = {"presiding": 330, "defendant": 550, "counsel": 770}
LOST_MS = (9000, 13000)


def _number(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    """An EBML number and where it ends; `keep` leaves the length bits, as ids do."""
    length = 9 - data[at].bit_length()
    value = data[at] if keep else data[at] & ((1 << (8 - length)) - 1)
    for byte in data[at + 1 : at + length]:
        value = value << 8 | byte
    return value, at + length


def clusters(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(offset, length, time in ms) of every cluster of a file with known sizes."""
    at = 0
    while at < len(data):
        ident, body = _number(data, at, keep=True)
        size, body = _number(data, body, keep=False)
        if ident == SEGMENT:
            at = body
            continue
        if ident == CLUSTER:
            first, inner = _number(data, body, keep=True)
            assert first == TIMECODE
            width, inner = _number(data, inner, keep=False)
            yield at, body + size - at, int.from_bytes(data[inner : inner + width], "big")
        at = body + size


def _encode(target: Path, source: str, codec: list[str]) -> None:
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-t", str(SECONDS), *codec]
    command += ["-cluster_time_limit", "1000", "-output_ts_offset", str(START_MS / 1000), "-f", "webm", str(target)]
    subprocess.run(command, check=True, timeout=60)


def make(folder: Path) -> dict[str, Any]:
    """Write the files and return what `/api/hearings/{id}/playback` says of them."""
    folder.mkdir(parents=True, exist_ok=True)
    tracks = []
    for seat, tone in TONES.items():
        sound = folder / f"sound-{seat}.webm"
        _encode(sound, f"sine=frequency={tone}:sample_rate=48000", ["-c:a", "libopus", "-b:a", "32k"])
        tracks.append(_track(sound, seat, "audio", "opus"))
        if seat != "counsel":
            picture = folder / f"picture-{seat}.webm"
            grey = {"presiding": "0x6b4a33", "defendant": "0x8d9b94"}[seat]
            draw = f"color=c={grey}:s=320x240:r=15,drawgrid=w=40:h=40:t=1:c=white@0.15"
            vp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "150k", "-g", "30"]
            _encode(picture, draw, vp8)
            tracks.append(_track(picture, seat, "video", "vp8"))
    end = START_MS + SECONDS * 1000
    names = {"presiding": "Lương Thị Hải Vân", "defendant": "Trần Văn Tạo", "counsel": "Bạch Thu Thủy"}
    roles = {"presiding": "presiding_judge", "defendant": "defendant", "counsel": "defence_counsel"}
    return {
        "clock": {"start_utc": "2026-06-12T01:00:00+00:00", "length_ms": end},
        "tracks": tracks,
        "seats": [
            {"id": seat, "role": roles[seat], "role_name": "", "name": names[seat], "point": "central"}
            for seat in TONES
        ],
        "chapters": [
            {"t_ms": 0, "kind": "phase", "code": "opening", "label": "Khai mạc"},
            {"t_ms": 8000, "kind": "phase", "code": "questioning", "label": "Xét hỏi"},
            {"t_ms": 11000, "kind": "note", "code": "", "label": "Bị cáo khai"},
            {"t_ms": 18000, "kind": "phase", "code": "debate", "label": "Tranh luận"},
        ],
        "gaps": [{"track": "sound-counsel", "t0_ms": LOST_MS[0], "t1_ms": LOST_MS[1], "reason": "loss"}],
        "transcript": {"status": "done", "progress": 100, "url": "/made/transcript.json"},
        "film": {"status": "none", "progress": 0, "url": None},
    }


def _track(file: Path, seat: str, kind: str, codec: str) -> dict[str, Any]:
    found = list(clusters(file.read_bytes()))
    times = [time for _, _, time in found] + [START_MS + SECONDS * 1000]
    segments = [
        {"offset": offset, "length": length, "t0_ms": time, "t1_ms": times[n + 1]}
        for n, (offset, length, time) in enumerate(found)
    ]
    if seat == "counsel":
        segments = [one for one in segments if not LOST_MS[0] <= one["t0_ms"] < LOST_MS[1]]
    return {
        "id": file.stem,
        "source": file.stem,
        "kind": kind,
        "use": "microphone" if kind == "audio" else "camera",
        "seats": [seat],
        "codec": codec,
        "closed": True,
        "header": {"offset": 0, "length": found[0][0]},
        "segments": segments,
        "url": f"/made/media/{file.name}",
    }


TRANSCRIPT = {
    "schema": "hearing-transcript/1",
    "finished": True,
    "segments": [
        {
            "id": "u1",
            "track_id": "sound-presiding",
            "seat": "presiding",
            "t0_ms": 3000,
            "t1_ms": 6000,
            "lang": "vi",
            "text": "Tôi tuyên bố khai mạc phiên tòa",
            "words": [
                [word, 3000 + n * 400, 3400 + n * 400, 0.9, "asr"]
                for n, word in enumerate("Tôi tuyên bố khai mạc phiên tòa".split())
            ],
            "overlap": [],
        },
        {
            "id": "u2",
            "track_id": "sound-defendant",
            "seat": "defendant",
            "t0_ms": 10000,
            "t1_ms": 14000,
            "lang": "vi",
            "text": "Dạ tôi đi theo đường đê về phía cầu",
            "words": [
                [word, 10000 + n * 400, 10400 + n * 400, 0.9, "asr"]
                for n, word in enumerate("Dạ tôi đi theo đường đê về phía cầu".split())
            ],
            "overlap": [],
        },
    ],
    "untranscribed": [
        {
            "track_id": "sound-counsel",
            "seat": "counsel",
            "language": "vi",
            "reason": "no_engine",
            "speech_ms": 4000,
            "phrases": [[16000, 20000]],
        }
    ],
}
