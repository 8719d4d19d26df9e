"""The journal as the sources see it, and when each account was last heard of."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.domain.delivery import Delivery
    from screenpop.store.journal import Journal


class Inbox:
    """Journals deliveries from any thread and remembers the latest of each account."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._latest: dict[str, datetime | None] = {}

    def append(self, delivery: Delivery) -> Future[int]:
        """Journal one delivery durably; the future gives its number."""
        future = self._journal.append(delivery)
        future.add_done_callback(partial(self._note, delivery))
        return future

    def _note(self, delivery: Delivery, stored: Future[int]) -> None:
        """What is not on disk was not heard: it must be asked for again."""
        if not stored.cancelled() and stored.exception() is None:
            self._hear(delivery.account_id, delivery.received_at)

    def _hear(self, account_id: str, at: datetime | None) -> datetime | None:
        with self._lock:
            moments = [each for each in (self._latest.get(account_id), at) if each]
            self._latest[account_id] = max(moments, default=None)
            return self._latest[account_id]

    def hooked(self, account_id: str, after: int) -> list[Delivery]:
        """What the vendor itself sent after that number; waits for the disk."""
        return self._journal.hooked(account_id, after=after)

    def latest_of(self, account_id: str) -> datetime | None:
        """When anything last came from an account; None when never.

        Asks the disk the first time.
        """
        if account_id in self._latest:
            return self._latest[account_id]
        return self._hear(account_id, self._journal.latest_of(account_id))
