"""MobTexting's JSON, typed; with ``bodies`` the only file with its field names.

Written from the vendor's documents (portal.mobtexting.com/docs and the source of these
pages, github.com/mobtexting/docs). Unknown fields are kept where there is a place for
them and are never an error; what a flow leaves unfilled reads as absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

REPORT_EVENT: Final = "voice:message:out"
OPT_OUT_EVENT: Final = "voice:unsubscription"
FLOW_TARGET: Final = "flow:"
# Query parameters of MobTexting's own, none of them about a call.
CHALLENGE_FIELDS: Final = ("validation_key", "challenge")
IGNORED_QUERY: Final = frozenset({"token", "access_token", "_method"})
# What a flow step or a report says, for mending JSON that a quote in a name broke.
STEP_FIELDS: Final = (
    "id", "from", "to", "bridge", "start_at", "end_at", "name", "source", "status",
    "status1", "status2", "duration", "billing", "hangup_by", "recording_url", "date",
    "mid", "callId",
)  # fmt: skip
_UNFILLED: Final = re.compile(r"\{\{?[^{}]*\}?\}")
_REPORT_FIELDS: Final = (
    "status", "status1", "status2", "end_at", "source", "service", "duration",
    "billing", "hangup_by", "recording_url",
)  # fmt: skip
_GOOD_STATES: Final = frozenset({"", "ok", "200", "202", "success", "true"})


# --- deliveries and log entries -------------------------------------------------------


@frozen(kw_only=True)
class RingPayload:
    """What an HTTP Request step of a voice flow tells while a call comes in.

    Attributes:
        start_at: As sent, in the account's zone; "" when absent.
    """

    call_id: str
    caller: str
    called: str
    bridge: str
    start_at: str
    name: str


@frozen(kw_only=True)
class ReportPayload:
    """A finished call: a report by webhook, or an entry of the call log.

    Attributes:
        call_id: "" in the documented click-to-call report.
        reference: The ``mid`` that was given when the call was asked for.
        source: ``C2C``, ``OBD``, ``IN``, upper case; "" when not told.
        start_at, end_at, sent_at: As sent, in the account's zone.
        seconds: The first leg; ``talk_seconds`` the second.
        status: Overall; ``first_status`` and ``second_status`` of the legs.
        is_logged: It comes from the call log.
    """

    call_id: str
    reference: str
    bridge: str
    caller: str
    called: str
    source: str
    start_at: str
    end_at: str
    sent_at: str
    seconds: float | None
    talk_seconds: float | None
    status: str
    first_status: str
    second_status: str
    recording_url: str
    hangup_by: str
    name: str
    notes: str
    is_logged: bool
    details: tuple[tuple[str, str], ...]


DeliveryPayload: TypeAlias = RingPayload | ReportPayload


@dataclass(slots=True)
class _Filled:
    """Reads texts and takes a flow variable that was not filled in for absent."""

    fields: FieldReader

    def text(self, *names: str) -> str:
        """The first of these fields that says anything."""
        found = ""
        for name in names:
            text = self.fields.text(name)
            if _UNFILLED.fullmatch(text):
                self.fields.problems.append(f"{name} was not filled in by the flow")
            elif not found:
                found = text
        return found

    def seconds(self, name: str) -> float | None:
        """A duration: seconds, or ``HH:MM:SS`` as in the logs."""
        text = self.text(name)
        found = read_seconds(text)
        if text and found is None:
            self.fields.note(name, "a duration")
        return found


def is_opt_out(item: dict[str, JsonValue]) -> bool:
    """Whether it tells of a number that wants no more calls (v2/event/index.md)."""
    has_party = any(name in item for name in ("from", "to", "bridge", "call_from"))
    return "receiver" in item and "type" in item and not has_party


def read_seconds(text: str) -> float | None:
    """``90`` or ``00:01:30``; None for anything else."""
    parts = text.split(":")
    is_whole = all(part.isascii() and part.isdigit() for part in parts)
    if not is_whole or len(parts) > 3 or len(text) > 12:
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return float(seconds)


def read_delivery(payload: FieldReader) -> DeliveryPayload | None:
    """One delivery or log entry; None (and a problem noted) when it is no call."""
    inner = (
        payload.child("data") if isinstance(payload.source.get("data"), dict) else None
    )
    if inner is not None and not _has_any(payload, ("from", "call_from", "status")):
        payload = inner
    filled = _Filled(payload)
    if _has_any(payload, ("call_from", "call_to")):
        return _read_log_entry(payload, filled)
    if any(filled.text(name) for name in _REPORT_FIELDS if name in payload.source):
        return _read_report(payload, filled)
    ring = RingPayload(
        call_id=filled.text("id", "callId", "call_id"),
        caller=filled.text("from"),
        called=filled.text("to"),
        bridge=filled.text("bridge"),
        start_at=filled.text("start_at"),
        name=filled.text("name"),
    )
    if ring.caller or ring.called or ring.bridge:
        return ring
    payload.problems.append("it tells of no call")
    return None


def _has_any(payload: FieldReader, names: Iterable[str]) -> bool:
    return any(payload.has(name) for name in names)


def _read_report(payload: FieldReader, filled: _Filled) -> ReportPayload:
    return ReportPayload(
        call_id=filled.text("id", "callId", "call_id"),
        reference=filled.text("mid"),
        bridge=filled.text("bridge"),
        caller=filled.text("from"),
        called=filled.text("to"),
        source=filled.text("source", "service").upper(),
        start_at=filled.text("start_at"),
        end_at=filled.text("end_at"),
        sent_at=filled.text("date"),
        seconds=filled.seconds("duration"),
        talk_seconds=filled.seconds("billing"),
        status=filled.text("status").upper(),
        first_status=filled.text("status1").upper(),
        second_status=filled.text("status2").upper(),
        recording_url=filled.text("recording_url"),
        hangup_by=filled.text("hangup_by"),
        name=filled.text("name"),
        notes="",
        is_logged=False,
        details=payload.rest(),
    )


def _read_log_entry(payload: FieldReader, filled: _Filled) -> ReportPayload:
    entry = replace(
        _read_report(payload, filled),
        caller=filled.text("call_from"),
        called=filled.text("call_to"),
        recording_url=filled.text("audio"),
        notes=filled.text("notes"),
        is_logged=True,
    )
    return replace(entry, details=payload.rest())


def read_challenge(value: JsonValue) -> str | int | None:
    """What MobTexting wants to hear back when a webhook is made; None for a call."""
    if not isinstance(value, dict) or not all(
        name in value for name in CHALLENGE_FIELDS
    ):
        return None
    challenge = value["challenge"]
    if isinstance(challenge, bool) or not isinstance(challenge, str | int):
        return None
    return challenge


def challenge_answer(challenge: str | int) -> dict[str, JsonValue]:
    """The answer to a challenge."""
    return {"challenge": challenge}


# --- answers --------------------------------------------------------------------------


@frozen
class AccountPayload:
    """Whose token it is, as far as told: the answer's form is not documented."""

    name: str
    email: str


