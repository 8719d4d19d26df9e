"""Voxloud's JSON, typed; the only file that knows its field names.

Written from the vendor's API reference (developer.voxloud.com/docs). Unknown fields
are kept where there is a place for them and are never an error; a known field of a
wrong type reads as absent and is named in the reader's ``problems``.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.wording import tr

if TYPE_CHECKING:
    from datetime import datetime

EVENT_TYPES: Final = (
    "CALL_INCOMING",
    "CALL_STARTED",
    "CALL_ANSWERED",
    "CALL_HANGUP",
    "PHONE_CALL",
    "CLICK_TO_CALL",
    "FAX_CALL",
)
# Named in every list of the reference but the one of the create request.
OPTIONAL_EVENT_TYPES: Final = frozenset({"CLICK_TO_CALL"})

LegKind: TypeAlias = Literal["INCOMING", "STARTED", "ANSWERED", "HANGUP"]
RecordType: TypeAlias = Literal["PHONE_CALL", "CLICK_TO_CALL", "FAX_CALL"]
_LEG_KINDS: Final[dict[str, LegKind]] = {kind: kind for kind in get_args(LegKind)}
_RECORD_TYPES: Final[dict[str, RecordType]] = {
    kind: kind for kind in get_args(RecordType)
}
_FAX_FIELDS: Final = ("sender", "recipient", "attachment_url", "total_pages")


# --- deliveries -----------------------------------------------------------------------


@frozen
class PartyPayload:
    """A number with the name that goes with it, both as sent."""

    number: str = ""
    name: str = ""


@frozen(kw_only=True)
class LegPayload:
    """A phone call event: something happened to one user's part of a call."""

    kind: LegKind
    call_id: str
    at: datetime | None
    originator: PartyPayload
    destination: PartyPayload
    user_extension: str
    user_email: str


@frozen(kw_only=True)
class RecordPayload:
    """A telephony event: the record of a finished call or fax.

    Attributes:
        direction: ``INBOUND``, ``OUTBOUND``, ``INTERNAL``, upper case; "" unknown.
        last_event: As sent, such as ``CALL_LOST_NO_ANSWER``; "" when absent.
        duration_seconds: Ringing included.
    """

    kind: RecordType
    record_id: str
    call_id: str
    at: datetime | None
    direction: str
    originator: PartyPayload
    destination: PartyPayload
    answerer: PartyPayload
    is_number_masked: bool
    last_event: str
    duration_seconds: float | None
    ring_seconds: float | None
    recording_url: str
    has_voicemail: bool
    voicemail_url: str
    labels: tuple[str, ...]
    rules: tuple[str, ...]
    contact_source: str
    contact_url: str
    transcription: str
    summary: str
    sentiment: float | None
    attachment_url: str
    pages: float | None
    description: str
    details: tuple[tuple[str, str], ...]


DeliveryPayload: TypeAlias = LegPayload | RecordPayload


def read_delivery(payload: FieldReader) -> DeliveryPayload | None:
    """One webhook or history record, with or without its envelope.

    Returns:
        What it says; None (and a problem noted) when it is nothing we know.
    """
    envelope_type = ""
    envelope_at: datetime | None = None
    data = payload.child("data") if payload.has("data") else None
    if data is not None:
        envelope_type = payload.text("type").upper()
        envelope_at = payload.moment("timestamp")
        payload = data
    kind = (payload.text("type") or envelope_type).upper()
    at = payload.moment("timestamp") or envelope_at
    leg_kind = _LEG_KINDS.get(kind.removeprefix("CALL_"))
    if leg_kind is not None:
        return _read_leg(payload, leg_kind, at)
    record_type = _RECORD_TYPES.get(kind)
    if record_type is None and any(payload.has(name) for name in _FAX_FIELDS):
        record_type = "FAX_CALL"
    if record_type is not None:
        return _read_record(payload, record_type, at)
    payload.problems.append("type is none that is known" if kind else "type is missing")
    return None


def _read_leg(payload: FieldReader, kind: LegKind, at: datetime | None) -> LegPayload:
    return LegPayload(
        kind=kind,
        call_id=payload.text("callId"),
        at=at,
        originator=_party(payload, "originator"),
        destination=_party(payload, "destination"),
        user_extension=payload.text("userExtension"),
        user_email=payload.text("userEmail"),
    )


