"""PrimeVOX's payloads in our words; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.cdr import CallDetailRecord, CallOutcome
from screenpop.domain.events import (
    NO_PARTY,
    NO_USER,
    CallerId,
    CallRecorded,
    Direction,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
)
from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import TimelineEntry
from screenpop.providers.primevox import event_types
from screenpop.providers.primevox.legs import Step, ends_of, steps_of
from screenpop.providers.primevox.parties import (
    EXTENSION,
    caller_of,
    line_of,
    nameless_id,
    readable_number,
)
from screenpop.providers.primevox.payloads import INBOUND, INTERNAL, OUTBOUND
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.domain.events import CallEvent
    from screenpop.providers.primevox.did_map import DidMap
    from screenpop.providers.primevox.payloads import (
        CallPayload,
        EventPayload,
        HookPayload,
        PolledPayload,
    )

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = timedelta(days=1)
_LONGEST_SECONDS: Final = 10_000_000

_DIRECTIONS: Final = {INBOUND: Direction.INBOUND, OUTBOUND: Direction.OUTBOUND}
# Only the first and the last are documented. A type that says "ring" or "answer" is
# taken at its word; any other is kept in the journal and named as a problem.
_RINGS: Final = frozenset({"inboundcall", "ringcall", "ringingcall", "callringing"})
_ANSWERS: Final = frozenset({"answercall", "answeredcall", "callanswered"})
_HANG_UPS: Final = frozenset({"hangupcall", "callhangup"})
HOOK_TYPES: Final = _RINGS | _ANSWERS | _HANG_UPS
# How a call ended is English text without a list of its values: go by the words.
_WORDS: Final = (
    ("busy", CallOutcome.BUSY),
    ("block", CallOutcome.REJECTED),
    ("reject", CallOutcome.REJECTED),
    ("voicemail", CallOutcome.VOICEMAIL),
    ("abandon", CallOutcome.CANCELLED),
    ("cancel", CallOutcome.CANCELLED),
    ("fail", CallOutcome.FAILED),
    ("invalid", CallOutcome.FAILED),
    ("offline", CallOutcome.NO_ANSWER),
    ("no answer", CallOutcome.NO_ANSWER),
    ("did not", CallOutcome.NO_ANSWER),
    ("timeout", CallOutcome.NO_ANSWER),
    ("timed out", CallOutcome.NO_ANSWER),
    ("answer", CallOutcome.ANSWERED),
)
_NO_WORD: Final = CallOutcome.UNKNOWN
_UNANSWERED: Final = frozenset(
    {CallOutcome.BUSY, CallOutcome.REJECTED, CallOutcome.CANCELLED, CallOutcome.FAILED}
)


# --- webhooks -------------------------------------------------------------------------


def hook_events(
    payload: HookPayload, *, account_id: str, received_at: datetime, did_map: DidMap
) -> tuple[CallEvent, ...]:
    """What a call webhook says; nothing when it names no call, or is of no known type.

    A webhook bears no time: that of receipt stands in and is marked so.
    """
    word = payload.event_type.casefold()
    parties = (payload.caller_number, payload.did, payload.caller_name)
    if word not in HOOK_TYPES or not (payload.call_uuid or any(parties)):
        return ()
    maker = _HookMaker(payload, account_id, received_at)
    if word in _RINGS:
        return tuple(maker.ring(user) for user in _called_users(payload, did_map))
    if word in _ANSWERS:
        return (maker.connected(_named_user(payload)),)
    user = _named_user(payload)
    if user is NO_USER:
        return (maker.released(user),)
    # An extension is named where somebody had the caller on the line (inferred). That
    # it was answered is said at once and corrected by the call list if it is wrong: the
    # other way round every call that was answered would count as missed for a while.
    return (maker.connected(user), maker.released(user))


@frozen
class _HookMaker:
    """Makes the events of one webhook."""

    payload: HookPayload
    account_id: str
    received_at: datetime

    def ring(self, user: LineUser) -> LegAlerting:
        return LegAlerting(
            account_id=self.account_id,
            call_id=self._call_id(),
            occurred_at=self.received_at,
            received_at=self.received_at,
            is_time_reported=False,
            user=user,
            line=line_of(
                self.payload.did, self.payload.did_description, self.payload.did_group
            ),
            caller=self._caller(),
            callee=CallerId(readable_number(self.payload.did)),
        )

    def connected(self, user: LineUser) -> LegConnected:
        return LegConnected(
            account_id=self.account_id,
            call_id=self._call_id(),
            occurred_at=self.received_at,
            received_at=self.received_at,
            is_time_reported=False,
            user=user,
            caller=self._known_caller(),
        )

    def released(self, user: LineUser) -> LegReleased:
        return LegReleased(
            account_id=self.account_id,
            call_id=self._call_id(),
            occurred_at=self.received_at,
            received_at=self.received_at,
            is_time_reported=False,
            user=user,
            caller=self._known_caller(),
        )

    def _caller(self) -> CallerId:
        payload = self.payload
        return caller_of(payload.caller_number, payload.caller_name, payload.cid_prefix)

    def _known_caller(self) -> CallerId:
        """Nobody where the caller is left out: that does not mean withheld here."""
        has_caller = self.payload.caller_number or self.payload.caller_name
        return self._caller() if has_caller else NO_PARTY

    def _call_id(self) -> str:
        payload = self.payload
        return payload.call_uuid or nameless_id(
            payload.caller_number, payload.did, self.received_at
        )


def _called_users(payload: HookPayload, did_map: DidMap) -> tuple[LineUser, ...]:
    named = _named_user(payload)
    if named is not NO_USER:
        return (named,)
    people = did_map.extensions(payload.did)
    return tuple(LineUser(extension=each) for each in people) or (NO_USER,)


def _named_user(payload: HookPayload) -> LineUser:
    if not payload.extension:
        return NO_USER
    return LineUser(extension=payload.extension, name=payload.extension_name)


# --- polled calls ---------------------------------------------------------------------


def polled_events(
    payload: PolledPayload,
    *,
    account_id: str,
    received_at: datetime,
    did_map: DidMap,
) -> tuple[CallEvent, ...]:
    """What a call of the call list says, with its events where they are known.

    A call without its own fields is one whose events were asked for while it goes on.
    """
    call, call_id = payload.call, call_id_of(payload, received_at)
    if call_id is None:
        return ()
    steps = _steps(payload, received_at)
    if call is not None:
        steps = _completed(steps, payload, call, received_at, did_map)
    caller, callee, line = _parties(call) if call else (NO_PARTY, NO_PARTY, NO_PARTY)
    told: list[CallEvent] = []
    for step in steps:
        at, is_reported = _moment(step.at, received_at)
        cause = {"cause": step.cause} if step.kind is LegReleased else {}
        told.append(
            step.kind(
                account_id=account_id,
                call_id=call_id,
                occurred_at=at,
                received_at=received_at,
                is_time_reported=is_reported,
                user=step.user,
                line=line,
                caller=caller,
                callee=callee,
                **cause,
            )
        )
    if call is not None:
        told.append(
            CallRecorded(
                account_id=account_id,
                call_id=call_id,
                occurred_at=_moment(call.at, received_at)[0],
                received_at=received_at,
                is_time_reported=_moment(call.at, received_at)[1],
                line=line,
                record=to_record(payload, call, received_at=received_at),
            )
        )
    return tuple(told)


def call_id_of(payload: PolledPayload, received_at: datetime) -> str | None:
    """The call's id, or one made of what does not change; None when nothing is told."""
    call = payload.call
    if payload.call_uuid or call is None:
        return payload.call_uuid or None
    if not (call.caller_number or call.dialled):
        return None
    moment = _moment(call.at, received_at)[0]
    return nameless_id(call.caller_number, call.dialled, moment)