@frozen(kw_only=True)
class WebhookPayload:
    """A callback URL with its secret.

    Attributes:
        secret: None when the answer does not say.
    """

    name: str
    uri: str
    is_active: bool = True
    secret: str | None = field(default=None, repr=False)
    id: str = ""


@frozen(kw_only=True)
class SubscriptionPayload:
    """One kind of event for one webhook, or for a flow (``flow:1``)."""

    id: str
    event: str
    identity: str
    webhook_id: str


@frozen(kw_only=True)
class RecordingPayload:
    """An entry of the recording log."""

    id: str
    caller: str
    called: str
    url: str
    created_at: str


@frozen(kw_only=True)
class CallStatePayload:
    """What ``outgoing/callstatus`` tells of one call.

    Attributes:
        reference: What the caller of the interface calls it; may be "".
        created_at, start_at, end_at: As sent, in the account's zone.
        keys: What was pressed on the phone.
    """

    id: str
    line: str
    called: str
    reference: str
    status: str
    created_at: str
    start_at: str
    end_at: str
    keys: str


@frozen
class PagePayload:
    """One page of a list, each entry as the JSON object it came as."""

    data: tuple[dict[str, JsonValue], ...]
    has_next: bool
    total: int | None = None


def is_failure(value: JsonValue) -> bool:
    """Whether an answer of status 2xx says in its body that it did not work."""
    if not isinstance(value, dict):
        return False
    state = FieldReader(value).text("status").casefold()
    return state not in _GOOD_STATES and not _is_nested(value)


def _is_nested(value: dict[str, JsonValue]) -> bool:
    """An object itself, such as a webhook whose ``status`` says that it is off."""
    return "id" in value or "uri" in value


def failure_status(value: JsonValue) -> int:
    """The HTTP status that a failure in a body amounts to."""
    fields = FieldReader(value if isinstance(value, dict) else {})
    for name in ("code", "status"):
        text = fields.text(name)
        if text.isascii() and text.isdigit() and 400 <= int(text[:9]) <= 599:
            return int(text)
    return 400


def read_account(value: JsonValue) -> AccountPayload:
    """The answer to ``auth/me``; its form is not documented, so anything will do."""
    fields = _object(value)
    for wrapper in ("data", "user", "account"):
        if isinstance(fields.source.get(wrapper), dict):
            fields = fields.child(wrapper) or fields
    parts = (fields.text("first_name"), fields.text("last_name"))
    name = fields.text("name", "full_name", "company", "company_name", "username")
    return AccountPayload(name or " ".join(filter(None, parts)), fields.text("email"))


def key_names(value: JsonValue) -> tuple[str, ...]:
    """The keys of an object and of its ``data``, to learn undocumented answers."""
    if not isinstance(value, dict):
        return ()
    inner = value.get("data")
    first = inner[0] if isinstance(inner, list) and inner else inner
    names = [f"data.{name}" for name in first] if isinstance(first, dict) else []
    return (*value, *names)


