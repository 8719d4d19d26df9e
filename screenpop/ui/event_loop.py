"""asyncio on Qt's event loop, with timers that are neither early nor left over.

WORKAROUND for qasync 0.28.0: its timers fire up to 5 % early and a cancelled one stays
alive in Qt until its time has come, so that every ``wait_for`` leaves one behind. The
loop below keeps its own timers; the rest of qasync is used as it is.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, QTimerEvent
from qasync import QEventLoop

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

PRECISE_BELOW_MS: Final = 60_000
LONGEST_MS: Final = 2**31 - 1


class _Timers(QObject):
    """Asyncio's handles by the number of the Qt timer that will run them."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop
        self._handles: dict[int, asyncio.TimerHandle] = {}
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._handles)

    def add(self, handle: asyncio.TimerHandle) -> None:
        """Run ``handle`` at its time, never before."""
        wait = math.ceil(max(0.0, handle.when() - self._loop.time()) * 1000)
        kind = (
            Qt.TimerType.PreciseTimer
            if wait < PRECISE_BELOW_MS
            else Qt.TimerType.CoarseTimer
        )
        number = self.startTimer(min(wait, LONGEST_MS), kind)
        self._handles[number] = handle
        self._numbers[id(handle)] = number

    def remove(self, handle: asyncio.TimerHandle) -> None:
        """Forget ``handle`` and free its Qt timer at once."""
        number = self._numbers.pop(id(handle), None)
        if number is not None:
            self.killTimer(number)
            del self._handles[number]

    def clear(self) -> None:
        """Free every Qt timer."""
        for handle in tuple(self._handles.values()):
            self.remove(handle)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Run the handle whose time has come; one that is early waits on."""
        handle = self._handles.get(event.timerId())
        if handle is None:
            return
        self.remove(handle)
        if handle.when() > self._loop.time() + self._loop.tolerance:
            self.add(handle)
        elif not handle.cancelled():
            handle._run()  # noqa: SLF001 - what every event loop does


class Loop(QEventLoop):  # type: ignore[misc] # qasync is untyped
    """The loop of the tray app.

    Attributes:
        tolerance: A timer may be this much early, in seconds: the clock's grain.
    """

    tolerance: Final = 1e-6

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._timers = _Timers(self)

    @property
    def live_timers(self) -> int:
        """Qt timers that wait for their time."""
        return len(self._timers)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call after ``delay`` seconds, not sooner."""
        if delay <= 0:
            handle: asyncio.TimerHandle = super().call_later(
                0, callback, *args, context=context
            )
            return handle
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call at ``when`` by the loop's clock, not sooner."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        # What makes cancel() call _timer_handle_cancelled.
        handle._scheduled = True  # type: ignore[attr-defined] # noqa: SLF001
        self._timers.add(handle)
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """What ``TimerHandle.cancel`` calls on its loop."""
        self._timers.remove(handle)

    def close(self) -> None:
        """Free the timers with the rest."""
        self._timers.clear()
        super().close()
