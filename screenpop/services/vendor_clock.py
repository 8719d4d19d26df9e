"""How far our clock is from a vendor's, also right after somebody has set ours.

A ring counts as news by the vendor's own time of it, so a desktop whose clock is wrong
by more than a minute would show no card at all. Each answer of the vendor's service
says what time it is there. Answers may be ten minutes apart: in between, what the wall
clock has jumped beside the clock that nobody can set is added.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from screenpop.desktop.wakefulness import running_seconds

SMALLEST_JUMP_SECONDS: Final = 1.0


class VendorClock:
    """Our clock minus the vendor's, once known."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        running: Callable[[], float] = running_seconds,
    ) -> None:
        """Know nothing yet, and take both clocks for the same.

        Args:
            wall: The clock that people set, in seconds.
            running: Seconds that pass all the time, whatever people set.
        """
        self._wall = wall
        self._running = running
        self._skew = timedelta(0)
        self._ahead: float | None = None

    def note(self, skew: timedelta) -> None:
        """It was so much a moment ago."""
        self._skew = skew
        self._ahead = self._wall() - self._running()

    @property
    def skew(self) -> timedelta:
        """How much it is now."""
        if self._ahead is None:
            return self._skew
        jumped = self._wall() - self._running() - self._ahead
        if abs(jumped) < SMALLEST_JUMP_SECONDS:
            return self._skew
        return self._skew + timedelta(seconds=jumped)
