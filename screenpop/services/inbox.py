"""The journal as the sources see it, and when each account was last heard of."""

from __future__ import annotations

import threading
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
        self._latest: dict[str, datetime] | None = None

    def append(self, delivery: Delivery) -> Future[int]:
        """Journal one delivery durably; the future gives its number."""
        with self._lock:
            if self._latest is not None:
                known = self._latest.get(delivery.account_id)
                if known is None or known < delivery.received_at:
                    self._latest[delivery.account_id] = delivery.received_at
        return self._journal.append(delivery)

    def latest_of(self, account_id: str) -> datetime | None:
        """When anything last came from an account; None when never."""
        with self._lock:
            if self._latest is None:
                self._latest = {
                    each.account_id: each.last_received_at
                    for each in self._journal.by_account()
                }
            return self._latest.get(account_id)
