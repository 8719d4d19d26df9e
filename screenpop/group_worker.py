"""One thread that does in one go whatever has queued up meanwhile.

It is for what waits for a disk: a group then waits once, and the next gathers while it
does.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future


class Task(Protocol):
    """Something to do, and the future that waits for it."""

    future: Future[Any]


T = TypeVar("T", bound=Task)


class GroupWorker(Generic[T]):
    """Takes tasks from any thread, in their order."""

    def __init__(
        self,
        name: str,
        do: Callable[[list[T]], None],
        *,
        most: int,
        idle_seconds: Callable[[], float | None] = lambda: None,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the thread.

        Args:
            name: The thread's.
            do: Does a group and resolves its futures; must not raise. None of them
                can be cancelled any more.
            most: How many make a group.
            idle_seconds: After how long without a task ``idle`` is due; None for never.
            idle: Tidies up, on the thread.
        """
        self._do = do
        self._most = most
        self._idle_seconds = idle_seconds
        self._idle = idle
        self._tasks: SimpleQueue[T | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def queued(self) -> int:
        """How many tasks wait just now."""
        return self._tasks.qsize()

    def put(self, task: T) -> bool:
        """Take a task; False when the worker is closed and never will."""
        with self._lock:
            if not self._is_closed:
                self._tasks.put(task)
            return not self._is_closed

    def close(self) -> None:
        """Do what has queued up, and end; calling it again waits for the same end."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._tasks.put(None)
        self._thread.join()

    # --- on the thread ----------------------------------------------------------------

    def _run(self) -> None:
        is_last = False
        while not is_last:
            group = self._next_group()
            is_last = group[-1] is None
            tasks = [
                task
                for task in group
                if task is not None and task.future.set_running_or_notify_cancel()
            ]
            if tasks:
                self._do(tasks)

    def _next_group(self) -> list[T | None]:
        group = [self._first()]
        while len(group) < self._most and group[-1] is not None:
            try:
                group.append(self._tasks.get_nowait())
            except Empty:
                break
        return group

    def _first(self) -> T | None:
        seconds = self._idle_seconds()
        if seconds is not None:
            try:
                return self._tasks.get(timeout=seconds)
            except Empty:
                self._idle()
        return self._tasks.get()
