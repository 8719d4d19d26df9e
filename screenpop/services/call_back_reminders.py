"""Remind of calls back that were promised for a set time, each once."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import CallRef
from screenpop.domain.errors import StoreError
from screenpop.services.events import CallBackDue, ComputerResumed
from screenpop.services.supervisor import wait_quietly
from screenpop.store.promises import due_promises, mark_reminded

if TYPE_CHECKING:
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.database import Database

_log = logging.getLogger(__name__)

# Clocks are set anew and computers sleep unnoticed: nobody sleeps for longer than this.
_LONGEST_SLEEP: Final = 3600.0
_RETRY_SECONDS: Final = 60.0


class CallBackReminders:
    """Publishes ``CallBackDue``. There is a task only while something is promised."""

    def __init__(
        self, database: Database, *, bus: Bus, supervisor: Supervisor, clock: Clock
    ) -> None:
        """Nothing runs before ``wake``."""
        self._database = database
        self._bus = bus
        self._supervisor = supervisor
        self._clock = clock
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        bus.subscribe(ComputerResumed, lambda _: self.wake())

    def wake(self) -> None:
        """Something was promised, or the time may have jumped."""
        self._woken.set()
        if self._task is None:
            self._task = self._supervisor.start("remind of calls back", self._remind())

    async def _remind(self) -> None:
        try:
            while True:
                self._woken.clear()
                wait = await self._tell()
                if wait is None and not self._woken.is_set():
                    return
                await wait_quietly(self._woken, wait or 0.0)
        finally:
            self._task = None

    async def _tell(self) -> float | None:
        """Tell what is due; how long until the next, None without any."""
        try:
            promises = await asyncio.to_thread(due_promises, self._database)
            now = self._clock()
            due = [one for one in promises if one.due_at <= now]
            if due:
                # Rather told once too little than again at every start.
                await asyncio.wrap_future(mark_reminded(self._database, due, at=now))
        except StoreError as error:
            _log.warning("promised calls back cannot be read: %s", error.title)
            return _RETRY_SECONDS
        for one in due:
            self._bus.publish(CallBackDue(CallRef(one.account_id, one.call_id)))
        later = [one.due_at for one in promises if one.due_at > now]
        if not later:
            return None
        return min(_LONGEST_SLEEP, (min(later) - now).total_seconds())
