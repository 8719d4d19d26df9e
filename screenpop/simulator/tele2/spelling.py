"""How Tele2 spells things: times, numbers, events, answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from screenpop.simulator.http_server import json_answer
from screenpop.simulator.tele2.options import NumberForm
from screenpop.simulator.webhooks import WebhookFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.simulator.http_server import Answer, JsonObject

EVENT_NAMES: Final = (
    "CallStarted",
    "CallConnected",
    "CallCompleted",
    "CallRecorded",
    "CallTransfered",
    "LostCallerAdded",
    "LostCallerUpdated",
    "LostCallerRemoved",
    "VoicemailCreated",
    "VoicemailDeleted",
)
WEBHOOK_FORMAT: Final = WebhookFormat(
    type_keys=frozenset({"eventType"}),
    call_id_keys=frozenset({"callID"}),
    number_keys=frozenset({"caller", "destination", "callerid", "sender"}),
    unknown_type="CallParked",
)
# The made-up company stands in the United Kingdom, whose numbers may be invented.
_HOME_CODE: Final = "+44"


def timestamp(moment: datetime | None) -> str | None:
    """UTC to the second, the offset without a colon: 2018-04-25T13:52:02+0000."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def spelled(number: str, form: NumberForm) -> str:
    """A number in E.164 in the platform's form; "" for one withheld."""
    if not number.startswith("+") or form is NumberForm.PLUS:
        return number
    if form is NumberForm.DIGITS:
        return number.removeprefix("+")
    if number.startswith(_HOME_CODE):
        return f"0{number.removeprefix(_HOME_CODE)}"
    return f"00{number.removeprefix('+')}"


def event(name: str, version: str, data: JsonObject) -> JsonObject:
    """An event as webhooks and the stream carry it."""
    return {"type": "Event", "eventType": name, "version": version, "data": data}


def success(data: object, headers: Mapping[str, str] | None = None) -> Answer:
    """A good answer in its envelope."""
    body = {
        "version": "v2",
        "status": "success",
        "statusCode": 200,
        "message": "",
        "data": data,
    }
    return json_answer(body, 200, headers)


def failure(status: int, message: str) -> Answer:
    """A refusal in the same envelope."""
    body = {
        "version": "v2",
        "status": "error",
        "statusCode": status,
        "message": message,
        "data": None,
    }
    return json_answer(body, status)
