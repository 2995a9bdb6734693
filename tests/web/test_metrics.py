"""The figures for Prometheus: the text format by a parser of our own, and who may read it."""

import math
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hearing.proceedings.commands import StartSitting
from signaling.health import Figures, Load
from tests.web.scene import Scene, build, open_scene
from web.metrics import FAMILIES, Metrics
from web.pages import metrics as page_module

LOAD = Load(rooms=2, peers=9, cpu=417, lag_ms=3, packets=4_000, unsent=0, draining=True, moving=False)
COUNTED = Figures(
    values={
        "rooms": 2, "peers": 9, "sources": 7, "draining": 1, "lag_ms": 46, "recorder_queue_bytes": 123,
        "packets_in": 10, "packets_out": 60, "bytes_in": 11_000, "bytes_out": 66_000, "nacks_asked": 4,
        "nacks_received": 5, "recovered": 3, "key_frames_asked": 2, "segments": 8, "cpu_ms": 99,
    },
    dropped={"stranger": 6, 'odd "name"\n': 1, "unsent": 0},
)  # fmt: skip

SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}


class Parsed:
    """The text exposition format 0.0.4, strictly: every family has HELP and TYPE before its samples, each once."""

    def __init__(self, text: str) -> None:
        assert text.endswith("\n")
        self.kinds: dict[str, str] = {}
        self.helps: dict[str, str] = {}
        self.figures: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name, _, words = line[7:].partition(" ")
                assert name not in self.helps and words
                self.helps[name] = words
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                assert name in self.helps and name not in self.kinds and kind in ("counter", "gauge")
                self.kinds[name] = kind
            else:
                self._sample(line)

    def _sample(self, line: str) -> None:
        found = SAMPLE.fullmatch(line)
        assert found is not None, line
        name, labels, figure = found.groups()
        assert name in self.kinds, f"{name} has no TYPE"
        assert name.endswith("_total") == (self.kinds[name] == "counter"), name
        pairs, at = [], 0
        for label in LABEL.finditer(labels or ""):
            assert label.start() == at, line
            value = re.sub(r"\\[\"\\n]", lambda escape: ESCAPES[escape.group()], label.group(2))
            pairs.append((label.group(1), value))
            at = label.end()
        assert at == len(labels or ""), line
        key = (name, tuple(sorted(pairs)))
        assert key not in self.figures, f"{key} twice"
        self.figures[key] = float(figure)
        assert not math.isnan(self.figures[key])

    def __call__(self, name: str, **labels: str) -> float:
        return self.figures[name, tuple(sorted(labels.items()))]


async def media() -> list[tuple[Load | None, Figures | None]]:
    return [(LOAD, COUNTED), (None, None)]


def metrics(scene: Scene, processes: Path, **changes: Any) -> Metrics:
    options: dict[str, Any] = {
        "media": media, "connections": lambda: 12, "turned_away": lambda: {"sitting": 1, "person": 2},
        "jobs": lambda: {"asked": 3, "done": 40}, "processes": processes,
    }  # fmt: skip
    return Metrics(scene.docket, **{**options, **changes})


