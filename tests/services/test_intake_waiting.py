"""Deliveries wait for the writer's thread together, and each hears of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from screenpop.domain.delivery import Delivery, DeliveryAnswer
from screenpop.domain.errors import StoreFull
from screenpop.services.intake import WebhookIntake
from tests.builders import a_delivery
from tests.waiting import eventually


class LateDisk:
    """A journal whose writer, on a thread of its own, answers when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Future[int]] = []

    def append(self, _: Delivery) -> Future[int]:
        self.waiting.append(Future())
        return self.waiting[-1]

    def store(self, *results: int | Exception) -> None:
        """Resolve what waits, in order, on another thread and one after the other."""

        def write() -> None:
            for future, result in zip(self.waiting, results, strict=True):
                if not future.set_running_or_notify_cancel():
                    continue
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        self.waiting.clear()


@pytest.fixture
def disk() -> LateDisk:
    return LateDisk()


@pytest.fixture
def passed() -> list[int | None]:
    return []


@pytest.fixture
def intake(disk: LateDisk, passed: list[int | None]) -> WebhookIntake:
    return WebhookIntake(disk, lambda _: None, lambda one: passed.append(one.seq))


async def _begun(*tasks: asyncio.Task[DeliveryAnswer], disk: LateDisk) -> None:
    await eventually(lambda: len(disk.waiting) == len(tasks), "all to be handed over")


def _accept(intake: WebhookIntake, count: int) -> list[asyncio.Task[DeliveryAnswer]]:
    return [asyncio.create_task(intake.accept(a_delivery())) for _ in range(count)]


async def test_a_group_is_answered_as_a_whole_and_nobody_is_forgotten(
    intake: WebhookIntake, disk: LateDisk, passed: list[int | None]
) -> None:
    for _ in range(3):
        tasks = _accept(intake, 50)
        await _begun(*tasks, disk=disk)
        disk.store(*range(50))
        assert await asyncio.gather(*tasks) == [DeliveryAnswer()] * 50
    assert passed == [*range(50)] * 3


async def test_who_is_not_stored_hears_it_and_the_others_do_not(
    intake: WebhookIntake, disk: LateDisk, passed: list[int | None]
) -> None:
    tasks = _accept(intake, 3)
    await _begun(*tasks, disk=disk)
    disk.store(1, StoreFull("full"), 3)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in found] == [
        DeliveryAnswer,
        StoreFull,
        DeliveryAnswer,
    ]
    assert passed == [1, 3]


async def test_a_delivery_given_up_before_it_began_is_not_stored(
    intake: WebhookIntake, disk: LateDisk, passed: list[int | None]
) -> None:
    given_up, kept = _accept(intake, 2)
    await _begun(given_up, kept, disk=disk)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert disk.waiting[0].cancelled()
    disk.store(1, 2)
    assert await kept == DeliveryAnswer()
    assert passed == [2]


async def test_a_delivery_given_up_while_it_is_written_is_passed_on(
    intake: WebhookIntake, disk: LateDisk, passed: list[int | None]
) -> None:
    (given_up,) = _accept(intake, 1)
    await _begun(given_up, disk=disk)
    (stored,) = disk.waiting
    stored.set_running_or_notify_cancel()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    stored.set_result(7)
    assert passed == [7]


def test_a_listener_that_starts_again_brings_a_loop_of_its_own(
    intake: WebhookIntake, disk: LateDisk
) -> None:
    async def once() -> DeliveryAnswer:
        (task,) = _accept(intake, 1)
        await _begun(task, disk=disk)
        disk.store(1)
        return await task

    assert [asyncio.run(once()), asyncio.run(once())] == [DeliveryAnswer()] * 2


def test_a_listener_that_is_gone_costs_the_writer_nothing(
    intake: WebhookIntake, disk: LateDisk, passed: list[int | None]
) -> None:
    """What was being written when the listener stopped is passed on all the same."""

    async def leave() -> Future[int]:
        (task,) = _accept(intake, 1)
        await _begun(task, disk=disk)
        (stored,) = disk.waiting
        stored.set_running_or_notify_cancel()
        return stored

    stored = asyncio.run(leave())
    stored.set_result(4)
    assert passed == [4]
