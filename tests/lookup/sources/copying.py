"""A synced source copied into a real database, sync after sync."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screenpop.services.source_sync import SyncReport, sync_source
from screenpop.store.contact_sync import sync_mark
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from screenpop.domain.contacts import Contact


@dataclass
class Copy:
    """The copy of one source, and what syncs it."""

    source: Any
    local: LocalContacts
    database: Database

    @classmethod
    def of(cls, source: Any, folder: Path) -> Copy:
        database = Database(folder / "copy.db")
        return cls(source, LocalContacts(database), database)

    async def sync(self) -> SyncReport:
        return await sync_source(self.source, self.local)

    @property
    def mark(self) -> str:
        return sync_mark(self.local, self.source.key)

    @property
    def copied_at(self) -> datetime:
        (summary,) = self.local.sources()
        assert summary.imported_at is not None
        return summary.imported_at

    @property
    def count(self) -> int:
        return self.local.count()

    def names(self, number: str) -> set[str]:
        return {one.contact.name for one in self.local.match_number(number)}

    def contact(self, source_id: str) -> Contact:
        found = self.local.get(self.source.key, source_id)
        assert found is not None
        return found
