"""SmartMEX's payloads in our words; pure."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.cdr import CallDetailRecord, CallOutcome
from screenpop.domain.events import (
    NO_PARTY,
    NO_USER,
    CallerId,
    CallEvent,
    CallRecorded,
    Direction,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
    ReleaseCause,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import NumberKind, read_number
from screenpop.providers.abilities import ListChange, LostCaller, Voicemail
from screenpop.providers.tele2.payloads import (
    CallEventPayload,
    HistoryPayload,
    RecordedPayload,
)

if TYPE_CHECKING:
    from screenpop.providers.tele2.own_employee import OwnEmployee
    from screenpop.providers.tele2.payloads import (
        CallPayload,
        LostCallerPayload,
        VoicemailPayload,
    )

NAMELESS_PREFIX: Final = "nameless-"
LIST_CHANGES: Final = {
    "ADDED": ListChange.ADDED,
    "UPDATED": ListChange.UPDATED,
    "REMOVED": ListChange.REMOVED,
}
_DIRECTIONS: Final = {"in": Direction.INBOUND, "out": Direction.OUTBOUND}
_EXPLAINED_STATUSES: Final = frozenset({"", "1", "3", "5"})
_GOING_ON: Final = frozenset({"1", "3"})
_EXTENSION: Final = re.compile(r"\d{1,6}")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = timedelta(days=1)
_LONGEST_SECONDS: Final = 10_000_000
# The seconds talked are one less than the vendor's own times say, in every capture.
_UNCOUNTED_SECONDS: Final = 1
_MOST_ATTEMPTS: Final = 1_000_000


# --- call events ----------------------------------------------------------------------


def to_events(
    payload: CallEventPayload | RecordedPayload | HistoryPayload,
    *,
    account_id: str,
    received_at: datetime,
    own: OwnEmployee,
) -> tuple[CallEvent, ...]:
    """What a message says of a call; nothing when it names neither call nor party."""
    call = payload.call
    if not (call.call_id or call.caller or call.destination):
        return ()
    telling = _Telling(call, account_id, received_at, own)
    if isinstance(payload, RecordedPayload):
        return (telling.recorded(),)
    if isinstance(payload, HistoryPayload):
        return telling.history()
    if payload.name == "STARTED":
        return (telling.began(),)
    if payload.name == "CONNECTED":
        return (telling.connected(),)
    if payload.name == "TRANSFERRED":
        return telling.transferred()
    return telling.completed()


@frozen
class _Telling:
    """One message about a call, being put into our words."""

    call: CallPayload
    account_id: str
    received_at: datetime
    own: OwnEmployee

    def began(self) -> LegAlerting | LegInitiated:
        """The user's phone rings, or calls somebody."""
        at, is_time_reported = self._moment(self.call.started_at)
        user = self.own.user_of(self.call)
        if self._is_outbound():
            return LegInitiated(
                account_id=self.account_id,
                call_id=call_id_of(self.call),
                occurred_at=at,
                received_at=self.received_at,
                is_time_reported=is_time_reported,
                user=user,
                caller=self._caller(),
                callee=CallerId(self.call.destination),
            )
        return self._rings(user, at, is_time_reported)

    def connected(self, user: LineUser | None = None) -> LegConnected:
        """The user talks."""
        at, is_time_reported = self._moment(self.call.connected_at)
        return LegConnected(
            account_id=self.account_id,
            call_id=call_id_of(self.call),
            occurred_at=at,
            received_at=self.received_at,
            is_time_reported=is_time_reported,
            user=self.own.user_of(self.call) if user is None else user,
            caller=self._caller(),
            callee=CallerId(self.call.destination),
        )

    def completed(self) -> tuple[CallEvent, ...]:
        """The call is over, for whoever had it before a transfer as well.

        That it was answered is told again: the message that said so may be lost. After
        a transfer it is known of the first employee only.
        """
        call = self.call
        user, previous = self.own.user_of(call), self._previous()
        events: list[CallEvent] = []
        if call.connected_at is not None:
            events.append(self.connected(previous))
        cause = ReleaseCause.NORMAL if call.connected_at else ReleaseCause.NO_ANSWER
        end = self._moment(call.ended_at or self._end_by_talk())
        if previous is not None:
            events.append(self._ends(previous, ReleaseCause.TRANSFERRED, *end))
        return (*events, self._ends(user, cause, *end))

    def transferred(self) -> tuple[CallEvent, ...]:
        """The call left one employee; it rings at another, where that is told.

        When it happened is not told; the seconds talked so far are taken for it.
        """
        previous = self._previous()
        moment = self._moment(self._end_by_talk())
        events: list[CallEvent] = []
        if previous is not None:
            if self.call.connected_at is not None:
                events.append(self.connected(previous))
            events.append(self._ends(previous, ReleaseCause.TRANSFERRED, *moment))
        user = self.own.user_of(self.call)
        if self.call.contact_id and user != previous:
            events.append(self._rings(user, *moment))
        return tuple(events) or (self.connected(),)

    def history(self) -> tuple[CallEvent, ...]:
        """Everything that happened to a call, as if it had been told at the time."""
        call = self.call
        events: list[CallEvent] = [self.began()]
        if call.connected_at is not None:
            events.append(self.connected())
        if is_over(call):
            # Of several messages about the end, this one has the time.
            *_, release = self.completed()
            events += [release, self.recorded()]
        return tuple(events)

    def recorded(self) -> CallRecorded:
        """The record of the call, as far as this message has it."""
        at, is_time_reported = self._moment(self.call.started_at)
        record = to_record(self.call, received_at=self.received_at, own=self.own)
        return CallRecorded(
            account_id=self.account_id,
            call_id=call_id_of(self.call),
            occurred_at=at,
            received_at=self.received_at,
            is_time_reported=is_time_reported,
            user=self.own.user_of(self.call),
            record=record,
        )

    def _rings(
        self, user: LineUser, at: datetime, is_time_reported: bool
    ) -> LegAlerting:
        call = self.call
        is_outbound = self._is_outbound()
        # Transferred to a colleague, an outbound call rings there like any other.
        caller = CallerId(call.destination) if is_outbound else self._caller()
        has_line = not is_outbound and not _EXTENSION.fullmatch(call.destination)
        return LegAlerting(
            account_id=self.account_id,
            call_id=call_id_of(call),
            occurred_at=at,
            received_at=self.received_at,
            is_time_reported=is_time_reported,
            user=user,
            line=CallerId(call.destination) if has_line else NO_PARTY,
            caller=caller,
            callee=CallerId(call.caller if is_outbound else call.destination),
        )

    def _ends(
        self, user: LineUser, cause: ReleaseCause, at: datetime, is_time_reported: bool
    ) -> LegReleased:
        return LegReleased(
            account_id=self.account_id,
            call_id=call_id_of(self.call),
            occurred_at=at,
            received_at=self.received_at,
            is_time_reported=is_time_reported,
            user=user,
            caller=self._caller(),
            callee=CallerId(self.call.destination),
            cause=cause,
        )

    def _previous(self) -> LineUser | None:
        """Who had the call before a transfer; None without one."""
        contact_id = self.call.previous_contact_id
        if not contact_id or contact_id == self.call.contact_id:
            return None
        return LineUser(self.own.extension_of(contact_id))

    def _caller(self) -> CallerId:
        if self._is_outbound():
            return CallerId(self.call.caller)
        return _outside_party(self.call.caller)

    def _is_outbound(self) -> bool:
        if self.call.direction in _DIRECTIONS:
            return self.call.direction == "out"
        return self.own.has_number(self.call.caller)

    def _end_by_talk(self) -> datetime | None:
        """When the talk was over, where no message says when the call was."""
        seconds = _seconds(self.call.connected_seconds)
        if self.call.connected_at is None or seconds is None:
            return None
        if not _is_believable(self.call.connected_at, self.received_at):
            return None
        return self.call.connected_at + timedelta(seconds=seconds + _UNCOUNTED_SECONDS)

    def _moment(self, at: datetime | None) -> tuple[datetime, bool]:
        """When it happened, and whether that is the vendor's word."""
        if at is None or not _is_believable(at, self.received_at):
            return self.received_at, False
        return at, True


