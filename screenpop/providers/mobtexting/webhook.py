"""What MobTexting and its flows deliver to our listener: check, answer, read.

The sender shows a secret of our choosing as ``Authorization: Bearer``. When a webhook
is made, MobTexting calls it with a challenge to be repeated. Any status but 200 and
202 counts as a failure. A flow step may send JSON, a form or a query.
"""

from __future__ import annotations

import hmac
import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from screenpop.domain.delivery import DeliveryAnswer, DeliverySource, ParsedDelivery
from screenpop.domain.errors import PayloadError
from screenpop.domain.json_fields import FieldReader, JsonValue, read_json
from screenpop.providers.abilities import SetupStep
from screenpop.providers.mobtexting.mapping import to_event, zone_problem
from screenpop.providers.mobtexting.payloads import (
    IGNORED_QUERY,
    STEP_FIELDS,
    challenge_answer,
    is_opt_out,
    read_challenge,
    read_delivery,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent
    from screenpop.domain.privacy import Secret
    from screenpop.providers.mobtexting.zone import AccountZone

_RECEIVED: Final = DeliveryAnswer(200)
_REFUSED: Final = DeliveryAnswer(401)
_UNCHECKED: Final = "the sender was not checked: the account has no webhook secret"
_MOST_FIELDS: Final = 200
_BY_VENDOR: Final = (DeliverySource.WEBHOOK, DeliverySource.RELAY)
_FORM: Final = "form-urlencoded"
_STEP_FIELD: Final = re.compile(
    r'"(' + "|".join(STEP_FIELDS) + r')"\s*:\s*(?:"(.*?)"|([^\s",{}\[\]]+))'
    r'\s*(?=,\s*"\w+"\s*:|\}\s*$)',
    re.DOTALL,
)
_LONGEST_MENDED: Final = 4_096


def answer(delivery: Delivery, secret: Secret | None) -> DeliveryAnswer:
    """200 for whoever shows the secret, the challenge repeated; 401 for others.

    A challenge without any secret is answered too: repeating it gives nothing away,
    and whether it carries the secret is not documented.
    """
    has_credentials = delivery.header("authorization") is not None
    problem = sender_problem(delivery, secret)
    if problem and has_credentials:
        return _REFUSED
    challenge = _challenge(delivery)
    if challenge is not None:
        body = json.dumps(challenge_answer(challenge)).encode()
        return DeliveryAnswer(200, body, "application/json")
    return _REFUSED if problem else _RECEIVED


def sender_problem(delivery: Delivery, secret: Secret | None) -> str | None:
    """Why a delivery is not MobTexting's; None when it is, or nobody can tell."""
    if secret is None or delivery.source not in _BY_VENDOR:
        return None
    given = (delivery.header("authorization") or "").strip()
    if not given:
        return "refused: the webhook secret is missing"
    scheme, _, credentials = given.partition(" ")
    wanted = secret.reveal().strip().encode()
    shown = credentials.strip().encode("utf-8", "replace")
    is_right = hmac.compare_digest(wanted, shown)
    if is_right & (scheme.casefold() == "bearer"):
        return None
    return "refused: the webhook secret is wrong"


def parse(
    delivery: Delivery, secret: Secret | None, zone: AccountZone
) -> ParsedDelivery:
    """The call events of one delivery; never raises for bad input."""
    problem = sender_problem(delivery, secret)
    try:
        value, problems = _content(delivery)
    except PayloadError as error:
        return ParsedDelivery(problem=problem or error.title)
    is_challenge = read_challenge(value) is not None
    if is_challenge or problem:
        return ParsedDelivery(problem=None if is_challenge else problem)
    # What comes by a team's relay was checked there.
    if secret is None and delivery.source is DeliverySource.WEBHOOK:
        problems.append(_UNCHECKED)
    items = value if isinstance(value, list) else [value]
    if not items:
        problems.append("an empty list")
    events: list[CallEvent] = []
    for item in items:
        if not isinstance(item, dict):
            problems.append("not an object")
            continue
        if is_opt_out(item):
            continue
        event = _event(item, delivery, zone, problems)
        if event is not None:
            events.append(event)
    return ParsedDelivery(tuple(events), "; ".join(dict.fromkeys(problems)) or None)


def live_setup(callback_url: str, secret: Secret | None) -> tuple[SetupStep, ...]:
    """Two steps for a voice flow, ready to paste; their secret where it is known."""
    shown = secret.reveal().strip() if secret is not None else ""
    return (
        SetupStep(
            tr(
                "In Engage, Studio, open the flow of your number and add a step “HTTP "
                "Request”, method POST, before the one that dials: its URL"
            ),
            callback_url,
        ),
        SetupStep(
            tr(
                "Its headers: Content-Type with application/json, and Authorization "
                "with "
                "the word Bearer, a space and your webhook secret"
            ),
            f"Bearer {shown}" if shown else "",
            is_secret=True,
        ),
        SetupStep(tr("Its body"), RINGING_STEP),
        SetupStep(
            tr(
                "Another “HTTP Request” after the one that dials, with the same URL "
                "and "
                "headers, tells how the call ended: its body"
            ),
            OVER_STEP,
        ),
    )


RINGING_STEP: Final = (
    '{"id":"{{id}}","from":"{{from}}","to":"{{to}}","bridge":"{{bridge}}",'
    '"start_at":"{{start_at}}","name":"{{caller.name}}"}'
)
OVER_STEP: Final = (
    '{"id":"{{id}}","from":"{{from}}","to":"{{to}}","bridge":"{{bridge}}",'
    '"start_at":"{{start_at}}","end_at":"{{end_at}}","source":"IN",'
    '"status":"{{outgoing.status}}","duration":"{{outgoing.duration}}",'
    '"billing":"{{outgoing.billing}}","hangup_by":"{{outgoing.hangup_by}}"}'
)


def key_names(delivery: Delivery) -> tuple[str, ...]:
    """The names of a delivery's fields, to learn what the documents do not say."""
    try:
        value, _ = _content(delivery)
    except PayloadError:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(name for item in items if isinstance(item, dict) for name in item)


def _event(
    item: dict[str, JsonValue],
    delivery: Delivery,
    zone: AccountZone,
    problems: list[str],
) -> CallEvent | None:
    payload = read_delivery(FieldReader(item, problems))
    if payload is None:
        return None
    event = to_event(
        payload,
        account_id=delivery.account_id,
        received_at=delivery.received_at,
        zone=zone,
    )
    if event is None:
        problems.append("the id and both numbers are missing")
        return None
    doubt = zone_problem(payload, delivery.received_at, zone)
    if doubt:
        problems.append(doubt)
    return event


# --- what was sent --------------------------------------------------------------------


def _challenge(delivery: Delivery) -> str | int | None:
    try:
        value, _ = _content(delivery)
    except PayloadError:
        return None
    return read_challenge(value)


def _content(delivery: Delivery) -> tuple[JsonValue, list[str]]:
    """The body, whatever its form, filled up from the query.

    Raises:
        PayloadError: There is nothing that can be read.
    """
    query = {
        name: value
        for name, value in _pairs(delivery.query).items()
        if name not in IGNORED_QUERY
    }
    if not delivery.body.strip() and query:
        return query, []
    value, problems = _body(delivery)
    if isinstance(value, dict):
        return query | value, problems
    return value, problems


def _body(delivery: Delivery) -> tuple[JsonValue, list[str]]:
    if _FORM in delivery.content_type.casefold():
        fields = _form(delivery.body)
        if fields:
            return fields, []
    try:
        document = read_json(delivery.body)
    except PayloadError:
        mended = _mended(delivery.body)
        if mended:
            return mended, ["broken JSON was mended"]
        fields = _form(delivery.body)
        if fields:
            return fields, []
        raise
    return document.value, list(document.oddities)


def _form(body: bytes) -> dict[str, JsonValue]:
    """The fields of a form; none when it looks like anything else."""
    text = body.decode("utf-8", "replace").strip()
    if text.startswith(("{", "[", "<", '"')):
        return {}
    return _pairs(text)


def _pairs(text: str) -> dict[str, JsonValue]:
    if "=" not in text:
        return {}
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace"
        )
    except ValueError:
        return {}
    return dict(pairs)


def _mended(body: bytes) -> dict[str, JsonValue]:
    """The known fields of broken JSON; nothing where it is not of this kind.

    A flow puts a caller's name into the template as it is: ``"name":"J "Jo" Doe"``.
    The vendor's own examples hold numbers such as ``91806828XXXX`` without quotes.
    """
    text = body.decode("utf-8", "replace").strip()
    if (
        not text.startswith("{")
        or not text.endswith("}")
        or len(text) > _LONGEST_MENDED
    ):
        return {}
    found = {
        match[1]: match[2] if match[2] is not None else match[3]
        for match in _STEP_FIELD.finditer(text)
    }
    return dict(found) if "from" in found else {}
