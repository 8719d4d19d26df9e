"""What SmartMEX tells us, by webhook, stream or poll: read without trusting.

It describes no signature and no challenge; the secret in the callback's path is what
tells its webhooks from others, and the listener has checked that before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import DeliveryAnswer, ParsedDelivery
from screenpop.domain.errors import PayloadError
from screenpop.domain.json_fields import FieldReader, JsonValue, read_json
from screenpop.providers.abilities import LostCallerNews, VoicemailNews
from screenpop.providers.tele2.mapping import (
    LIST_CHANGES,
    to_events,
    to_lost_caller,
    to_voicemail,
)
from screenpop.providers.tele2.payloads import (
    EventPayload,
    LostCallerEventPayload,
    VoicemailEventPayload,
    event_name,
    read_event,
)

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent
    from screenpop.providers.abilities import News
    from screenpop.providers.key_names import KeyNames
    from screenpop.providers.tele2.own_employee import OwnEmployee

_RECEIVED: Final = DeliveryAnswer(200)


def answer(_delivery: Delivery) -> DeliveryAnswer:
    """An empty 200, whatever came: what a failure leads to is not published."""
    return _RECEIVED


def parse(delivery: Delivery, own: OwnEmployee) -> ParsedDelivery:
    """The call events of one delivery; never raises for bad input.

    News of lost callers and messages has no call event and is no problem either.
    """
    problems: list[str] = []
    events: list[CallEvent] = []
    for payload in _payloads(delivery, problems):
        if isinstance(payload, LostCallerEventPayload | VoicemailEventPayload):
            continue
        found = to_events(
            payload,
            account_id=delivery.account_id,
            received_at=delivery.received_at,
            own=own,
        )
        if not payload.call.call_id:
            problems.append(
                "callID is missing" if found else "callID and both numbers are missing"
            )
        events += found
    return ParsedDelivery(tuple(events), _summary(problems))


def news(delivery: Delivery) -> tuple[News, ...]:
    """What the delivery says of lost callers and messages; never raises."""
    found: list[News] = []
    for payload in _payloads(delivery, []):
        if isinstance(payload, LostCallerEventPayload):
            change = LIST_CHANGES[payload.name]
            found.append(LostCallerNews(change, to_lost_caller(payload.caller)))
        elif isinstance(payload, VoicemailEventPayload):
            change = LIST_CHANGES[payload.name]
            found.append(VoicemailNews(change, to_voicemail(payload.voicemail)))
    return tuple(found)


def note_names(item: JsonValue, key_names: KeyNames) -> None:
    """Learn the names of the fields of one message, by its event; never a value."""
    if not isinstance(item, dict):
        return
    name = event_name(FieldReader(item)) or "message"
    place = name if name.isascii() and name.isalpha() and len(name) < 40 else "message"
    key_names.note(place, item)
    data = item.get("data")
    if isinstance(data, dict):
        key_names.note(f"{place} data", data)


def _payloads(delivery: Delivery, problems: list[str]) -> list[EventPayload]:
    """What is in the body: a single object as documented, or a list of them."""
    try:
        document = read_json(delivery.body)
    except PayloadError as error:
        problems.append(error.title)
        return []
    problems += document.oddities
    items: list[JsonValue] = (
        document.value if isinstance(document.value, list) else [document.value]
    )
    if not items:
        problems.append("an empty list")
    if any(not isinstance(item, dict) for item in items):
        problems.append("not an object")
    read = [
        read_event(FieldReader(item, problems))
        for item in items
        if isinstance(item, dict)
    ]
    return [payload for payload in read if payload is not None]


def _summary(problems: list[str]) -> str | None:
    """Each problem once, in the order found."""
    return "; ".join(dict.fromkeys(problems)) or None
