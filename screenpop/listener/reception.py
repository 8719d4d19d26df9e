"""Room for connections: who may stay, who has to go, and what is being stored."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from screenpop.listener.connection import HookConnection, Stage
from screenpop.listener.guard import Limits, Refusal

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from screenpop.listener.intake import Intake
    from screenpop.listener.routes import FrontDoor
    from screenpop.listener.stats import StatsRecorder

logger = logging.getLogger(__name__)

# Whoever is furthest from being served goes first; a delivery that is being stored
# never does.
_FIRST_TO_GO = (Stage.DRAIN, Stage.HEAD, Stage.BODY)


class Reception:
    """What all connections of a listener share; lives on the listener's loop."""

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        door: FrontDoor,
        intake: Intake,
        stats: StatsRecorder,
    ) -> None:
        self.loop = loop
        self.limits = limits
        self.door = door
        self.intake = intake
        self.stats = stats
        # A dict, as it keeps the order of arrival.
        self._connections: dict[HookConnection, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._trimming: asyncio.TimerHandle | None = None
        self._is_failing = False
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    def connect(self) -> HookConnection:
        """A connection for the next sender."""
        return HookConnection(self)

    # --- room ----------------------------------------------------------------------

    def admit(self, connection: HookConnection) -> None:
        """Take a new connection in, and make room for it if there is none."""
        self.stats.connection_opened()
        self._connections[connection] = None
        self._is_empty.clear()
        if len(self._connections) > self.limits.burst_connections:
            now = self.loop.time()
            if not (
                self._evict(older_than=now - self.limits.grace_seconds)
                or self._evict(older_than=now, spared=connection)
            ):
                connection.refuse(Refusal.BUSY)
        if len(self._connections) > self.limits.connections and self._trimming is None:
            self._trimming = self.loop.call_later(self.limits.grace_seconds, self._trim)

    def dismiss(self, connection: HookConnection) -> None:
        """Forget a connection that is closed."""
        if connection in self._connections:
            del self._connections[connection]
        if not self._connections:
            self._is_empty.set()
        self.stats.connection_closed()

    def _trim(self) -> None:
        self._trimming = None
        now = self.loop.time()
        while len(self._connections) > self.limits.connections:
            if not self._evict(older_than=now - self.limits.grace_seconds):
                # What is left is younger, or being stored: look again later.
                self._trimming = self.loop.call_later(
                    self.limits.grace_seconds, self._trim
                )
                return

    def _evict(
        self, *, older_than: float, spared: HookConnection | None = None
    ) -> bool:
        for stage in _FIRST_TO_GO:
            for connection in self._connections:
                is_old = connection.opened_at <= older_than
                if connection.stage is stage and is_old and connection is not spared:
                    del self._connections[connection]
                    connection.abort()
                    self.stats.evict()
                    return True
        return False

    # --- deliveries under way --------------------------------------------------------

    def keep(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run ``work`` to its end, also when its connection goes away."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def report_failure(self, why: str) -> None:
        """Say once that deliveries are not stored any more."""
        level = logging.DEBUG if self._is_failing else logging.WARNING
        self._is_failing = True
        logger.log(level, "Webhooks are not stored and will be sent again: %s", why)

    def report_success(self) -> None:
        """Say once that deliveries are stored again."""
        if self._is_failing:
            self._is_failing = False
            logger.info("Webhooks are stored again")

    async def finish(self) -> None:
        """Let requests under way end, within ``Limits.stop_seconds``."""
        until = self.loop.time() + self.limits.stop_seconds
        for connection in tuple(self._connections):
            if connection.stage is Stage.HEAD:
                connection.abort()
        try:
            async with asyncio.timeout_at(until):
                await self._is_empty.wait()
        except TimeoutError:
            logger.info("Requests were still under way when the listener stopped")
        for connection in tuple(self._connections):
            connection.abort()
        if self._tasks:
            remaining = max(0.0, until - self.loop.time())
            await asyncio.wait(self._tasks, timeout=remaining)
        for task in tuple(self._tasks):
            task.cancel()
        if self._trimming is not None:
            self._trimming.cancel()
        # One turn, so that cancelled tasks and closed sockets are really gone.
        await asyncio.sleep(0)
