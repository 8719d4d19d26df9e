"""Mango Voice's payloads in our words; pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.cdr import CallDetailRecord, CallOutcome
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
    ReleaseCause,
)
from screenpop.domain.numbers import NumberKind, read_number
from screenpop.providers.abilities import Voicemail
from screenpop.providers.mango_voice.payloads import (
    LivePayload,
    LivePhase,
    RecordPayload,
    UserPayload,
    VoicemailPayload,
)

if TYPE_CHECKING:
    from screenpop.domain.events import CallEvent
    from screenpop.providers.mango_voice.directory import Directory
    from screenpop.providers.mango_voice.payloads import PartyPayload

RECORD_PREFIX: Final = "record-"
NAMELESS_PREFIX: Final = "nameless-"
# An event comes within seconds or never: a time that is further off is in a zone other
# than UTC, or that of the call's beginning, and would make a fresh ring look stale.
BELIEVED: Final = timedelta(seconds=30)
_PUNCTUATION: Final = re.compile(r"[\s().\-/]")
_INTERNATIONAL: Final = re.compile(r"[1-9]\d{10,14}")
_EXTENSION: Final = re.compile(r"\d{1,6}")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = timedelta(days=1)
_LONGEST_SECONDS: Final = 10_000_000

_DIRECTIONS: Final = {"inbound": Direction.INBOUND, "outbound": Direction.OUTBOUND}
_CAUSES: Final = {
    "busy": ReleaseCause.BUSY,
    "userbusy": ReleaseCause.BUSY,
    "rejected": ReleaseCause.REJECTED,
    "callrejected": ReleaseCause.REJECTED,
    "declined": ReleaseCause.REJECTED,
    "cancelled": ReleaseCause.CANCELLED,
    "canceled": ReleaseCause.CANCELLED,
    "originatorcancel": ReleaseCause.CANCELLED,
    "noanswer": ReleaseCause.NO_ANSWER,
    "answeredelsewhere": ReleaseCause.ANSWERED_ELSEWHERE,
    "loserace": ReleaseCause.ANSWERED_ELSEWHERE,
    "failed": ReleaseCause.FAILED,
    "transferred": ReleaseCause.TRANSFERRED,
}


# --- call events ----------------------------------------------------------------------


def to_event(
    payload: LivePayload | RecordPayload | VoicemailPayload,
    *,
    account_id: str,
    received_at: datetime,
    directory: Directory,
) -> CallEvent | None:
    """The call event in a payload; None when it names neither call nor party."""
    if isinstance(payload, VoicemailPayload):
        return _message_left(payload, account_id, received_at)
    has_party = payload.caller.number or payload.callee.number
    is_named = payload.call_id or (
        isinstance(payload, RecordPayload) and payload.record_id
    )
    if not (is_named or has_party):
        return None
    if isinstance(payload, RecordPayload):
        return _recorded(payload, account_id, received_at, directory)
    return _leg_event(payload, account_id, received_at, directory)


def _leg_event(
    payload: LivePayload, account_id: str, received_at: datetime, directory: Directory
) -> CallEvent:
    user = to_user(payload.user, directory)
    kind = _leg_event_type(payload, user)
    callee = _party(payload.callee)
    occurred_at, is_time_reported = _event_moment(payload.at, received_at)
    event = kind(
        account_id=account_id,
        call_id=call_id_of(payload, received_at),
        occurred_at=occurred_at,
        received_at=received_at,
        is_time_reported=is_time_reported,
        user=user,
        line=_line(payload, callee) if kind is LegAlerting else NO_PARTY,
        caller=_caller(payload.caller, is_ours=kind is LegInitiated),
        callee=callee,
    )
    if isinstance(event, LegReleased):
        return replace(event, cause=_cause(payload))
    return event


def _leg_event_type(
    payload: LivePayload, user: LineUser
) -> type[LegAlerting | LegInitiated | LegConnected | LegReleased]:
    """What happened to the user's leg; on an outbound call the far phone rings."""
    if payload.phase is LivePhase.ANSWERED:
        return LegConnected
    if payload.phase in (LivePhase.MISSED, LivePhase.HANGUP):
        return LegReleased
    if payload.phase is LivePhase.DIALLED or payload.direction == "outbound":
        return LegInitiated
    is_callers = user.extension != "" and user.extension == payload.caller.number
    return LegInitiated if is_callers else LegAlerting


