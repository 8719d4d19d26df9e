"""What PrimeVOX delivers: answer at once, read without trusting.

PrimeVOX describes no signature and no challenge; the secret in the callback's path is
what tells its deliveries from others, and the listener has checked that before. Calls
come as forms and text messages as JSON, which the vendor may change: each is read
either way. Polled calls are read here, too, so that all ends in the same calls.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from screenpop.domain.delivery import (
    DeliveryAnswer,
    DeliverySource,
    ParsedDelivery,
)
from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue, read_json
from screenpop.providers.abilities import TextMessage
from screenpop.providers.primevox.mapping import HOOK_TYPES, hook_events, polled_events
from screenpop.providers.primevox.parties import readable_number
from screenpop.providers.primevox.payloads import (
    HookPayload,
    MessagePayload,
    is_hook,
    read_hook,
    read_polled,
)

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent
    from screenpop.providers.primevox.did_map import DidMap

_RECEIVED: Final = DeliveryAnswer(200)
_MOST_FIELDS: Final = 200


def answer(_delivery: Delivery) -> DeliveryAnswer:
    """An empty 200, whatever came."""
    return _RECEIVED


@frozen
class ReadDelivery:
    """The objects in a delivery.

    Attributes:
        problems: What was wrong with it, without values.
    """

    items: tuple[dict[str, JsonValue], ...]
    problems: tuple[str, ...] = ()


def read_body(delivery: Delivery) -> ReadDelivery:
    """The objects in a delivery's body, be it a form or JSON."""
    body = delivery.body.strip()
    if _is_form(delivery, body):
        return _read_form(body)
    try:
        document = read_json(delivery.body)
    except PayloadError as error:
        return ReadDelivery((), (error.title,))
    value = document.value
    values = value if isinstance(value, list) else [value]
    items = tuple(item for item in values if isinstance(item, dict))
    problems = list(document.oddities)
    if not values:
        problems.append("an empty list")
    elif len(items) != len(values):
        problems.append("not an object")
    return ReadDelivery(items, tuple(problems))


def parse(delivery: Delivery, did_map: DidMap) -> ParsedDelivery:
    """The call events of one delivery; never raises for bad input."""
    read = read_body(delivery)
    problems = list(read.problems)
    events: list[CallEvent] = []
    for item in read.items:
        events += _events_of(FieldReader(item, problems), delivery, did_map)
    return ParsedDelivery(tuple(events), "; ".join(dict.fromkeys(problems)) or None)


def text_of(delivery: Delivery, did_map: DidMap, extension: str) -> TextMessage | None:
    """The text message that a webhook tells of; None when it tells of none.

    One to or from a number that ``did_map`` gives to others is none for us.
    """
    is_polled = delivery.source is DeliverySource.POLL
    if is_polled or b"message" not in delivery.body.lower():
        return None
    for item in read_body(delivery).items:
        fields = FieldReader(item)
        hook = read_hook(fields) if is_hook(fields) else None
        if not isinstance(hook, MessagePayload):
            continue
        ours = hook.to_number if hook.is_inbound else hook.from_number
        people = did_map.extensions(ours)
        if extension and people and extension not in people:
            continue
        return TextMessage(
            is_inbound=hook.is_inbound,
            sender=readable_number(hook.from_number),
            recipient=readable_number(hook.to_number),
            # The page calls the text escaped, and says not how.
            text=html.unescape(hook.text),
            conversation_id=hook.conversation_id,
        )
    return None


def _events_of(
    fields: FieldReader, delivery: Delivery, did_map: DidMap
) -> tuple[CallEvent, ...]:
    polled = None if is_hook(fields) else read_polled(fields)
    if polled is not None:
        events = polled_events(
            polled,
            account_id=delivery.account_id,
            received_at=delivery.received_at,
            did_map=did_map,
        )
        if not events:
            fields.problems.append("callUuid and both numbers are missing")
        return events
    hook = read_hook(fields)
    if isinstance(hook, MessagePayload):
        return ()
    events = hook_events(
        hook,
        account_id=delivery.account_id,
        received_at=delivery.received_at,
        did_map=did_map,
    )
    fields.problems += _problems_of(hook, has_events=bool(events))
    return events


def _problems_of(hook: HookPayload, *, has_events: bool) -> list[str]:
    if not hook.event_type:
        return ["eventType is missing"]
    if hook.event_type.casefold() not in HOOK_TYPES:
        return ["eventType is none that is known"]
    if not has_events:
        return ["callUuid and the caller are missing"]
    return [] if hook.call_uuid else ["callUuid is missing"]


def _is_form(delivery: Delivery, body: bytes) -> bool:
    if body[:1] in (b"{", b"["):
        return False
    is_declared = "form-urlencoded" in delivery.content_type.casefold()
    return bool(body) and (is_declared or body.startswith(b"eventType="))


def _read_form(body: bytes) -> ReadDelivery:
    """The fields of a form, percent-encoded UTF-8; bad bytes become U+FFFD."""
    problems = []
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        return ReadDelivery((), ("too many fields",))
    fields: dict[str, JsonValue] = {}
    for name, value in pairs:
        if name in fields:
            problems.append("a field given twice")
        fields.setdefault(name, value)
    return ReadDelivery((fields,), tuple(problems))
