"""A call log in memory, with made-up people and reserved numbers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from screenpop.domain.calls import CallRef
from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.events import CallerId, Direction
from screenpop.services.call_history import (
    LogDetails,
    LogEntry,
    LogFilter,
    TimelineStep,
)

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)

_PEOPLE = (
    ("Ana Rossi", "Example Bakery", "+12025550142", "(202) 555-0142"),
    ("Bo Lind", "", "+12025550117", "(202) 555-0117"),
    ("", "", "+12025550163", "(202) 555-0163"),
    (
        "Carla Weiss-Montgomery of the Purchasing Office",
        "Example Travel & Tours GmbH",
        "+442079460018",
        "+44 20 7946 0018",
    ),
)


def entry(number: int = 0, **changes: object) -> LogEntry:
    """The call with that number, counted from the latest."""
    name, company, e164, text = _PEOPLE[number % len(_PEOPLE)]
    is_out = number % 5 == 3
    made = LogEntry(
        ref=CallRef("acme", f"call-{number}"),
        direction=Direction.OUTBOUND if is_out else Direction.INBOUND,
        kind=RecordKind.CALL,
        outcome=CallOutcome.ANSWERED,
        is_live=False,
        is_missed=False,
        needs_call_back=False,
        is_end_inferred=False,
        is_internal=False,
        is_withheld=False,
        number_text=text,
        number_e164=e164,
        name=name,
        company=company,
        line_text="Sales",
        account_label="Acme",
        answered_by="Dana",
        started_at=NOW - timedelta(minutes=37 * number + 5),
        ring_seconds=7.0,
        talk_seconds=252.0 + number,
        has_recording=False,
        has_voicemail=False,
        note="",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def missed(number: int, **changes: object) -> LogEntry:
    """A missed call that nobody has returned."""
    facts: dict[str, object] = {
        "outcome": CallOutcome.NO_ANSWER,
        "direction": Direction.INBOUND,
        "is_missed": True,
        "needs_call_back": True,
        "talk_seconds": None,
        "ring_seconds": 20.0,
        "answered_by": "",
    }
    return entry(number, **{**facts, **changes})


RECORD = CallDetailRecord(
    record_id="r1",
    direction=Direction.INBOUND,
    started_at=NOW - timedelta(hours=1),
    caller=CallerId("+12025550142", "Ana Rossi"),
    callee=CallerId("+12025550100", "Sales"),
    outcome=CallOutcome.ANSWERED,
    recording_url="https://media.example.com/r/1?token=abc",
    voicemail_url="http://media.example.com/unsafe",
    contact_url="https://crm.example.org/contacts/17",
    transcription="Dana: Example Sales, good afternoon.\nAna: It is about the invoice.",
    summary="Ana waits for the invoice of October; Dana sends it today.",
    sentiment=81,
    labels=("invoice", "urgent"),
)


class PastCalls:
    """Keeps calls, notes and what was ticked off."""

    def __init__(self, entries: tuple[LogEntry, ...] = ()) -> None:
        self.entries = list(entries)
        self.searches: list[LogFilter] = []
        self.records: dict[CallRef, CallDetailRecord] = {}
        self.error: Exception | None = None

    async def search(
        self, wanted: LogFilter, limit: int = 200, offset: int = 0
    ) -> tuple[LogEntry, ...]:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.searches.append(wanted)
        found = [one for one in self.entries if _fits(one, wanted)]
        return tuple(found[offset : offset + limit])

    def missed_now(self, limit: int = 500) -> tuple[LogEntry, ...]:
        if self.error is not None:
            raise self.error
        open_ = (one for one in self.entries if one.needs_call_back)
        return tuple(one for one in open_ if not one.is_internal)[:limit]

    async def details(self, ref: CallRef) -> LogDetails | None:
        await asyncio.sleep(0)
        found = next((one for one in self.entries if one.ref == ref), None)
        if found is None:
            return None
        steps = (
            TimelineStep(found.started_at, "Rang (101)"),
            TimelineStep(found.started_at + timedelta(seconds=7), "Answered (Dana)"),
        )
        return LogDetails(
            found, self.records.get(ref), steps, ("Sold", "Thinks about it")
        )

    async def mark_called_back(self, ref: CallRef) -> None:
        self._change(ref, needs_call_back=False)

    async def mark_open(self, ref: CallRef) -> None:
        self._change(ref, needs_call_back=True)

    async def set_note(self, ref: CallRef, text: str) -> None:
        if self.error is not None:
            raise self.error
        self._change(ref, note=text)

    async def set_disposition(self, ref: CallRef, disposition: str) -> None:
        self._change(ref, disposition=disposition)

    async def export_csv(self, path: Path, wanted: LogFilter) -> int:
        found = [one for one in self.entries if _fits(one, wanted)]
        text = "\n".join(one.number_e164 for one in found)
        await asyncio.to_thread(path.write_text, text, "utf-8")
        return len(found)

    def note(self, ref: CallRef) -> str:
        return next(one.note for one in self.entries if one.ref == ref)

    def _change(self, ref: CallRef, **changes: object) -> None:
        self.entries = [
            replace(one, **changes) if one.ref == ref else one  # type: ignore[arg-type]
            for one in self.entries
        ]


def _fits(one: LogEntry, wanted: LogFilter) -> bool:
    kinds = {
        "all": True,
        "missed": one.is_missed,
        "inbound": one.direction is Direction.INBOUND,
        "outbound": one.direction is Direction.OUTBOUND,
    }
    text = f"{one.name} {one.company} {one.number_e164} {one.note}".casefold()
    is_recent = wanted.since is None or one.started_at >= wanted.since
    is_there = wanted.account_id in ("", one.ref.account_id)
    return (
        kinds[wanted.kind] and is_recent and is_there and wanted.text.casefold() in text
    )