def _is_believable(at: datetime, received_at: datetime) -> bool:
    """A time that does not put the call in the wrong place of every list for good."""
    return _EARLIEST <= at <= received_at + _LATEST


def is_over(call: CallPayload) -> bool:
    """Whether an entry of the history is about a call that has ended."""
    return call.ended_at is not None or call.status not in _GOING_ON


def call_id_of(call: CallPayload) -> str:
    """The call's id, or one made of what all its messages share.

    Without an id, the parties and the start name the call.
    """
    if call.call_id:
        return call.call_id
    started = call.started_at.isoformat() if call.started_at else ""
    name = f"{call.direction}\n{call.caller}\n{call.destination}\n{started}".encode()
    return f"{NAMELESS_PREFIX}{hashlib.sha256(name).hexdigest()[:20]}"


def _outside_party(text: str) -> CallerId:
    """The party that called us; one without a number hid it."""
    if read_number(text, "").kind is NumberKind.WITHHELD:
        return CallerId(is_withheld=True)
    return CallerId(text)


# --- records --------------------------------------------------------------------------


def to_record(
    call: CallPayload, *, received_at: datetime, own: OwnEmployee
) -> CallDetailRecord:
    """The record of a finished call.

    The seconds talked are those the vendor reports, though its own times say one more.
    """
    direction = _DIRECTIONS.get(call.direction)
    is_inbound = direction is Direction.INBOUND
    ring, talk = _ring_seconds(call), _seconds(call.connected_seconds)
    whole = _span(call.started_at, call.ended_at)
    if call.connected_at is not None and talk is not None and ring is not None:
        whole = ring + talk
    outcome = _outcome(call)
    user = own.user_of(call)
    answered_by = None
    if is_inbound and outcome is CallOutcome.ANSWERED and user != NO_USER:
        answered_by = CallerId(user.extension)
    started_at = call.started_at
    if started_at is None or not _is_believable(started_at, received_at):
        started_at = received_at
    return CallDetailRecord(
        record_id=call.call_id,
        direction=direction,
        started_at=started_at,
        caller=_record_caller(call, is_inbound=is_inbound),
        callee=CallerId(call.destination),
        answered_by=answered_by,
        outcome=outcome,
        duration_seconds=whole,
        ring_seconds=ring,
        recording_url=call.recording_url,
        details=_details(call),
    )


