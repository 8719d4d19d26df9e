"""What the listener hands deliveries to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery, DeliveryAnswer


class Intake(Protocol):
    """Takes deliveries over for good."""

    async def accept(self, delivery: Delivery) -> DeliveryAnswer:
        """Put the delivery on disk, then say what the vendor gets back.

        Runs on the listener's own event loop and may be called many times at once.
        It is cancelled when it takes longer than a sender may wait.

        Raises:
            StoreError: It is not on disk; the vendor is asked to send it again.
        """
        ...
