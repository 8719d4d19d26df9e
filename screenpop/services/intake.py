"""Take a delivery: on disk first, then answered, then thought about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from screenpop.domain.delivery import DeliveryAnswer

if TYPE_CHECKING:
    from concurrent.futures import Future

    from screenpop.domain.delivery import Delivery


class DeliveryJournal(Protocol):
    """Where deliveries are kept before anything else happens to them."""

    def append(self, delivery: Delivery) -> Future[int]:
        """Store it durably; the future gives its number once it is on disk."""
        ...


class Answerer(Protocol):
    """Knows what a vendor wants to hear."""

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """The answer to a delivery; pure and quick."""
        ...


class WebhookIntake:
    """What the listener calls for every authenticated delivery.

    ``accept`` runs on the listener's own thread and loop, so that no window and no
    look-up can delay the vendor's answer. What is on disk is handed to ``deliver``,
    which must be safe to call from any thread.
    """

    def __init__(
        self,
        journal: DeliveryJournal,
        answerer: Callable[[str], Answerer | None],
        deliver: Callable[[Delivery], None],
    ) -> None:
        self._journal = journal
        self._answerer = answerer
        self._deliver = deliver

    async def accept(self, delivery: Delivery) -> DeliveryAnswer:
        """Journal ``delivery`` durably, pass it on, and give the vendor's answer.

        Raises:
            StoreError: It is not on disk, so it must not be acknowledged.
        """
        seq = await asyncio.wrap_future(self._journal.append(delivery))
        self._deliver(replace(delivery, seq=seq))
        answerer = self._answerer(delivery.account_id)
        return answerer.answer(delivery) if answerer else DeliveryAnswer()
