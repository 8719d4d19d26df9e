"""What the call log window lists, searches and keeps, without any window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.plain_text import plain
from screenpop.services.call_history import LogFilter
from screenpop.services.call_notes import NoteMarks
from screenpop.ui.call_log.texts import MissedCaller, claim_of, missed_callers
from screenpop.ui.note_state import NoteSheet, sheet_of
from screenpop.ui.wording import tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from screenpop.domain.calls import CallRef
    from screenpop.services.call_history import LogDetails, LogEntry
    from screenpop.ui.ports import (
        CallHistoryPort,
        CallNotesPort,
        ClaimsPort,
        LostCallersPort,
    )

PAGE_ROWS: Final = 200
_MOST_MISSED: Final = 500
_LONGEST_NOTE: Final = 20_000


class CallLogModel:
    """The state behind the call log.

    Args:
        clock: The present moment, for "today" and "yesterday".
        lost: The phone systems' own lists of callers to call back.
        notes: Where notes are besides here; None where they only stay here.
        claims: Gives who of the team has which caller; None where there is no team.
    """

    def __init__(
        self,
        history: CallHistoryPort,
        clock: Callable[[], datetime],
        lost: LostCallersPort | None = None,
        notes: CallNotesPort | None = None,
        claims: Callable[[], ClaimsPort | None] = lambda: None,
    ) -> None:
        self._claims = claims
        self._history = history
        self._lost = lost
        self._clock = clock
        self._filter = LogFilter()
        self._notes: dict[CallRef, str] = {}
        self._sent_notes = notes
        self.missed: tuple[MissedCaller, ...] = ()

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self._clock()

    # --- listing ---------------------------------------------------------------------

    @property
    def wanted(self) -> LogFilter:
        """Which calls are listed."""
        return self._filter

    def look_for(self, wanted: LogFilter) -> bool:
        """List other calls; False when they are the same as before."""
        is_new = wanted != self._filter
        self._filter = wanted
        return is_new

    async def page(self, offset: int) -> tuple[LogEntry, ...]:
        """Up to `PAGE_ROWS` calls that fit, newest first."""
        return await self._history.search(self._filter, PAGE_ROWS, offset)

    @property
    def empty_text(self) -> tuple[str, str]:
        """Why nothing is listed, and what to do about it."""
        if self._filter.text:
            return (
                tr("No call fits “{text}”", text=plain(self._filter.text, 60)),
                tr("Look for a name, a company, a number or a word of a note."),
            )
        if self._filter.kind != "all":
            return tr("No calls of this kind"), ""
        if self._filter.since is not None or self._filter.account_id:
            return tr("No calls at that time or account"), ""
        return tr("No calls yet"), tr("They appear here as soon as your phone rings.")

    async def details(self, ref: CallRef) -> LogDetails | None:
        """Everything known of one call."""
        return await self._history.details(ref)

    async def export(self, path: Path) -> str:
        """Write what is listed to a CSV file; a sentence about it."""
        count = await self._history.export_csv(path, self._filter)
        return tr_count(
            "{count} call written to {name}",
            "{count} calls written to {name}",
            count,
            name=path.name,
        )

    # --- the work list ---------------------------------------------------------------

    async def load_missed(self) -> None:
        """Find out who still waits for a call."""
        # What the tray counts: calls from colleagues are not in it, promises are.
        entries = await asyncio.to_thread(self._history.missed_now, _MOST_MISSED)
        lost = await asyncio.to_thread(self._lost.open_now) if self._lost else ()
        found = missed_callers(entries, self.now, lost)
        claims = self._claims()
        if claims is not None:
            found = tuple(_with_claim(one, claims) for one in found)
        self.missed = found

    async def claim(self, caller: MissedCaller) -> str:
        """Take a caller on, or let go of one; who was faster, "" for nobody."""
        claims = self._claims()
        if claims is None:
            return ""
        act = claims.release if caller.claim.is_mine else claims.claim
        view = await act(caller.account_id, _e164(caller))
        await self.load_missed()
        has_lost = view is not None and view.holder == "colleague"
        return plain(view.by, 40) if view is not None and has_lost else ""

    def refresh_lost(self) -> None:
        """Have lists read that do not come by themselves; the news tell of it."""
        if self._lost is not None:
            self._lost.refresh()

    @property
    def missed_title(self) -> str:
        """How many wait."""
        return tr_count(
            "{count} caller waits for a call back",
            "{count} callers wait for a call back",
            len(self.missed),
        )

    async def tick_off(self, caller: MissedCaller) -> None:
        """This caller needs nothing more."""
        for ref in caller.refs:
            await self._history.mark_called_back(ref)
        if self._lost is not None:
            for key in caller.lost:
                await self._lost.mark_called_back(key)
        self.missed = tuple(one for one in self.missed if one != caller)

    async def put_back(self, caller: MissedCaller) -> None:
        """They do after all."""
        for ref in caller.refs:
            await self._history.mark_open(ref)
        if self._lost is not None:
            for key in caller.lost:
                await self._lost.mark_open(key)
        await self.load_missed()

    # --- notes -----------------------------------------------------------------------

    def write_note(self, ref: CallRef, text: str) -> None:
        """The user is writing; kept here until `save_notes`."""
        self._notes[ref] = text[:_LONGEST_NOTE]

    def note_of(self, entry: LogEntry) -> str:
        """What the editor shows: what is being written, else what is kept."""
        return self._notes.get(entry.ref, entry.note)

    @property
    def has_unsaved_notes(self) -> bool:
        """Whether something written is not kept yet."""
        return bool(self._notes)

    async def say_what_came_of_it(self, entry: LogEntry, disposition: str) -> None:
        """Keep what a call came to; "" takes it back."""
        await self._history.set_disposition(entry.ref, disposition)

    async def save_notes(self) -> None:
        """Keep what was written; what cannot be kept now stays to be tried again."""
        for ref, text in tuple(self._notes.items()):
            await self._history.set_note(ref, text)
            if self._notes.get(ref) == text:
                del self._notes[ref]

    async def note_sheet(self, entry: LogEntry) -> NoteSheet:
        """Where the note on a call is, and what the call is marked with."""
        if self._sent_notes is not None:
            return await asyncio.to_thread(sheet_of, self._sent_notes, entry.ref)
        details = await self._history.details(entry.ref)
        kept = details.entry.note if details is not None else ""
        return NoteSheet(ref=entry.ref, kept=kept)

    async def mark(self, entry: LogEntry, needs_follow_up: bool, severity: int) -> None:
        """Mark a call at its phone system, with what is written about it."""
        await self.save_notes()
        if self._sent_notes is not None:
            await self._sent_notes.set_marks(
                entry.ref, NoteMarks(needs_follow_up, severity)
            )

    async def send_again(self, entry: LogEntry) -> None:
        """Send a refused note once more."""
        if self._sent_notes is not None:
            await self._sent_notes.send_again(entry.ref)


def _with_claim(caller: MissedCaller, claims: ClaimsPort) -> MissedCaller:
    view = claims.view(caller.account_id, _e164(caller))
    return replace(caller, claim=claim_of(view))


def _e164(caller: MissedCaller) -> str:
    """The number that all desks write alike; "" for one that is not whole."""
    return caller.number if caller.number.startswith("+") else ""
