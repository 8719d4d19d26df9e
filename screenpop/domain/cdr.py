"""The vendor's record of a finished call."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.events import CallerId, Direction


class CallOutcome(StrEnum):
    """How a call ended technically."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    VOICEMAIL = "voicemail"
    FAILED = "failed"
    UNKNOWN = "unknown"


class RecordKind(StrEnum):
    """What sort of communication a record is about."""

    CALL = "call"
    CLICK_TO_DIAL = "click_to_dial"
    FAX = "fax"


@frozen(kw_only=True)
class CallDetailRecord:
    """A finished call as the vendor booked it.

    Attributes:
        direction: From our side; None for an internal call.
        started_at: When the call began (aware, UTC).
        duration_seconds: Whole length, ringing included; None when not told.
        ring_seconds: Until the first answer; None when not told.
        answered_by: Who took it.
        recording_url: Where the recording is; treat it as a secret.
        contact_url: The caller's page in the vendor's CRM; unchecked text.
        sentiment: 0 (bad) to 100 (good).
        pages: Pages of a fax.
        details: Fields we have no name for, as text, for the curious.
    """

    kind: RecordKind = RecordKind.CALL
    record_id: str = ""
    direction: Direction | None = None
    is_internal: bool = False
    started_at: datetime
    caller: CallerId
    callee: CallerId
    answered_by: CallerId | None = None
    outcome: CallOutcome = CallOutcome.UNKNOWN
    duration_seconds: float | None = None
    ring_seconds: float | None = None
    recording_url: str = ""
    voicemail_url: str = ""
    has_voicemail: bool = False
    transcription: str = ""
    summary: str = ""
    sentiment: float | None = None
    labels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    contact_source: str = ""
    contact_url: str = ""
    attachment_url: str = ""
    pages: int | None = None
    description: str = ""
    details: tuple[tuple[str, str], ...] = ()