def _record_caller(call: CallPayload, *, is_inbound: bool) -> CallerId:
    # The message about a recording names nobody, which is not the same as withheld.
    if is_inbound and (call.caller or call.destination):
        return _outside_party(call.caller)
    return CallerId(call.caller)


def _outcome(call: CallPayload) -> CallOutcome:
    if call.connected_at is not None or (call.connected_seconds or 0) > 0:
        return CallOutcome.ANSWERED
    if call.ended_at is not None or call.status == "5":
        return CallOutcome.NO_ANSWER
    return CallOutcome.UNKNOWN


def _ring_seconds(call: CallPayload) -> float | None:
    return _span(call.started_at, call.connected_at or call.ended_at)


def _span(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None:
        return None
    return _seconds((end - start).total_seconds())


def _seconds(number: float | None) -> float | None:
    return number if number is not None and 0 <= number <= _LONGEST_SECONDS else None


def _details(call: CallPayload) -> tuple[tuple[str, str], ...]:
    """What has no place of its own, and what was never explained."""
    odd = []
    if call.status not in _EXPLAINED_STATUSES:
        odd.append(("status", call.status))
    if call.direction and call.direction not in _DIRECTIONS:
        odd.append(("direction", call.direction))
    return (*call.details, *odd)


# --- lists ----------------------------------------------------------------------------


def to_lost_caller(payload: LostCallerPayload) -> LostCaller:
    """Somebody to call back."""
    attempts = payload.attempts
    is_count = attempts is not None and 0 < attempts <= _MOST_ATTEMPTS
    return LostCaller(
        number=payload.caller_id,
        line=payload.destination,
        name=payload.contact_name,
        attempts=int(attempts) if attempts is not None and is_count else 1,
        last_at=payload.last_contact,
    )


def to_voicemail(payload: VoicemailPayload) -> Voicemail:
    """A message; the length is taken for seconds."""
    return Voicemail(
        voicemail_id=payload.voicemail_id,
        caller=payload.sender,
        box=payload.box_name or payload.box_id,
        left_at=payload.started_at,
        seconds=_seconds(payload.length),
        audio_url=payload.message_url,
    )


def voicemail_age(voicemail: Voicemail) -> float:
    """What to sort messages by so that the newest is first."""
    return -(voicemail.left_at or _EARLIEST).timestamp()
