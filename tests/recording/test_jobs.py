"""Jobs survive the death of their worker: the same one comes back, or another takes over. Real processes, kill -9."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from hearing.proceedings import events as happened
from hearing.proceedings.roles import Role
from hearing.proceedings.words import SourceKind
from tests.recording import speech
from tests.recording.speech import Court, two_cities, word_error_rate
from tests.recording.working import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


def spoken(site: Site, seconds: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Court, list[str]]:
    """A sitting in which the judge reads, begun so long ago that it is over now."""
    monkeypatch.setattr(speech, "STARTED", datetime.now(UTC) - timedelta(seconds=90))
    court = Court(root=site.recordings, seats={"judge": Role.PRESIDING_JUDGE}).begin()
    pcm, truth = two_cities()
    court.say(court.announce("judge"), pcm[: seconds * 16_000], 10_000)
    court.happens(60_000, happened.HearingClosed())
    return court, truth


async def test_a_transcript_goes_on_where_its_killed_worker_had_stopped(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    court, truth = spoken(site, 45, monkeypatch)
    await site.enter(court)
    site.ask("t1", "transcribe", court)
    worker = site.start()
    site.until(lambda: len(site.board.phrases("t1")) >= 3)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    before = site.board.phrases("t1")
    assert site.job("t1").state == "running"

    again = site.start()
    assert again.pid != worker.pid
    site.until(lambda: site.job("t1").state == "done")
    after = site.board.phrases("t1")
    assert after[: len(before)] == before, "what was heard is never heard again"
    assert len({(phrase.track, phrase.t0_ms) for phrase in after}) == len(after)
    assert all(one.t1_ms <= two.t0_ms for one, two in zip(after, after[1:], strict=False))

    files = {file["form"]: file for file in site.job("t1").result}
    assert set(files) == {"json", "vtt", "txt"} and [f for f in files.values() if f["item"]] == [files["json"]]
    document = json.loads((site.data / "blobs" / files["json"]["blob"]).read_bytes())
    heard = [word[0] for segment in document["segments"] for word in segment["words"]]
    assert word_error_rate(truth, heard) <= 0.45
    assert document["status"] == "machine" and document["finished"]
    assert document["engines"][0]["weak"]


async def test_another_worker_takes_over_from_a_dead_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    court, _ = spoken(site, 25, monkeypatch)
    await site.enter(court)
    first = site.start(0)
    site.until(lambda: len(site.board.workers()) == 1)
    site.ask("t1", "transcribe", court)
    site.until(lambda: len(site.board.phrases("t1")) >= 1)
    second = site.start(1)
    site.until(lambda: len(site.board.workers()) == 2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    site.until(lambda: site.job("t1").state == "done")
    assert second.poll() is None
    assert len(site.board.workers()) == 1, "the dead one is forgotten"


async def test_a_film_can_be_cancelled_and_leaves_no_program_behind(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    court, _ = spoken(site, 5, monkeypatch)
    for number in range(3):
        camera = court.announce("judge", SourceKind.CAMERA, source=f"camera{number}")
        court.show(camera, 60, 40 * number, 10_000)
    await site.enter(court)
    site.ask("f1", "compose", court)
    worker = site.start()
    children = psutil.Process(worker.pid).children
    program = held(site, children)  # however quick this machine is, the film is not done before it is cancelled
    site.board.cancel("f1")
    program.resume()
    site.until(lambda: site.job("f1").state == "cancelled")
    site.until(lambda: not children())
    assert not list(site.data.rglob("*.part"))


async def test_killing_the_worker_kills_its_ffmpeg_and_the_film_is_made_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    court, _ = spoken(site, 5, monkeypatch)
    court.show(court.announce("judge", SourceKind.CAMERA), 40, 120, 10_000)
    await site.enter(court)
    site.ask("f1", "compose", court)
    worker = site.start()
    program = held(site, psutil.Process(worker.pid).children)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    site.until(lambda: ended(program))
    site.start()
    site.until(lambda: site.job("f1").state == "done")
    film = site.job("f1").result[0]
    assert (site.data / "blobs" / film["blob"]).stat().st_size == film["size"]


def held(site: Site, children: Callable[[], list[psutil.Process]]) -> psutil.Process:
    """The first program that the worker starts, stopped before it has ended by itself."""
    found: list[psutil.Process] = []

    def hold() -> bool:
        for child in children():
            try:
                if not child.name().startswith("ff"):
                    continue  # not yet the program: held now, it could not even say that it ends with the worker
                child.suspend()
            except psutil.NoSuchProcess:
                continue
            if not ended(child):
                found.append(child)
                return True
        return False

    site.until(hold)
    return found[0]


def ended(program: psutil.Process) -> bool:
    """Also when nobody has asked for its end yet: in a container the first process often asks for nobody's."""
    try:
        return bool(program.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


async def test_a_film_of_nothing_fails_with_its_reason_on_both_databases(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path, postgres=database_url if database_url.startswith("postgresql") else "")
    try:
        monkeypatch.setattr(speech, "STARTED", datetime.now(UTC))
        court = Court(root=site.recordings, seats={"judge": Role.PRESIDING_JUDGE}).begin()
        await site.enter(court)
        site.ask("f1", "compose", court)
        site.start()
        site.until(lambda: site.job("f1").state == "failed")
        assert "NothingRecorded" in site.job("f1").error
    finally:
        site.close()
