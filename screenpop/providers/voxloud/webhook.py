"""What Voxloud delivers to our listener: answer at once, read without trusting.

Voxloud describes no signature and no challenge; the secret in the callback's path is
what tells its deliveries from others, and the listener has checked that before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import DeliveryAnswer, ParsedDelivery
from screenpop.domain.errors import PayloadError
from screenpop.domain.json_fields import FieldReader, read_json
from screenpop.providers.voxloud.mapping import to_event
from screenpop.providers.voxloud.payloads import read_delivery

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent
    from screenpop.providers.key_names import KeyNames

_RECEIVED: Final = DeliveryAnswer(200)


def answer(_delivery: Delivery) -> DeliveryAnswer:
    """An empty 200, whatever came: any failure counts towards being cut off."""
    return _RECEIVED


def parse(delivery: Delivery) -> ParsedDelivery:
    """The call events of one delivery; never raises for bad input.

    A single object is the documented form; a list of them is read as well.
    """
    try:
        document = read_json(delivery.body)
    except PayloadError as error:
        return ParsedDelivery(problem=error.title)
    problems = list(document.oddities)
    value = document.value
    items = value if isinstance(value, list) else [value]
    if not items:
        problems.append("an empty list")
    events: list[CallEvent] = []
    for item in items:
        if not isinstance(item, dict):
            problems.append("not an object")
            continue
        payload = read_delivery(FieldReader(item, problems))
        if payload is None:
            continue
        event = to_event(
            payload,
            account_id=delivery.account_id,
            received_at=delivery.received_at,
        )
        if event is None:
            problems.append("callId and both numbers are missing")
            continue
        if not payload.call_id and payload.kind != "FAX_CALL":
            problems.append("callId is missing")
        events.append(event)
    return ParsedDelivery(tuple(events), _summary(problems))


def note_names(delivery: Delivery, key_names: KeyNames) -> None:
    """Log those names of a delivery's fields that were not seen before."""
    try:
        value = read_json(delivery.body).value
    except PayloadError:
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            payload = read_delivery(FieldReader(item, []))
            kind = payload.kind if payload is not None else "unknown event"
            key_names.note_value(f"{delivery.source} {kind}", item)


def _summary(problems: list[str]) -> str | None:
    """Each problem once, in the order found."""
    return "; ".join(dict.fromkeys(problems)) or None
