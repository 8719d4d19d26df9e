"""How the simulated Mango Voice writes what happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from screenpop.domain.frozen import frozen
from screenpop.simulator.mango_voice.options import Encoding, Spelling, Surface
from screenpop.simulator.webhooks import WebhookFormat

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.mango_voice.options import MangoVoiceOptions
    from screenpop.simulator.mango_voice.pbx import User

WITHHELD = "anonymous"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# What marks an object of the current webhooks, which are JSON always.
EVENT_KEY = "event"


@frozen(kw_only=True)
class LiveEvent:
    """Something that happened to one user's phone.

    Attributes:
        kind: "ringing", "answered", "dialed", "missed" or "hangup".
    """

    kind: str
    call_id: str
    at: datetime
    started_at: datetime
    direction: str
    caller: str
    caller_name: str
    callee: str
    user: User
    seconds: int = 0


def webhook_format(options: MangoVoiceOptions) -> WebhookFormat:
    """What the faults must know, and how a body is written."""
    is_form = options.encoding is Encoding.FORM

    def encode(payload: JsonObject) -> bytes:
        if not payload:
            return b""
        if is_form and EVENT_KEY not in payload:
            return urlencode(payload).encode()
        return json.dumps(payload).encode()

    return WebhookFormat(
        type_keys=frozenset({EVENT_KEY, "state"}),
        call_id_keys=frozenset({"id", "call_uuid", "callId"}),
        number_keys=frozenset(
            {"from", "to", "source_number", "destination_number", "number"}
        ),
        unknown_type="call_parked",
        content_type=FORM if is_form else JSON,
        encode=encode,
    )


def platform_parameters(event: LiveEvent, options: MangoVoiceOptions) -> JsonObject:
    """The parameters of one of the platform's requests."""
    is_end = event.kind in ("hangup", "missed")
    names_user = options.names_user_at_end or not is_end
    if options.spelling is Spelling.CALL_RECORD:
        parameters: JsonObject = {
            "call_uuid": event.call_id,
            "source_number": bare(event.caller),
            "destination_number": bare(event.callee),
            "call_direction": event.direction,
            "call_time": stamp(event.started_at),
        }
        if event.caller_name:
            parameters["callerid_name"] = event.caller_name
        return parameters | ({"ext": event.user.extension} if names_user else {})
    kind = "received" if event.direction == "inbound" else "dialed"
    parameters = {
        "id": event.call_id,
        "from": bare(event.caller),
        "to": bare(event.callee),
        "type": "missed" if event.kind == "missed" else kind,
        "start_time": stamp(event.started_at),
    }
    if names_user:
        parameters["zohouser"] = event.user.extension
    if is_end:
        parameters["duration"] = event.seconds
    return parameters


def webhook_object(event: LiveEvent, surface: Surface) -> JsonObject:
    """A webhook of either generation."""
    state = {"dialed": "ringing", "hangup": "hung up", "missed": "hung up"}
    if surface is Surface.CALL_EVENTS:
        return {
            "event": f"call{event.kind.capitalize()}",
            "callId": event.call_id,
            "from": bare(event.caller),
            "to": bare(event.callee),
            "direction": event.direction,
            "extension": event.user.extension,
            "timestamp": stamp(event.at),
        }
    return {
        "event": "line_extension_state",
        "data": {
            "call_uuid": event.call_id,
            "state": state.get(event.kind, event.kind),
            "direction": event.direction,
            "extension": int(event.user.extension),
            "caller": {"number": bare(event.caller), "name": event.caller_name},
            "destination_number": bare(event.callee),
            "timestamp": event.at.isoformat(timespec="milliseconds"),
        },
    }


def bare(number: str) -> str:
    """A number without its plus, as in the vendor's call records."""
    return number.removeprefix("+") or WITHHELD


def stamp(moment: datetime) -> str:
    """``2026-11-22 10:00:00``, UTC."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")
