"""Background tasks with a name, an owner and an end. Nothing else in the product starts a task."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


def spawn(coroutine: Coroutine[Any, Any, Any], *, name: str, owner: set[asyncio.Task[Any]]) -> asyncio.Task[Any]:
    """Start `coroutine` as a task that `owner` keeps alive; a failure is logged with its trace, never swallowed.

    The owner must call `stop(owner)` when it ends.
    """
    task = asyncio.get_running_loop().create_task(coroutine, name=name)
    owner.add(task)

    def done(finished: asyncio.Task[Any]) -> None:
        owner.discard(finished)
        if not finished.cancelled() and (fault := finished.exception()) is not None:
            log.error("task %s failed", name, exc_info=fault)

    task.add_done_callback(done)
    return task


async def stop(owner: set[asyncio.Task[Any]]) -> None:
    """Cancel every task of `owner` and wait until each has ended."""
    tasks = list(owner)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
