"""The job board: what was asked for after and during a hearing, how far it is, and the phrases heard so far.

The web process writes wishes and reads results; workers do the rest. It is disposable except for the phrases, which
can be heard again from the recording. Rule: every write may happen twice and the second changes nothing.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from recording.asr.ports import Word
from recording.transcript import HeardPhrase

State = Literal["asked", "running", "done", "failed", "cancelled"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")

TABLES = (
    """create table if not exists job (
        id text primary key, kind text not null, hearing text not null, sitting text not null, input text not null,
        state text not null, progress integer not null, stage text not null, result text not null, error text not null,
        asked_by text not null, cancel integer not null, filed integer not null, asked_at double precision not null)""",
    "create index if not exists job_by_hearing on job (hearing, kind)",
    """create table if not exists worker (
        executor text primary key, host text not null, lock_file text not null, beat double precision not null)""",
    """create table if not exists phrase (
        job text not null, track text not null, t0_ms bigint not null, t1_ms bigint not null, language text not null,
        outcome text not null, words text not null, engine text not null, level_db double precision not null,
        detail text not null, primary key (job, track, t0_ms))""",
    """create table if not exists track_cursor (
        job text not null, track text not null, settled_ms bigint not null, primary key (job, track))""",
    "create table if not exists draft (job text primary key, hearing text not null, content text not null)",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One wish and what became of it. `progress` is in thousandths; `result` is a list of files for the case."""

    id: str
    kind: str
    hearing: str
    sitting: str
    input: dict[str, Any]
    state: State
    progress: int
    stage: str
    result: list[dict[str, Any]]
    error: str
    asked_by: str
    cancel: bool
    filed: bool


