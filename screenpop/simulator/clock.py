"""Time for the simulator: a clock that tests can turn, and work done when due.

Nothing in the simulator sleeps by itself. Whatever waits (a late webhook, a slow
answer, a retry) asks a :class:`Clock`, so that a test turns a :class:`ManualClock`
instead of waiting.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


_log = logging.getLogger(__name__)


class Clock(Protocol):
    """Tells the time and waits for it."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    def wait_until(self, condition: threading.Condition, due: float | None) -> None:
        """Wait for a notification of `condition`, or for the moment `due`.

        The caller holds `condition` and checks afterwards why it woke.
        """
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def wait_until(self, condition: threading.Condition, due: float | None) -> None:
        """Wait for a notification of `condition`, or for the moment `due`."""
        condition.wait(None if due is None else max(0.0, due - self.monotonic()))


class ManualClock:
    """A clock that stands still until a test advances it.

    Args:
        start: What the wall clock shows at first.
    """

    def __init__(
        self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    ) -> None:
        self._start = start
        self._elapsed_seconds = 0.0
        self._waiting: set[threading.Condition] = set()
        self._sleepers = 0
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds advanced so far."""
        with self._lock:
            return self._elapsed_seconds

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, and wake whoever waits."""
        with self._lock:
            self._elapsed_seconds += seconds
            waiting = tuple(self._waiting)
        for condition in waiting:
            with condition:
                condition.notify_all()

    def wait_until(self, condition: threading.Condition, due: float | None) -> None:
        """Wait for a notification of `condition`, or until advanced past `due`."""
        with self._lock:
            self._waiting.add(condition)
            if due is not None and self._elapsed_seconds >= due:
                return
            self._count_sleeper(due, 1)
        # `advance` needs `condition` to notify, and the caller holds it until here:
        # an advance between the check and the wait is not missed.
        condition.wait()
        with self._lock:
            self._count_sleeper(due, -1)

    def wait_for_sleepers(self, count: int, timeout: float = 5.0) -> None:
        """Return as soon as `count` threads wait for a moment to come.

        Raises:
            TimeoutError: Fewer did within `timeout` seconds of real time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._sleepers >= count, timeout):
                raise TimeoutError(f"{self._sleepers} of {count} threads wait")

    def _count_sleeper(self, due: float | None, change: int) -> None:
        if due is not None:
            self._sleepers += change
            self._changed.notify_all()


class StopSignal:
    """Ends every pause at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._condition = threading.Condition()
        self._is_set = False

    @property
    def is_set(self) -> bool:
        """Whether it is time to stop."""
        with self._condition:
            return self._is_set

    def set(self) -> None:
        """Stop: pauses end, now and from now on."""
        with self._condition:
            self._is_set = True
            self._condition.notify_all()

    def pause(self, seconds: float | None) -> bool:
        """Wait `seconds` (None: for ever) or until the stop; True to go on."""
        due = None if seconds is None else self._clock.monotonic() + seconds
        with self._condition:
            while not self._is_set:
                if due is not None and self._clock.monotonic() >= due:
                    return True
                self._clock.wait_until(self._condition, due)
            return False


@dataclass(order=True, frozen=True, slots=True)
class _Task:
    due: float
    sequence: int
    work: Callable[[], None] = field(compare=False)


class Scheduler:
    """Does work when it is due, on one thread of its own.

    Work that is due at the same moment is done in the order it was given. Work
    still waiting at :meth:`stop` is not done.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._condition = threading.Condition()
        self._tasks: list[_Task] = []
        self._sequence = itertools.count()
        self._thread: threading.Thread | None = None
        self._is_stopping = False

    def start(self) -> None:
        """Begin to work."""
        self._is_stopping = False
        self._thread = threading.Thread(
            target=self._run, name="simulator-scheduler", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Forget what is not being done yet, and take nothing more."""
        with self._condition:
            self._is_stopping = True
            self._tasks.clear()
            self._condition.notify_all()

    def stop(self) -> None:
        """Finish what is being done, forget the rest."""
        self.cancel()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        """Do `work` in `seconds`; 0 means next."""
        with self._condition:
            if self._is_stopping:
                return
            due = self._clock.monotonic() + max(0.0, seconds)
            heapq.heappush(self._tasks, _Task(due, next(self._sequence), work))
            self._condition.notify_all()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            try:
                task.work()
            except Exception:  # noqa: BLE001 - one step must not end the others
                _log.exception("The simulator failed at a scheduled step")

    def _next(self) -> _Task | None:
        with self._condition:
            while not self._is_stopping:
                due = self._tasks[0].due if self._tasks else None
                if due is not None and due <= self._clock.monotonic():
                    return heapq.heappop(self._tasks)
                self._clock.wait_until(self._condition, due)
            return None
