"""Copy synced sources into the local directory, and keep the copies in step."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from screenpop.store.contact_copy import copy_of
from screenpop.store.contact_sync import apply_changes, set_sync_mark, sync_mark

if TYPE_CHECKING:
    from screenpop.lookup.protocol import ContactChanges, SyncedSource
    from screenpop.store.contacts import LocalContacts

_log = logging.getLogger(__name__)

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
