"""Ready-made deliveries, events, calls and contacts; say only what a test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from screenpop.domain.calls import CallState
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.events import CallerId, Direction, LegAlerting, LineUser
from screenpop.store.call_rows import CallRow

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# Numbers that Ofcom keeps free for drama.
LONDON = "+442079460123"
OTHER_LONDON = "+442079460456"
MOBILE = "+447700900123"


def at(seconds: float = 0) -> datetime:
    """So many seconds after nine o'clock."""
    return NINE + timedelta(seconds=seconds)


def a_delivery(**given: Any) -> Delivery:
    values: dict[str, Any] = {
        "account_id": "acme",
        "source": DeliverySource.WEBHOOK,
        "received_at": at(),
        "body": b'{"event": "made up"}',
    }
    return Delivery(**values | given)


def a_ring(**given: Any) -> LegAlerting:
    values: dict[str, Any] = {
        "account_id": "acme",
        "call_id": "call-1",
        "occurred_at": at(),
        "received_at": at(0.2),
        "user": LineUser("101"),
        "caller": CallerId(LONDON, "Ann Example"),
        "callee": CallerId(OTHER_LONDON),
    }
    return LegAlerting(**values | given)


def a_row(call_id: str = "call-1", **given: Any) -> CallRow:
    """A call from London that Ann answered, unless said otherwise."""
    values: dict[str, Any] = {
        "account_id": "acme",
        "call_id": call_id,
        "direction": Direction.INBOUND,
        "state": CallState.ENDED,
        "outcome": CallOutcome.ANSWERED,
        "remote_number": "020 7946 0123",
        "remote_e164": LONDON,
        "started_at": at(),
        "ended_at": at(60),
        "last_heard_at": at(60),
    }
    return CallRow(**values | given)


def a_missed_row(call_id: str = "call-1", **given: Any) -> CallRow:
    return a_row(call_id, **{"outcome": CallOutcome.NO_ANSWER} | given)


def a_contact(name: str = "Ann Example", *e164: str, **given: Any) -> Contact:
    numbers = tuple(ContactNumber(number, number, "work") for number in e164)
    values: dict[str, Any] = {"source": "local", "name": name, "numbers": numbers}
    return Contact(**values | given)
