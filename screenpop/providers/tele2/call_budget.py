"""Keep within the vendor's calls a minute, and let a dial go first."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

CALLS_A_MINUTE: Final = 100
# Never used by anything that can wait: whoever dials presses a button now and then.
KEPT_FOR_DIALS: Final = 15
WINDOW_SECONDS: Final = 60.0


class CallBudget:
    """Counts requests in a sliding minute, and makes those wait that can.

    A hundred calls in sixty seconds is what Microsoft's connector allows itself; the
    platform's own limit is not published. Requests that cannot wait have a share of
    their own and overtake those that can.

    Args:
        monotonic: Seconds that never run backwards.
        sleep: Waits so many of them.
    """

    def __init__(
        self,
        *,
        calls: int = CALLS_A_MINUTE,
        kept_for_urgent: int = KEPT_FOR_DIALS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._calls = calls
        self._kept = kept_for_urgent
        self._monotonic = monotonic
        self._sleep = sleep
        self._sent: deque[float] = deque()
        self._held_until = 0.0

    async def take(self, *, is_urgent: bool = False) -> None:
        """Return when a request may be sent; it counts from then on."""
        allowed = self._calls if is_urgent else self._calls - self._kept
        while (wait := self._wait_seconds(allowed)) > 0:
            await self._sleep(wait)
        self._sent.append(self._monotonic())

    def hold(self, seconds: float) -> None:
        """The service asks for a pause."""
        until = self._monotonic() + min(seconds, WINDOW_SECONDS)
        self._held_until = max(self._held_until, until)

    @property
    def held_seconds(self) -> float:
        """How long the pause that the service asked for still lasts; 0 for none."""
        return max(0.0, self._held_until - self._monotonic())

    @property
    def used(self) -> int:
        """Requests sent in the last minute."""
        self._forget_old()
        return len(self._sent)

    def _wait_seconds(self, allowed: int) -> float:
        self._forget_old()
        if len(self._sent) < allowed:
            return 0.0
        # The one whose leaving makes room.
        leaving = self._sent[len(self._sent) - allowed]
        return leaving + WINDOW_SECONDS - self._monotonic()

    def _forget_old(self) -> None:
        horizon = self._monotonic() - WINDOW_SECONDS
        while self._sent and self._sent[0] <= horizon:
            self._sent.popleft()
