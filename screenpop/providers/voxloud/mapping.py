"""Voxloud's payloads in our words; pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.events import (
    NO_PARTY,
    CallerId,
    CallRecorded,
    Direction,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
)
from screenpop.domain.numbers import NumberKind, read_number
from screenpop.providers.protocol import (
    DialFirst,
    DialResource,
    LineHolder,
    OwnedNumber,
    Subscription,
)
from screenpop.providers.voxloud.payloads import (
    ClickToCallPayload,
    ContactPayload,
    LegPayload,
    PartyPayload,
    RecordPayload,
    SubscriptionPayload,
    UserPayload,
)

if TYPE_CHECKING:
    from screenpop.domain.events import CallEvent
    from screenpop.providers.voxloud.payloads import DeliveryPayload

CLICK_TO_CALL_SUFFIX: Final = "-clicktocall"
FAX_PREFIX: Final = "fax-"
RECORD_PREFIX: Final = "record-"
NAMELESS_PREFIX: Final = "nameless-"
_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_PUNCTUATION: Final = re.compile(r"[\s().\-/]")
# No country where calls come without a leading zero or a plus has longer national
# numbers, so eleven digits and more are an international number without its plus.
_INTERNATIONAL: Final = re.compile(r"[1-9]\d{10,14}")
_EXTENSION: Final = re.compile(r"\d{1,6}")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = timedelta(days=1)
_LONGEST_SECONDS: Final = 10_000_000
_MOST_PAGES: Final = 100_000

_KINDS: Final = {
    "PHONE_CALL": RecordKind.CALL,
    "CLICK_TO_CALL": RecordKind.CLICK_TO_DIAL,
    "FAX_CALL": RecordKind.FAX,
}
_DIRECTIONS: Final = {"INBOUND": Direction.INBOUND, "OUTBOUND": Direction.OUTBOUND}
_ANSWERED: Final = frozenset({"CALL_ANSWERED", "CALL_TERMINATED", "CALL_TRANSFERRED"})
_OUTCOMES: Final = {
    "CALL_CANCELED_BY_ORIGINATOR": CallOutcome.CANCELLED,
    "CALL_LOST_NO_ANSWER": CallOutcome.NO_ANSWER,
    "CALL_LOST_USER_BUSY": CallOutcome.BUSY,
    "CALL_REJECTED": CallOutcome.REJECTED,
    # Another phone won the race: somebody did answer.
    "CALL_LOST_LOSE_RACE": CallOutcome.ANSWERED,
}
_LAST_EVENTS: Final = _ANSWERED | _OUTCOMES.keys() | {"CALL_REQUEST", "CALL_STARTED"}


# --- call events ----------------------------------------------------------------------


def to_event(
    payload: DeliveryPayload, *, account_id: str, received_at: datetime
) -> CallEvent | None:
    """The call event in a delivery; None when it names neither call nor party."""
    if not (payload.call_id or payload.originator.number or payload.destination.number):
        return None
    if isinstance(payload, RecordPayload):
        return _recorded(payload, account_id, received_at)
    return _leg_event(payload, account_id, received_at)


def _leg_event(
    payload: LegPayload, account_id: str, received_at: datetime
) -> CallEvent:
    kind = _leg_event_type(payload)
    caller = _caller(payload.originator, may_be_unknown=kind is LegInitiated)
    callee = _party(payload.destination)
    has_line = kind is LegAlerting and not _EXTENSION.fullmatch(callee.number)
    occurred_at, is_time_reported = _moment(payload.at, received_at)
    return kind(
        account_id=account_id,
        call_id=call_id_of(payload, received_at),
        occurred_at=occurred_at,
        received_at=received_at,
        is_time_reported=is_time_reported,
        user=LineUser(payload.user_extension, payload.user_email, _user_name(payload)),
        # The name that goes with it is the user's, not the line's.
        line=CallerId(callee.number) if has_line else NO_PARTY,
        caller=caller,
        callee=callee,
    )


def _leg_event_type(
    payload: LegPayload,
) -> type[LegAlerting | LegInitiated | LegConnected | LegReleased]:
    """What happened to the user's leg.

    ``STARTED`` begins "outbound and internal" calls; when its user is the destination
    and not the originator, it is that user's phone that rings (inferred).
    """
    if payload.kind == "ANSWERED":
        return LegConnected
    if payload.kind == "HANGUP":
        return LegReleased
    extension = payload.user_extension
    is_called = payload.kind == "INCOMING" or (
        extension != ""
        and payload.destination.number == extension != payload.originator.number
    )
    return LegAlerting if is_called else LegInitiated


def _user_name(payload: LegPayload) -> str:
    """The user's name, where it is clear which of the two names that is."""
    if payload.user_extension:
        for party in (payload.originator, payload.destination):
            if party.number == payload.user_extension:
                return _name(party)
    return _name(payload.destination) if payload.kind == "INCOMING" else ""