def span(payload: PolledPayload, received_at: datetime) -> tuple[datetime, datetime]:
    """When a polled call began and ended, as far as it says."""
    call = payload.call
    start = _moment(call.at if call else None, received_at)[0]
    return start, start + timedelta(seconds=_length(call) if call else 0)


def has_ended(events: tuple[EventPayload, ...]) -> bool:
    """Whether a hang-up is among a call's events."""
    return any(event.event_type in event_types.HANG_UPS for event in events)


def to_record(
    payload: PolledPayload, call: CallPayload, *, received_at: datetime
) -> CallDetailRecord:
    """The record of a finished call."""
    start = _moment(call.at, received_at)[0]
    steps = _steps(payload, received_at)
    answer = next((step for step in steps if step.kind is LegConnected), None)
    ring = (answer.at - start).total_seconds() if answer else None
    seen = {event.event_type for event in payload.events}
    caller, callee, _line_called = _parties(call)
    return CallDetailRecord(
        record_id=payload.call_uuid,
        direction=_DIRECTIONS.get(call.direction or 0),
        is_internal=call.direction == INTERNAL,
        started_at=start,
        caller=caller,
        callee=callee,
        answered_by=_answerer(payload, call, answer),
        outcome=_outcome(call, seen, has_answer=answer is not None),
        duration_seconds=_seconds(call.duration_seconds),
        ring_seconds=_seconds(ring),
        recording_url=call.recording_url,
        has_voicemail=(
            event_types.MESSAGE_LEFT in seen or call.went_to_voicemail is True
        ),
        transcription=call.transcription,
        labels=_labels(call),
        rules=(call.did_group,) if call.did_group else (),
        description=call.notes,
        details=_details(call),
    )


def timeline(events: tuple[EventPayload, ...]) -> tuple[TimelineEntry, ...]:
    """A call's events in words, oldest first; a missing time is the neighbour's."""
    told, latest = [], next((event.at for event in events if event.at), None)
    for event in events:
        latest = event.at or latest
        if latest is not None:
            told.append(TimelineEntry(latest, event_types.text_of(event)))
    return tuple(sorted(told, key=lambda entry: entry.at))


