"""Jobs that outlive their process. The only module that knows the job engine (DBOS); the work itself is in `worker.py`.

A job is a row of portions, each a durable step: a portion that has ended is never done again, one that was interrupted
is done again from its start, so every portion must bear being done twice. Rules learned from the engine:
an executor id belongs to one live process (`slots.py` sees to it); the engine does not take over the work of a dead
neighbour, so `take_over` does; its version of the application is ours to raise, when old jobs could not go on.
"""

import logging
from collections.abc import Callable
from typing import Literal

from dbos import DBOS, DBOSConfig, SetWorkflowID

log = logging.getLogger(__name__)

JOBS_VERSION = "1"
# A job that kills its worker again and again is given up instead of being recovered for ever. A transcript lives as
# long as its sitting and must survive some restarts of the whole product.
ATTEMPTS = 8
PORTION_ATTEMPTS = 3

Outcome = Literal["more", "done", "failed", "cancelled"]
Portion = Callable[[str, int], Outcome]
Failed = Callable[[str, str], None]

# How many jobs of a kind one worker runs at once. Transcripts mostly wait; a composition takes a core.
QUEUES = {"transcribe": 8, "compose": 1}

_portion: Portion | None = None
_failed: Failed | None = None
_closing = False


class Interrupted(BaseException):
    """The engine is closing. Not an `Exception`: the job has not failed, whoever comes next goes on with it."""


@DBOS.workflow(name="job", max_recovery_attempts=ATTEMPTS)
def _job(job: str) -> str:
    number = 0
    while True:
        try:
            outcome = _step(job, number)
        except Exception as fault:
            if _closing:  # what was done can no longer be noted, and will be done again
                raise Interrupted from None
            log.exception("job %s failed in portion %d", job, number)
            return _give_up(job, f"{type(fault).__name__}: {fault}")
        if outcome != "more":
            return outcome
        number += 1


@DBOS.step(name="portion", retries_allowed=True, interval_seconds=1.0, max_attempts=PORTION_ATTEMPTS)
def _step(job: str, number: int) -> Outcome:
    assert _portion is not None, "the engine runs without its worker"
    return _portion(job, number)


@DBOS.step(name="give_up")
def _give_up(job: str, reason: str) -> str:
    assert _failed is not None, "the engine runs without its worker"
    _failed(job, reason)
    return "failed"


class JobEngine:
    """One per process, and only in a worker. The database must have been opened by a `Board` before (WAL)."""

    def __init__(self, url: str, executor: str, *, portion: Portion, failed: Failed) -> None:
        global _portion, _failed, _closing
        _portion, _failed, _closing = portion, failed, False
        config: DBOSConfig = {
            "name": "hearing",
            "system_database_url": url,
            "executor_id": executor,
            "application_version": JOBS_VERSION,
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": 1.0,
        }
        DBOS(config=config)
        DBOS.listen_queues(list(QUEUES))
        DBOS.launch()
        for name, at_once in QUEUES.items():
            DBOS.register_queue(name, worker_concurrency=at_once, polling_interval_sec=0.5, on_conflict="always_update")

    def enqueue(self, job: str, kind: str) -> None:
        """Begin `job` as soon as there is room. The same id again changes nothing."""
        with SetWorkflowID(job):
            DBOS.enqueue_workflow(kind, _job, job)

    def given_up(self, job: str) -> str | None:
        """Why the engine will not run this job any more, although it did not end by itself."""
        status = DBOS.retrieve_workflow(job).get_status().status
        return status if status in ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED") else None

    def take_over(self, executor: str, kind_of: Callable[[str], str]) -> list[str]:
        """Put the interrupted jobs of a dead worker back into their queues. You must know that it is dead."""
        taken = []
        for status in DBOS.list_workflows(status="PENDING", executor_id=executor):
            if status.executor_id == executor:
                DBOS.resume_workflow(status.workflow_id, queue_name=kind_of(status.workflow_id))
                taken.append(status.workflow_id)
        return taken

    def close(self, *, wait_s: int = 5) -> None:
        """Stop. What is running is interrupted and goes on when a worker starts again."""
        global _closing
        _closing = True
        DBOS.destroy(workflow_completion_timeout_sec=wait_s)
