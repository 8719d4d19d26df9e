"""Tell the user once that calls cannot be stored, however many are refused.

A full disk refuses call after call, and each is tried again: a notice for each would
bury the screen.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.services.events import NoticeLevel, UserNotice

if TYPE_CHECKING:
    from screenpop.domain.errors import StoreError
    from screenpop.services.bus import Bus

NOTICE_KEY: Final = "call-store"


class StoreNews:
    """What became of attempts to store; safe to tell from any thread."""

    def __init__(self, bus: Bus) -> None:
        """All is well so far; on the main loop."""
        self._bus = bus
        self._loop = asyncio.get_running_loop()
        self._told: frozenset[type[StoreError]] = frozenset()

    def failed(self, error: StoreError) -> None:
        """Something could not be stored."""
        if type(error) in self._told:
            return
        self._told |= {type(error)}
        notice = UserNotice(NoticeLevel.ERROR, error.title, error.advice, NOTICE_KEY)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._bus.publish, notice)

    def worked(self) -> None:
        """Something was stored: the next failure is news."""
        self._told = frozenset()
