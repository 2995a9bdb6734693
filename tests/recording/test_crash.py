"""`kill -9` of a process that really records: what is on disk, what is sealed, what is told as lost."""

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from recording import salvage
from tests.recording.child import recording_child
from tests.recording.matroska import frames
from tests.recording.recorder import check_chain, decode, sidecar


@dataclass(frozen=True)
class Killed:
    """The directory, when the process was killed, and how far the recorder had been given each track then, in ms.

    Both on the clock that its files use. A busy machine is late with the packets; that is no loss of the recorder's.
    """

    directory: Path
    at_ms: float
    given: dict[str, float]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    directory = tmp_path_factory.mktemp("killed")
    with recording_child(directory) as child:
        pid = child.process.pid
        child.until(lambda body: body.get("kind") == "segment" and body["index"] == 0)
        for path in directory.glob("*.jsonl"):
            assert not salvage.seal(path, 10**9).closed  # a living writer is left alone
        time.sleep(1.5)  # in the middle of a segment, and of a second between two syncs
        at = time.monotonic()
        child.process.kill()
        assert child.process.stdout is not None
        said = [*child.said, *map(json.loads, child.process.stdout.read().splitlines())]
        child.process.wait()
        assert child.process.returncode == -9 and not Path(f"/proc/{pid}").exists()
    given = {body["track"]: body["at_ms"] for body in said if body["kind"] == "given"}
    assert len(given) == 2 and max(given.values()) <= at * 1000
    return Killed(directory, at * 1000, given)


def test_each_file_ends_at_most_a_second_before_the_kill_and_decodes_whole(killed: Killed) -> None:
    files = sorted(killed.directory.glob("*.webm"))
    assert len(files) == 2
    for path in files:
        content = path.read_bytes()
        whole = content[: _last_whole_block(content)]
        last = frames(whole)[-1]
        missing = killed.given[path.stem] - last.t_ms
        assert last.t_ms <= killed.at_ms and missing <= 1000, missing
        assert len(content) - len(whole) < 64_000
        cut = path.with_suffix(".cut.webm")
        cut.write_bytes(whole)
        assert len(decode(cut)) == len(frames(whole)) > 50
        cut.unlink()


def _last_whole_block(content: bytes) -> int:
    """By trial: the longest beginning that the tests' own reader accepts."""
    for end in range(len(content), 0, -1):
        try:
            frames(content[:end])
            return end
        except (ValueError, IndexError):
            continue
    raise AssertionError("no block at all")


def test_what_was_left_open_is_sealed_once_and_the_loss_is_told(killed: Killed) -> None:
    directory, now_ms = killed.directory, round(killed.at_ms) + 3000
    for path in sorted(directory.glob("*.jsonl")):
        before = path.read_bytes()
        sealed = salvage.seal(path, now_ms)
        assert path.read_bytes().startswith(before)  # nothing that was written is changed
        lines = sidecar(directory, path.stem)
        assert lines == sealed.lines
        content = path.with_suffix(".webm").read_bytes()
        assert check_chain(content, lines) == _last_whole_block(content)
        *_, last, gap, closed = lines
        assert last["kind"] == "segment" and killed.given[path.stem] - last["t1_ms"] <= 1000
        assert gap == {
            "kind": "gap",
            "track": path.stem,
            "t0_ms": last["t1_ms"],
            "t1_ms": now_ms,
            "reason": "recorder-crashed",
        }
        assert closed == {"kind": "closed", "track": path.stem, "reason": "recorder-crashed"}
        after = path.read_bytes()
        assert salvage.seal(path, now_ms + 9000).lines == lines
        assert path.read_bytes() == after


def test_a_changed_byte_breaks_the_chain(killed: Killed) -> None:
    """The check above is a real one: whatever byte is changed, it fails."""
    directory = killed.directory
    for path in sorted(directory.glob("*.jsonl")):
        salvage.seal(path, round(killed.at_ms))
        lines = sidecar(directory, path.stem)
        content = bytearray(path.with_suffix(".webm").read_bytes())
        for place in (10, lines[1]["offset"] + lines[1]["length"] // 2):
            content[place] ^= 1
            with pytest.raises(AssertionError):
                check_chain(bytes(content), lines)
            content[place] ^= 1


def test_a_line_cut_by_the_crash_is_left_out_and_the_next_one_is_whole(tmp_path: Path) -> None:
    content = b"header"
    opened = {"kind": "track", "track": "one", "source": "s", "media": "audio", "codec": "opus", "file": "one.webm"}
    (tmp_path / "one.webm").write_bytes(content)
    (tmp_path / "one.jsonl").write_bytes(json.dumps(opened).encode() + b'\n{"kind":"segm')
    sealed = salvage.seal(tmp_path / "one.jsonl", 5000)
    assert [line["kind"] for line in sealed.lines] == ["track", "closed"]
    assert salvage.read(tmp_path / "one.jsonl").lines == sealed.lines


def test_a_crash_during_a_pause_is_no_loss(tmp_path: Path) -> None:
    segment = {"offset": 6, "length": 4, "t0_ms": 0, "t1_ms": 900, "index": 0}
    digest = sha256(b"rest").hexdigest()
    lines = [
        {"kind": "track", "track": "one", "source": "s", "media": "audio", "codec": "opus", "file": "one.webm"},
        {"kind": "segment", "track": "one", **segment, "sha256": digest, "prev": "", "key_id": "none"},
        {"kind": "paused", "track": "one", "t0_ms": 900, "reason": "paused"},
    ]
    (tmp_path / "one.webm").write_bytes(b"headerrest")
    (tmp_path / "one.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    sealed = salvage.seal(tmp_path / "one.jsonl", 5000)
    assert [line["kind"] for line in sealed.lines] == ["track", "segment", "paused", "closed"]
