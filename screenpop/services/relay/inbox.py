"""What the relay's watching of the vendors needs to know of earlier deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.delivery import DeliverySource
from screenpop.domain.events import CallRecorded
from screenpop.providers.protocol import SupportsWebhook
from screenpop.relay.names import INTAKE_STREAM, intake_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.domain.delivery import Delivery
    from screenpop.relay.broker import Broker
    from screenpop.services.connections import Connection
    from screenpop.services.relay.outlet import Outlet
    from screenpop.services.relay.routing import Seen


class RelayInbox:
    """Keeps polled deliveries, and remembers the latest of each account."""

    def __init__(
        self,
        outlet: Outlet,
        broker: Broker,
        connection: Callable[[str], Connection | None],
    ) -> None:
        self._outlet = outlet
        self._broker = broker
        self._connection = connection
        self._latest: dict[str, datetime] = {}
        self._proofs: dict[str, tuple[int, Delivery]] = {}

    def append(self, delivery: Delivery) -> Future[int]:
        """Keep one delivery durably; the future gives a number."""
        return self._outlet.append(delivery)

    def latest_of(self, account_id: str) -> datetime | None:
        """When anything last came from an account, as far as was learnt."""
        return self._latest.get(account_id)

    def hooked(self, account_id: str, after: int) -> list[Delivery]:
        """The first delivery by the vendor itself that was no record, if any."""
        seq, delivery = self._proofs.get(account_id, (0, None))
        return [delivery] if delivery is not None and seq > after else []

    async def learn(self, account_ids: Iterable[str]) -> None:
        """Ask the broker when each account was last heard of.

        Raises:
            RelayError: It does not say.
        """
        for account_id in account_ids:
            subject = intake_subject(account_id)
            at = await self._broker.last_stored_at(INTAKE_STREAM, subject)
            if at is not None:
                self._hear(account_id, at)

    def note(self, seen: Seen) -> None:
        """A delivery was read from the broker, whoever received it."""
        delivery = seen.delivery
        account_id = delivery.account_id
        self._hear(account_id, delivery.received_at)
        if delivery.source is DeliverySource.WEBHOOK and account_id not in self._proofs:
            connection = self._connection(account_id)
            parser = connection.able(SupportsWebhook) if connection else None
            events = parser.parse(delivery).events if parser else ()
            if any(not isinstance(event, CallRecorded) for event in events):
                self._proofs[account_id] = seen.seq, delivery

    def _hear(self, account_id: str, at: datetime) -> None:
        self._latest[account_id] = max(at, self._latest.get(account_id, at))
