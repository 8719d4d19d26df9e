"""Copy synced sources into the local directory, and keep the copies in step."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError, UsageError
from screenpop.lookup.protocol import SyncedSource
from screenpop.store.contact_copy import copy_of
from screenpop.store.contact_sync import apply_changes, set_sync_mark, sync_mark

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.lookup.protocol import ContactChanges
    from screenpop.services.clock import Clock
    from screenpop.services.contact_sources import ContactSources
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.contacts import LocalContacts

_log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 30 * 60.0
FIRST_RETRY_SECONDS: Final = 60.0
MOST_PAGES: Final = 20_000
"""A source that always has more is broken off after so many answers."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        changed: Contacts that came, new or as they are now.
        gone: Contacts taken out; for a whole copy those that did not come again.
        is_whole: The whole copy was made anew.
    """

    changed: int
    gone: int
    is_whole: bool


async def sync_source(source: SyncedSource, local: LocalContacts) -> SyncReport:
    """Bring the copy of a source up to date; a failure leaves it as it was.

    Raises:
        ScreenpopError: The source or the disk failed.
    """
    mark = await asyncio.to_thread(sync_mark, local, source.key)
    changes = await source.changes(mark)
    if changes.is_whole:
        return await _copy_whole(source, local, changes)
    return await _apply(source, local, changes)


async def _copy_whole(
    source: SyncedSource, local: LocalContacts, changes: ContactChanges
) -> SyncReport:
    copy = copy_of(local, source.key, source.label)
    await asyncio.to_thread(copy.begin)
    try:
        for _ in range(MOST_PAGES):
            await asyncio.to_thread(copy.add_batch, changes.changed)
            if not changes.has_more:
                break
            changes = await source.changes(changes.mark)
    except BaseException:
        await asyncio.to_thread(copy.abandon)
        raise
    result = await asyncio.to_thread(copy.finish)
    await asyncio.wrap_future(set_sync_mark(local, source.key, changes.mark))
    return SyncReport(result.contacts, result.removed, is_whole=True)


async def _apply(
    source: SyncedSource, local: LocalContacts, changes: ContactChanges
) -> SyncReport:
    changed = gone = 0
    for _ in range(MOST_PAGES):
        await asyncio.wrap_future(
            apply_changes(
                local,
                source.key,
                source.label,
                changed=changes.changed,
                gone_ids=changes.gone_ids,
                mark=changes.mark,
            )
        )
        changed += len(changes.changed)
        gone += len(changes.gone_ids)
        if not changes.has_more:
            break
        changes = await source.changes(changes.mark)
    return SyncReport(changed, gone, is_whole=False)


@dataclass(slots=True)
class CopyState:
    """How the copy of one source stands.

    Attributes:
        synced_at: When it was last brought up to date in this run; None for not yet.
        problem: Why the last attempt failed; "" when it did not.
    """

    synced_at: datetime | None = None
    problem: str = ""
    advice: str = ""
    failures: int = 0


class ContactCopies:
    """Keeps the copies of all synced sources in step while the app runs."""

    def __init__(
        self,
        *,
        sources: ContactSources,
        local: LocalContacts,
        supervisor: Supervisor,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        """Nothing runs yet.

        Args:
            sources: The sources there are.
            local: Where the copies go.
            supervisor: Runs the syncs.
            clock: What time it is.
            changed: Called after contacts have changed.
        """
        self._sources = sources
        self._local = local
        self._supervisor = supervisor
        self._clock = clock
        self._changed = changed
        self._states: dict[str, CopyState] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def state(self, source_id: str) -> CopyState:
        """How the copy of a source stands."""
        return self._states.setdefault(source_id, CopyState())

    def follow(self) -> None:
        """Run one task for each synced source there is now, and for no other."""
        wanted = {source.key: source for source in self._sources.synced()}
        for key, task in tuple(self._tasks.items()):
            if key not in wanted or task.done():
                task.cancel()
                del self._tasks[key]
        for key in wanted:
            if key not in self._tasks:
                self._tasks[key] = self._supervisor.start(
                    f"copy contacts of {key}", self._keep(key)
                )

    async def sync(self, source_id: str) -> SyncReport:
        """Bring one copy up to date now.

        Raises:
            UsageError: There is no such source, or it is not copied.
            ScreenpopError: It or the disk failed.
        """
        source: object = self._sources.get(source_id).source
        if not isinstance(source, SyncedSource):
            raise UsageError(
                "This source is asked about each caller and not copied",
                "There is nothing to sync.",
            )
        state = self.state(source_id)
        async with self._locks.setdefault(source_id, asyncio.Lock()):
            try:
                report = await sync_source(source, self._local)
            except ScreenpopError as error:
                state.problem, state.advice = error.title, error.advice
                state.failures += 1
                raise
        state.problem = state.advice = ""
        state.failures = 0
        state.synced_at = self._clock()
        if report.changed or report.gone:
            self._changed()
        return report

    async def _keep(self, source_id: str) -> None:
        """Sync at once, then every so often; a failure waits longer each time."""
        while True:
            try:
                await self.sync(source_id)
            except UsageError:
                return  # it is gone, or no longer copied
            except ScreenpopError as error:
                _log.info("contacts of %s were not copied: %s", source_id, error.title)
            except Exception as error:  # noqa: BLE001 - a source may be foreign code
                kind = type(error).__name__
                _log.error("contacts of %s were not copied: %s", source_id, kind)
                state = self.state(source_id)
                state.problem = "It failed unexpectedly; the log has details"
                state.failures += 1
            await asyncio.sleep(self._pause(source_id))

    def _pause(self, source_id: str) -> float:
        """Seconds until the next sync, never the same for all desks at once."""
        failures = self.state(source_id).failures
        if failures:
            seconds = min(EVERY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (failures - 1))
        else:
            seconds = EVERY_SECONDS
        share = random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        return float(seconds * share)
