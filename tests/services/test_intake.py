"""A delivery is on disk before it is answered, whatever its adapter does."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import pytest

from screenpop.domain.delivery import Delivery, DeliveryAnswer
from screenpop.domain.errors import StoreFull
from screenpop.services.intake import WebhookIntake
from tests.builders import a_delivery


class Disk:
    """A journal that notes what it is given, or refuses it."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.kept: list[Delivery] = []
        self._failure = failure

    def append(self, delivery: Delivery) -> Future[int]:
        future: Future[int] = Future()
        if self._failure is not None:
            future.set_exception(self._failure)
        else:
            self.kept.append(delivery)
            future.set_result(len(self.kept))
        return future


class Adapter:
    """Answers 202, or fails at it."""

    def __init__(self, failure: Exception | None = None) -> None:
        self._failure = failure

    def answer(self, _: Delivery) -> DeliveryAnswer:
        if self._failure is not None:
            raise self._failure
        return DeliveryAnswer(202)


async def test_what_is_on_disk_is_passed_on_and_answered_as_the_vendor_likes() -> None:
    disk, passed = Disk(), list[Delivery]()
    intake = WebhookIntake(disk, lambda _: Adapter(), passed.append)
    assert await intake.accept(a_delivery()) == DeliveryAnswer(202)
    assert [delivery.seq for delivery in passed] == [1]


async def test_what_is_not_on_disk_is_neither_passed_on_nor_answered() -> None:
    passed = list[Delivery]()
    intake = WebhookIntake(Disk(StoreFull("full")), lambda _: Adapter(), passed.append)
    with pytest.raises(StoreFull):
        await intake.accept(a_delivery())
    assert passed == []


@pytest.mark.expects_log("an adapter has no answer: ZeroDivisionError")
async def test_an_adapter_that_fails_to_answer_costs_no_delivery() -> None:
    disk = Disk()
    intake = WebhookIntake(disk, lambda _: Adapter(ZeroDivisionError()), lambda _: None)
    assert await intake.accept(a_delivery()) == DeliveryAnswer()
    assert len(disk.kept) == 1


async def test_a_delivery_of_an_account_that_is_gone_is_kept() -> None:
    disk = Disk()
    intake = WebhookIntake(disk, lambda _: None, lambda _: None)
    assert (await intake.accept(a_delivery())).status == 200
    assert len(disk.kept) == 1


class OnceOnly(Adapter):
    """Answers a vendor that sends nothing twice."""

    def answer(self, _: Delivery) -> DeliveryAnswer:
        return DeliveryAnswer(200, must_arrive=True)


@pytest.mark.expects_log("a delivery was answered but is not on disk: StoreFull")
async def test_what_never_comes_again_is_answered_and_passed_on_without_a_disk() -> (
    None
):
    passed = list[Delivery]()
    disk = Disk(StoreFull("full"))
    intake = WebhookIntake(disk, lambda _: OnceOnly(), passed.append)
    assert (await intake.accept(a_delivery())).status == 200
    assert [delivery.seq for delivery in passed] == [None]


class Talkative(OnceOnly):
    """Is handed secrets and fails to tell them from the rest."""

    def without_secrets(self, _: Delivery) -> Delivery:
        raise ZeroDivisionError


@pytest.mark.expects_log("an adapter cannot part its secrets: ZeroDivisionError")
async def test_a_failure_to_part_secrets_costs_neither_them_nor_the_call() -> None:
    disk, passed = Disk(), list[Delivery]()
    intake = WebhookIntake(disk, lambda _: Talkative(), passed.append)
    told = a_delivery(body=b"secret=1")
    assert (await intake.accept(told)).status == 200
    assert [(each.body, each.query, each.headers) for each in disk.kept] == [
        (b"", "", ())
    ]
    assert [each.body for each in passed] == [b"secret=1"]


async def test_a_hand_over_to_an_app_that_is_leaving_does_not_cost_the_answer() -> None:
    def take_over(_: Delivery) -> Future[None]:
        raise RuntimeError("the loop is closed")

    class Parting(OnceOnly):
        def without_secrets(self, delivery: Delivery) -> Delivery:
            return replace(delivery, body=b"")

    disk = Disk()
    intake = WebhookIntake(disk, lambda _: Parting(), lambda _: None, take_over)
    assert (await intake.accept(a_delivery(body=b"secret=1"))).status == 200
    assert [each.body for each in disk.kept] == [b""]
