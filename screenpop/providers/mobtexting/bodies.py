"""What MobTexting is sent, in its own spelling; ``payloads`` is what it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import date

    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.mobtexting.payloads import WebhookPayload

EVERY_SOURCE: Final = "all"
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


@frozen(kw_only=True)
class CallOptions:
    """What may be set for a call that is asked for.

    Attributes:
        longest_minutes: "" for no limit.
        redials: How often an unanswered phone is rung again, "0" to "2".
        webhook_id: "" where a subscription does.
        campaign: What calls of ``outgoing/send`` are called; "" for nothing.
        retry_minutes: When such a call is tried again, "0" for never.
        variables: For the flow, as name and text.
    """

    reference: str = ""
    is_recorded: bool = False
    longest_minutes: str = ""
    redials: str = "0"
    webhook_id: str = ""
    campaign: str = ""
    retry_minutes: str = "0"
    variables: tuple[tuple[str, str], ...] = ()


def call_body(
    bridge: str, first: str, then: str, options: CallOptions
) -> dict[str, JsonValue]:
    """The body of ``voice/c2c``: ring ``first``, then connect with ``then``.

    ``attempts`` is always sent: left out, the vendor redials twice.
    """
    body: dict[str, JsonValue] = {
        "bridge": bridge,
        "from": first,
        "to": then,
        "record": "1" if options.is_recorded else "0",
        "attempts": options.redials,
    }
    optional = {
        "mid": options.reference,
        "webhook_id": options.webhook_id,
        "duration": options.longest_minutes,
    }
    body |= {name: value for name, value in optional.items() if value}
    return body | _variables(options)


def announcement_body(
    bridge: str,
    number: str,
    options: CallOptions,
    *,
    audio: str = "",
    flow_id: str = "",
) -> dict[str, JsonValue]:
    """The body of ``outgoing/send``: a sound or a flow speaks to somebody."""
    body: dict[str, JsonValue] = {"bridge": bridge, "to": number}
    optional = {
        "audio": audio,
        "flow_id": flow_id,
        "name": options.campaign,
        "interval": options.retry_minutes if options.retry_minutes != "0" else "",
        "webhook_id": options.webhook_id,
    }
    body |= {name: value for name, value in optional.items() if value}
    return body | _variables(options)


def _variables(options: CallOptions) -> dict[str, JsonValue]:
    """Flat keys, as in the document's example."""
    return {f"variables[{name}]": value for name, value in options.variables}


def webhook_body(webhook: WebhookPayload) -> dict[str, JsonValue]:
    """The body that makes or overwrites a webhook."""
    body: dict[str, JsonValue] = {
        "name": webhook.name,
        "uri": webhook.uri,
        "status": 1 if webhook.is_active else 0,
    }
    if webhook.secret:
        body["secret"] = webhook.secret
    return body


def subscription_body(event: str, webhook_id: str) -> dict[str, JsonValue]:
    """The body that subscribes a webhook to an event of every source."""
    return {"event": event, "identity": EVERY_SOURCE, "webhook_id": webhook_id}


def range_params(name: str, first: date | None, last: date | None) -> dict[str, str]:
    """A filter by days, such as ``Apr 01, 2021 - Apr 12, 2021``; empty without."""
    if first is None or last is None:
        return {}
    return {f"datetime[{name}]": f"{_day(first)} - {_day(last)}"}


def _day(day: date) -> str:
    """Month names in English, whatever this computer speaks."""
    return f"{_MONTHS[day.month - 1]} {day.day:02d}, {day.year}"
