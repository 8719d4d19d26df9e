"""A hundred requests a minute, and a dial that never waits for others."""

from __future__ import annotations

import asyncio

from screenpop.providers.tele2.call_budget import CallBudget


class Time:
    """Stands still but for those who sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def _budget(time: Time) -> CallBudget:
    return CallBudget(
        calls=10, kept_for_urgent=3, monotonic=time.monotonic, sleep=time.sleep
    )


async def test_what_can_wait_waits_until_a_minute_has_passed() -> None:
    time = Time()
    budget = _budget(time)
    for _ in range(7):
        await budget.take()
        time.now += 1
    assert time.naps == []
    await budget.take()
    assert time.naps == [53.0]
    assert time.now == 1060.0
    assert budget.used == 7


async def test_a_dial_goes_at_once_when_the_rest_is_used_up() -> None:
    time = Time()
    budget = _budget(time)
    for _ in range(7):
        await budget.take()
    for _ in range(3):
        await budget.take(is_urgent=True)
    assert time.naps == []
    assert budget.used == 10


async def test_a_dial_overtakes_those_that_wait() -> None:
    done: list[str] = []
    time, turn = Time(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        await turn.wait()
        time.now += seconds

    budget = CallBudget(
        calls=2, kept_for_urgent=1, monotonic=time.monotonic, sleep=sleep
    )

    async def ask(name: str, *, is_urgent: bool = False) -> None:
        await budget.take(is_urgent=is_urgent)
        done.append(name)

    await ask("first")
    waiting = [asyncio.create_task(ask(f"waits {number}")) for number in range(3)]
    await asyncio.sleep(0)
    await ask("dial", is_urgent=True)
    assert done == ["first", "dial"]
    turn.set()
    await asyncio.gather(*waiting)
    assert len(done) == 5


async def test_even_dials_keep_the_limit() -> None:
    time = Time()
    budget = _budget(time)
    for _ in range(11):
        await budget.take(is_urgent=True)
    assert time.naps == [60.0]


async def test_dials_leave_less_for_the_others() -> None:
    time = Time()
    budget = _budget(time)
    for _ in range(9):
        await budget.take(is_urgent=True)
        time.now += 1
    await budget.take()
    # Not before three of the nine are older than a minute.
    assert time.naps == [53.0]


async def test_the_pause_that_is_asked_for_ends() -> None:
    time = Time()
    budget = _budget(time)
    assert budget.held_seconds == 0
    budget.hold(20)
    budget.hold(5)
    assert budget.held_seconds == 20
    time.now += 21
    assert budget.held_seconds == 0
    budget.hold(1e9)
    assert budget.held_seconds == 60


async def test_a_request_given_up_while_waiting_does_not_count() -> None:
    time, never = Time(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await never.wait()

    budget = CallBudget(
        calls=1, kept_for_urgent=0, monotonic=time.monotonic, sleep=sleep
    )
    await budget.take()
    waiting = asyncio.create_task(budget.take())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert budget.used == 1
