"""The media processes as the web process sees them: each one connected, or being looked for.

Rule: no knowledge of rooms here. A node that went away is looked for until it is back, and then says by its state
whether it is the same process (the rooms are still there) or a new one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hearing import tasks
from hearing.errors import Malformed
from signaling.control import News, R, Request, State
from signaling.health import Load
from signaling.link import NodeFailed, NodeLink

log = logging.getLogger(__name__)

# A restarted media process listens again within a second; looking for it costs next to nothing.
LOOK_EVERY_S = 0.05
# Somebody with a higher generation has the node: most likely this process is the old one and about to end.
FENCED_LOOK_EVERY_S = 1.0


class Node:
    """One media process. `on_up` and `on_down` follow each other in turn; `on_news` comes in between, in order."""

    def __init__(
        self,
        path: Path,
        generation: int,
        *,
        on_up: Callable[["Node", State], Awaitable[None]],
        on_news: Callable[["Node", News], None],
        on_down: Callable[["Node"], None],
    ) -> None:
        self.path, self._generation = path, generation
        self._on_up, self._on_news, self._on_down = on_up, on_news, on_down
        self._link: NodeLink | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.load: Load | None = None

    @property
    def up(self) -> bool:
        return self._link is not None

    @property
    def pid(self) -> int | None:
        """The process that answers now."""
        return self._link.ready.pid if self._link is not None and self._link.ready is not None else None

    def start(self) -> None:
        tasks.spawn(self._keep(), name=f"node {self.path.name}", owner=self._tasks)

    async def stop(self) -> None:
        """Leave the node alone; its media go on."""
        await tasks.stop(self._tasks)
        if self._link is not None:
            await self._link.close()
            self._link = None

    async def ask(self, request: Request[R]) -> R:
        """The reply; `NodeFailed` when the node is away or could not do it, `Malformed` when the asker is to blame."""
        if self._link is None:
            raise NodeFailed("the media process is away")
        return await self._link.ask(request)

    async def _keep(self) -> None:
        while True:
            lost = asyncio.Event()
            try:
                link = await NodeLink.connect(self.path, self._generation, self._news, lost.set)
            except (OSError, NodeFailed):
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            except Malformed as fenced:
                log.warning("media process %s: %s", self.path.name, fenced.reason)
                await asyncio.sleep(FENCED_LOOK_EVERY_S)
                continue
            self._link = link
            log.info("media process %s is here", self.path.name)
            await self._on_up(self, link.state)
            await lost.wait()
            log.warning("media process %s went away", self.path.name)
            self._link = self.load = None
            await link.close()
            self._on_down(self)

    def _news(self, news: News) -> None:
        if isinstance(news, Load):
            self.load = news
        self._on_news(self, news)