class Board:
    """The board on SQLite (`sqlite:///path`) or PostgreSQL (`postgresql://...`). Blocking; safe from any thread."""

    def __init__(self, url: str) -> None:
        self._lock = threading.RLock()
        self._connection: Any
        if url.startswith("sqlite:///"):
            self._mark = "?"
            self._connection = sqlite3.connect(
                url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False, timeout=10
            )
            # The job engine does not switch it on, and shares this file.
            self._connection.execute("pragma journal_mode=wal")
            self._connection.execute("pragma synchronous=normal")
        else:
            import psycopg

            self._mark = "%s"
            self._connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
        with self._transaction():
            for statement in TABLES:
                self._run(statement)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    # Wishes ---------------------------------------------------------------------------------------------------------

    def ask(
        self, job: str, kind: str, *, hearing: str, sitting: str, input: dict[str, Any], by: str, at: float
    ) -> None:
        """Wish for a job. The same id again changes nothing."""
        self._write(
            "insert into job values (?, ?, ?, ?, ?, 'asked', 0, '', '[]', '', ?, 0, 0, ?) on conflict do nothing",
            (job, kind, hearing, sitting, json.dumps(input), by, at),
        )

    def cancel(self, job: str) -> None:
        """Wish for its end. A job that has ended stays as it is."""
        self._write("update job set cancel = 1 where id = ?", (job,))

    def job(self, job: str) -> Job | None:
        """One job by its id."""
        return next(iter(self._jobs("id = ?", (job,))), None)

    def jobs(self, hearing: str) -> list[Job]:
        """Every job of a hearing, the oldest first."""
        return self._jobs("hearing = ?", (hearing,))

    def in_state(self, state: State) -> list[Job]:
        """Every job that is in this state."""
        return self._jobs("state = ?", (state,))

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        return {state: count for state, count in self._read("select state, count(*) from job group by state", ())}

    def unfiled(self) -> list[Job]:
        """Done, but not yet in the case file."""
        return self._jobs("state = 'done' and filed = 0", ())

    def filed(self, job: str) -> None:
        """It is in the case file."""
        self._write("update job set filed = 1 where id = ?", (job,))

    # What workers write ---------------------------------------------------------------------------------------------

    def running(self, job: str) -> None:
        """A worker has begun, or begun again."""
        self._write("update job set state = 'running' where id = ? and state in ('asked', 'running')", (job,))

    def progress(self, job: str, thousandths: int, stage: str) -> bool:
        """Tell how far it is; the answer says whether somebody wishes its end."""
        self._write("update job set progress = ?, stage = ? where id = ?", (thousandths, stage, job))
        found = self.job(job)
        return found is not None and found.cancel

    def finish(self, job: str, state: State, *, result: Sequence[dict[str, Any]] = (), error: str = "") -> None:
        """The end of a job; the first end counts."""
        self._write(
            "update job set state = ?, result = ?, error = ?,"
            " progress = case when ? = 'done' then 1000 else progress end"
            " where id = ? and state in ('asked', 'running')",
            (state, json.dumps(list(result)), error, state, job),
        )

    def beat(self, executor: str, host: str, lock_file: str, at: float) -> None:
        """A worker lives."""
        self._write(
            "insert into worker values (?, ?, ?, ?) on conflict (executor) do update set beat = excluded.beat",
            (executor, host, lock_file, at),
        )

    def workers(self) -> list[tuple[str, str, str, float]]:
        """(executor, host, lock file, last beat)."""
        return [tuple(row) for row in self._read("select executor, host, lock_file, beat from worker", ())]

    def claim_worker(self, executor: str, beat: float, at: float) -> bool:
        """It is dead: True for exactly one of those who say so, and for another one later if that one dies too."""
        with self._transaction():
            claimed = self._run("update worker set beat = ? where executor = ? and beat = ?", (at, executor, beat))
            return bool(claimed.rowcount)

    def forget_worker(self, executor: str) -> None:
        """Its work was taken over."""
        self._write("delete from worker where executor = ?", (executor,))

    # Phrases --------------------------------------------------------------------------------------------------------

    def keep_phrase(self, job: str, phrase: HeardPhrase, *, settled_ms: int) -> None:
        """A phrase and how far its track is settled, in one transaction."""
        words = json.dumps([asdict(word) for word in phrase.words], ensure_ascii=False)
        with self._transaction():
            self._run(
                "insert into phrase values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
                (
                    job,
                    phrase.track,
                    phrase.t0_ms,
                    phrase.t1_ms,
                    phrase.language,
                    phrase.outcome,
                    words,
                    phrase.engine,
                    phrase.level_db,
                    phrase.detail,
                ),
            )
            self._settle(job, phrase.track, settled_ms)

    def settle(self, job: str, track: str, settled_ms: int) -> None:
        """Everything of this track before `settled_ms` is silence or kept."""
        with self._transaction():
            self._settle(job, track, settled_ms)

    def settled(self, job: str) -> dict[str, int]:
        """How far each track is settled."""
        return {
            row[0]: row[1] for row in self._read("select track, settled_ms from track_cursor where job = ?", (job,))
        }

    def phrases(self, job: str) -> list[HeardPhrase]:
        """Everything heard so far, in order of time."""
        rows = self._read(
            "select track, t0_ms, t1_ms, language, outcome, words, engine, level_db, detail from phrase"
            " where job = ? order by t0_ms, track",
            (job,),
        )
        return [
            HeardPhrase(
                track=row[0],
                t0_ms=row[1],
                t1_ms=row[2],
                language=row[3],
                outcome=row[4],
                words=tuple(Word(**word) for word in json.loads(row[5])),
                engine=row[6],
                level_db=row[7],
                detail=row[8],
            )
            for row in rows
        ]

    def keep_draft(self, job: str, hearing: str, content: bytes) -> None:
        """The transcript as it stands, for the page that watches it grow."""
        self._write(
            "insert into draft values (?, ?, ?) on conflict (job) do update set content = excluded.content",
            (job, hearing, content.decode()),
        )

    def drafts(self, hearing: str) -> list[bytes]:
        """The drafts of a hearing's sittings, `hearing-transcript/1` each."""
        return [
            row[0].encode()
            for row in self._read("select content from draft where hearing = ? order by job", (hearing,))
        ]

    # The database ---------------------------------------------------------------------------------------------------

    def _settle(self, job: str, track: str, settled_ms: int) -> None:
        self._run(
            "insert into track_cursor values (?, ?, ?) on conflict (job, track) do update set settled_ms ="
            " case when excluded.settled_ms > track_cursor.settled_ms then excluded.settled_ms"
            " else track_cursor.settled_ms end",
            (job, track, settled_ms),
        )

    def _jobs(self, where: str, values: tuple[Any, ...]) -> list[Job]:
        columns = "id, kind, hearing, sitting, input, state, progress, stage, result, error, asked_by, cancel, filed"
        rows = self._read(f"select {columns} from job where {where} order by asked_at, id", values)
        return [
            Job(
                id=row[0],
                kind=row[1],
                hearing=row[2],
                sitting=row[3],
                input=json.loads(row[4]),
                state=cast(State, row[5]),
                progress=row[6],
                stage=row[7],
                result=json.loads(row[8]),
                error=row[9],
                asked_by=row[10],
                cancel=bool(row[11]),
                filed=bool(row[12]),
            )
            for row in rows
        ]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._run("begin immediate" if self._mark == "?" else "begin")
            try:
                yield
            except BaseException:
                self._run("rollback")
                raise
            self._run("commit")

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        with self._transaction():
            self._run(statement, values)

    def _read(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return cast(list[tuple[Any, ...]], self._run(statement, values).fetchall())

    def _run(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        return self._connection.execute(statement.replace("?", self._mark), values)
