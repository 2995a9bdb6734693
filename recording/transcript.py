"""Heard phrases and the sitting's story -> utterances, in order, each under its source and seat. Pure.

Rules: every phrase ends as text, as silence or as a stated reason; overlapping speech is kept on both sides and
marked; nothing is guessed about a shared microphone; the text is a machine's and says so.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Literal

from recording.asr.ports import EngineInfo, Word
from recording.sitting import Sitting

Outcome = Literal["text", "nothing", "no_engine", "failed"]

SAME_TURN_MS = 2_000
OTHER_SPEAKER_MS = 700
OVERLAP_MS = 300
BLEED_WINDOW_MS = 500
BLEED_DB = 10.0
BLEED_LIKENESS = 0.6
# One paragraph of a long speech; a reader needs a place to rest, and a time to click on.
LONGEST_UTTERANCE_MS = 60_000


@dataclass(frozen=True, kw_only=True, slots=True)
class HeardPhrase:
    """One phrase after the engine. Words are on the hearing clock."""

    track: str
    t0_ms: int
    t1_ms: int
    language: str
    outcome: Outcome
    words: tuple[Word, ...] = ()
    engine: str = ""
    level_db: float = 0.0
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """What one seat said over one source without anybody else coming between."""

    id: str
    track: str
    source: str
    seat: str | None
    seats: tuple[str, ...]
    t0_ms: int
    t1_ms: int
    language: str
    words: tuple[Word, ...]
    # Where the phrases of this utterance begin, as indexes into `words`: a cue or a line never runs over them.
    breaks: tuple[int, ...] = (0,)
    level_db: float = 0.0
    overlap: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words, as one line."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float | None:
        """The mean of what the engine thought of its words; None where it says nothing."""
        known = [word.probability for word in self.words if word.probability is not None]
        return round(sum(known) / len(known), 3) if known else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Untranscribed:
    """Speech that got no text, and why."""

    track: str
    source: str
    seat: str | None
    language: str
    reason: Literal["no_engine", "failed"]
    speech_ms: int
    phrases: tuple[tuple[int, int], ...]
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """The whole of one sitting."""

    utterances: tuple[Utterance, ...]
    untranscribed: tuple[Untranscribed, ...]
    speech_ms: int
    engines: tuple[EngineInfo, ...] = ()
    finished: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    def speaker(self, utterance: Utterance) -> str:
        """The name to print: the seat's, or all seats that share the microphone."""
        seats = (utterance.seat,) if utterance.seat is not None else utterance.seats
        return " / ".join(self.names.get(seat, seat) for seat in seats) or "?"


def merge(
    sitting: Sitting,
    phrases: Iterable[HeardPhrase],
    *,
    engines: Sequence[EngineInfo] = (),
    names: Mapping[str, str] | None = None,
    finished: bool = False,
) -> Transcript:
    """Everything that was heard so far, in order of time."""
    heard = sorted(phrases, key=lambda phrase: (phrase.t0_ms, phrase.track))
    pieces = sorted(
        (piece for phrase in heard if phrase.outcome == "text" for piece in _by_user(sitting, phrase)),
        key=lambda piece: (piece.t0_ms, piece.track),
    )
    marked = _mark_bleed(_mark_overlaps(pieces))
    return Transcript(
        utterances=_renumber(_join(marked)),
        untranscribed=_without_text(sitting, heard),
        speech_ms=sum(phrase.t1_ms - phrase.t0_ms for phrase in heard),
        engines=tuple(engines),
        finished=finished,
        names=dict(names or {}),
    )


