"""MobTexting's payloads in our words; pure."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.events import (
    NO_PARTY,
    CallerId,
    CallRecorded,
    Direction,
    LegAlerting,
    LineUser,
)
from screenpop.domain.numbers import NumberKind, read_number
from screenpop.providers.mobtexting.payloads import (
    FLOW_TARGET,
    ReportPayload,
    RingPayload,
    SubscriptionPayload,
    WebhookPayload,
)
from screenpop.providers.protocol import Subscription

if TYPE_CHECKING:
    from screenpop.domain.events import CallEvent
    from screenpop.providers.mobtexting.payloads import DeliveryPayload
    from screenpop.providers.mobtexting.zone import AccountZone

MADE_UP_PREFIX: Final = "made-"
REFERENCE_PREFIX: Final = "mid-"
WEBHOOK_PREFIX: Final = "webhook:"
_PUNCTUATION: Final = re.compile(r"[\s().\-/]")
_INTERNATIONAL: Final = re.compile(r"[1-9]\d{10,14}")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = timedelta(minutes=2)
# A flow step speaks of a call that goes on. A start longer ago than this means that
# the zone is a wrong guess, rather than that the step waited so long.
_LONGEST_RING: Final = timedelta(minutes=15)
# No delivery is documented to be repeated later than the first, and no two zones are
# further apart than the second.
_LATE_REPORT: Final = timedelta(minutes=100)
_FURTHEST_ZONE: Final = timedelta(hours=26)
_LONGEST_SECONDS: Final = 10_000_000

_INBOUND: Final = frozenset({"IN", "INBOUND", "INCOMING"})
_OUTBOUND: Final = frozenset({"C2C", "OBD", "OUT", "OUTBOUND", "OUTGOING"})
_CLICK_TO_CALL: Final = "C2C"
_OUTCOMES: Final = {
    "COMPLETED": CallOutcome.ANSWERED,
    "ANSWER": CallOutcome.ANSWERED,
    "ANSWERED": CallOutcome.ANSWERED,
    "BUSY": CallOutcome.BUSY,
    "NOANSWER": CallOutcome.NO_ANSWER,
    "MISSED": CallOutcome.NO_ANSWER,
    "CANCEL": CallOutcome.CANCELLED,
    "CONGESTION": CallOutcome.FAILED,
    "CHANUNAVAIL": CallOutcome.FAILED,
}
# Taken by the flow and not passed on: nobody was meant to answer an inbound call, and
# of a call that we asked for it says only that the first phone was picked up.
_RECEIVED: Final = "RECEIVED"


# --- call events ----------------------------------------------------------------------


def to_event(
    payload: DeliveryPayload,
    *,
    account_id: str,
    received_at: datetime,
    zone: AccountZone,
) -> CallEvent | None:
    """The call event in a delivery; None when it names neither call nor party."""
    if not (payload.call_id or payload.caller or payload.called):
        return None
    if isinstance(payload, RingPayload):
        return _ringing(payload, account_id, received_at, zone)
    record = to_record(payload, received_at=received_at, zone=zone)
    started_at = _believable(payload.start_at, received_at, zone)
    is_inbound = record.direction is Direction.INBOUND
    line = payload.bridge or (payload.called if is_inbound else "")
    return CallRecorded(
        account_id=account_id,
        call_id=call_id_of(payload, received_at),
        occurred_at=record.started_at,
        received_at=received_at,
        is_time_reported=started_at is not None,
        user=_user(payload, record),
        line=CallerId(readable_number(line)) if line else NO_PARTY,
        record=record,
    )


def _ringing(
    payload: RingPayload, account_id: str, received_at: datetime, zone: AccountZone
) -> LegAlerting:
    """Somebody calls now: when that was is believed only where the zone is clear.

    A wrong zone would make the call hours old, and old calls raise no card.
    """
    at = _believable(payload.start_at, received_at, zone)
    if at is not None and not zone.is_certain and received_at - at > _LONGEST_RING:
        at = None
    line = payload.bridge or payload.called
    return LegAlerting(
        account_id=account_id,
        call_id=call_id_of(payload, received_at),
        occurred_at=at or received_at,
        received_at=received_at,
        is_time_reported=at is not None,
        line=CallerId(readable_number(line)) if line else NO_PARTY,
        caller=_caller(payload.caller, payload.name),
        callee=CallerId(readable_number(payload.called)),
    )


def _user(payload: ReportPayload, record: CallDetailRecord) -> LineUser:
    """Whose phone rang first, where we asked for the call."""
    if record.kind is not RecordKind.CLICK_TO_DIAL:
        return LineUser()
    return LineUser(extension=digits_of(payload.caller))


def zone_problem(
    payload: DeliveryPayload, received_at: datetime, zone: AccountZone
) -> str | None:
    """Why the account's time zone seems wrong; None when it does not."""
    ahead = zone.moment(payload.start_at)
    if ahead is not None and ahead > received_at + _LATEST:
        return "start_at lies in the future: check the account's time zone"
    if isinstance(payload, RingPayload) or payload.is_logged:
        return None
    sent_at = zone.moment(payload.sent_at)
    if sent_at is None:
        return None
    if _LATE_REPORT < abs(received_at - sent_at) < _FURTHEST_ZONE:
        return "date is hours from the time of receipt: check the account's time zone"
    return None