def _moment(at: datetime | None, received_at: datetime) -> tuple[datetime, bool]:
    """When it happened, and whether that is the vendor's word.

    A time before this service existed or in the future would put the call in the
    wrong place of every list for good: then the time of receipt is the better one.
    """
    if at is None or not _EARLIEST <= at <= received_at + _LATEST:
        return received_at, False
    return at, True


def _recorded(
    payload: RecordPayload, account_id: str, received_at: datetime
) -> CallRecorded:
    record = to_record(payload, received_at=received_at)
    _occurred_at, is_time_reported = _moment(payload.at, received_at)
    is_inbound = record.direction is Direction.INBOUND
    line = CallerId(record.callee.number) if is_inbound else NO_PARTY
    if _EXTENSION.fullmatch(line.number):
        line = NO_PARTY
    return CallRecorded(
        account_id=account_id,
        call_id=call_id_of(payload, received_at),
        occurred_at=record.started_at,
        received_at=received_at,
        is_time_reported=is_time_reported,
        user=_record_user(record),
        line=line,
        record=record,
    )


def _record_user(record: CallDetailRecord) -> LineUser:
    """Whose call it was, where the record leaves no doubt."""
    candidates: tuple[CallerId | None, ...] = ()
    if record.direction is Direction.INBOUND:
        candidates = (record.answered_by, record.callee)
    elif record.direction is Direction.OUTBOUND:
        candidates = (record.caller,)
    for who in candidates:
        if who is not None and _EXTENSION.fullmatch(who.number):
            return LineUser(extension=who.number, name=who.name)
    return LineUser()


def public_call_id(call_id: str) -> str:
    """The id that all events of the call share, without the click-to-call mark."""
    return call_id.removesuffix(CLICK_TO_CALL_SUFFIX)


def call_id_of(payload: DeliveryPayload, received_at: datetime) -> str:
    """The call's id, or one made of what does not change between its deliveries.

    Without an id, the parties and the minute name the call: a repeated delivery is
    found to be the same, a second call of the same parties is not lost in the first,
    and an end that falls into another minute leaves the ring to be ended by time.
    """
    if payload.call_id:
        return public_call_id(payload.call_id)
    if isinstance(payload, RecordPayload) and payload.record_id:
        prefix = FAX_PREFIX if payload.kind == "FAX_CALL" else RECORD_PREFIX
        return f"{prefix}{payload.record_id}"
    user = (
        f"{payload.user_extension}\n{payload.user_email}"
        if isinstance(payload, LegPayload)
        else ""
    )
    minute = _moment(payload.at, received_at)[0].isoformat(timespec="minutes")
    parties = f"{payload.originator.number}\n{payload.destination.number}"
    name = f"{user}\n{parties}\n{minute}".encode()
    return f"{NAMELESS_PREFIX}{hashlib.sha256(name).hexdigest()[:20]}"


def is_made_up(call_id: str) -> bool:
    """Whether the id is ours, so that Voxloud does not know it."""
    return call_id.startswith((FAX_PREFIX, RECORD_PREFIX, NAMELESS_PREFIX))


