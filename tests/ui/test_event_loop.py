"""Coroutines on Qt's loop: in order, from any thread, and windows get their turn."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEventLoop, QTimer

from screenpop.ui.event_loop import TURN_SECONDS, Loop

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from PySide6.QtWidgets import QApplication


@pytest.fixture
def qt_loop(qapp: QApplication) -> Iterator[Loop]:
    made = Loop(qapp)
    yield made
    if not made.is_closed():
        made.close()


def run(loop: Loop, work: Coroutine[object, object, None]) -> None:
    loop.run_until_complete(asyncio.wait_for(work, 10))


def test_steps_run_in_order_those_that_they_bring_about_last(qt_loop: Loop) -> None:
    said: list[str] = []

    async def work() -> None:
        done = asyncio.Event()

        def first() -> None:
            said.append("first")
            qt_loop.call_soon(said.append, "brought about")
            qt_loop.call_soon(done.set)

        qt_loop.call_soon(first)
        qt_loop.call_later(0, said.append, "second")
        qt_loop.call_soon(said.append, "third")
        await done.wait()

    run(qt_loop, work())
    assert said == ["first", "second", "third", "brought about"]


def test_what_other_threads_bring_runs_once_each_and_in_order(qt_loop: Loop) -> None:
    said: list[tuple[int, int]] = []

    async def work() -> None:
        done = asyncio.Event()
        left = [4]

        def finish() -> None:
            left[0] -= 1
            if not left[0]:
                done.set()

        def bring(sender: int) -> None:
            for number in range(200):
                qt_loop.call_soon_threadsafe(said.append, (sender, number))
            qt_loop.call_soon_threadsafe(finish)

        threads = [threading.Thread(target=bring, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        await done.wait()
        for thread in threads:
            thread.join()

    run(qt_loop, work())
    for sender in range(4):
        assert [n for who, n in said if who == sender] == list(range(200))


def test_steps_that_follow_upon_each_other_let_windows_have_their_turn(
    qt_loop: Loop,
) -> None:
    turns: list[int] = []
    steps: list[int] = []

    async def work() -> None:
        done = asyncio.Event()
        timer = QTimer()
        timer.timeout.connect(lambda: turns.append(len(steps)))
        timer.start(0)

        def step() -> None:
            until = time.monotonic() + TURN_SECONDS
            while time.monotonic() < until:
                pass
            steps.append(1)
            if len(turns) >= 3 or len(steps) > 500:
                done.set()
            else:
                qt_loop.call_soon(step)

        qt_loop.call_soon(step)
        await done.wait()
        timer.stop()

    run(qt_loop, work())
    assert len(turns) >= 3, "a timer of Qt's never came between the steps"


def test_steps_go_on_while_one_of_them_runs_a_loop_of_qts(qt_loop: Loop) -> None:
    said: list[str] = []

    async def work() -> None:
        done = asyncio.Event()
        nested = QEventLoop()

        def drag() -> None:
            qt_loop.call_soon(said.append, "during")
            qt_loop.call_soon_threadsafe(nested.quit)
            nested.exec()
            said.append("after")
            qt_loop.call_soon(done.set)

        qt_loop.call_soon(drag)
        await done.wait()

    run(qt_loop, work())
    assert said == ["during", "after"]


def test_a_step_that_was_cancelled_does_not_run(qt_loop: Loop) -> None:
    said: list[str] = []

    async def work() -> None:
        soon = qt_loop.call_soon(said.append, "soon")
        later = qt_loop.call_later(0.01, said.append, "later")
        soon.cancel()
        later.cancel()
        after_both = asyncio.Event()
        qt_loop.call_later(0.02, after_both.set)
        await after_both.wait()

    run(qt_loop, work())
    assert said == []


def test_a_step_that_fails_does_not_stop_those_behind_it(qt_loop: Loop) -> None:
    said: list[str] = []

    async def work() -> None:
        told: list[object] = []
        qt_loop.set_exception_handler(lambda _, facts: told.append(facts["exception"]))
        qt_loop.call_soon(_fail)
        qt_loop.call_soon(said.append, "behind")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [type(each) for each in told] == [ZeroDivisionError]

    run(qt_loop, work())
    assert said == ["behind"]


def _fail() -> None:
    raise ZeroDivisionError


def test_a_timer_is_never_early_and_leaves_nothing_behind(qt_loop: Loop) -> None:
    async def work() -> None:
        began, is_time = qt_loop.time(), asyncio.Event()
        qt_loop.call_later(0.02, is_time.set)
        await is_time.wait()
        assert qt_loop.time() - began >= 0.02 - Loop.tolerance
        before = qt_loop.live_timers
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        await asyncio.wait_for(asyncio.sleep(0), 60)
        assert qt_loop.live_timers == before

    run(qt_loop, work())


def test_a_closed_loop_takes_no_more_from_other_threads(qt_loop: Loop) -> None:
    said: list[str] = []
    qt_loop.call_soon(said.append, "too late")
    qt_loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        qt_loop.call_soon_threadsafe(said.append, "much too late")
    assert said == []
