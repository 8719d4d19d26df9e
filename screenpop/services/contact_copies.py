"""Keep the copies of synced sources in step while the app runs."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    AuthenticationFailed,
    PermissionDenied,
    ProviderThrottled,
    ScreenpopError,
    UsageError,
)
from screenpop.lookup.protocol import SyncedSource
from screenpop.services.source_sync import sync_source
from screenpop.services.supervisor import wait_quietly
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.services.clock import Clock
    from screenpop.services.contact_sources import ContactSources
    from screenpop.services.source_sync import SyncReport
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.contacts import LocalContacts

_log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 30 * 60.0
FIRST_RETRY_SECONDS: Final = 60.0
# Trying again does not help before the user has done something.
_FOR_THE_USER: Final = (AuthenticationFailed, PermissionDenied)


@dataclass(slots=True)
class CopyState:
    """How the copy of one source stands.

    Attributes:
        synced_at: When it was last brought up to date in this run; None for not yet.
        problem: Why the last attempt failed; "" when it did not.
        failures: Attempts that failed in a row.
        next_seconds: How long after its end the next attempt begins.
    """

    synced_at: datetime | None = None
    problem: str = ""
    advice: str = ""
    failures: int = 0
    next_seconds: float = 0.0


@dataclass(slots=True)
class _Keeping:
    """The task that keeps one copy in step.

    Attributes:
        source: What it was begun for; another one of the same id gets its own.
        wake: Set to have the next sync begin now.
    """

    source: SyncedSource
    task: asyncio.Task[None]
    wake: asyncio.Event


class ContactCopies:
    """One task for each synced source, asleep between two syncs."""

    def __init__(
        self,
        *,
        sources: ContactSources,
        local: LocalContacts,
        supervisor: Supervisor,
        clock: Clock,
        changed: Callable[[], None],
        failed: Callable[[str, ScreenpopError], None] = lambda _id, _error: None,
    ) -> None:
        """Nothing runs yet.

        Args:
            sources: The sources there are.
            local: Where the copies go.
            supervisor: Runs the syncs.
            clock: What time it is.
            changed: Called after contacts have changed.
            failed: Told, once, of what only the user can mend: whose copy, and why.
        """
        self._sources = sources
        self._local = local
        self._supervisor = supervisor
        self._clock = clock
        self._changed = changed
        self._failed = failed
        self._states: dict[str, CopyState] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._keeping: dict[str, _Keeping] = {}

    def state(self, source_id: str) -> CopyState:
        """How the copy of a source stands."""
        return self._states.setdefault(source_id, CopyState())

    async def follow(self) -> None:
        """Run one task for each synced source there is now, and for no other.

        Waits until those that are not wanted any more have ended.
        """
        wanted = {source.key: source for source in self._sources.synced()}
        ended = []
        for key, keeping in tuple(self._keeping.items()):
            if wanted.get(key) is not keeping.source or keeping.task.done():
                keeping.task.cancel()
                ended.append(keeping.task)
                del self._keeping[key]
                self._states[key] = CopyState(
                    synced_at=self.state(key).synced_at if key in wanted else None
                )
        await asyncio.gather(*ended, return_exceptions=True)
        for key, source in wanted.items():
            if key not in self._keeping:
                wake = asyncio.Event()
                task = self._supervisor.start(
                    f"copy contacts of {key}", self._keep(key, wake)
                )
                self._keeping[key] = _Keeping(source, task, wake)
            elif self.state(key).failures:
                # Whatever was changed may have mended it.
                self._keeping[key].wake.set()

    def look_again(self) -> None:
        """Sync now what failed or is due, as after a sleep or on another network."""
        due = self._clock() - timedelta(seconds=EVERY_SECONDS)
        for key, keeping in self._keeping.items():
            state = self.state(key)
            if state.failures or (state.synced_at and state.synced_at < due):
                keeping.wake.set()

    async def sync(self, source_id: str) -> SyncReport:
        """Bring one copy up to date now.

        Raises:
            UsageError: There is no such source, or it is not copied.
            ScreenpopError: It or the disk failed.
        """
        source: object = self._sources.get(source_id).source
        if not isinstance(source, SyncedSource):
            raise UsageError(
                tr("This source is asked about each caller and not copied"),
                tr("There is nothing to sync."),
            )
        async with self._locks.setdefault(source_id, asyncio.Lock()):
            try:
                report = await sync_source(source, self._local)
            except ScreenpopError as error:
                self._note_failure(source_id, error)
                raise
        state = self.state(source_id)
        state.problem = state.advice = ""
        state.failures = 0
        state.next_seconds = _spread(EVERY_SECONDS)
        state.synced_at = self._clock()
        if report.changed or report.gone:
            self._changed()
        return report

    async def _keep(self, source_id: str, wake: asyncio.Event) -> None:
        """Sync at once, then every so often; a failure waits longer each time."""
        while True:
            wake.clear()
            try:
                await self.sync(source_id)
            except UsageError:
                return  # it is gone, or no longer copied
            except ScreenpopError as error:
                _log.info("contacts of %s were not copied: %s", source_id, error.title)
            except Exception as error:  # noqa: BLE001 - a source may be foreign code
                kind = type(error).__name__
                _log.error("contacts of %s were not copied: %s", source_id, kind)
                self._note_failure(
                    source_id,
                    ScreenpopError(tr("It failed unexpectedly; the log has details")),
                )
            await wait_quietly(wake, self.state(source_id).next_seconds)

    def _note_failure(self, source_id: str, error: ScreenpopError) -> None:
        state = self.state(source_id)
        is_news = state.problem != error.title
        state.problem, state.advice = error.title, error.advice
        state.failures += 1
        if isinstance(error, _FOR_THE_USER):
            state.next_seconds = _spread(EVERY_SECONDS)
            if is_news:
                self._failed(source_id, error)
            return
        seconds = FIRST_RETRY_SECONDS * 2.0 ** min(state.failures - 1, 10)
        if isinstance(error, ProviderThrottled):
            seconds = max(seconds, error.retry_after_seconds or 0.0)
        state.next_seconds = _spread(min(seconds, EVERY_SECONDS))


def _spread(seconds: float) -> float:
    """About as long, but never the same for all desks at once."""
    return float(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