def read_call_id(value: JsonValue) -> str:
    """The answer to ``voice/c2c`` or ``outgoing/send``: the call's id, or ""."""
    fields = _object(value)
    inner = fields.source.get("data")
    if isinstance(inner, list | dict) and inner:
        (first, *_rest) = fields.children("data") or (FieldReader({}),)
        return fields.text("callId", "call_id") or first.text("callId", "id")
    return fields.text("callId", "call_id")


def read_page(value: JsonValue) -> PagePayload:
    """One page of a list: ``data`` (now) or ``data.data`` (older), or a bare list."""
    if isinstance(value, list):
        return PagePayload(_objects(value), has_next=False)
    fields = _object(value)
    inner = fields.source.get("data")
    if isinstance(inner, dict) and isinstance(inner.get("data"), list):
        fields, inner = FieldReader(inner), inner["data"]
    if inner is not None and not isinstance(inner, list):
        raise unreadable_answer()
    meta = fields.child("meta") if isinstance(fields.source.get("meta"), dict) else None
    links = (
        fields.child("links") if isinstance(fields.source.get("links"), dict) else None
    )
    counts = meta or fields
    page, last = counts.number("current_page"), counts.number("last_page")
    total = counts.number("total")
    if page is not None and last is not None:
        has_next = page < last
    else:
        has_next = bool((links or fields).text("next", "next_page_url"))
    return PagePayload(
        _objects(inner or []), has_next, None if total is None else int(total)
    )


def read_webhook(value: JsonValue) -> WebhookPayload:
    """One webhook, alone or in ``data``."""
    return _webhook(_data(value))


def read_webhooks(page: PagePayload) -> tuple[WebhookPayload, ...]:
    """The webhooks of a page."""
    return tuple(_webhook(FieldReader(item)) for item in page.data)


def read_subscription(value: JsonValue) -> SubscriptionPayload:
    """One subscription, alone or in ``data``."""
    return _subscription(_data(value))


def read_subscriptions(page: PagePayload) -> tuple[SubscriptionPayload, ...]:
    """The subscriptions of a page."""
    return tuple(_subscription(FieldReader(item)) for item in page.data)


def read_recordings(page: PagePayload) -> tuple[RecordingPayload, ...]:
    """The entries of a page of the recording log."""
    return tuple(_recording(FieldReader(item)) for item in page.data)


def read_call_states(value: JsonValue) -> tuple[CallStatePayload, ...]:
    """The answer to ``outgoing/callstatus``."""
    return tuple(_call_state(FieldReader(item)) for item in read_page(value).data)


def log_entry_of(state: CallStatePayload) -> dict[str, JsonValue]:
    """What is told of an outgoing call, as an entry of the call log."""
    return {
        "id": state.id,
        "call_from": state.line,
        "call_to": state.called,
        "bridge": state.line,
        "service": "OBD",
        "status": state.status,
        "start_at": state.start_at or state.created_at,
        "end_at": state.end_at,
    }


def _call_state(fields: FieldReader) -> CallStatePayload:
    return CallStatePayload(
        id=fields.text("id"),
        line=fields.text("from"),
        called=fields.text("to"),
        reference=fields.text("foreign_id"),
        status=fields.text("status"),
        created_at=fields.text("created_at"),
        start_at=fields.text("start_at"),
        end_at=fields.text("end_at"),
        keys=fields.text("dtmf"),
    )


def _webhook(fields: FieldReader) -> WebhookPayload:
    is_active = fields.flag("status")
    has_secret = isinstance(fields.source.get("secret"), str)
    return WebhookPayload(
        id=fields.text("id"),
        name=fields.text("name"),
        uri=fields.text("uri", "url"),
        is_active=True if is_active is None else is_active,
        secret=fields.text("secret") if has_secret else None,
    )


def _subscription(fields: FieldReader) -> SubscriptionPayload:
    return SubscriptionPayload(
        id=fields.text("id"),
        event=fields.text("event"),
        identity=fields.text("identity"),
        webhook_id=fields.text("webhook_id"),
    )


def _recording(fields: FieldReader) -> RecordingPayload:
    return RecordingPayload(
        id=fields.text("id"),
        caller=fields.text("call_from"),
        called=fields.text("call_to"),
        url=fields.text("audio"),
        created_at=fields.text("created_at"),
    )


def _data(value: JsonValue) -> FieldReader:
    fields = _object(value)
    inner = fields.source.get("data")
    return FieldReader(inner) if isinstance(inner, dict) else fields


def _object(value: JsonValue) -> FieldReader:
    if not isinstance(value, dict):
        raise unreadable_answer()
    return FieldReader(value)


def _objects(items: list[JsonValue]) -> tuple[dict[str, JsonValue], ...]:
    return tuple(item for item in items if isinstance(item, dict))


def unreadable_answer() -> PayloadError:
    """An answer that is JSON but not what was asked for."""
    return PayloadError(
        tr("{service} gave an answer of an unknown shape", service="MobTexting"),
        tr("Its interface may have changed; look for an update of screenpop."),
    )
