"""Look back: the call log as people read it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from screenpop.domain.call_fold import best_record
from screenpop.domain.calls import CallRef, CallState
from screenpop.domain.contacts import Mark
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.events import CallerId, Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import format_number, read_number
from screenpop.services.call_cards import line_text
from screenpop.services.call_timeline import TimelineStep, timeline_of
from screenpop.services.events import (
    CallBackPromised,
    CallLogChanged,
    MissedChanged,
)
from screenpop.services.line_book import LineBook
from screenpop.wording import tr

if TYPE_CHECKING:
    from concurrent.futures import Future

    from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.bus import Bus
    from screenpop.services.call_memory import KeepDisposition, KeepNote
    from screenpop.services.clock import Clock
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog
    from screenpop.store.call_rows import CallRow

__all__ = [
    "CallHistory",
    "LogDetails",
    "LogEntry",
    "LogFilter",
    "LogKind",
    "LogSetting",
    "TimelineStep",
]

LogKind = Literal["all", "missed", "inbound", "outbound"]
_PAGE: Final = 500


@frozen
class LogFilter:
    """Which calls of the log to list.

    Attributes:
        text: Words of names, companies and notes, or digits of a number.
    """

    text: str = ""
    kind: LogKind = "all"
    account_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@frozen(kw_only=True)
class LogEntry:
    """One call in the log. All texts are foreign: show as plain text.

    Attributes:
        outcome: None while the call goes on.
        needs_call_back: Missed, and nobody has called back or ticked it off.
        called_back_by: The colleague who has reached the caller since; "" for nobody
            and for calls back that are in the log themselves.
        number_text: As people write it here; "" when withheld.
        mark: "spam" or "private", as the user marked the number, "team-spam" by the
            team's word; "" for none. A private number's calls are listed without any
            name.
        disposition: What it came to, by the user's word; "" for not said.
        due_at: When the user promised to call back; None for no set time.
    """

    ref: CallRef
    direction: Direction
    kind: RecordKind
    outcome: CallOutcome | None
    is_live: bool
    is_missed: bool
    needs_call_back: bool
    is_end_inferred: bool
    is_internal: bool
    is_withheld: bool
    number_text: str
    number_e164: str
    name: str
    company: str
    line_text: str
    account_label: str
    answered_by: str
    started_at: datetime
    ring_seconds: float | None
    talk_seconds: float | None
    has_recording: bool
    has_voicemail: bool
    note: str
    called_back_by: str = ""
    mark: str = ""
    disposition: str = ""
    due_at: datetime | None = None


@frozen
class LogDetails:
    """Everything known of one call, and what it can be said to have come to."""

    entry: LogEntry
    record: CallDetailRecord | None
    timeline: tuple[TimelineStep, ...]
    dispositions: tuple[str, ...] = ()


@frozen
class LogSetting:
    """How to write an account's calls, and what they can come to."""

    region: str
    account_label: str
    lines: LineBook = field(default_factory=LineBook)
    dispositions: tuple[str, ...] = ()


