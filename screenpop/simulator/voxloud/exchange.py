"""What a call needs of the cloud: time, ids, webhooks out and records kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.simulator.voxloud.payloads import Party, Record, envelope
from screenpop.simulator.webhooks import Webhook

if TYPE_CHECKING:
    import random
    import threading
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.voxloud.contacts import ContactBook
    from screenpop.simulator.voxloud.history import History
    from screenpop.simulator.voxloud.payloads import LiveEvent
    from screenpop.simulator.voxloud.pbx import Pbx
    from screenpop.simulator.voxloud.subscriptions import Subscriptions


class Exchange:
    """Joins the parts of the cloud that calls touch.

    Args:
        send: Takes a webhook to be delivered.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        lock: threading.RLock,
        chance: random.Random,
        pbx: Pbx,
        contacts: ContactBook,
        history: History,
        subscriptions: Subscriptions,
        send: Callable[[Webhook], None],
    ) -> None:
        self.clock = clock
        self.lock = lock
        self.pbx = pbx
        self._random = chance
        self._contacts = contacts
        self._history = history
        self._subscriptions = subscriptions
        self._send = send

    def new_call_id(self) -> str:
        """A ``callId`` never used before."""
        return f"{self._random.getrandbits(128):032x}"

    def tell(self, event: LiveEvent) -> None:
        """Send a live event to everybody who subscribed to its type."""
        self._broadcast(event.event_type, event.at, event.data())

    def keep_record(
        self,
        *,
        record_type: str,
        call_id: str,
        direction: str,
        at: datetime,
        originator: Party,
        destination: Party,
        duration_seconds: int,
        details: JsonObject,
        webhook_details: JsonObject | None = None,
    ) -> Record:
        """Put a finished call into the history."""
        record = Record(
            record_id=self._history.next_id(),
            record_type=record_type,
            account_id=self.pbx.account_id,
            call_id=call_id,
            direction=direction,
            at=at,
            originator=originator,
            destination=destination,
            duration_seconds=duration_seconds,
            details=details,
            webhook_details=webhook_details,
        )
        self._history.add(record)
        return record

    def publish(self, record: Record, added: JsonObject) -> None:
        """Add to a record what came to light, and send it."""
        record.details = {**record.details, **added}
        self._broadcast(record.record_type, self.clock.now(), record.as_webhook())

    def crm_details(self, number: str) -> JsonObject:
        """A record's fields about the contact with `number`; empty for nobody."""
        return self._contacts.crm_details(number)

    def _broadcast(self, event_type: str, at: datetime, data: JsonObject) -> None:
        payload = envelope(event_type, at, data, self.pbx.pbx_id)
        for one in self._subscriptions.enabled_for(event_type):
            self._send(
                Webhook(event_type, one.callback_url, payload, one.subscription_id)
            )
