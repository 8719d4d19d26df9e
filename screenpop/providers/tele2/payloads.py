"""What SmartMEX sends, typed; what it is sent stands in ``requests``.

Together with ``directory_payloads`` these alone know its field names. Written from
the vendor's connector page and the OpenAPI description behind it
(learn.microsoft.com/en-us/connectors/mobilistotele), and from the vendor's example for
its event stream (github.com/ossnet/smartmex-examples). Unknown fields are kept where
there is a place for them and are never an error; a known field of a wrong type reads
as absent and is named in the reader's ``problems``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.wording import tr

if TYPE_CHECKING:
    from datetime import datetime

# The most useful first: an account has room for twenty webhooks.
CALL_EVENT_TYPES: Final = (
    "CallStarted",
    "CallConnected",
    "CallCompleted",
    "CallTransfered",
)
EVENT_TYPES: Final = (
    *CALL_EVENT_TYPES,
    "CallRecorded",
    "LostCallerAdded",
    "LostCallerUpdated",
    "LostCallerRemoved",
    "VoicemailCreated",
    "VoicemailDeleted",
)

CallEventName: TypeAlias = Literal["STARTED", "CONNECTED", "COMPLETED", "TRANSFERRED"]
ListEventName: TypeAlias = Literal["ADDED", "UPDATED", "REMOVED"]

# Lower case and without a trailing "event": the vendor's texts spell them both ways.
_CALL_EVENTS: Final[dict[str, CallEventName]] = {
    "callstarted": "STARTED",
    "callconnected": "CONNECTED",
    "callcompleted": "COMPLETED",
    "calltransfered": "TRANSFERRED",
    "calltransferred": "TRANSFERRED",
}
_LOST_CALLER_EVENTS: Final[dict[str, ListEventName]] = {
    "lostcalleradded": "ADDED",
    "lostcallercreated": "ADDED",
    "lostcallerupdated": "UPDATED",
    "lostcallerremoved": "REMOVED",
    "lostcallerdeleted": "REMOVED",
}
_VOICEMAIL_EVENTS: Final[dict[str, ListEventName]] = {
    "voicemailcreated": "ADDED",
    "voicemaildeleted": "REMOVED",
}
_RECORDED: Final = "callrecorded"
_LAST_DIGITS: Final = re.compile(r"(\d+)\D*$")
# Of at most 16 digits as far as was seen; more than fit 64 bits are no id.
_ID: Final = re.compile(r"[0-9]{1,18}")
_NOBODY: Final = frozenset({"", "0"})


# --- events ---------------------------------------------------------------------------


@frozen(kw_only=True)
class CallPayload:
    """What every message about a call has, as far as it has it.

    Attributes:
        direction: ``in`` or ``out``, lower case; "" unknown.
        status: 1 started, 3 connected, 5 completed; others were never explained.
        connected_seconds: As the vendor counts it; one less than its own times say.
        contact_id: The employee whose call it is; "" for nobody.
        previous_contact_id: Who had it before a transfer.
    """

    call_id: str
    caller: str
    destination: str
    direction: str
    status: str
    started_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    connected_seconds: float | None
    contact_id: str
    previous_contact_id: str
    recording_id: str
    recording_url: str
    details: tuple[tuple[str, str], ...]


@frozen
class CallEventPayload:
    """Something happened to a call."""

    name: CallEventName
    call: CallPayload


@frozen
class RecordedPayload:
    """A recording is ready; it names the call and no number."""

    call: CallPayload


@frozen
class HistoryPayload:
    """An entry of the call history, with its recording's link when we looked it up."""

    call: CallPayload


@frozen(kw_only=True)
class LostCallerPayload:
    """An entry of the list of callers to call back."""

    contact_name: str
    destination: str
    caller_id: str
    attempts: float | None
    last_contact: datetime | None


@frozen
class LostCallerEventPayload:
    """The list of callers to call back changed."""

    name: ListEventName
    caller: LostCallerPayload


@frozen(kw_only=True)
class VoicemailPayload:
    """A message."""

    voicemail_id: str
    sender: str
    length: float | None
    started_at: datetime | None
    box_id: str
    box_name: str
    message_url: str