class CallHistory:
    """Searches the log, keeps notes, and knows which missed calls are still open."""

    def __init__(
        self,
        *,
        log: CallLog,
        settings: Callable[[str], LogSetting],
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
        who: Callable[[PhoneNumber], Contact | None] = lambda _: None,
        keep_note: KeepNote | None = None,
        keep_disposition: KeepDisposition | None = None,
        team_mark: Callable[[PhoneNumber], str] = lambda _: "",
    ) -> None:
        """Look back.

        Args:
            log: Where calls are kept.
            settings: How to write an account's calls.
            bus: Where changes are told.
            supervisor: Runs what takes its time.
            clock: What time it is.
            who: The known contact of a number, for calls from before it was known.
            keep_note: Stores a note; None for whoever writes none.
            keep_disposition: Stores what a call came to; None likewise.
            team_mark: How the team marks a number that the user has not marked.
        """
        self._log = log
        self._keep_note = keep_note or self._keep_note_here
        self._keep_disposition = keep_disposition
        self._who = who
        self._team_mark = team_mark
        self._settings = settings
        self._bus = bus
        self._clock = clock
        self._supervisor = supervisor
        self._missed_count = -1
        self._told_count = -1
        self._is_outdated = True
        self._is_changed = False
        self._counting: asyncio.Task[None] | None = None
        bus.subscribe(CallLogChanged, lambda _: self.recount())

    # --- reading ---------------------------------------------------------------------

    async def search(
        self, wanted: LogFilter, limit: int = 200, offset: int = 0
    ) -> tuple[LogEntry, ...]:
        """Calls that fit, newest first."""
        return await asyncio.to_thread(self.search_now, wanted, limit, offset)

    def search_now(
        self, wanted: LogFilter, limit: int = 200, offset: int = 0
    ) -> tuple[LogEntry, ...]:
        """The same, waiting for the disk."""
        direction = {
            "inbound": Direction.INBOUND,
            "missed": Direction.INBOUND,
            "outbound": Direction.OUTBOUND,
        }.get(wanted.kind)
        rows = self._log.search(
            wanted.text,
            missed_only=wanted.kind == "missed",
            since=wanted.since,
            until=wanted.until,
            direction=direction,
            account_id=wanted.account_id,
            limit=limit,
            offset=offset,
        )
        still_open = self._open_missed()
        return tuple(self._entry(row, still_open) for row in rows)

    def missed_now(self, limit: int = 500) -> tuple[LogEntry, ...]:
        """Missed calls that nobody has called back, newest first."""
        rows = self._log.missed_open(limit=limit)
        still_open = {CallRef(row.account_id, row.call_id) for row in rows}
        return tuple(self._entry(row, still_open) for row in rows)

    async def details(self, ref: CallRef) -> LogDetails | None:
        """Everything known of one call; None when there is no such call."""
        return await asyncio.to_thread(self.details_now, ref)

    def details_now(self, ref: CallRef) -> LogDetails | None:
        """The same, waiting for the disk."""
        row = self._log.get(ref.account_id, ref.call_id)
        if row is None:
            return None
        events = self._log.events_of(ref.account_id, ref.call_id)
        return LogDetails(
            entry=self._entry(row, self._open_missed()),
            record=best_record(events),
            timeline=timeline_of(events, self._settings(ref.account_id).lines),
            dispositions=self._settings(ref.account_id).dispositions,
        )

    # --- the work list ---------------------------------------------------------------

    @property
    def missed_count(self) -> int:
        """How many missed calls nobody has called back."""
        if self._is_outdated:
            self._is_outdated = False
            self._missed_count = self._log.missed_count()
        return self._missed_count

    def recount(self) -> None:
        """Have the open missed calls counted anew, and said when that changed.

        Beside the event loop: in a log of years it takes some hundredths of a second.
        """
        self._is_outdated = self._is_changed = True
        if self._counting is None:
            self._counting = self._supervisor.start("count missed", self._count())

    async def _count(self) -> None:
        try:
            while self._is_changed:
                self._is_changed = False
                count = await asyncio.to_thread(self._log.missed_count)
                if not self._is_changed:
                    self._missed_count, self._is_outdated = count, False
                if count != self._told_count:
                    self._told_count = count
                    self._bus.publish(MissedChanged(count))
        finally:
            self._counting = None

    async def mark_called_back(self, ref: CallRef) -> None:
        """Tick a missed call off."""
        await asyncio.wrap_future(
            self._log.dismiss_missed(ref.account_id, ref.call_id, at=self._clock())
        )
        self._bus.publish(CallLogChanged(ref))

    async def mark_open(self, ref: CallRef) -> None:
        """Put a missed call back on the list."""
        await asyncio.wrap_future(self._log.restore_missed(ref.account_id, ref.call_id))
        self._bus.publish(CallLogChanged(ref))

    async def promise_call_back(
        self, ref: CallRef, due_at: datetime | None = None
    ) -> None:
        """Keep a call on the list although it was answered: we promised to call.

        ``due_at`` is when; None for no set time.
        """
        await asyncio.wrap_future(
            self._log.promise_call_back(
                ref.account_id, ref.call_id, at=self._clock(), due_at=due_at
            )
        )
        self._bus.publish(CallLogChanged(ref))
        if due_at is not None:
            self._bus.publish(CallBackPromised())

    async def set_note(self, ref: CallRef, text: str) -> None:
        """Keep what the user writes about a call."""
        await asyncio.wrap_future(self._keep_note(ref, text))
        self._bus.publish(CallLogChanged(ref))

    async def set_disposition(self, ref: CallRef, disposition: str) -> None:
        """Keep what a call came to; "" takes it back."""
        if self._keep_disposition is not None:
            await asyncio.wrap_future(self._keep_disposition(ref, disposition))
            self._bus.publish(CallLogChanged(ref))

    def _keep_note_here(self, ref: CallRef, text: str) -> Future[Any]:
        return self._log.set_note(ref.account_id, ref.call_id, text, at=self._clock())

    # --- taking it away --------------------------------------------------------------

    async def export_csv(self, path: Path, wanted: LogFilter) -> int:
        """Write the calls that fit to a CSV file; returns how many.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        return await asyncio.to_thread(self._export, path, wanted)

    def _export(self, path: Path, wanted: LogFilter) -> int:
        import csv

        from screenpop.services.call_csv import COLUMNS, row_of_entry

        count = 0
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                while page := self.search_now(wanted, _PAGE, count):
                    writer.writerows(row_of_entry(entry) for entry in page)
                    count += len(page)
        except OSError as error:
            raise ConfigurationError(
                tr("The file cannot be written: {reason}", reason=error.strerror),
                tr("Choose another folder."),
            ) from None
        return count

    def _open_missed(self) -> set[CallRef]:
        return {
            CallRef(row.account_id, row.call_id)
            for row in self._log.missed_open(include_internal=True)
        }

    def _entry(self, row: CallRow, still_open: set[CallRef]) -> LogEntry:
        ref = CallRef(row.account_id, row.call_id)
        setting = self._settings(row.account_id)
        region, lines = setting.region, setting.lines
        number = read_number(row.remote_number, region)
        line = CallerId(row.line_number, row.line_name)
        name, company = self._party(row, number, lines)
        return LogEntry(
            ref=ref,
            direction=row.direction,
            kind=row.kind,
            outcome=row.outcome,
            is_live=row.state is not CallState.ENDED,
            is_missed=row.is_missed,
            needs_call_back=ref in still_open,
            is_end_inferred=row.is_end_inferred,
            is_internal=row.is_internal,
            is_withheld=row.remote_is_withheld and not row.remote_number,
            number_text=format_number(number, region) or row.remote_number,
            number_e164=row.remote_e164,
            name=name,
            company=company,
            line_text=line_text(lines.line(row.account_id, line, region), region),
            account_label=setting.account_label,
            answered_by=lines.name_of(row.account_id, row.answered_by)
            or row.answered_by,
            started_at=row.started_at,
            ring_seconds=row.ring_seconds,
            talk_seconds=row.talk_seconds,
            has_recording=bool(row.recording_url),
            has_voicemail=row.has_voicemail or bool(row.voicemail_url),
            note=row.note,
            called_back_by=self._called_back_by(row) if row.is_missed else "",
            mark=row.mark or self._team_mark(number),
            disposition=row.disposition,
            due_at=row.due_at,
        )

    def _party(
        self, row: CallRow, number: PhoneNumber, lines: LineBook
    ) -> tuple[str, str]:
        """Name and company of the other party."""
        if row.mark == Mark.PRIVATE:
            return "", ""
        known = None if row.matched_name else self._who(number)
        name = (
            row.matched_name
            or (known.display_name if known else "")
            or row.remote_name
            or lines.name_of(row.account_id, row.remote_number)
        )
        return name, row.matched_company or (known.company if known else "")

    def _called_back_by(self, missed: CallRow) -> str:
        by = self._log.called_back_by(missed)
        return (
            self._settings(missed.account_id).lines.name_of(missed.account_id, by) or by
        )