def _cause(payload: LivePayload) -> ReleaseCause:
    if payload.phase is LivePhase.MISSED:
        return _CAUSES.get(payload.cause, ReleaseCause.NO_ANSWER)
    return _CAUSES.get(payload.cause, ReleaseCause.UNKNOWN)


def _line(payload: LivePayload, callee: CallerId) -> CallerId:
    """The queue or number that was called, as far as the event tells."""
    if payload.queue:
        return CallerId(name=payload.queue)
    return NO_PARTY if _EXTENSION.fullmatch(callee.number) else callee


def to_user(payload: UserPayload, directory: Directory) -> LineUser:
    """Whom an event is about: by extension, by e-mail address, or by our own id."""
    known = directory.find(payload.extension, payload.email, payload.user_id)
    extension = _extension_in(payload.extension) or _extension_in(payload.user_id)
    email = payload.email or (payload.user_id if "@" in payload.user_id else "")
    if known is not None:
        extension = extension or _extension_in(known.user_id)
        email = email or known.email
    if not extension and not email:
        # Nothing else is known of this user, but it tells one from another.
        extension = payload.extension or payload.user_id
    return LineUser(extension, email, payload.name or (known.name if known else ""))


def _extension_in(text: str) -> str:
    """``101`` of ``101`` or of a SIP address of it."""
    user = text.removeprefix("sip:").partition("@")[0]
    return user if _EXTENSION.fullmatch(user) else ""


def _event_moment(at: datetime | None, received_at: datetime) -> tuple[datetime, bool]:
    """When it happened, and whether that is the vendor's word."""
    if at is None or abs(at - received_at) > BELIEVED:
        return received_at, False
    return at, True


def _message_left(
    payload: VoicemailPayload, account_id: str, received_at: datetime
) -> CallEvent | None:
    """A message is news of a call only where it says of which."""
    if not payload.call_id:
        return None
    started_at, is_time_reported = _record_moment(payload.at, received_at)
    return CallRecorded(
        account_id=account_id,
        call_id=payload.call_id,
        occurred_at=started_at,
        received_at=received_at,
        is_time_reported=is_time_reported,
        record=CallDetailRecord(
            direction=Direction.INBOUND,
            started_at=started_at,
            caller=_caller(payload.caller),
            callee=CallerId(payload.box),
            outcome=CallOutcome.VOICEMAIL,
            has_voicemail=True,
            transcription=payload.transcription,
        ),
    )


def _recorded(
    payload: RecordPayload, account_id: str, received_at: datetime, directory: Directory
) -> CallRecorded:
    # By the time anybody looks, the link in the record is dead.
    record = replace(to_record(payload, received_at=received_at), recording_url="")
    is_inbound = record.direction is Direction.INBOUND
    line = record.callee if is_inbound else NO_PARTY
    own = payload.destination_extension if is_inbound else payload.source_extension
    user = to_user(UserPayload(extension=own), directory) if own else LineUser()
    return CallRecorded(
        account_id=account_id,
        call_id=call_id_of(payload, received_at),
        occurred_at=record.started_at,
        received_at=received_at,
        is_time_reported=_record_moment(payload.at, received_at)[1],
        user=LineUser() if record.is_internal else user,
        line=NO_PARTY if _EXTENSION.fullmatch(line.number) else line,
        record=record,
    )


def call_id_of(payload: LivePayload | RecordPayload, received_at: datetime) -> str:
    """The call's id, or one made of what does not change between its deliveries.

    Without an id, the parties and the minute name the call, so that a repeated
    delivery is found to be the same and a later call of the same parties is not.
    """
    if payload.call_id:
        return payload.call_id
    moment = received_at
    if isinstance(payload, RecordPayload):
        if payload.record_id:
            return f"{RECORD_PREFIX}{payload.record_id}"
        moment = _record_moment(payload.at, received_at)[0]
    parts = (
        payload.caller.number,
        payload.callee.number,
        moment.isoformat(timespec="minutes"),
    )
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{NAMELESS_PREFIX}{digest[:20]}"


def is_made_up(call_id: str) -> bool:
    """Whether the id is ours, so that Mango Voice does not know it."""
    return call_id.startswith((RECORD_PREFIX, NAMELESS_PREFIX))


# --- parties --------------------------------------------------------------------------


def _caller(party: PartyPayload, *, is_ours: bool = False) -> CallerId:
    """The calling party; a field for its number that is empty says that it is hidden.

    No such field at all says nothing: its name may be one that is not known.
    """
    found = _party(party)
    is_hidden = party.number == "" and party.is_hidden and not is_ours
    if is_hidden or (party.number and _is_withheld(party.number)):
        return CallerId(name=found.name, is_withheld=True)
    return found