def _believable(text: str, received_at: datetime, zone: AccountZone) -> datetime | None:
    at = zone.moment(text)
    if at is None or not _EARLIEST <= at <= received_at + _LATEST:
        return None
    return at


# --- which call it is -----------------------------------------------------------------


def call_id_of(payload: DeliveryPayload, received_at: datetime) -> str:
    """The call's id, or one made of what its report and its log entry share.

    The documented click-to-call report has no id, its entry in the call log has one:
    so both go by line, parties and start. An inbound call has its id in the flow step
    and in the log.
    """
    made_up = _made_up_id(payload, received_at)
    if isinstance(payload, RingPayload):
        return payload.call_id or made_up
    is_asked_for = direction_of(payload) is Direction.OUTBOUND
    if payload.is_logged and is_asked_for and payload.start_at:
        return made_up
    # A campaign may give one reference to many calls; a click-to-call is one call.
    is_one_call = payload.source in (_CLICK_TO_CALL, "")
    if payload.reference and is_one_call and not payload.call_id:
        return f"{REFERENCE_PREFIX}{payload.reference}"
    return payload.call_id or made_up


def _made_up_id(payload: DeliveryPayload, received_at: datetime) -> str:
    """From the line, both parties in either order, and the start as it is written.

    The text of the start and not the moment: another time zone in the settings must
    not make another call of it.
    """
    start = payload.start_at or received_at.isoformat(timespec="minutes")
    parties = sorted((_bare(payload.caller), _bare(payload.called)))
    name = "\n".join((_bare(payload.bridge), *parties, start)).encode()
    return f"{MADE_UP_PREFIX}{hashlib.sha256(name).hexdigest()[:20]}"


def is_made_up(call_id: str) -> bool:
    """Whether the id is ours, so that MobTexting does not know it."""
    return call_id.startswith((MADE_UP_PREFIX, REFERENCE_PREFIX))


def _bare(text: str) -> str:
    return digits_of(text) or text.casefold()


# --- parties --------------------------------------------------------------------------


def _caller(number: str, name: str) -> CallerId:
    """The calling party; an empty number in a flow step is a hidden one."""
    if read_number(number, "").kind is NumberKind.WITHHELD:
        return CallerId(name=name, is_withheld=True)
    return CallerId(readable_number(number), name)


def readable_number(text: str) -> str:
    """A number with the plus that MobTexting leaves out, where that is clear."""
    bare = _PUNCTUATION.sub("", text)
    if bare.startswith("00") and _INTERNATIONAL.fullmatch(bare[2:]):
        return f"+{bare[2:]}"
    return f"+{bare}" if _INTERNATIONAL.fullmatch(bare) else text


def digits_of(text: str) -> str:
    """A number as MobTexting writes it: digits with country code, no plus."""
    if text.startswith(FLOW_TARGET):
        return ""
    return "".join(char for char in text if char.isascii() and char.isdigit())


# --- records --------------------------------------------------------------------------


def direction_of(payload: ReportPayload) -> Direction:
    """Whether they called us; the documented reports are all of calls we asked for."""
    if payload.source in _INBOUND:
        return Direction.INBOUND
    if payload.source in _OUTBOUND:
        return Direction.OUTBOUND
    line = digits_of(payload.bridge)
    is_to_us = bool(line) and digits_of(payload.called) == line
    return Direction.INBOUND if is_to_us else Direction.OUTBOUND


