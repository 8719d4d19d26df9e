"""What Mango Voice asks of our hook address: answer at once, read without trusting.

One address takes the Interactive Phone Platform (the vendor appends ``/mango/…``), the
call-event webhooks of both generations, and a Switchboard's interactive webhook.
Nothing is ever sent twice, and three answers other than 2xx in a row cost thirty
seconds of events: so the answer is always a 2xx, even when the disk refuses. What is
lost that way is found in the call records, which are asked for in any case.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import field, replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import DeliveryAnswer, DeliverySource, ParsedDelivery
from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import SetupStep
from screenpop.providers.mango_voice.answers import (
    active_users_body,
    read_call_control,
    switchboard_body,
    user_fields,
)
from screenpop.providers.mango_voice.directory import Directory
from screenpop.providers.mango_voice.mapping import to_event
from screenpop.providers.mango_voice.payloads import (
    PHASES,
    SECURITY_HEADER,
    Endpoint,
    OtherPayload,
    VoicemailPayload,
    endpoint_of,
    read_call_request,
    read_event,
)
from screenpop.providers.mango_voice.requests import read_parameters
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent
    from screenpop.domain.privacy import Secret
    from screenpop.providers.mango_voice.requests import Parameters

_JSON: Final = "application/json"
_RECEIVED: Final = DeliveryAnswer(200, must_arrive=True)


@frozen(kw_only=True)
class HookSettings:
    """What an account's owner set for deliveries.

    Attributes:
        users_wrapper: The field that the list of active users stands in; "" for none.
        switchboard_option: Where a Switchboard sends its calls.
        switchboard_pops: A call at a Switchboard is shown before it rings anywhere.
        security_token: What call-event webhooks must carry; None to take them as is.
    """

    directory: Directory = field(default_factory=Directory)
    users_wrapper: str = ""
    switchboard_option: str = ""
    switchboard_pops: bool = True
    security_token: Secret | None = None


def answer(delivery: Delivery, settings: HookSettings) -> DeliveryAnswer:
    """What Mango Voice gets back: always a 2xx, at times with what it asked for."""
    endpoint = endpoint_of(delivery.path)
    if endpoint is Endpoint.SWITCHBOARD:
        body = switchboard_body(settings.switchboard_option)
        return DeliveryAnswer(200, body, _JSON, must_arrive=True)
    if endpoint is Endpoint.ACTIVE_USERS:
        body = active_users_body(settings.directory, settings.users_wrapper)
        return DeliveryAnswer(200, body, _JSON, must_arrive=True)
    return _RECEIVED


def parse(delivery: Delivery, settings: HookSettings) -> ParsedDelivery:
    """The call events of one delivery; never raises for bad input."""
    endpoint = endpoint_of(delivery.path)
    if not is_trusted(delivery, settings.security_token):
        return ParsedDelivery(problem="the security token is missing or wrong")
    if endpoint in (Endpoint.INTEGRATE, Endpoint.ACTIVE_USERS):
        return ParsedDelivery()
    requests, problems = read_parameters(delivery)
    if endpoint is Endpoint.CALL_CONTROL:
        if delivery.method == "POST":
            problems += _missing_url(requests)
        return ParsedDelivery(problem=_summary(problems))
    events: list[CallEvent] = []
    if endpoint is not Endpoint.SWITCHBOARD or settings.switchboard_pops:
        for request in requests:
            events += _events(request, endpoint, delivery, settings.directory)
    # Every request shares the list, so that it holds what reading them added.
    return ParsedDelivery(tuple(events), _summary(problems))


def _events(
    request: Parameters, endpoint: Endpoint, delivery: Delivery, directory: Directory
) -> tuple[CallEvent, ...]:
    problems = request.fields.problems
    phase = PHASES.get(endpoint)
    payload = read_call_request(request, phase) if phase else read_event(request)
    if payload is None or isinstance(payload, OtherPayload):
        return ()
    if isinstance(payload, VoicemailPayload) and not payload.call_id:
        if not payload.voicemail_id:
            problems.append("no id of a message")
        return ()
    event = to_event(
        payload,
        account_id=delivery.account_id,
        received_at=delivery.received_at,
        directory=directory,
    )
    if event is None:
        problems.append("no id of a call and no number")
        return ()
    if not payload.call_id:
        problems.append("no id of a call")
    return (event,)


def live_setup(callback_url: str) -> tuple[SetupStep, ...]:
    """What the admin portal, or the vendor's support, is to be told."""
    return (
        SetupStep(
            tr(
                "Base URL of the Interactive Phone Platform, and callback URL of "
                "webhooks, "
                "in the Mango Voice admin portal or by its support"
            ),
            callback_url,
        ),
        SetupStep(
            tr(
                "URL of a Switchboard's interactive webhook; set the Switchboard "
                "option of "
                "this account first, for the answer routes the call"
            ),
            f"{callback_url}/{Endpoint.SWITCHBOARD}?{_SWITCHBOARD_QUERY}",
        ),
    )


_SWITCHBOARD_QUERY: Final = (
    "caller_name={CALLER_ID}&caller_number={CALLER_NUMBER}&dialed_number={NUMBER_DIALED}"
    "&dial_number_name={DIAL_NUMBER_NAME}&call_uid={CALL_UID}&time={TIME_UTC}"
)


def without_secrets(delivery: Delivery) -> Delivery:
    """A ``callcontrol`` request with nothing left but whom it is about."""
    if endpoint_of(delivery.path) is not Endpoint.CALL_CONTROL:
        return delivery
    requests, _ = read_parameters(delivery)
    kept = [user_fields(request) for request in requests]
    body = json.dumps(kept[0] if len(kept) == 1 else kept).encode()
    return replace(delivery, body=body, query="", content_type=_JSON)


def voicemails(
    delivery: Delivery, token: Secret | None
) -> tuple[VoicemailPayload, ...]:
    """The messages that a call-event webhook tells of."""
    is_event = endpoint_of(delivery.path) is Endpoint.EVENTS
    if not is_event or not is_trusted(delivery, token):
        return ()
    requests, _ = read_parameters(delivery)
    found = (read_event(request) for request in requests)
    return tuple(
        each
        for each in found
        if isinstance(each, VoicemailPayload) and each.voicemail_id
    )


def _missing_url(requests: tuple[Parameters, ...]) -> list[str]:
    has_url = any(read_call_control(request).url for request in requests)
    return [] if has_url else ["clicktocallurl is missing"]


def is_trusted(delivery: Delivery, token: Secret | None) -> bool:
    """Whether a call-event webhook carries the token; the older requests have none.

    A token that is there is checked wherever it comes; what we polled is our own.
    """
    given = delivery.header(SECURITY_HEADER)
    if token is None or delivery.source is DeliverySource.POLL:
        return True
    if given is None:
        return endpoint_of(delivery.path) is not Endpoint.EVENTS
    expected = token.reveal().strip().encode()
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected)


def _summary(problems: list[str]) -> str | None:
    """Each problem once, in the order found."""
    return "; ".join(dict.fromkeys(problems)) or None
