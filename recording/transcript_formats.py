"""A transcript written down: JSON `hearing-transcript/1` (the master), WebVTT for the player, plain text for people.

Each of the three says that a machine wrote it. JSON holds seats, whose names the reader looks up; VTT and text print
names. The fixed words come from the catalogue of the court's language, as `Labels`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from recording.asr.ports import EngineInfo, Word
from recording.sitting import Mark, Sitting
from recording.transcript import Transcript, Untranscribed, Utterance

SCHEMA = "hearing-transcript/1"
# A cue that stays readable: at most this many words and this long.
CUE_WORDS = 14
CUE_MS = 7_000
CUE_PAUSE_MS = 700


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """Fixed words of the written forms, in one language. In the catalogue they are `playback.transcript.<field>`."""

    machine: str
    weak: str
    overlapping: str
    off_record: str
    back_on: str
    no_engine: str
    failed: str

    @classmethod
    def of(cls, words: Mapping[str, str]) -> "Labels":
        """From a mapping with exactly the fields above; a missing one is a fault of whoever asks for the transcript."""
        return cls(**{field.name: words[field.name] for field in fields(cls)})


def to_json(sitting: Sitting, transcript: Transcript, *, manifest_sha256: str = "") -> bytes:
    """The master. Key order and spacing are fixed, so the same transcript has the same hash."""
    document = as_document(sitting, transcript, manifest_sha256=manifest_sha256)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def as_document(sitting: Sitting, transcript: Transcript, *, manifest_sha256: str = "") -> dict[str, Any]:
    """The JSON document as plain values."""
    started = sitting.started_at
    return {
        "schema": SCHEMA,
        "hearing_id": sitting.hearing,
        "sitting_id": sitting.id,
        "version": 1,
        "parent_sha256": "",
        "status": "machine",
        "finished": transcript.finished,
        "clock": {
            "epoch_utc": started.isoformat(timespec="milliseconds").replace("+00:00", "Z") if started else "",
            "tz": sitting.time_zone,
            "unit": "ms",
        },
        "recording": {"manifest_sha256": manifest_sha256, "tracks": list(_tracks(sitting))},
        "engines": [_engine(engine) for engine in transcript.engines],
        "events": [_event(mark) for mark in sitting.marks],
        "speech_ms": transcript.speech_ms,
        "untranscribed": [_untranscribed(entry) for entry in transcript.untranscribed],
        "segments": [_segment(sitting, utterance) for utterance in transcript.utterances],
    }


def to_vtt(sitting: Sitting, transcript: Transcript, labels: Labels) -> str:
    """WebVTT with a voice per speaker and a time per word. Cue ids are `<utterance>/<n>`."""
    lines = ["WEBVTT", "", f"NOTE {_plain(labels.machine)}{_weak(transcript, labels)}", ""]
    for utterance in transcript.utterances:
        for number, words in enumerate(_cues(utterance)):
            lines += [
                f"{utterance.id}/{number}",
                f"{_clock(words[0].t0_ms)} --> {_clock(max(words[-1].t1_ms, words[0].t0_ms + 1))}",
                f"<v {_escape(transcript.speaker(utterance))}>"
                + (f"[{_escape(labels.overlapping)}] " if utterance.overlap else "")
                + _timed(words),
                "",
            ]
    return "\n".join(lines)


def to_text(sitting: Sitting, transcript: Transcript, labels: Labels) -> str:
    """`[hh:mm:ss] NAME: text`, with the pauses of the record and with what could not be transcribed."""
    lines: list[tuple[int, str]] = []
    for utterance in transcript.utterances:
        overlap = f"[{labels.overlapping}] " if utterance.overlap else ""
        speaker = transcript.speaker(utterance).upper()
        lines.append((utterance.t0_ms, f"[{_short(utterance.t0_ms)}] {speaker}: {overlap}{utterance.text}"))
    for mark in sitting.marks:
        if mark.kind in ("off_record", "back_on"):
            label = labels.off_record if mark.kind == "off_record" else labels.back_on
            lines.append((mark.t0_ms, f"[{_short(mark.t0_ms)}] [{label}]"))
    for entry in transcript.untranscribed:
        label = labels.no_engine if entry.reason == "no_engine" else labels.failed
        who = transcript.names.get(entry.seat or "", entry.seat or entry.source)
        first = entry.phrases[0][0]
        lines.append(
            (first, f"[{_short(first)}] {who.upper()}: [{label} ({entry.language}, {_short(entry.speech_ms)})]")
        )
    head = f"{labels.machine}{_weak(transcript, labels)}"
    if sitting.started_at is not None:
        local = sitting.started_at.astimezone(ZoneInfo(sitting.time_zone))
        head += f"\n00:00:00 = {local:%Y-%m-%d %H:%M:%S} {sitting.time_zone}"
    return "\n".join([head, "", *(line for _, line in sorted(lines, key=lambda line: line[0])), ""])


def _tracks(sitting: Sitting) -> Iterator[dict[str, Any]]:
    for track in sitting.tracks.values():
        if track.kind == "audio":
            first = track.spans[0][0] if track.spans else 0
            user = sitting.user(track.source, first)
            yield {
                "track_id": track.track,
                "source_id": track.source,
                "source_kind": sitting.kinds.get(track.source, ""),
                "seats": list(user.seats),
                "roles": [str(sitting.seats[seat].role) for seat in user.seats if seat in sitting.seats],
                "gaps": [*_gaps(track.spans), *([t0, t1, reason] for t0, t1, reason in track.lost)],
            }


def _gaps(spans: list[tuple[int, int]]) -> Iterator[list[Any]]:
    for (_, ended), (begins, _) in pairwise(spans):
        if begins - ended > 100:
            yield [ended, begins, "pause"]


def _engine(engine: EngineInfo) -> dict[str, Any]:
    return {
        "name": engine.name,
        "version": engine.version,
        "model_id": engine.model_id,
        "model_sha256": engine.model_sha256,
        "languages": list(engine.languages),
        "weak": engine.weak,
        "licence": engine.licence,
        "params": {"longest_chunk_ms": 15_000},
    }


def _event(mark: Mark) -> dict[str, Any]:
    return {
        "id": f"entry-{mark.number}",
        "kind": mark.kind,
        "t0_ms": mark.t0_ms,
        "t1_ms": None,
        "label": mark.label,
        "author": mark.author,
    }


def _untranscribed(entry: Untranscribed) -> dict[str, Any]:
    """Why a source has no text, and what the site can do: `how` names the setting and an example of its value."""
    how = {
        "setting": "HEARING_ASR",
        "example": f"pocketsphinx: sherpa:///models/zipformer-{entry.language}?language={entry.language}",
    }
    return {
        "track_id": entry.track,
        "source_id": entry.source,
        "seat": entry.seat,
        "language": entry.language,
        "reason": entry.reason,
        "detail": entry.detail,
        "how": how if entry.reason == "no_engine" else None,
        "speech_ms": entry.speech_ms,
        "phrases": [list(phrase) for phrase in entry.phrases],
    }


def _segment(sitting: Sitting, utterance: Utterance) -> dict[str, Any]:
    role = sitting.seats[utterance.seat].role if utterance.seat in sitting.seats else ""
    return {
        "id": utterance.id,
        "track_id": utterance.track,
        "source_id": utterance.source,
        "seat": utterance.seat,
        "seats": list(utterance.seats),
        "role": str(role),
        "t0_ms": utterance.t0_ms,
        "t1_ms": utterance.t1_ms,
        "lang": utterance.language,
        "text": utterance.text,
        "words": [[word.text, word.t0_ms, word.t1_ms, word.probability, "asr"] for word in utterance.words],
        "breaks": list(utterance.breaks),
        "conf": utterance.confidence,
        "origin": "asr",
        "overlap": list(utterance.overlap),
        "flags": list(utterance.flags),
    }


def _cues(utterance: Utterance) -> Iterator[list[Word]]:
    """An utterance in pieces that can be read while they are heard."""
    cue: list[Word] = []
    for index, word in enumerate(utterance.words):
        if cue and (
            index in utterance.breaks
            or len(cue) >= CUE_WORDS
            or word.t1_ms - cue[0].t0_ms > CUE_MS
            or word.t0_ms - cue[-1].t1_ms > CUE_PAUSE_MS
        ):
            yield cue
            cue = []
        cue.append(word)
    if cue:
        yield cue


def _timed(words: list[Word]) -> str:
    first, *others = words
    return _escape(first.text) + "".join(f" <{_clock(word.t0_ms)}>{_escape(word.text)}" for word in others)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    return text.replace("-->", "->").replace("\n", " ")


def _weak(transcript: Transcript, labels: Labels) -> str:
    return f" {labels.weak}" if any(engine.weak for engine in transcript.engines) else ""


def _clock(ms: int) -> str:
    seconds, rest = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _short(ms: int) -> str:
    return _clock(ms)[:8]