def to_record(
    payload: ReportPayload, *, received_at: datetime, zone: AccountZone
) -> CallDetailRecord:
    """The record of a finished call."""
    direction = direction_of(payload)
    is_inbound = direction is Direction.INBOUND
    outcome = _outcome(payload, is_inbound=is_inbound)
    seconds = _length(payload, received_at, zone)
    is_click = payload.source == _CLICK_TO_CALL
    caller, callee = payload.caller, payload.called
    if not is_inbound and callee.startswith(FLOW_TARGET):
        # The flow spoke to whoever was rung first: that is the other party.
        caller, callee = payload.bridge, payload.caller
    return CallDetailRecord(
        kind=RecordKind.CLICK_TO_DIAL if is_click else RecordKind.CALL,
        record_id=payload.call_id,
        direction=direction,
        started_at=_believable(payload.start_at, received_at, zone) or received_at,
        caller=_caller(caller, payload.name if is_inbound else ""),
        callee=CallerId(readable_number(callee), "" if is_inbound else payload.name),
        outcome=outcome,
        duration_seconds=seconds,
        ring_seconds=_ring_seconds(payload, seconds, outcome),
        recording_url=payload.recording_url,
        description=payload.notes,
        details=_details(payload),
    )


def _outcome(payload: ReportPayload, *, is_inbound: bool) -> CallOutcome:
    """How the call ended: the overall word, else the last leg that says more.

    ``RECEIVED`` ends an inbound call that the flow served by itself.
    """
    overall = _OUTCOMES.get(payload.status)
    if is_inbound:
        served = CallOutcome.ANSWERED if payload.status == _RECEIVED else None
        return overall or served or CallOutcome.UNKNOWN
    if overall is CallOutcome.ANSWERED:
        return overall
    legs = (payload.second_status, payload.first_status)
    told = [_OUTCOMES[leg] for leg in legs if leg in _OUTCOMES]
    if told and told[0] is not CallOutcome.ANSWERED:
        return told[0]
    if overall is not None:
        return overall
    if payload.second_status in _OUTCOMES or payload.called.startswith(FLOW_TARGET):
        return CallOutcome.ANSWERED
    was_picked_up = payload.status == _RECEIVED
    return CallOutcome.NO_ANSWER if was_picked_up else CallOutcome.UNKNOWN


def _length(
    payload: ReportPayload, received_at: datetime, zone: AccountZone
) -> float | None:
    """The whole call: as told, else from start to end."""
    told = _sane(payload.seconds)
    started = _believable(payload.start_at, received_at, zone)
    ended = _believable(payload.end_at, received_at, zone)
    if told is not None or started is None or ended is None:
        return told
    return _sane((ended - started).total_seconds())


def _ring_seconds(
    payload: ReportPayload, seconds: float | None, outcome: CallOutcome
) -> float | None:
    """What the talk, which is the second leg's time, leaves of the whole."""
    talk = _sane(payload.talk_seconds)
    if seconds is None:
        return None
    if outcome is not CallOutcome.ANSWERED:
        return seconds
    return None if talk is None else max(seconds - talk, 0.0)


def _sane(number: float | None) -> float | None:
    return number if number is not None and 0 <= number <= _LONGEST_SECONDS else None


def _details(payload: ReportPayload) -> tuple[tuple[str, str], ...]:
    """What has no place of its own, and words that were not understood."""
    told = [
        (name, text)
        for name, text in (
            ("hangup_by", payload.hangup_by),
            ("mid", payload.reference),
            ("status1", payload.first_status),
            ("status2", payload.second_status),
        )
        if text
    ]
    if payload.status and payload.status not in (*_OUTCOMES, _RECEIVED):
        told.append(("status", payload.status))
    if payload.source and payload.source not in (*_INBOUND, *_OUTBOUND):
        told.append(("source", payload.source))
    return (*payload.details, *told)


# --- webhooks -------------------------------------------------------------------------


def to_subscription(
    subscription: SubscriptionPayload, webhook: WebhookPayload | None
) -> Subscription:
    """A subscription joined with its webhook; a flow stands for its own address."""
    return Subscription(
        subscription_id=subscription.id,
        callback_url=webhook.uri if webhook else subscription.webhook_id,
        event_type=subscription.event,
        is_enabled=webhook.is_active if webhook else True,
    )


def to_idle_subscription(webhook: WebhookPayload) -> Subscription:
    """A webhook that nothing is subscribed to, shown beside the others."""
    return Subscription(
        subscription_id=f"{WEBHOOK_PREFIX}{webhook.id}",
        callback_url=webhook.uri,
        event_type="",
        is_enabled=webhook.is_active,
    )
