"""PrimeVOX's JSON and forms, typed; only this file and ``questions`` know its names.

Written from the vendor's pages "Call History / CDR (V2)", "Click-to-Call (V2)",
"Webhooks (Real-Time Events)" and "SMS/MMS Messaging (V2)". Names are case-sensitive and
differ from place to place; what an answer is wrapped in is not documented everywhere,
so rows are known by the fields they have. Unknown fields are kept where there is a
place for them; a known field of a wrong type is named in the reader's ``problems``.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

JsonObject = dict[str, JsonValue]

INBOUND: Final = 1
OUTBOUND: Final = 2
INTERNAL: Final = 3

_CALL_MARKS: Final = ("callUuid", "callDate", "callDirection")
_EVENT_MARK: Final = "eventType"
_UNZONED: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?")
_LARGEST_OFFSET: Final = 24 * 60
_DEEPEST: Final = 3
_NOTHING: Final = frozenset({"", "0", "[]", "{}", "null", "false"})


# --- calls and their events -----------------------------------------------------------


@frozen(kw_only=True)
class CallPayload:
    """One call of the call list, or the head of a call's details.

    Attributes:
        direction: 1 inbound, 2 outbound, 3 internal; None when not told.
        spoke_to_person: None when not told, as for outbound calls.
    """

    call_uuid: str
    at: datetime | None
    direction: int | None
    caller_name: str
    caller_number: str
    dialled: str
    duration_seconds: float | None
    is_recorded: bool
    recording_url: str
    did_description: str
    did_group: str
    cid_prefix: str
    last_event: str
    is_flagged: bool
    severity: float | None
    notes: str
    went_to_voicemail: bool | None
    spoke_to_person: bool | None
    transcription: str
    details: tuple[tuple[str, str], ...]


@frozen
class EventPayload:
    """One step of a call; ``data`` are its four columns as sent."""

    at: datetime | None
    event_type: int | None
    data: tuple[str, str, str, str]


@frozen
class SummaryPage:
    """One page of the call list.

    Attributes:
        calls: As sent, each with its UUID and the offset its times are in.
    """

    calls: tuple[JsonObject, ...]
    page: int
    pages: int
    total: int | None


@frozen
class DetailsPage:
    """What is told of one call.

    Attributes:
        call: The call's own fields as sent; empty when there are none.
        events: Its events as sent.
    """

    call: JsonObject
    events: tuple[JsonObject, ...]
    page: int
    pages: int


def read_summary_page(value: JsonValue) -> SummaryPage:
    """One page of ``call_list.php``.

    Raises:
        PayloadError: It is neither a page nor anything PHP writes for "nothing".
    """
    if _is_nothing(value):
        return SummaryPage((), 1, 1, 0)
    if isinstance(value, list):
        return SummaryPage(tuple(_rows_in(value, "callUuid", 0)), 1, 1, None)
    if not isinstance(value, dict):
        raise unreadable_answer()
    fields = FieldReader(value)
    offset = _offset(fields)
    data = value.get("data") if "data" in value else value
    if _is_nothing(data):
        data = None
    elif not isinstance(data, dict | list):
        raise unreadable_answer()
    calls = tuple(_rows_in(data, "callUuid", offset))
    page, pages = _paging(fields)
    return SummaryPage(calls, page, pages, _count(fields.number("maxResultSize")))


def read_details_page(value: JsonValue) -> DetailsPage:
    """One page of a call's details, whatever holds its events.

    Raises:
        PayloadError: It is no object.
    """
    if _is_nothing(value):
        return DetailsPage({}, (), 1, 1)
    if not isinstance(value, dict):
        raise unreadable_answer()
    fields = FieldReader(value)
    offset = _offset(fields)
    head = next(
        (one for one in _objects(value) if any(map(one.get, _CALL_MARKS))), value
    )
    call: JsonObject = {
        name: item for name, item in head.items() if not isinstance(item, dict | list)
    }
    call = {"utcOffset": offset} | call if any(map(call.get, _CALL_MARKS)) else {}
    events = tuple(
        {"utcOffset": offset} | event
        for event in _objects(value)
        if event.get(_EVENT_MARK) is not None
    )
    return DetailsPage(call, events, *_paging(fields))


def read_call(fields: FieldReader) -> CallPayload:
    """One call."""
    offset = _offset(fields)
    direction = fields.number("callDirection")
    return CallPayload(
        call_uuid=fields.text("callUuid", "callUUID"),
        at=_moment(fields, "callDate", offset),
        direction=_count(direction),
        caller_name=fields.text("cidName"),
        caller_number=fields.text("cidNum"),
        dialled=fields.text("numDialed"),
        duration_seconds=fields.number("duration"),
        is_recorded=bool(fields.flag("callRecorded")),
        recording_url=fields.text("recordingUrl"),
        did_description=fields.text("didDescription"),
        did_group=fields.text("didGroup"),
        cid_prefix=fields.text("cidPrefix"),
        last_event=fields.text("lastEvent"),
        is_flagged=bool(fields.flag("callFlagged")),
        severity=fields.number("callSeverity"),
        notes=fields.text("callNotes"),
        went_to_voicemail=fields.flag("wentToVoicemail"),
        spoke_to_person=fields.flag("spokeToPerson"),
        transcription=fields.text("transcription"),
        details=fields.rest(),
    )


def read_event(fields: FieldReader) -> EventPayload:
    """One event of a call."""
    offset = _offset(fields)
    return EventPayload(
        _moment(fields, "eventDate", offset),
        _count(fields.number("eventType")),
        (
            fields.text("eventData1"),
            fields.text("eventData2"),
            fields.text("eventData3"),
            fields.text("eventData4"),
        ),
    )


def call_name(call: JsonObject) -> str:
    """What tells a call from others; "" when it bears no id."""
    return FieldReader(call).text("callUuid", "callUUID")


def direction_of(call: JsonObject) -> int | None:
    """1 inbound, 2 outbound, 3 internal; None when not told."""
    return _count(FieldReader(call).number("callDirection"))


def events_in(value: JsonValue) -> tuple[EventPayload, ...]:
    """Every event in an answer, whatever holds them."""
    return tuple(
        read_event(FieldReader(one))
        for one in _objects(value)
        if one.get(_EVENT_MARK) is not None
    )


# --- polled calls, as they are journalled ---------------------------------------------


@frozen(kw_only=True)
class PolledPayload:
    """One call as a poll saw it.

    Attributes:
        call: None while only its events are known: it is going on.
        events: In the order sent.
        owner: The extension whose calls it was listed among; "" when that was not
            asked or it was not.
    """

    call_uuid: str
    call: CallPayload | None
    events: tuple[EventPayload, ...]
    owner: str


def polled_body(
    call_uuid: str,
    *,
    summary: JsonObject | None,
    events: tuple[JsonObject, ...] = (),
    owner: str = "",
) -> bytes:
    """One polled call, to be kept and read like a delivery."""
    body: JsonObject = {"callUuid": call_uuid}
    if summary is not None:
        body["summary"] = summary
    if events:
        body["events"] = list(events)
    if owner:
        body["owner"] = owner
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def read_polled(fields: FieldReader) -> PolledPayload | None:
    """A polled call, or a bare one of the call list; None for anything else."""
    wrapped = fields.child("summary") if fields.has("summary") else None
    events = fields.children("events") if fields.has("events") else ()
    if wrapped is None and not events:
        if not fields.has("callDate") and not fields.has("callDirection"):
            return None
        bare = read_call(fields)
        return PolledPayload(call_uuid=bare.call_uuid, call=bare, events=(), owner="")
    call_uuid = fields.text("callUuid")
    call = read_call(wrapped) if wrapped is not None else None
    return PolledPayload(
        call_uuid=call_uuid or (call.call_uuid if call is not None else ""),
        call=call,
        events=tuple(map(read_event, events)),
        owner=fields.text("owner"),
    )


# --- webhooks -------------------------------------------------------------------------


@frozen(kw_only=True)
class HookPayload:
    """A call webhook.

    Attributes:
        event_type: As sent.
        extension: Only some events name one.
    """

    event_type: str
    call_uuid: str
    did: str
    did_description: str
    did_group: str
    cid_prefix: str
    caller_number: str
    caller_name: str
    extension: str
    extension_name: str


@frozen
class MessagePayload:
    """A webhook about a text message; it is no call."""

    is_inbound: bool
    from_number: str
    to_number: str
    text: str
    conversation_id: str


_MESSAGES: Final = {"inboundmessage": True, "outboundmessage": False}


def is_hook(fields: FieldReader) -> bool:
    """Whether it looks like a webhook at all."""
    return fields.has("eventType")


def read_hook(fields: FieldReader) -> HookPayload | MessagePayload:
    """A webhook; names differ between its kinds in case only, so both are read."""
    event_type = fields.text("eventType")
    is_inbound = _MESSAGES.get(event_type.casefold())
    if is_inbound is not None:
        return MessagePayload(
            is_inbound,
            fields.text("fromNumber"),
            fields.text("toNumber"),
            fields.text("messageText"),
            fields.text("conversationID", "conversationId"),
        )
    return HookPayload(
        event_type=event_type,
        call_uuid=fields.text("callUuid", "callUUID"),
        did=fields.text("didNumber"),
        did_description=fields.text("didDescription"),
        did_group=fields.text("didGroup"),
        cid_prefix=fields.text("cidPrefix"),
        caller_number=fields.text("callerIdNum", "callerIdNumber"),
        caller_name=fields.text("callerIdName"),
        extension=fields.text("extNumber"),
        extension_name=fields.text("extName"),
    )


# --- answers --------------------------------------------------------------------------


def complaint_in(value: JsonValue) -> str | None:
    """What an answer of status 200 complains of; None when it does not.

    A ``success`` or an ``error`` message is documented, its exact shape is not.
    """
    if isinstance(value, str):
        return value if re.search(r"\b(error|invalid|missing)\b", value, re.I) else None
    if not isinstance(value, dict):
        return None
    fields = FieldReader(value)
    error = value.get("error") or value.get("errors")
    message = fields.text("message", "msg", "reason")
    if error:
        return fields.text("error", "errors") or message or "an error"
    status = fields.text("status", "result").casefold()
    if status in ("error", "fail", "failed", "failure"):
        return message or status
    refused = value.get("success") in (False, 0, "0", "false")
    return (message or "no success") if refused and "success" in value else None


@frozen
class TextPayload:
    """One conversation or message of the messaging interface.

    Attributes:
        party: Whom it is with, or who wrote it.
        at: In UTC.
    """

    text_id: str
    party: str
    at: datetime | None
    text: str = ""
    is_unread: bool = False


def read_conversations(value: JsonValue) -> tuple[TextPayload, ...]:
    """``conversations``, a map by id."""
    return tuple(
        TextPayload(
            name,
            fields.text("conversationWith"),
            fields.moment("lastMessageDate"),
            is_unread=bool(fields.flag("hasUnreadMessages")),
        )
        for name, fields in _entries(value, "conversations")
    )


def read_messages(value: JsonValue) -> tuple[TextPayload, ...]:
    """``messages``, a map by id."""
    return tuple(
        TextPayload(
            name,
            fields.text("messageFrom"),
            fields.moment("messageDate"),
            fields.text("messageText"),
        )
        for name, fields in _entries(value, "messages")
    )


def unreadable_answer() -> PayloadError:
    """An answer that is no object where one is documented."""
    return PayloadError(
        tr("{service} gave an answer that cannot be read", service="PrimeVOX"),
        tr(
            "If it stays so, the service has changed or the account's address is wrong."
        ),
    )


# --- shared ---------------------------------------------------------------------------


def _entries(value: JsonValue, name: str) -> Iterator[tuple[str, FieldReader]]:
    found = value.get(name) if isinstance(value, dict) else None
    # PHP makes a list of a map whose keys count up from 0.
    named = enumerate(found) if isinstance(found, list) else ()
    pairs = found.items() if isinstance(found, dict) else named
    for key, item in pairs:
        if isinstance(item, dict):
            yield str(key), FieldReader(item)


def _is_nothing(value: JsonValue) -> bool:
    """Whether it is any of the ways in which PHP writes that there is nothing."""
    if isinstance(value, str):
        return value.strip().casefold() in _NOTHING
    return not value


def _rows_in(data: JsonValue, id_name: str, offset: int) -> Iterator[JsonObject]:
    """The calls in a map by UUID, in a list, or a single one."""
    if isinstance(data, dict):
        if any(name in data for name in _CALL_MARKS):
            yield {"utcOffset": offset} | data
            return
        for key, row in data.items():
            if isinstance(row, dict):
                named: JsonObject = {"utcOffset": offset, id_name: key}
                yield named | row
    elif isinstance(data, list):
        for row in data:
            if isinstance(row, dict):
                yield {"utcOffset": offset} | row


def _objects(value: JsonValue, depth: int = 0) -> Iterator[JsonObject]:
    """The object and those inside it, outer ones first."""
    inner: Iterable[JsonValue] = ()
    if isinstance(value, dict):
        yield value
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    if depth < _DEEPEST:
        for item in inner:
            if isinstance(item, dict | list):
                yield from _objects(item, depth + 1)


def _paging(fields: FieldReader) -> tuple[int, int]:
    page = _count(fields.number("currentPage")) or 1
    return page, _count(fields.number("maxPages")) or page


def _count(number: float | None) -> int | None:
    return int(number) if number is not None and 0 <= number < 1e9 else None


def _offset(fields: FieldReader) -> int:
    """Minutes that times are ahead of UTC; 0 when not told or impossible."""
    number = fields.number("utcOffset") or 0
    return int(number) if abs(number) <= _LARGEST_OFFSET else 0


def _moment(fields: FieldReader, name: str, offset: int) -> datetime | None:
    """A point in time; one without a zone is in the answer's offset."""
    found = fields.moment(name)
    if found is None or not _UNZONED.fullmatch(fields.text(name)):
        return found
    try:
        return found - timedelta(minutes=offset)
    except OverflowError:
        return None