def _by_user(sitting: Sitting, phrase: HeardPhrase) -> Iterable[Utterance]:
    """A phrase, cut where the user of its source changes: over a shared microphone the floor may pass mid-phrase."""
    source = sitting.tracks[phrase.track].source
    groups: list[tuple[str | None, tuple[str, ...], bool, list[Word]]] = []
    for word in phrase.words:
        user = sitting.user(source, (word.t0_ms + word.t1_ms) // 2)
        if groups and groups[-1][:2] == (user.seat, user.seats):
            groups[-1][3].append(word)
        else:
            groups.append((user.seat, user.seats, user.certain, [word]))
    for seat, seats, certain, words in groups:
        yield Utterance(
            id=f"{phrase.track}-{words[0].t0_ms}",
            track=phrase.track,
            source=source,
            seat=seat,
            seats=seats,
            t0_ms=words[0].t0_ms,
            t1_ms=words[-1].t1_ms,
            language=phrase.language,
            words=tuple(words),
            level_db=phrase.level_db,
            flags=() if certain else ("shared_microphone",),
        )


def _mark_overlaps(pieces: list[Utterance]) -> list[Utterance]:
    """Both sides of each overlap of at least 300 ms name each other."""
    with_whom: dict[str, set[str]] = {piece.id: set() for piece in pieces}
    open_pieces: list[Utterance] = []
    for piece in pieces:
        open_pieces = [other for other in open_pieces if other.t1_ms > piece.t0_ms]
        for other in open_pieces:
            together = min(other.t1_ms, piece.t1_ms) - piece.t0_ms
            if other.source != piece.source and together >= OVERLAP_MS:
                with_whom[piece.id].add(other.id)
                with_whom[other.id].add(piece.id)
        open_pieces.append(piece)
    return [replace(piece, overlap=tuple(sorted(with_whom[piece.id]))) for piece in pieces]


def _mark_bleed(pieces: list[Utterance]) -> list[Utterance]:
    """The same words at the same time on two microphones: the much weaker one heard the other's speaker."""
    by_id = {piece.id: piece for piece in pieces}

    def bleeds(piece: Utterance) -> bool:
        return any(
            abs(piece.t0_ms - other.t0_ms) <= BLEED_WINDOW_MS
            and other.level_db - piece.level_db >= BLEED_DB
            and SequenceMatcher(None, piece.text.split(), other.text.split()).ratio() >= BLEED_LIKENESS
            for other in (by_id[name] for name in piece.overlap)
        )

    return [replace(piece, flags=(*piece.flags, "bleed")) if bleeds(piece) else piece for piece in pieces]


def _join(pieces: list[Utterance]) -> list[list[Utterance]]:
    """Pieces of one speaker that belong to one turn."""
    groups: list[list[Utterance]] = []
    starts = [piece.t0_ms for piece in pieces]
    latest: dict[tuple[str, str | None], list[Utterance]] = {}
    for piece in pieces:
        key = (piece.source, piece.seat)
        group = latest.get(key)
        # Only what began between the two can have come between them: a long sitting has thousands of pieces.
        first, end = bisect_left(starts, group[-1].t0_ms) if group else 0, bisect_right(starts, piece.t0_ms)
        if group is not None and _continues(group, piece, pieces[first:end]):
            group.append(piece)
        else:
            latest[key] = [piece]
            groups.append(latest[key])
    return groups


def _continues(group: list[Utterance], piece: Utterance, between: list[Utterance]) -> bool:
    last = group[-1]
    if piece.t0_ms - last.t1_ms >= SAME_TURN_MS or piece.t1_ms - group[0].t0_ms > LONGEST_UTTERANCE_MS:
        return False
    if last.track != piece.track or last.language != piece.language or last.flags != piece.flags:
        return False
    # An overlapped stretch stays on its own, so that what is marked is what was said at the same time.
    if bool(last.overlap) != bool(piece.overlap):
        return False
    return not any(
        other.source != piece.source
        and other.t1_ms - other.t0_ms >= OTHER_SPEAKER_MS
        and not (other.overlap and piece.overlap)
        for other in between
    )


def _renumber(groups: list[list[Utterance]]) -> tuple[Utterance, ...]:
    """One utterance per group; its id is that of its first piece, and the overlaps point at utterances."""
    whole = {piece.id: group[0].id for group in groups for piece in group}
    utterances = []
    for group in groups:
        breaks, count = [], 0
        for piece in group:
            breaks.append(count)
            count += len(piece.words)
        utterances.append(
            replace(
                group[0],
                t1_ms=max(piece.t1_ms for piece in group),
                words=tuple(word for piece in group for word in piece.words),
                breaks=tuple(breaks),
                level_db=max(piece.level_db for piece in group),
                overlap=tuple(sorted({whole[other] for piece in group for other in piece.overlap})),
            )
        )
    return tuple(sorted(utterances, key=lambda utterance: (utterance.t0_ms, utterance.track)))


def _without_text(sitting: Sitting, heard: Iterable[HeardPhrase]) -> tuple[Untranscribed, ...]:
    """Per source and reason: how much was said, and when."""
    found: dict[tuple[str, str | None, str, str, str], list[HeardPhrase]] = {}
    for phrase in heard:
        if phrase.outcome in ("no_engine", "failed"):
            seat = sitting.user(sitting.tracks[phrase.track].source, phrase.t0_ms).seat
            key = (phrase.track, seat, phrase.language, phrase.outcome, phrase.detail)
            found.setdefault(key, []).append(phrase)
    return tuple(
        Untranscribed(
            track=track,
            source=sitting.tracks[track].source,
            seat=seat,
            language=language,
            reason="no_engine" if reason == "no_engine" else "failed",
            speech_ms=sum(phrase.t1_ms - phrase.t0_ms for phrase in phrases),
            phrases=tuple((phrase.t0_ms, phrase.t1_ms) for phrase in phrases),
            detail=detail,
        )
        for (track, seat, language, reason, detail), phrases in found.items()
    )