@frozen
class VoicemailEventPayload:
    """A message was left or deleted."""

    name: ListEventName
    voicemail: VoicemailPayload


EventPayload: TypeAlias = (
    CallEventPayload
    | RecordedPayload
    | HistoryPayload
    | LostCallerEventPayload
    | VoicemailEventPayload
)


def read_event(payload: FieldReader) -> EventPayload | None:
    """One webhook, stream message or history entry.

    Returns:
        What it says; None (and a problem noted) when it is nothing we know.
    """
    data = payload.child("data") if payload.has("data") else None
    name = event_name(payload)
    if not name and data is not None:
        name = event_name(data)
    fields = payload if data is None else data
    event = _named_event(name, fields)
    if event is not None:
        return event
    if name:
        payload.problems.append("eventType is none that is known")
        return None
    if fields.has("callID"):
        return HistoryPayload(_call(fields))
    payload.problems.append("eventType is missing")
    return None


def event_name(payload: FieldReader) -> str:
    """The event's name in lower case without "event" at its end; "" when it has none.

    Messages say ``"type": "Event"`` beside it; some say the name there.
    """
    for field in ("eventType", "type"):
        name = payload.text(field).casefold().removesuffix("event")
        if name:
            return name
    return ""


def _named_event(name: str, fields: FieldReader) -> EventPayload | None:
    if name in _CALL_EVENTS:
        return CallEventPayload(_CALL_EVENTS[name], _call(fields))
    if name == _RECORDED:
        return RecordedPayload(_call(fields))
    if name in _LOST_CALLER_EVENTS:
        return LostCallerEventPayload(_LOST_CALLER_EVENTS[name], _lost_caller(fields))
    if name in _VOICEMAIL_EVENTS:
        return VoicemailEventPayload(_VOICEMAIL_EVENTS[name], _voicemail(fields))
    return None


def is_event(value: JsonValue) -> bool:
    """Whether a stream's message is news, and not about the stream itself."""
    if not isinstance(value, dict):
        return False
    fields = FieldReader(value)
    is_named = fields.text("type").casefold() == "event" or fields.has("eventType")
    return is_named or _named_event(event_name(fields), FieldReader({})) is not None


def stream_refusal(value: JsonValue) -> int | None:
    """The status when a stream's message says that something was refused.

    What the stream says of itself is not documented, so that anything is read that
    looks like other answers: a status of 400 and more, or the word "error".
    """
    if not isinstance(value, dict):
        return None
    fields = FieldReader(value)
    for name in ("statusCode", "code", "status"):
        text = fields.text(name)
        if text.isascii() and text.isdigit() and 400 <= int(text[:4]) < 600:
            return int(text[:4])
    words = f"{fields.text('type')} {fields.text('status')}".casefold()
    refused = ("error", "fail", "denied", "unauthorized", "refused")
    return 401 if fields.has("error") or any(w in words for w in refused) else None


def _call(fields: FieldReader) -> CallPayload:
    return CallPayload(
        call_id=fields.text("callID"),
        caller=fields.text("caller"),
        destination=fields.text("destination"),
        direction=fields.text("direction").casefold(),
        status=fields.text("status"),
        started_at=fields.moment("callStarted"),
        connected_at=fields.moment("callConnected"),
        ended_at=fields.moment("callEnded"),
        connected_seconds=fields.number("connectionTime"),
        contact_id=id_text(fields, "contactID"),
        previous_contact_id=id_text(fields, "previous_contactID"),
        recording_id=id_text(fields, "recordingID"),
        recording_url=fields.text("recordingURL"),
        details=fields.rest(),
    )


def _lost_caller(fields: FieldReader) -> LostCallerPayload:
    return LostCallerPayload(
        contact_name=fields.text("contact_name"),
        destination=fields.text("destination"),
        caller_id=fields.text("callerid"),
        attempts=fields.number("attempts"),
        last_contact=fields.moment("last_contact"),
    )


def _voicemail(fields: FieldReader) -> VoicemailPayload:
    return VoicemailPayload(
        voicemail_id=id_text(fields, "voicemailID"),
        sender=fields.text("sender"),
        length=fields.number("length"),
        started_at=fields.moment("callStarted"),
        box_id=id_text(fields, "voicemailBoxID"),
        box_name=fields.text("voicemailBoxName"),
        message_url=fields.text("messageURL"),
    )