# --- parties --------------------------------------------------------------------------


def _caller(party: PartyPayload, *, may_be_unknown: bool = False) -> CallerId:
    """The calling party; one without a number hid it, unless it is our own user."""
    found = _party(party)
    if (party.number or not may_be_unknown) and _is_withheld(party.number):
        return CallerId(name=found.name, is_withheld=True)
    return found


def _party(party: PartyPayload) -> CallerId:
    return CallerId(readable_number(party.number), _name(party))


def _is_withheld(text: str) -> bool:
    return read_number(text, "").kind is NumberKind.WITHHELD


def _name(party: PartyPayload) -> str:
    """The name, unless it only repeats the number or says that there is none."""
    name = party.name
    if _is_withheld(name):
        return ""
    bare = _PUNCTUATION.sub("", name).removeprefix("+")
    digits = _digits(name)
    same = digits.lstrip("0") == _digits(party.number).lstrip("0")
    if bare.isdigit() and (same or len(bare) > 6):
        return ""
    return name


def _digits(text: str) -> str:
    return _NOT_DIGITS.sub("", text)


def readable_number(text: str) -> str:
    """A number with its plus where it is clear that it lacks one, else as sent.

    The reference promises E.164, its examples hold ``390663971096``, ``0697631539``
    and bare extensions; only the first can be mended without knowing the country.
    """
    bare = _PUNCTUATION.sub("", text)
    if bare.startswith("00") and _INTERNATIONAL.fullmatch(bare[2:]):
        return f"+{bare[2:]}"
    return f"+{bare}" if _INTERNATIONAL.fullmatch(bare) else text


# --- records --------------------------------------------------------------------------


def to_record(payload: RecordPayload, *, received_at: datetime) -> CallDetailRecord:
    """The record of a finished call or fax."""
    is_inbound = payload.direction == "INBOUND"
    caller = _caller(payload.originator, may_be_unknown=not is_inbound)
    if payload.is_number_masked:
        caller = replace(caller, is_withheld=True)
    answerer = _party(payload.answerer)
    has_answerer = bool(answerer.number or answerer.name)
    return CallDetailRecord(
        kind=_KINDS[payload.kind],
        record_id=payload.record_id,
        direction=_DIRECTIONS.get(payload.direction),
        is_internal=payload.direction == "INTERNAL",
        started_at=_moment(payload.at, received_at)[0],
        caller=caller,
        callee=_party(payload.destination),
        answered_by=answerer if has_answerer else None,
        outcome=_outcome(payload, has_answerer=has_answerer),
        duration_seconds=_seconds(payload.duration_seconds),
        ring_seconds=_seconds(payload.ring_seconds),
        recording_url=payload.recording_url,
        voicemail_url=payload.voicemail_url,
        has_voicemail=payload.has_voicemail,
        transcription=payload.transcription,
        summary=payload.summary,
        sentiment=payload.sentiment,
        labels=payload.labels,
        rules=payload.rules,
        contact_source=payload.contact_source,
        contact_url=payload.contact_url,
        attachment_url=payload.attachment_url,
        pages=_pages(payload.pages),
        description=payload.description,
        details=_details(payload),
    )


def _outcome(payload: RecordPayload, *, has_answerer: bool) -> CallOutcome:
    """How the call ended; the last event alone does not tell who answered.

    ``CALL_TERMINATED`` also ends a call that only the mailbox took, or that nobody
    took: an answerer, or a call longer than its ringing, proves that somebody did.
    """
    if payload.kind == "FAX_CALL":
        return _OUTCOMES.get(payload.last_event, CallOutcome.UNKNOWN)
    if payload.has_voicemail and not has_answerer:
        return CallOutcome.VOICEMAIL
    talked = _was_longer_than_ringing(payload)
    if payload.last_event in _ANSWERED:
        is_proven_unanswered = talked is False and not has_answerer
        return CallOutcome.NO_ANSWER if is_proven_unanswered else CallOutcome.ANSWERED
    if payload.last_event in _OUTCOMES:
        return _OUTCOMES[payload.last_event]
    if has_answerer:
        return CallOutcome.ANSWERED
    if payload.kind == "CLICK_TO_CALL" and talked is not None:
        # This kind of record has neither last event nor answerer.
        return CallOutcome.ANSWERED if talked else CallOutcome.NO_ANSWER
    return CallOutcome.UNKNOWN


