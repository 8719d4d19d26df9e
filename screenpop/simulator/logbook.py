"""What happened, in order, for tests to look at and wait for."""

from __future__ import annotations

import threading
import time
from typing import Generic, TypeVar

EntryT = TypeVar("EntryT")


class Logbook(Generic[EntryT]):
    """Entries that threads add and a test waits for."""

    def __init__(self) -> None:
        self._entries: list[EntryT] = []
        self._condition = threading.Condition()

    def add(self, entry: EntryT) -> None:
        """Write `entry` at the end."""
        with self._condition:
            self._entries.append(entry)
            self._condition.notify_all()

    @property
    def entries(self) -> tuple[EntryT, ...]:
        """All of them so far."""
        with self._condition:
            return tuple(self._entries)

    def wait_for(self, count: int, timeout: float) -> tuple[EntryT, ...]:
        """All entries, as soon as there are `count`.

        Raises:
            TimeoutError: Fewer came within `timeout` seconds of real time.
        """
        deadline = time.monotonic() + timeout
        with self._condition:
            while len(self._entries) < count:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"{len(self._entries)} of {count} after {timeout} s"
                    )
                self._condition.wait(left)
            return tuple(self._entries)
