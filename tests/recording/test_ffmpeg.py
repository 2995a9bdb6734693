"""The one other program: found, followed, stopped; a half-made file never has the name of a whole one."""

import shutil
import sys
from pathlib import Path

import pytest

from recording.ffmpeg import Cancelled, FfmpegFailed, FfmpegMissing, find_ffmpeg, make_file

LONG = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=30:d=600", "-c:v", "libx264", "-preset", "slow"]


def test_where_both_ways_are_missing_the_message_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(FfmpegMissing, match=r"apt install ffmpeg.*hearing\[ffmpeg\]"):
        find_ffmpeg()


def test_the_file_appears_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    (tmp_path / "film.mp4.dead.part").write_bytes(b"left by a worker that died")
    make_file(
        [find_ffmpeg(), "-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=1"], target, progress=lambda ms: False, nice=0
    )
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_cancelling_kills_the_program_and_leaves_nothing(tmp_path: Path) -> None:
    calls: list[int] = []

    def second_time(done_ms: int) -> bool:
        calls.append(done_ms)
        return len(calls) == 2

    with pytest.raises(Cancelled):
        make_file([find_ffmpeg(), *LONG], tmp_path / "film.mp4", progress=second_time, nice=0)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_says_what_the_program_said(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed, match="no-such-file"):
        make_file([find_ffmpeg(), "-i", "no-such-file.webm"], tmp_path / "film.mp4", progress=lambda ms: False)
    assert list(tmp_path.iterdir()) == []