async def test_every_figure_stands_on_the_page_under_its_name(scene: Scene, tmp_path: Path) -> None:
    living = tmp_path / "processes.json"
    living.write_text(f'{{"supervisor": {{"pid": {os.getpid()}}}, "web.0": {{"pid": {os.getpid()}, "starts": 2}}}}')
    figures = metrics(scene, living)
    figures.start()
    await scene.docket.handle("hearing-a", StartSitting(sitting="s1"), by="clerk", op_id="o1")
    await scene.docket.settled()
    told = Parsed((await figures.page()).decode())
    await figures.stop()
    assert told("hearing_media_up", process="media.0") == 1
    assert told("hearing_media_up", process="media.1") == 0
    assert {name for (name, labels) in told.figures if ("process", "media.1") in labels} == {"hearing_media_up"}
    assert told("hearing_media_sittings", process="media.0") == 2
    assert told("hearing_media_packets_out_total", process="media.0") == 60
    assert told("hearing_media_dropped_total", process="media.0", reason="stranger") == 6
    assert told("hearing_media_dropped_total", process="media.0", reason='odd "name"\n') == 1
    assert told("hearing_media_load_ratio", process="media.0") == 0.417
    assert told("hearing_media_lag_seconds", process="media.0") == 0.046
    assert told("hearing_recorder_segments_total", process="media.0") == 8
    assert told("hearing_process_cpu_seconds_total", process="web.0") > 0
    assert told("hearing_process_resident_bytes", process="supervisor") > 1 << 20
    assert told("hearing_process_starts", process="web.0") == 2
    assert told("hearing_web_connections") == 12
    assert told("hearing_record_entries_total") >= 1
    assert told("hearing_turned_away_total", what="person") == 2
    assert (told("hearing_jobs", state="asked"), told("hearing_jobs", state="running")) == (3, 0)
    outside = {name.removesuffix("_total") for name, _ in told.figures}
    assert outside == {name for name, *_ in FAMILIES}, "the list of figures and the page say the same"


async def test_the_page_names_no_hearing_and_nobody(scene: Scene, tmp_path: Path) -> None:
    figures = metrics(scene, tmp_path / "none.json")
    figures.start()
    await scene.docket.handle("hearing-a", StartSitting(sitting="s1"), by="clerk", op_id="o1")
    text = (await figures.page()).decode()
    await figures.stop()
    values = {value for _, labels in Parsed(text).figures for _, value in labels}
    assert values <= {
        "media.0", "media.1", "sitting", "person", "asked", "running", "failed", *COUNTED.dropped,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("token", "proxied", "headers", "status"),
    [
        (b"", False, {}, 200),
        (b"", False, {"X-Forwarded-For": "203.0.113.9"}, 404),
        (b"", False, {"Host": "evil.example"}, 404),
        (b"", True, {}, 404),
        (b"secret", False, {}, 404),
        (b"secret", False, {"Authorization": "Bearer secret"}, 200),
        (b"secret", True, {"Authorization": "Bearer secret", "X-Forwarded-For": "203.0.113.9"}, 200),
        (b"secret", False, {"Authorization": "Bearer secre"}, 404),
        (b"secret", False, {"Authorization": "Bearer "}, 404),
    ],
)
async def test_the_page_is_for_this_machine_or_for_who_has_the_token(
    tmp_path: Path, token: bytes, proxied: bool, headers: dict[str, str], status: int
) -> None:
    async with open_scene(tmp_path) as scene:
        figures = metrics(scene, tmp_path / "none.json")
        origin = "https://court.example" if proxied else ""
        parts = replace(scene.parts, metrics=figures.page, metrics_token=token, public_origin=origin)
        async with TestClient(TestServer(build(parts))) as client:
            answer = await client.get("/metrics", headers=headers)
            assert answer.status == status
            if status == 200:
                assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
                assert Parsed(await answer.text())("hearing_web_connections") == 12
            else:
                assert "hearing_" not in await answer.text()


async def test_another_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_scene(tmp_path) as scene:
        figures = metrics(scene, tmp_path / "none.json")
        async with TestClient(TestServer(build(replace(scene.parts, metrics=figures.page)))) as client:
            assert (await client.get("/metrics")).status == 200
            monkeypatch.setattr(page_module, "_is_here", lambda address: address != "127.0.0.1")
            assert (await client.get("/metrics")).status == 404


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.7", False), ("::ffff:192.0.2.7", False),
     ("localhost.evil.example", False), ("", False)],
)  # fmt: skip
def test_what_is_this_machine(address: str, here: bool) -> None:
    assert page_module._is_here(address) is here


def test_the_parser_notices_what_is_wrong() -> None:
    for text in (
        "x 1\n",
        "# HELP x a\n# TYPE x counter\nx 1\n",
        "# HELP x a\n# TYPE x gauge\nx 1\nx 2\n",
        '# HELP x a\n# TYPE x gauge\nx{a="b} 1\n',
        "# HELP x a\n# TYPE x gauge\nx 1",
    ):
        with pytest.raises(AssertionError):
            Parsed(text)
