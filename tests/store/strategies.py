"""Arbitrary events and records, as a vendor's adapter might make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.events import (
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

texts = st.text(max_size=20)
moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
parties = st.builds(CallerId, texts, texts, st.booleans())
users = st.builds(LineUser, texts, texts, texts)
seconds = st.none() | st.integers(0, 10**6) | st.floats(0, 10**6)
lists = st.lists(texts, max_size=3).map(tuple)

records = st.builds(
    CallDetailRecord,
    kind=st.sampled_from(RecordKind),
    record_id=texts,
    direction=st.none() | st.sampled_from(Direction),
    is_internal=st.booleans(),
    started_at=moments,
    caller=parties,
    callee=parties,
    answered_by=st.none() | parties,
    outcome=st.sampled_from(CallOutcome),
    duration_seconds=seconds,
    ring_seconds=seconds,
    recording_url=texts,
    voicemail_url=texts,
    has_voicemail=st.booleans(),
    transcription=texts,
    summary=texts,
    sentiment=st.none() | st.floats(0, 100),
    labels=lists,
    rules=lists,
    contact_source=texts,
    contact_url=texts,
    attachment_url=texts,
    pages=st.none() | st.integers(0, 1_000),
    description=texts,
    details=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)

_common = {
    "account_id": st.sampled_from(["acme", "brand"]),
    "call_id": st.sampled_from(["call-1", "call-2", "call-3"]),
    "occurred_at": moments,
    "received_at": moments,
    "is_time_reported": st.booleans(),
    "user": users,
    "line": parties,
}
_phase = {**_common, "caller": parties, "callee": parties}

events: st.SearchStrategy[CallEvent] = st.one_of(
    st.builds(LegInitiated, **_phase),
    st.builds(LegAlerting, **_phase),
    st.builds(LegConnected, **_phase),
    st.builds(LegReleased, **_phase, cause=st.sampled_from(ReleaseCause)),
    st.builds(CallRecorded, **_common, record=records),
)
