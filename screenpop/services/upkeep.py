"""What is looked after now and then, with a call at hand and never by a timer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.store.contact_sweep import sweep
from screenpop.store.retention import prune

if TYPE_CHECKING:
    from screenpop.services.application import Application

TIDY_EVERY: Final = timedelta(days=1)
COPIES_EVERY: Final = timedelta(hours=1)


class Upkeep:
    """Drops what is too old to be kept, and renews copies of accounts' contacts."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._tidied_at = self._copies_seen_at = app.clock()

    def tidy(self) -> None:
        """Drop, beside everything else, what is older than the user wants to keep."""
        self._tidied_at = self._app.clock()
        self._app.supervisor.start("tidy up", self._tidy_up())

    def look(self, *, is_quiet: bool) -> None:
        """Do what is due; copies are renewed when nobody is on the phone."""
        now = self._app.clock()
        if now - self._tidied_at > TIDY_EVERY:
            self.tidy()
        if is_quiet and now - self._copies_seen_at > COPIES_EVERY:
            self._copies_seen_at = now
            self._app.supervisor.start("renew copies", self._renew_copies())

    async def _tidy_up(self) -> None:
        app = self._app
        keep, now = app.settings.retention, app.clock()
        await asyncio.to_thread(
            prune,
            app.database,
            deliveries_before=now - timedelta(days=keep.journal_days),
            calls_before=now - timedelta(days=keep.calls_days),
            notes_before=now - timedelta(days=keep.notes_days),
            dials_before=now - timedelta(days=keep.dials_days),
            texts_before=now - timedelta(days=keep.texts_days),
        )
        await asyncio.to_thread(sweep, app.database)
        await app.source_desk.drop_orphans(app.settings)

    async def _renew_copies(self) -> None:
        from screenpop.services.account_copies import renew_copies

        app = self._app
        await renew_copies(app.contacts, app.local_contacts, app.clock())