def _read_record(
    payload: FieldReader, kind: RecordType, at: datetime | None
) -> RecordPayload:
    originator = _party(payload, "originator")
    destination = _party(payload, "destination")
    sender, recipient = payload.text("sender"), payload.text("recipient")
    return RecordPayload(
        kind=kind,
        record_id=payload.text("id"),
        call_id=payload.text("callId"),
        at=at,
        direction=payload.text("direction").upper(),
        originator=originator if originator.number else PartyPayload(sender),
        destination=destination if destination.number else PartyPayload(recipient),
        answerer=_party(payload, "answerer"),
        is_number_masked=bool(payload.flag("maskCallerNumber")),
        last_event=payload.text("lastEvent").upper(),
        duration_seconds=payload.number("duration"),
        ring_seconds=payload.number("ringTime"),
        recording_url=payload.text("recordingUrl"),
        has_voicemail=bool(payload.flag("voicemail")),
        voicemail_url=payload.text("voicemail_url", "voicemailUrl"),
        labels=payload.texts("labels"),
        rules=payload.texts("ruleNames"),
        contact_source=payload.text("contactCrm"),
        contact_url=payload.text("contactCrmUrl"),
        transcription=payload.text("transcription"),
        summary=payload.text("summary"),
        sentiment=payload.number("sentiment_score"),
        attachment_url=payload.text("attachment_url"),
        pages=payload.number("total_pages"),
        description=payload.text("description"),
        details=payload.rest(),
    )


def record_name(record: dict[str, JsonValue]) -> str:
    """What tells a history record from others; "" when it bears no id."""
    fields = FieldReader(record)
    ids = (fields.text("id"), fields.text("callId"))
    return "/".join((fields.text("type"), *ids)) if any(ids) else ""


def _party(payload: FieldReader, role: str) -> PartyPayload:
    return PartyPayload(payload.text(f"{role}Number"), payload.text(f"{role}Name"))


# --- answers --------------------------------------------------------------------------


@frozen
class CompanyPayload:
    """Whose key it is."""

    name: str
    email: str


@frozen(kw_only=True)
class ContactPayload:
    """A contact of the phone system, or one to be written there."""

    first_name: str = ""
    last_name: str = ""
    primary_phone: str = ""
    phones: tuple[str, ...] = ()
    primary_email: str = ""
    emails: tuple[str, ...] = ()
    company_name: str = ""
    job_title: str = ""
    website: str = ""
    crm_name: str = ""
    crm_contact_url: str = ""
    id: str = ""
    updated_at: datetime | None = None


@frozen
class ContactPagePayload:
    """Some contacts, and whether more follow."""

    data: tuple[ContactPayload, ...]
    has_next: bool


@frozen(kw_only=True)
class UserPayload:
    """A user of the phone system with the numbers they may show."""

    id: str
    first_name: str
    last_name: str
    extension: str
    outbound_did: PartyPayload
    available_dids: tuple[PartyPayload, ...]


@frozen(kw_only=True)
class SubscriptionPayload:
    """One event type delivered to one URL."""

    id: str
    callback_url: str
    event_type: str
    enabled: bool
    failed_count: int
    last_error: str
    notification_email: str


@frozen(kw_only=True)
class ClickToCallPayload:
    """A reusable click-to-call resource."""

    name: str
    extension: str
    outbound_number: str
    dial_first: str
    id: str = ""


@frozen
class EventPagePayload:
    """One page of telephony events, each as the JSON object it came as."""

    content: tuple[dict[str, JsonValue], ...]
    is_last: bool
    number: int
    total: int | None


def read_company(value: JsonValue) -> CompanyPayload:
    """The answer to ``validate-auth``."""
    fields = _object(value)
    return CompanyPayload(fields.text("name"), fields.text("email"))


def read_contact(value: JsonValue) -> ContactPayload:
    """One contact."""
    return _contact(_object(value))


def read_contact_page(value: JsonValue) -> ContactPagePayload:
    """The answer to a contact search; a bare list is taken for the only page."""
    if isinstance(value, list):
        return ContactPagePayload(tuple(map(_contact, _objects(value))), False)
    fields = _object(value)
    found = tuple(_contact(item) for item in fields.children("data"))
    return ContactPagePayload(found, bool(fields.flag("has_next")))


def read_users(value: JsonValue) -> tuple[UserPayload, ...]:
    """All users."""
    return tuple(map(_user, _objects(value)))


def read_subscription(value: JsonValue) -> SubscriptionPayload:
    """One subscription."""
    return _subscription(_object(value))


def read_subscriptions(value: JsonValue) -> tuple[SubscriptionPayload, ...]:
    """All subscriptions."""
    return tuple(map(_subscription, _objects(value)))


def read_click_to_call(value: JsonValue) -> ClickToCallPayload:
    """One click-to-call resource."""
    return _click_to_call(_object(value))


def read_click_to_calls(value: JsonValue) -> tuple[ClickToCallPayload, ...]:
    """All click-to-call resources."""
    return tuple(map(_click_to_call, _objects(value)))


def read_event_page(value: JsonValue) -> EventPagePayload:
    """One page of telephony events."""
    fields = _object(value)
    is_last = fields.flag("last")
    total = fields.number("totalElements")
    content = tuple(item.source for item in fields.children("content"))
    return EventPagePayload(
        content,
        is_last=not content if is_last is None else is_last,
        number=int(fields.number("number") or 0),
        total=None if total is None else int(total),
    )


