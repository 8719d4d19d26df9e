"""Coroutines of windows: kept while they run, cancelled when the window goes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from screenpop.ui.error_presenter import Trouble, trouble_of

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

OnTrouble = Callable[[Trouble], None]


class Tasks:
    """The coroutines of one window.

    Args:
        on_trouble: Shows what went wrong where nobody else does.
    """

    def __init__(self, on_trouble: OnTrouble) -> None:
        self._on_trouble = on_trouble
        self._running: set[asyncio.Task[Any]] = set()
        self._unstoppable: set[asyncio.Task[Any]] = set()
        self._slots: dict[str, asyncio.Task[Any]] = {}
        self._is_closed = False

    def start(
        self,
        work: Coroutine[Any, Any, T],
        done: Callable[[T], object] | None = None,
        *,
        failed: OnTrouble | None = None,
        finally_: Callable[[], object] | None = None,
        slot: str = "",
        outlives_window: bool = False,
    ) -> None:
        """Run ``work``; hand its result to ``done``, on this same thread.

        Args:
            work: Never started when the window is already closed.
            done: Called with the result; not after `close`.
            failed: Told of an error instead of the window.
            finally_: Called after either; not after `close` or a cancellation.
            outlives_window: Go on to the end when the window is closed: for what must
                not be left half done.
            slot: Cancels what was started before under the same name, so that only
                the latest search answers.
        """
        if self._is_closed:
            work.close()
            return
        import asyncio  # late: the tray icon is there before any event loop

        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        if outlives_window:
            self._unstoppable.add(task)
        if slot:
            self.cancel(slot)
            self._slots[slot] = task
        task.add_done_callback(
            partial(self._ended, done, failed or self._on_trouble, finally_)
        )

    def cancel(self, slot: str) -> None:
        """End what runs under this name, without a word."""
        earlier = self._slots.pop(slot, None)
        if earlier is not None:
            earlier.cancel()

    def is_busy(self, slot: str) -> bool:
        """Whether something runs under this name."""
        task = self._slots.get(slot)
        return task is not None and not task.done()

    def close(self) -> None:
        """Cancel everything but what outlives the window; call nothing else back."""
        self._is_closed = True
        self._slots.clear()
        for task in self._running - self._unstoppable:
            task.cancel()

    def reopen(self) -> None:
        """Let a window that is shown again start things again."""
        self._is_closed = False

    async def idle(self) -> None:
        """Return when nothing runs any more."""
        import asyncio

        while self._running:
            await asyncio.wait(set(self._running))

    def _ended(
        self,
        done: Callable[[Any], object] | None,
        failed: OnTrouble,
        finally_: Callable[[], object] | None,
        task: asyncio.Task[Any],
    ) -> None:
        self._running.discard(task)
        is_kept = task in self._unstoppable
        self._unstoppable.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if self._is_closed and not is_kept:
            if error is not None:
                trouble_of(error)  # Logs what is a fault of ours.
            return
        if error is not None:
            failed(trouble_of(error))
        elif done is not None:
            done(task.result())
        if finally_ is not None and (is_kept or not self._is_closed):
            finally_()
