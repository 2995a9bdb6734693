"""Listens to a sitting while it runs: new segments of the record in, heard phrases on the board out.

Rules: what is on the board is settled for good; everything else can be heard again from the recording, so a worker may
die at any moment. The oldest phrase is heard first, one at a time.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from hearing.ports import BlobStore
from hearing.proceedings.events import SegmentClosed
from hearing.wire import Entry
from recording import segments
from recording.asr import engine_for
from recording.asr.ports import RawSegment, Transcriber, Truncated
from recording.board import Board
from recording.decode import BrokenSound, SoundDecoder
from recording.pace import niceness, run_at
from recording.sitting import Sitting, TrackStory
from recording.transcript import HeardPhrase, Transcript, merge
from recording.vad import Phrase, PhraseFinder

# The recorder closes its segments within some 2 s of the closing entry. Later ones would be a fault of the recorder.
GRACE_S = 5.0
QUIET_S = 3.0
# A phrase whose track has gone silent without a word (muted, paused) is not kept waiting for longer.
STALE_S = 6.0
# A decoder that starts in the middle needs some packets before its sound is right.
PREROLL_MS = 400


class TrackBytes(Protocol):
    """The one way to the bytes of a recording, for whoever listens."""

    def header(self, track: TrackStory, first: SegmentClosed) -> bytes:
        """What stands before the first segment."""
        ...

    def clusters(self, track: TrackStory, segment: SegmentClosed) -> bytes:
        """One segment: whole clusters."""
        ...


class StoredTracks:
    """The tracks through `segments.py`, each segment checked against its hash. `run` waits for a coroutine."""

    def __init__(self, store: BlobStore, run: Callable[[Coroutine[Any, Any, bytes]], bytes]) -> None:
        self._store = store
        self._run = run

    def header(self, track: TrackStory, first: SegmentClosed) -> bytes:
        """The bytes before the entry of the first segment."""
        return self._run(segments.header(self._store, _as_recorded(track, first)))

    def clusters(self, track: TrackStory, segment: SegmentClosed) -> bytes:
        """The bytes that the entry names."""
        return self._run(self._piece(_as_recorded(track, segment)))

    async def _piece(self, track: segments.Track) -> bytes:
        only = track.segments[0]
        return b"".join([piece.content async for piece in segments.read(self._store, track, only.t0_ms, only.t1_ms)])


def _as_recorded(track: TrackStory, segment: SegmentClosed) -> segments.Track:
    fields = {name: getattr(segment, name) for name in segments.Segment.__dataclass_fields__}
    return segments.Track(
        track=track.track,
        source=track.source,
        kind=track.kind,
        codec=track.codec,
        file=track.file,
        segments=[segments.Segment(**fields)],
    )


@dataclass(slots=True)
class _Ear:
    """One sound track being listened to."""

    track: TrackStory
    decoder: SoundDecoder
    finder: PhraseFinder
    from_ms: int
    heard_at: float = 0.0
    waiting: list[Phrase] = field(default_factory=list)
    settled_ms: int = -1

    def settle_at(self) -> int:
        """Up to where nothing is left to do."""
        return self.waiting[0].t0_ms if self.waiting else self.finder.settled_ms


class Stenographer:
    """One sitting. Call `round` again and again until it says that it has finished."""

    def __init__(
        self,
        *,
        job: str,
        sitting: str,
        board: Board,
        engines: Sequence[Transcriber],
        tracks: TrackBytes,
        read: Callable[[int], list[Entry]],
        now: Callable[[], datetime],
        languages: dict[str, str] | None = None,
    ) -> None:
        self._job = job
        self._board = board
        self._engines = tuple(engines)
        self._tracks = tracks
        self._read = read
        self._now = now
        self._languages = languages or {}
        self._ears: dict[str, _Ear] = {}
        self._unheard: deque[SegmentClosed] = deque()
        self._resume = board.settled(job)
        self._segment_at: datetime | None = None
        self.sitting = Sitting(sitting)
        self.heard: list[HeardPhrase] = board.phrases(job)
        self.finished = False

    def round(self) -> bool:
        """Take what is new and hear at most one phrase. True: there was something to do."""
        entries = self._read(self.sitting.last_number)
        for entry in entries:
            self.sitting.take(entry)
            if isinstance(entry.event, SegmentClosed):
                self._unheard.append(entry.event)
        busy = self._listen()
        over = self._over()
        self._end_silent_phrases(over)
        busy = self._hear_oldest() or busy
        self._settle()
        if over and not busy and not any(ear.waiting for ear in self._ears.values()):
            self.finished = True
        return busy

    def transcript(self, names: dict[str, str] | None = None) -> Transcript:
        """What is there so far."""
        used = {phrase.engine for phrase in self.heard}
        engines = [engine.info for engine in self._engines if engine.info.name in used]
        return merge(self.sitting, self.heard, engines=engines, names=names, finished=self.finished)

    @property
    def waiting_ms(self) -> int:
        """Speech that was found and not yet heard."""
        return sum(phrase.t1_ms - phrase.t0_ms for ear in self._ears.values() for phrase in ear.waiting)

    def _listen(self) -> bool:
        """Decode the new segments of every sound track and find the phrases in them."""
        busy = False
        while self._unheard:
            segment = self._unheard.popleft()
            # A track of another sitting is no track of this one.
            track = self.sitting.tracks.get(segment.track)
            if track is None or track.kind != "audio":
                continue
            ear = self._ears.get(track.track) or self._open(track, segment)
            self._segment_at = self._now()
            ear.heard_at = self._segment_at.timestamp()
            if segment.t1_ms < ear.from_ms - PREROLL_MS:
                continue
            try:
                for sound in ear.decoder.feed(self._tracks.clusters(track, segment)):
                    if sound.t_ms >= ear.from_ms:
                        ear.waiting.extend(ear.finder.feed(sound))
            except (BrokenSound, segments.Tampered, OSError) as fault:
                self._unreadable(ear, segment, fault)
            busy = True
        return busy

    def _unreadable(self, ear: _Ear, segment: SegmentClosed, fault: Exception) -> None:
        """Bytes that the record names and that cannot be read stand in the transcript as not transcribed."""
        ear.waiting.extend(ear.finder.flush())
        heard = HeardPhrase(
            track=ear.track.track,
            t0_ms=segment.t0_ms,
            t1_ms=segment.t1_ms,
            language="",
            outcome="failed",
            detail=f"{type(fault).__name__}: segment {segment.index}",
        )
        self._board.keep_phrase(self._job, heard, settled_ms=ear.settle_at())
        self.heard.append(heard)

    def _open(self, track: TrackStory, first: SegmentClosed) -> _Ear:
        from_ms = self._resume.get(track.track, -1)
        finder = PhraseFinder(settled_ms=max(0, from_ms))
        try:
            header = self._tracks.header(track, first)
        except (segments.Tampered, OSError):
            # Without a header every segment is unreadable, and each will say so.
            header = b""
        ear = _Ear(track=track, decoder=SoundDecoder(header), finder=finder, from_ms=from_ms)
        self._ears[track.track] = ear
        self._prepare(track, first)
        return ear

    def _prepare(self, track: TrackStory, first: SegmentClosed) -> None:
        """Load the engine before anything is heard: most microphones are quiet at first."""
        engine = engine_for(self._engines, self._language(track, first.t0_ms))
        if engine is not None:
            # What goes wrong goes wrong again with the first phrase, and is told there.
            with contextlib.suppress(Exception):
                run_at(niceness(live=self.sitting.closing_at is None, waiting_ms=self.waiting_ms), engine.prepare)

    def _language(self, track: TrackStory, t_ms: int) -> str:
        return self.sitting.language(self.sitting.user(track.source, t_ms).seat, self._languages)

    def _over(self) -> bool:
        """Nothing more will be kept of this sitting."""
        closing = self.sitting.closing_at
        if closing is None:
            return False
        if self.sitting.ended and all(track.closed for track in self.sitting.tracks.values()):
            return True
        now = self._now()
        quiet = self._segment_at is None or (now - self._segment_at).total_seconds() >= QUIET_S
        return quiet and (now - closing).total_seconds() >= GRACE_S

    def _end_silent_phrases(self, over: bool) -> None:
        now = self._now().timestamp()
        for ear in self._ears.values():
            if over or ear.track.closed or now - ear.heard_at > STALE_S:
                ear.waiting.extend(ear.finder.flush())

    def _hear_oldest(self) -> bool:
        ears = [ear for ear in self._ears.values() if ear.waiting]
        if not ears:
            return False
        ear = min(ears, key=lambda ear: ear.waiting[0].t0_ms)
        phrase = ear.waiting[0]
        heard = self._hear(ear.track, phrase)
        ear.waiting.pop(0)
        ear.settled_ms = ear.settle_at()
        self._board.keep_phrase(self._job, heard, settled_ms=ear.settled_ms)
        self.heard.append(heard)
        return True

    def _hear(self, track: TrackStory, phrase: Phrase) -> HeardPhrase:
        language = self._language(track, phrase.t0_ms)
        heard = HeardPhrase(
            track=track.track,
            t0_ms=phrase.t0_ms,
            t1_ms=phrase.t1_ms,
            language=language,
            outcome="nothing",
            level_db=round(phrase.level_db, 1),
        )
        engine = engine_for(self._engines, language)
        if engine is None:
            return replace(heard, outcome="no_engine")
        nice = niceness(live=self.sitting.closing_at is None, waiting_ms=self.waiting_ms)
        try:
            said = run_at(nice, lambda: transcribe_whole(engine, phrase, language))
        except Exception as fault:
            # An engine's failure is one phrase without text, with its reason in the transcript; never a lost sitting.
            return replace(heard, outcome="failed", engine=engine.info.name, detail=f"{type(fault).__name__}: {fault}")
        words = tuple(word for segment in said for word in segment.words)
        return replace(heard, outcome="text" if words else "nothing", words=words, engine=engine.info.name)

    def _settle(self) -> None:
        """Remember silence too, so that it is not decoded again after a restart."""
        for ear in self._ears.values():
            settled = ear.settle_at()
            if settled > ear.settled_ms + 10_000:
                ear.settled_ms = settled
                self._board.settle(self._job, ear.track.track, settled)


def transcribe_whole(engine: Transcriber, phrase: Phrase, language: str) -> list[RawSegment]:
    """The phrase through the engine, onto the hearing clock. A truncated answer is asked for again in halves."""
    try:
        said = engine.transcribe(phrase.pcm, language=language)
    except Truncated:
        middle = len(phrase.pcm) // 2
        middle_ms = phrase.t0_ms + (phrase.t1_ms - phrase.t0_ms) // 2
        if phrase.t1_ms - phrase.t0_ms < 2_000:
            raise
        first = Phrase(t0_ms=phrase.t0_ms, t1_ms=middle_ms, pcm=phrase.pcm[:middle])
        second = Phrase(t0_ms=middle_ms, t1_ms=phrase.t1_ms, pcm=phrase.pcm[middle:])
        return [*transcribe_whole(engine, first, language), *transcribe_whole(engine, second, language)]
    start = phrase.t0_ms
    return [
        replace(
            segment,
            t0_ms=start + segment.t0_ms,
            t1_ms=start + segment.t1_ms,
            words=tuple(replace(word, t0_ms=start + word.t0_ms, t1_ms=start + word.t1_ms) for word in segment.words),
        )
        for segment in said
    ]