def _was_longer_than_ringing(payload: RecordPayload) -> bool | None:
    if payload.duration_seconds is None or payload.ring_seconds is None:
        return None
    return payload.duration_seconds > payload.ring_seconds


def _details(payload: RecordPayload) -> tuple[tuple[str, str], ...]:
    """What has no place of its own, and words that were not understood."""
    odd = []
    if payload.last_event and payload.last_event not in _LAST_EVENTS:
        odd.append(("lastEvent", payload.last_event))
    if payload.direction and payload.direction not in (*_DIRECTIONS, "INTERNAL"):
        odd.append(("direction", payload.direction))
    return (*payload.details, *odd)


def _seconds(number: float | None) -> float | None:
    return number if number is not None and 0 <= number <= _LONGEST_SECONDS else None


def _pages(number: float | None) -> int | None:
    return int(number) if number is not None and 0 <= number <= _MOST_PAGES else None


# --- people and set-ups ---------------------------------------------------------------


def to_contact(payload: ContactPayload, *, source: str, region: str) -> Contact:
    """A contact; numbers without a country code are read by ``region``."""
    numbers = [
        ContactNumber(raw, read_number(readable_number(raw), region).e164)
        for raw in (payload.primary_phone, *payload.phones)
    ]
    return Contact(
        source=source,
        source_id=payload.id,
        name=f"{payload.first_name} {payload.last_name}".strip(),
        company=payload.company_name,
        job_title=payload.job_title,
        numbers=tuple(dict.fromkeys(number for number in numbers if number.raw)),
        emails=tuple(
            dict.fromkeys(
                email for email in (payload.primary_email, *payload.emails) if email
            )
        ),
        url=payload.crm_contact_url,
        updated_at=payload.updated_at,
    )


def to_line_holder(payload: UserPayload) -> LineHolder:
    """A user with the numbers they may show."""
    numbers = [_owned(did) for did in payload.available_dids if did.number]
    own = _owned(payload.outbound_did) if payload.outbound_did.number else None
    if own is not None and own.number not in {number.number for number in numbers}:
        numbers.insert(0, own)
    return LineHolder(
        user_id=payload.id,
        name=f"{payload.first_name} {payload.last_name}".strip(),
        extension=payload.extension,
        caller_id=own,
        caller_ids=tuple(numbers),
    )


def _owned(did: PartyPayload) -> OwnedNumber:
    return OwnedNumber(readable_number(did.number), did.name)


def to_subscription(payload: SubscriptionPayload) -> Subscription:
    """A webhook subscription."""
    return Subscription(
        subscription_id=payload.id,
        callback_url=payload.callback_url,
        event_type=payload.event_type,
        is_enabled=payload.enabled,
        failed_count=payload.failed_count,
        last_error=payload.last_error,
        notification_email=payload.notification_email,
    )


def from_subscription(subscription: Subscription) -> SubscriptionPayload:
    """The same the other way round, to be written back."""
    return SubscriptionPayload(
        id=subscription.subscription_id,
        callback_url=subscription.callback_url,
        event_type=subscription.event_type,
        enabled=subscription.is_enabled,
        failed_count=subscription.failed_count,
        last_error=subscription.last_error,
        notification_email=subscription.notification_email,
    )


def to_dial_resource(payload: ClickToCallPayload) -> DialResource:
    """A click-to-call resource."""
    first = payload.dial_first.casefold()
    return DialResource(
        resource_id=payload.id,
        name=payload.name,
        extension=payload.extension,
        caller_id=readable_number(payload.outbound_number),
        dial_first=DialFirst.CONTACT if first == "contact" else DialFirst.EXTENSION,
    )
