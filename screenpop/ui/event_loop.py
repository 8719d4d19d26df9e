"""asyncio on Qt's event loop, with timers that are neither early nor left over.

WORKAROUND for qasync 0.28.0: its timers fire up to 5 % early and a cancelled one stays
alive in Qt until its time has come, so that every ``wait_for`` leaves one behind; and
each step of a coroutine costs it a Qt timer and a turn of Qt's loop, where a ringing
call takes six. The loop below keeps its own timers and its own queue of steps; the rest
of qasync is used as it is.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimerEvent
from qasync import QEventLoop

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

PRECISE_BELOW_MS: Final = 60_000
LONGEST_MS: Final = 2**31 - 1
TURN_SECONDS: Final = 0.001
"""How long steps that follow upon each other may keep windows waiting."""


class DisplayGone(Exception):
    """Qt has ended the loop by itself, as when its X server died."""


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


class _Steps(QObject):
    """Asyncio's handles that are due at once, in their order.

    An idle Qt is woken by an event, and runs what became due through that in the same
    turn. After `TURN_SECONDS` a timer runs the rest, behind windows and other timers;
    it also does so in a loop that Qt nests into one of the steps (a drag for one).
    """

    def __init__(self) -> None:
        super().__init__()
        self._handles: deque[asyncio.Handle] = deque()
        self._is_called = False
        self._is_running = False
        self._timer = 0

    def add(self, handle: asyncio.Handle) -> None:
        """Run ``handle`` soon; on Qt's thread only."""
        self._handles.append(handle)
        if self._is_running:
            self._run_later()
        else:
            self._call()

    def add_from_thread(self, handle: asyncio.Handle) -> None:
        """Run ``handle`` soon; from any thread."""
        self._handles.append(handle)
        self._call()

    def clear(self) -> None:
        """Forget what was due."""
        self._handles.clear()
        self._stop_timer()

    def customEvent(self, _event: QEvent) -> None:
        """Somebody called."""
        # First of all: who comes after the last look at the queue calls again.
        self._is_called = False
        self._run()

    def timerEvent(self, _event: QTimerEvent) -> None:
        """Windows have had their turn."""
        self._stop_timer()
        self._run()

    def _call(self) -> None:
        if not self._is_called:
            self._is_called = True
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))

    def _run_later(self) -> None:
        if not self._timer:
            self._timer = self.startTimer(0)

    def _stop_timer(self) -> None:
        if self._timer:
            self.killTimer(self._timer)
            self._timer = 0

    def _run(self) -> None:
        was_running, self._is_running = self._is_running, True
        give_way_at = time.monotonic() + TURN_SECONDS
        try:
            while self._handles:
                handle = self._handles.popleft()
                if not handle.cancelled():
                    handle._run()  # noqa: SLF001 - what every event loop does
                if time.monotonic() > give_way_at:
                    break
        finally:
            self._is_running = was_running
            if self._handles:
                self._run_later()
            else:
                self._stop_timer()


class Loop(QEventLoop):  # type: ignore[misc] # qasync is untyped
    """The loop of the tray app.

    Attributes:
        tolerance: A timer may be this much early, in seconds: the clock's grain.
    """

    tolerance: Final = 1e-6

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._timers = _Timers(self)
        self._steps = _Steps()
        self._is_told_to_stop = False

    def run_forever(self) -> int:
        """Run until told to stop.

        Raises:
            DisplayGone: Qt ended it. No coroutine is run any more: none could show
                anything, and what is on disk is whole.
        """
        self._is_told_to_stop = False
        result = int(super().run_forever())
        if not self._is_told_to_stop:
            self._timers.clear()
            self._steps.clear()
            raise DisplayGone
        return result

    def stop(self) -> None:
        """Have ``run_forever`` return."""
        self._is_told_to_stop = True
        super().stop()

    @property
    def live_timers(self) -> int:
        """Qt timers that wait for their time."""
        return len(self._timers)

    def call_soon(
        self,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Call as soon as what is due before is done."""
        handle = asyncio.Handle(callback, args, self, context)
        self._steps.add(handle)
        return handle

    def call_soon_threadsafe(
        self,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """The same from any thread.

        Raises:
            RuntimeError: The loop is closed.
        """
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        handle = asyncio.Handle(callback, args, self, context)
        self._steps.add_from_thread(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call after ``delay`` seconds, not sooner."""
        if delay <= 0:
            now = asyncio.TimerHandle(self.time(), callback, args, self, context)
            self._steps.add(now)
            return now
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
        self._steps.clear()
        super().close()
