"""Messages of the relay as deliveries of this computer: kept, then handed on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import PayloadError
from screenpop.relay.envelope import Notice, read_notice, unfold
from screenpop.services.team.clock_offset import ClockOffset

if TYPE_CHECKING:
    from concurrent.futures import Future

    from screenpop.relay.broker import BrokerMessage

_log = logging.getLogger(__name__)


class Inbox(Protocol):
    """Where deliveries are kept."""

    def append(self, delivery: Delivery) -> Future[int]:
        """Journal one durably."""
        ...


class RelayedMail:
    """Turns messages into deliveries.

    Attributes:
        offset: How far our clock is from the relay's.
        noticed: Told of what is no delivery but something to do.
    """

    def __init__(
        self,
        inbox: Inbox,
        deliver: Callable[[tuple[Delivery, ...]], None],
    ) -> None:
        """Take nothing yet.

        Args:
            inbox: Where they are kept.
            deliver: Takes those that are.
        """
        self._inbox = inbox
        self._deliver = deliver
        self.offset = ClockOffset()
        self.noticed: Callable[[Notice], None] = lambda _: None

    async def take(
        self, messages: Sequence[BrokerMessage]
    ) -> AsyncIterator[BrokerMessage]:
        """Keep and hand on all of them; yields those that need not come again.

        One that cannot be read never will be: it need not come again either.

        Raises:
            StoreError: Some are not on disk; those that are were yielded before.
        """
        read = [(message, self._read(message)) for message in messages]
        storing = [
            None
            if delivery is None
            else asyncio.wrap_future(self._inbox.append(delivery))
            for _, delivery in read
        ]
        waiting = [each for each in storing if each is not None]
        await asyncio.gather(*waiting, return_exceptions=True)
        stored: list[Delivery] = []
        done: list[BrokerMessage] = []
        failure: BaseException | None = None
        for (message, delivery), kept in zip(read, storing, strict=True):
            if delivery is None or kept is None:
                done.append(message)
            elif kept.cancelled() or (error := kept.exception()) is not None:
                failure = failure or (None if kept.cancelled() else error)
            else:
                stored.append(replace(delivery, seq=kept.result()))
                done.append(message)
        self._deliver(tuple(stored))
        for message in done:
            yield message
        if failure is not None:
            raise failure

    def _read(self, message: BrokerMessage) -> Delivery | None:
        notice = read_notice(message.headers)
        if notice is not None:
            self.noticed(notice)
            return None
        try:
            delivery = unfold(message.headers, message.body)
        except PayloadError as error:
            _log.warning("a message of the relay is left out: %s", error.title)
            return None
        # Records that the relay polled read otherwise than webhooks.
        is_hook = delivery.source is DeliverySource.WEBHOOK
        source = DeliverySource.RELAY if is_hook else delivery.source
        received_at = self.offset.to_ours(delivery.received_at)
        return replace(delivery, source=source, received_at=received_at)