def read_event_or_events(value: JsonValue) -> tuple[dict[str, JsonValue], ...]:
    """Telephony events by id or call id: an object, a list or a page of them."""
    if isinstance(value, dict):
        return read_event_page(value).content if "content" in value else (value,)
    return tuple(fields.source for fields in _objects(value)) if value else ()


def _contact(fields: FieldReader) -> ContactPayload:
    return ContactPayload(
        id=fields.text("id"),
        first_name=fields.text("first_name"),
        last_name=fields.text("last_name"),
        primary_phone=fields.text("primary_phone"),
        phones=fields.texts("phones"),
        primary_email=fields.text("primary_email"),
        emails=fields.texts("emails"),
        company_name=fields.text("company_name"),
        job_title=fields.text("job_title"),
        website=fields.text("website"),
        crm_name=fields.text("crm_name"),
        crm_contact_url=fields.text("crm_contact_url"),
        updated_at=fields.moment("updated_at"),
    )


def _user(fields: FieldReader) -> UserPayload:
    outbound = fields.child("outbound_cli") or FieldReader({})
    own = outbound.child("outbound_did") or FieldReader({})
    return UserPayload(
        id=fields.text("id"),
        first_name=fields.text("first_name"),
        last_name=fields.text("last_name"),
        extension=fields.text("extension_number"),
        outbound_did=_did(own),
        available_dids=tuple(map(_did, outbound.children("available_dids"))),
    )


def _did(fields: FieldReader) -> PartyPayload:
    return PartyPayload(fields.text("number"), fields.text("label"))


def _subscription(fields: FieldReader) -> SubscriptionPayload:
    enabled = fields.flag("enabled")
    return SubscriptionPayload(
        id=fields.text("id"),
        callback_url=fields.text("callback_url"),
        # Two of the three items in the reference's list say `type`.
        event_type=fields.text("event_type", "type"),
        enabled=True if enabled is None else enabled,
        failed_count=int(fields.number("failed_count") or 0),
        last_error=fields.text("last_error"),
        notification_email=fields.text("notification_email"),
    )


def _click_to_call(fields: FieldReader) -> ClickToCallPayload:
    return ClickToCallPayload(
        id=fields.text("id"),
        name=fields.text("name"),
        extension=fields.text("extension"),
        outbound_number=fields.text("outboundNumber"),
        dial_first=fields.text("dial_first"),
    )


def _object(value: JsonValue) -> FieldReader:
    if not isinstance(value, dict):
        raise unreadable_answer()
    return FieldReader(value)


def _objects(value: JsonValue) -> tuple[FieldReader, ...]:
    if not isinstance(value, list):
        raise unreadable_answer()
    return FieldReader({"items": value}).children("items")


def unreadable_answer() -> PayloadError:
    """An answer that is JSON but not what was asked for."""
    return PayloadError(
        tr("{service} gave an answer of an unknown shape", service="Voxloud"),
        tr("Its interface may have changed; look for an update of screenpop."),
    )


# --- requests -------------------------------------------------------------------------


def contact_body(contact: ContactPayload) -> dict[str, JsonValue]:
    """The body that creates or overwrites a contact; empty texts are left out."""
    body: dict[str, JsonValue] = {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "primary_phone": contact.primary_phone,
        "phones": list(contact.phones),
        "primary_email": contact.primary_email,
        "emails": list(contact.emails),
        "company_name": contact.company_name,
        "job_title": contact.job_title,
        "website": contact.website,
        "crm_name": contact.crm_name,
        "crm_contact_url": contact.crm_contact_url,
    }
    return {name: value for name, value in body.items() if value != ""}


def subscription_body(
    callback_url: str, event_type: str, notification_email: str
) -> dict[str, JsonValue]:
    """The body that creates a subscription."""
    body: dict[str, JsonValue] = {
        "callback_url": callback_url,
        "event_type": event_type,
    }
    if notification_email:
        body["notification_email"] = notification_email
    return body


def subscription_update_body(payload: SubscriptionPayload) -> dict[str, JsonValue]:
    """The body that overwrites a subscription."""
    body = subscription_body(
        payload.callback_url, payload.event_type, payload.notification_email
    )
    return body | {"id": payload.id, "enabled": payload.enabled}


def click_to_call_body(resource: ClickToCallPayload) -> dict[str, JsonValue]:
    """The body that creates a click-to-call resource."""
    return {
        "name": resource.name,
        "extension": resource.extension,
        "outboundNumber": resource.outbound_number,
        "dial_first": resource.dial_first,
    }


def connect_body(number: str) -> dict[str, JsonValue]:
    """The body that starts a call."""
    return {"contact": number}


def event_query_body(
    *, number: str, since: datetime | None, until: datetime | None
) -> dict[str, JsonValue]:
    """The body of a query for telephony events."""
    texts: dict[str, JsonValue] = {
        "number": number,
        "date_time_from": _stamp(since),
        "date_time_to": _stamp(until),
    }
    return {name: value for name, value in texts.items() if value}


def _stamp(moment: datetime | None) -> str:
    """UTC with milliseconds and ``Z``, as in the reference's example."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