def _steps(payload: PolledPayload, received_at: datetime) -> tuple[Step, ...]:
    call = payload.call
    return steps_of(
        payload.events,
        direction=_direction(payload),
        start=_moment(call.at if call else None, received_at)[0],
        caller=_calling_extension(call) if call else "",
    )


def _direction(payload: PolledPayload) -> Direction | None:
    """As told; by its events for a call that goes on."""
    if payload.call is not None:
        return _DIRECTIONS.get(payload.call.direction or 0)
    seen = {event.event_type for event in payload.events}
    is_outbound = event_types.CALLED_IN not in seen and seen & event_types.DIALLED
    return Direction.OUTBOUND if is_outbound else Direction.INBOUND


def _completed(
    steps: tuple[Step, ...],
    payload: PolledPayload,
    call: CallPayload,
    received_at: datetime,
    did_map: DidMap,
) -> tuple[Step, ...]:
    """With what the events do not tell: whose call it was, and that it is over."""
    start, end = span(payload, received_at)
    # Of a call that somebody dialled nothing but its events tells whether the far party
    # answered, and a leg that never connects would say that it did not.
    if not steps and call.direction != OUTBOUND:
        begun_by = _calling_extension(call)
        people = [begun_by, payload.owner]
        if call.direction == INBOUND:
            people += did_map.extensions(call.dialled)
        steps = tuple(
            Step(
                start,
                LineUser(extension=each),
                LegInitiated if each == begun_by else LegAlerting,
            )
            for each in dict.fromkeys(people)
            if each
        )
    return (*steps, *ends_of(steps, end))


def _calling_extension(call: CallPayload) -> str:
    """Which of our extensions called; "" for a call from outside, or not told."""
    is_ours = call.direction in (OUTBOUND, INTERNAL)
    is_extension = EXTENSION.fullmatch(call.caller_number)
    return call.caller_number if is_ours and is_extension else ""


def _answerer(
    payload: PolledPayload, call: CallPayload, answer: Step | None
) -> CallerId | None:
    if call.direction == OUTBOUND:
        return None
    if answer is not None:
        return CallerId(answer.user.extension, answer.user.name)
    is_owners = call.direction == INBOUND and payload.owner and call.spoke_to_person
    return CallerId(payload.owner) if is_owners else None


def _outcome(
    call: CallPayload, seen: set[int | None], *, has_answer: bool
) -> CallOutcome:
    """How the call ended: what is told outright, then its events, then the words."""
    if call.spoke_to_person or has_answer or event_types.FAR_ANSWERED in seen:
        return CallOutcome.ANSWERED
    if call.went_to_voicemail or event_types.SENT_TO_VOICEMAIL in seen:
        return CallOutcome.VOICEMAIL
    words = _outcome_of_words(call.last_event)
    if call.spoke_to_person is False and call.direction != OUTBOUND:
        return words if words in _UNANSWERED else CallOutcome.NO_ANSWER
    if words is CallOutcome.UNKNOWN and seen & event_types.DIALLED:
        return CallOutcome.NO_ANSWER
    return words


def _outcome_of_words(text: str) -> CallOutcome:
    lower = text.casefold()
    return next((outcome for word, outcome in _WORDS if word in lower), _NO_WORD)


def _labels(call: CallPayload) -> tuple[str, ...]:
    labels = [str(marked("follow up"))] if call.is_flagged else []
    if call.severity is not None and call.severity >= 1:
        labels.append(marked("severity {level}").format(level=f"{call.severity:g}"))
    return tuple(labels)


def _details(call: CallPayload) -> tuple[tuple[str, str], ...]:
    told = (
        (marked("Ended with"), call.last_event),
        (marked("Number prefix"), call.cid_prefix),
    )
    return (*((name, text) for name, text in told if text), *call.details)


def _parties(call: CallPayload) -> tuple[CallerId, CallerId, CallerId]:
    """Who called, who was called, and on which of our numbers."""
    callee = CallerId(readable_number(call.dialled))
    if call.direction != INBOUND:
        return (
            CallerId(readable_number(call.caller_number), call.caller_name),
            (callee),
            NO_PARTY,
        )
    caller = caller_of(call.caller_number, call.caller_name, call.cid_prefix)
    return caller, callee, line_of(call.dialled, call.did_description, call.did_group)


# --- quantities -----------------------------------------------------------------------


def _moment(at: datetime | None, received_at: datetime) -> tuple[datetime, bool]:
    """When it happened, and whether that is the vendor's word and believable."""
    if at is None or not _EARLIEST <= at <= received_at + _LATEST:
        return received_at, False
    return at, True


def _seconds(number: float | None) -> float | None:
    return number if number is not None and 0 <= number <= _LONGEST_SECONDS else None


def _length(call: CallPayload) -> float:
    return _seconds(call.duration_seconds) or 0.0