def id_text(fields: FieldReader, name: str) -> str:
    """An id as text; 0 stands for none."""
    text = fields.text(name)
    return "" if text in _NOBODY else text


def is_id(text: str) -> bool:
    """Whether ``text`` can be one of the service's ids, all of which are numbers."""
    return _ID.fullmatch(text) is not None


def canonical(item: dict[str, JsonValue]) -> bytes:
    """An object as text that is the same for the same object.

    Raises:
        PayloadError: It is nested too deeply.
    """
    try:
        return json.dumps(item, sort_keys=True, separators=(",", ":")).encode()
    except RecursionError:
        raise unreadable_answer() from None


# --- answers --------------------------------------------------------------------------


@frozen
class AnswerPayload:
    """The envelope of every answer.

    Attributes:
        status: The status inside, which may differ from that of HTTP; None if absent.
    """

    status: int | None
    data: JsonValue


def read_answer(value: JsonValue) -> AnswerPayload:
    """Take an answer out of its envelope.

    Raises:
        PayloadError: There is none.
    """
    if not isinstance(value, dict):
        raise unreadable_answer()
    code = FieldReader(value).number("statusCode")
    return AnswerPayload(None if code is None else int(code), value.get("data"))


def is_envelope(value: JsonValue) -> bool:
    """Whether an answer looks like one of the service's own, errors included."""
    names = ("statusCode", "status", "message")
    return isinstance(value, dict) and not value.keys().isdisjoint(names)


def read_items(value: JsonValue) -> tuple[dict[str, JsonValue], ...]:
    """A list of things, each as the JSON object it came as; one alone is a list too.

    Raises:
        PayloadError: It is something else.
    """
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    found = tuple(item for item in items if isinstance(item, dict))
    if items and not found:
        raise unreadable_answer()
    return found


def read_item(value: JsonValue) -> dict[str, JsonValue]:
    """One thing.

    Raises:
        PayloadError: It is something else.
    """
    found = read_items(value)
    if not found:
        raise unreadable_answer()
    return found[0]


def read_call(item: dict[str, JsonValue]) -> CallPayload:
    """An entry of the call history, or of the list of recordings."""
    return _call(FieldReader(item))


def with_recording(
    item: dict[str, JsonValue], recording_url: str
) -> dict[str, JsonValue]:
    """A history entry as it would be if it told the link to its recording."""
    return {**item, "recordingURL": recording_url}


def read_lost_caller(item: dict[str, JsonValue]) -> LostCallerPayload:
    """An entry of the list of callers to call back."""
    return _lost_caller(FieldReader(item))


def read_voicemail(item: dict[str, JsonValue]) -> VoicemailPayload:
    """One message."""
    return _voicemail(FieldReader(item))


def read_webhook_id(data: JsonValue, location: str) -> str:
    """The id of a webhook that was just made; "" when the answer does not tell it.

    Documented is only that ``data`` is text. The last number in it is taken, else the
    last one of the ``Location`` header, by which Microsoft's connectors unsubscribe.
    """
    if isinstance(data, dict):
        fields = FieldReader(data)
        told = fields.text("webhookID", "webhook_id", "id")
    else:
        told = FieldReader({"data": data}).text("data")
    for text in (told, location):
        found = _LAST_DIGITS.search(text)
        if found:
            return found.group(1)
    return ""


def read_session_key(value: JsonValue) -> str:
    """The one-time key that opens the event stream.

    Raises:
        PayloadError: There is none in the answer.
    """
    data = read_answer(value).data
    if isinstance(data, dict):
        fields = FieldReader(data)
        key = fields.text("wss_token", "token", "session_key", "key")
    else:
        key = FieldReader({"data": data}).text("data")
    if not key:
        raise unreadable_answer()
    return key


def unreadable_answer() -> PayloadError:
    """An answer that is JSON but not what was asked for."""
    return PayloadError(
        tr("{service} gave an answer of an unknown shape", service="Tele2"),
        tr("Its interface may have changed; look for an update of screenpop."),
    )
