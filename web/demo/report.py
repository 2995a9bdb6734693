"""The demonstration's report: what the robots sent beside what the court kept, as one JSON object."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hearing.proceedings import audience
from hearing.proceedings.events import Event, HearingClosed, ItemAttached, TrackOpened
from hearing.proceedings.state import Hearing, evolve
from web.demo.measure import Interval, recorded_ms, word_error_rate
from web.demo.robot import Robot
from web.demo.speech import Speech
from web.demo.story import Line

# An utterance stands under its sender when the sender was speaking at the time of at least half of its words.
HALF = 0.5
SLACK_S = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of the record as the report reads it."""

    at: datetime
    event: Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Everything the report is made from."""

    data: Path
    hearing: str
    case: str
    urls: dict[str, str]
    robots: list[Robot]
    lines: list[Line]
    speeches: list[Speech]
    entries: list[Entry]
    transcript: dict[str, Any] | None


def build(evidence: Evidence) -> dict[str, Any]:
    """The report; `docs/demo.md` says what each field means."""
    closed = next((entry.at for entry in evidence.entries if isinstance(entry.event, HearingClosed)), None)
    return {
        "hearing": evidence.hearing,
        "case": evidence.case,
        "urls": evidence.urls,
        "participants": [
            {
                "person": robot.person,
                "role": robot.role,
                "join_ms": robot.join_ms,
                "first_frame_ms": robot.first_frame_ms,
            }
            for robot in evidence.robots
        ],
        "tracks": _tracks(evidence),
        "transcript": _transcript(evidence, closed),
        "record": {"entries": len(evidence.entries), "verified": verified(evidence.data, evidence.hearing)},
        **_shortened(evidence.speeches),
    }


def verified(data: Path, hearing: str) -> bool:
    """What a process of its own, with no code of the writer's, says of the whole folder."""
    command = [sys.executable, "-m", "web.cli", "verify", "--data", str(data), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0


def recorded_intervals(entries: list[Entry], source: str) -> list[Interval]:
    """When the rules of the court gave `source` an edge to the recorder, in unix seconds."""
    hearing: Hearing | None = None
    found: list[Interval] = []
    since: float | None = None
    for entry in entries:
        hearing = evolve(hearing, entry.event, entry.at)
        open_now = any(e.source == source and e.listener == audience.RECORDER for e in audience.plan(hearing))
        at = entry.at.timestamp()
        if open_now and since is None:
            since = at
        elif not open_now and since is not None:
            found.append((since, at))
            since = None
    if since is not None:
        found.append((since, entries[-1].at.timestamp()))
    return found


def _tracks(evidence: Evidence) -> list[dict[str, Any]]:
    opened = [entry.event for entry in evidence.entries if isinstance(entry.event, TrackOpened)]
    rows = []
    for robot in evidence.robots:
        for kind, source in robot.sources.items():
            expected = robot.publisher.sent[kind].within(recorded_intervals(evidence.entries, source))
            paths = [evidence.data / "recordings" / event.file for event in opened if event.source == source]
            if not paths and not expected:
                continue
            contents = [path.read_bytes() for path in paths]
            rows.append(
                {
                    "person": robot.person,
                    "source": source,
                    "kind": kind,
                    "expected_ms": round(expected),
                    "recorded_ms": sum(recorded_ms(path, kind) for path in paths),
                    "bytes": sum(map(len, contents)),
                    "sha256": [hashlib.sha256(content).hexdigest() for content in contents][0] if contents else None,
                }
            )
    return rows


def _transcript(evidence: Evidence, closed: datetime | None) -> dict[str, Any]:
    if evidence.transcript is None:
        return {"engine": None, "utterances": 0, "ready_after_close_s": None, "wer": {}, "wrong_speaker": None}
    epoch = datetime.fromisoformat(evidence.transcript["clock"]["epoch_utc"]).timestamp()
    utterances = sorted(evidence.transcript["segments"], key=lambda segment: segment["t0_ms"])
    heard: dict[str, list[tuple[float, str]]] = {speech.name: [] for speech in evidence.speeches}
    wrong = 0
    for utterance in utterances:
        own = 0
        for text, t0_ms, t1_ms, *_ in utterance["words"]:
            at = epoch + (t0_ms + t1_ms) / 2000
            line = _line_at(evidence.lines, utterance["source_id"], at)
            own += line is not None
            if line is not None and line.speech in heard:
                heard[line.speech].append((at, text))
        wrong += own < HALF * len(utterance["words"])
    said = {name: " ".join(word for _, word in sorted(words)) for name, words in heard.items()}
    return {
        "engine": evidence.transcript["engines"][0]["name"] if evidence.transcript["engines"] else None,
        "utterances": len(utterances),
        "ready_after_close_s": _ready_after(evidence.entries, closed),
        "wer": {s.name: round(word_error_rate(s.text, said[s.name]), 3) for s in evidence.speeches},
        "wrong_speaker": wrong,
    }


def _line_at(lines: list[Line], source: str, at: float) -> Line | None:
    """What was being said into `source` at this moment, by the log of the robot that said it."""
    return next(
        (line for line in lines if line.source == source and line.began - SLACK_S <= at <= line.ended + SLACK_S), None
    )


def _ready_after(entries: list[Entry], closed: datetime | None) -> float | None:
    filed = filed_at(entries, "transcript")
    return round((filed - closed).total_seconds(), 1) if filed is not None and closed is not None else None


def filed_at(entries: list[Entry], kind: str) -> datetime | None:
    """When an item of this kind was first added to the case file, by the record."""
    filed = (one.at for one in entries if isinstance(one.event, ItemAttached) and one.event.kind == kind)
    return next(filed, None)


def _shortened(speeches: list[Speech]) -> dict[str, Any]:
    cut = {s.name: {"from_s": s.shortened_from_s, "to_s": s.duration_ms / 1000} for s in speeches if s.shortened_from_s}
    return {"shortened": cut} if cut else {}


def write(report: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
