"""A call as one row of the call log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.numbers import read_number
from screenpop.store.call_rows import CallRow

if TYPE_CHECKING:
    from screenpop.domain.calls import Call
    from screenpop.domain.events import LineUser


def row_of(call: Call, region: str) -> CallRow:
    """The row that ``call`` amounts to, its number read as in ``region``."""
    record = call.record
    number = read_number(call.remote.number, region)
    return CallRow(
        account_id=call.ref.account_id,
        call_id=call.ref.call_id,
        direction=call.direction,
        is_internal=call.is_internal,
        state=call.state,
        outcome=call.outcome,
        is_end_inferred=call.is_end_inferred,
        remote_number=call.remote.number,
        remote_e164=number.e164,
        remote_name=call.remote.name,
        remote_is_withheld=call.remote.is_withheld,
        line_number=call.line.number,
        line_name=call.line.name,
        user_extension=call.user.extension,
        answered_by=user_text(call.answered_by) if call.answered_by else "",
        started_at=call.started_at,
        connected_at=call.connected_at,
        ended_at=call.ended_at,
        last_heard_at=call.last_heard_at,
        ring_seconds=call.ring_seconds,
        talk_seconds=call.talk_seconds,
        kind=call.kind,
        dial_id=call.dial_id,
        is_own_leg=call.is_own_leg,
        record_id=record.record_id if record else "",
        recording_url=record.recording_url if record else "",
        voicemail_url=record.voicemail_url if record else "",
        has_voicemail=bool(record and record.has_voicemail),
        transcription=record.transcription if record else "",
        summary=record.summary if record else "",
        sentiment=record.sentiment if record else None,
        labels=record.labels if record else (),
        rules=record.rules if record else (),
        contact_source=record.contact_source if record else "",
        contact_url=record.contact_url if record else "",
        attachment_url=record.attachment_url if record else "",
        pages=record.pages if record else None,
        description=record.description if record else "",
    )


def user_text(user: LineUser) -> str:
    """A colleague as people call them: the name, else the extension, else the mail."""
    return user.name or user.extension or user.email
