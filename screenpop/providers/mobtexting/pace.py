"""Keep within MobTexting's limit of requests: 1,000 GETs a minute."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

GETS_PER_MINUTE: Final = 1_000
MINUTE_SECONDS: Final = 60.0


class RequestPace:
    """Lets so many requests go within any stretch of time; later ones wait."""

    def __init__(
        self, limit: int = GETS_PER_MINUTE, period_seconds: float = MINUTE_SECONDS
    ) -> None:
        """Begin with nothing used up."""
        self._limit = limit
        self._period_seconds = period_seconds
        self._starts: deque[float] = deque()

    async def turn(self) -> None:
        """Return as soon as one more request is allowed."""
        clock = asyncio.get_running_loop().time
        while True:
            now = clock()
            while self._starts and now - self._starts[0] >= self._period_seconds:
                self._starts.popleft()
            if len(self._starts) < self._limit:
                self._starts.append(now)
                return
            await asyncio.sleep(self._starts[0] + self._period_seconds - now)
