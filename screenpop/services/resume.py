"""Notice that the computer slept, or is on another network, and say so once.

It costs an idle program nothing: where the system can tell by itself, its word is
waited for; elsewhere the clocks are compared whenever there is something to do anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screenpop.desktop.wakefulness import asleep_seconds, open_alarms

if TYPE_CHECKING:
    from screenpop.desktop.wakefulness import Alarm

_log = logging.getLogger(__name__)

SHORTEST_SLEEP_SECONDS: Final = 2.0
SETTLING_SECONDS: Final = 1.0
"""How long addresses may come and go before a change of the network counts as one."""


class ResumeWatch:
    """Calls back after a sleep and after a change of the network."""

    def __init__(
        self,
        *,
        resumed: Callable[[float], None],
        moved: Callable[[], None],
        asleep: Callable[[], float] = asleep_seconds,
        alarms: Callable[[], tuple[Alarm, ...]] = open_alarms,
    ) -> None:
        """Watch nothing yet.

        Args:
            resumed: Told how many seconds the computer slept, once it is awake again.
            moved: Told that the computer has other network addresses.
            asleep: How long it has slept in all so far.
            alarms: Opens what becomes readable when one should look.
        """
        self._resumed = resumed
        self._moved = moved
        self._asleep = asleep
        self._open = alarms
        self._slept_before = asleep()
        self._alarms: tuple[Alarm, ...] = ()
        self._settling: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Listen to what the system says of it."""
        loop = asyncio.get_running_loop()
        self._alarms = self._open()
        for alarm in self._alarms:
            loop.add_reader(alarm.fileno(), self._rang, alarm)

    def stop(self) -> None:
        """Listen no more; calling it again does nothing."""
        if self._settling is not None:
            self._settling.cancel()
        alarms, self._alarms = self._alarms, ()
        for alarm in alarms:
            asyncio.get_running_loop().remove_reader(alarm.fileno())
            alarm.close()

    def look(self) -> bool:
        """Compare the clocks now; whether it was found that the computer slept."""
        in_all = self._asleep()
        slept, self._slept_before = in_all - self._slept_before, in_all
        if slept < SHORTEST_SLEEP_SECONDS:
            return False
        _log.info("the computer slept for %d seconds", slept)
        self._resumed(slept)
        return True

    def _rang(self, alarm: Alarm) -> None:
        is_news = alarm.take()
        is_awoken = self.look()
        if not is_news or is_awoken or not alarm.is_of_network:
            return
        if self._settling is None:
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(SETTLING_SECONDS, self._settled)

    def _settled(self) -> None:
        self._settling = None
        _log.info("the network changed")
        self._moved()
