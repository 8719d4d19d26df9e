"""Act on what deliveries say besides calls, and tell the user when that fails."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError
from screenpop.services.events import NoticeLevel, UserNotice

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from screenpop.domain.delivery import Delivery
    from screenpop.providers.abilities import SupportsDeliveryEffects
    from screenpop.services.bus import Bus
    from screenpop.services.supervisor import Supervisor

_log = logging.getLogger(__name__)

EFFECT_SECONDS: Final = 2.0
"""How long calls wait for the keychain to take what a vendor hands over."""


class DeliveryEffects:
    """Has adapters remember what they are told."""

    def __init__(self, bus: Bus, supervisor: Supervisor) -> None:
        self._bus = bus
        self._supervisor = supervisor

    async def take(
        self, effects: SupportsDeliveryEffects, delivery: Delivery, *, may_wait: bool
    ) -> str:
        """Have ``effects`` act on a delivery; why it could not, or "".

        Args:
            effects: Whose delivery it is.
            delivery: What came.
            may_wait: It may go into a keychain that waits for its user, which must not
                hold up everybody's calls: then it goes on beside them.
        """
        taking = effects.take(delivery)
        if not may_wait:
            return await self._told(taking, delivery)
        running = asyncio.ensure_future(self._told(taking, delivery))
        await asyncio.wait((running,), timeout=EFFECT_SECONDS)
        if running.done():
            return running.result()

        async def go_on() -> None:
            await running

        self._supervisor.start("keep what was handed over", go_on())
        return ""

    async def _told(self, taking: Awaitable[None], delivery: Delivery) -> str:
        try:
            await taking
        except ScreenpopError as error:
            _log.warning("a delivery could not be acted on: %s", error.title)
            key = f"effect-{delivery.account_id}"
            self._bus.publish(
                UserNotice(NoticeLevel.WARNING, error.title, error.advice, key)
            )
            return error.title
        return ""