def _party(party: PartyPayload) -> CallerId:
    number = readable_number(party.number)
    name = party.name
    repeats = _digits(name) != "" and _digits(name) == _digits(party.number)
    if repeats or _is_withheld(name):
        name = ""
    return CallerId(number, name)


def _is_withheld(text: str) -> bool:
    return text != "" and read_number(text, "").kind is NumberKind.WITHHELD


def _digits(text: str) -> str:
    bare = _PUNCTUATION.sub("", text).removeprefix("+")
    return bare if bare.isdecimal() else ""


def readable_number(text: str) -> str:
    """A number with its plus where it is clear that it lacks one, else as sent.

    How Mango Voice writes numbers is not documented: ``12025550123`` gets its plus,
    ``2025550123`` is left to be read by the account's region.
    """
    bare = _PUNCTUATION.sub("", text)
    return f"+{bare}" if _INTERNATIONAL.fullmatch(bare) else text


# --- records --------------------------------------------------------------------------


def to_record(payload: RecordPayload, *, received_at: datetime) -> CallDetailRecord:
    """The record of a finished call."""
    answerer = _answerer(payload)
    return CallDetailRecord(
        record_id=payload.record_id,
        direction=_DIRECTIONS.get(payload.direction),
        is_internal=payload.direction == "internal",
        started_at=_record_moment(payload.at, received_at)[0],
        caller=_end(payload.caller, payload.source_extension),
        callee=_end(payload.callee, payload.destination_extension),
        answered_by=answerer,
        outcome=_outcome(payload, answerer),
        duration_seconds=_sane_seconds(payload.duration_seconds),
        recording_url=payload.recording_url,
        has_voicemail=payload.status == "voicemail",
        details=_details(payload),
    )


def _end(party: PartyPayload, extension: str) -> CallerId:
    """One end of a call; one without a number is the extension it was at."""
    if extension and not party.number:
        return CallerId(extension, party.name)
    return _caller(party)


def _answerer(payload: RecordPayload) -> CallerId | None:
    """``dst_ext`` is "the extension that answered"; a mailbox is none."""
    extension = payload.destination_extension
    if not extension or payload.status in ("voicemail", "rejected"):
        return None
    return CallerId(extension)


def _outcome(payload: RecordPayload, answerer: CallerId | None) -> CallOutcome:
    """How the call ended.

    ``hangup`` stands beside ``answered`` in the document, so that it should mean that
    the caller gave up; where an extension did answer, what was heard live decides.
    """
    known = {
        "answered": CallOutcome.ANSWERED,
        "rejected": CallOutcome.REJECTED,
        "voicemail": CallOutcome.VOICEMAIL,
    }
    if payload.status != "hangup":
        return known.get(payload.status, CallOutcome.UNKNOWN)
    is_outbound = payload.direction == "outbound"
    if answerer is not None or (is_outbound and payload.duration_seconds != 0):
        return CallOutcome.UNKNOWN
    return CallOutcome.CANCELLED


def _details(payload: RecordPayload) -> tuple[tuple[str, str], ...]:
    mark = (("recording", "available"),) if payload.has_recording else ()
    return (*mark, *payload.details)


def _record_moment(at: datetime | None, received_at: datetime) -> tuple[datetime, bool]:
    """When the call began, and whether that is the vendor's word.

    A time before this service existed or in the future would put the call in the
    wrong place of every list for good.
    """
    if at is None or not _EARLIEST <= at <= received_at + _LATEST:
        return received_at, False
    return at, True


def _sane_seconds(number: float | None) -> float | None:
    return number if number is not None and 0 <= number <= _LONGEST_SECONDS else None


# --- voicemail ------------------------------------------------------------------------


def to_voicemail(payload: VoicemailPayload) -> Voicemail:
    """A message; ``read_epoch`` is 0 until somebody listens to it."""
    caller = _caller(payload.caller)
    is_heard = None if payload.read_epoch is None else payload.read_epoch != 0
    return Voicemail(
        voicemail_id=payload.voicemail_id,
        caller=caller.number or caller.name,
        box=payload.box,
        left_at=payload.at,
        seconds=_sane_seconds(payload.seconds),
        audio_url=payload.audio_url,
        is_heard=is_heard,
        transcription=payload.transcription,
    )
