"""Bring the copy of a synced source in the local directory up to date, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError, ProviderThrottled
from screenpop.domain.frozen import frozen
from screenpop.store.contact_copy import copy_of
from screenpop.store.contact_sync import apply_changes, set_sync_mark, sync_mark
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.domain.contacts import Contact
    from screenpop.lookup.protocol import ContactChanges, SyncedSource
    from screenpop.store.contacts import LocalContacts

MOST_PAGES: Final = 20_000
"""A source that always has more is broken off after so many answers."""

LONGEST_WAIT_SECONDS: Final = 60.0
"""A source that asks to wait longer is left until the next sync."""

MOST_WAITS: Final = 5


@frozen
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
    return await _Round(source, local).run(mark)


class _Round:
    """One sync of one source, from the mark of the last one."""

    def __init__(self, source: SyncedSource, local: LocalContacts) -> None:
        self._source = source
        self._local = local
        self._pages = self._waits = 0

    async def run(self, mark: str) -> SyncReport:
        changed = gone = 0
        changes = await self._asked(mark)
        # The mark may have been forgotten by the source at any page.
        while not changes.is_whole:
            await self._apply(changes.changed, changes.gone_ids, changes.mark)
            changed += len(changes.changed)
            gone += len(changes.gone_ids)
            if not changes.has_more:
                return SyncReport(changed, gone, is_whole=False)
            changes = await self._asked(changes.mark)
        return await self._copy_whole(changes)

    async def _copy_whole(self, changes: ContactChanges) -> SyncReport:
        copy = copy_of(self._local, self._source.key, self._source.label)
        late: dict[str, Contact | None] = {}
        seen: set[str] = set()
        await asyncio.to_thread(copy.begin)
        try:
            while True:
                fresh = _sorted_out(changes, seen, late)
                await asyncio.to_thread(copy.add_batch, fresh)
                if not changes.has_more:
                    break
                changes = await self._asked(changes.mark)
        except BaseException:
            await asyncio.to_thread(copy.abandon)
            raise
        result = await asyncio.to_thread(copy.finish)
        if late:
            changed = [each for each in late.values() if each is not None]
            await self._apply(changed, tuple(late), changes.mark)
        else:
            await asyncio.wrap_future(
                set_sync_mark(self._local, self._source.key, changes.mark)
            )
        return SyncReport(result.contacts, result.removed, is_whole=True)

    async def _apply(
        self, changed: Sequence[Contact], gone_ids: Sequence[str], mark: str
    ) -> None:
        await asyncio.wrap_future(
            apply_changes(
                self._local,
                self._source.key,
                self._source.label,
                changed=changed,
                gone_ids=gone_ids,
                mark=mark,
            )
        )

    async def _asked(self, mark: str) -> ContactChanges:
        """The next answer; waits where the source asks for it, but not for long.

        Raises:
            PayloadError: The source never comes to an end.
        """
        self._pages += 1
        changes = await self._patiently(mark)
        is_stuck = self._pages > 1 and changes.has_more and changes.mark == mark
        if is_stuck or self._pages > MOST_PAGES:
            raise PayloadError(
                tr("The contacts of {label} never end", label=self._source.label)
            )
        return changes

    async def _patiently(self, mark: str) -> ContactChanges:
        while True:
            try:
                return await self._source.changes(mark)
            except ProviderThrottled as error:
                seconds = error.retry_after_seconds
                self._waits += 1
                if seconds is None or self._waits > MOST_WAITS:
                    raise
                if seconds > LONGEST_WAIT_SECONDS:
                    raise
                await asyncio.sleep(seconds)


def _sorted_out(
    changes: ContactChanges, seen: set[str], late: dict[str, Contact | None]
) -> list[Contact]:
    """The contacts of a page that are new in this round.

    A round over many pages takes a while: who was changed or removed meanwhile comes
    again, and is noted in ``late`` to be put right at the end.
    """
    fresh: list[Contact] = []
    for contact in changes.changed:
        if contact.source_id in seen:
            late[contact.source_id] = contact
        else:
            seen.add(contact.source_id)
            fresh.append(contact)
    late.update({gone: None for gone in changes.gone_ids if gone in seen})
    return fresh
