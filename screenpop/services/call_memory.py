"""What earlier calls tell about the party of this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from screenpop.domain.calls import CallRef
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import Direction
from screenpop.services.events import CallerContext, EarlierCall, LastTalk
from screenpop.store.call_rows import party_of

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.domain.calls import Call
    from screenpop.domain.contacts import ContactMatch
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.clock import Clock
    from screenpop.store.call_log import CallLog

_SHOWN: Final = 5

KeepNote: TypeAlias = "Callable[[CallRef, str], Future[Any]]"
"""Stores a note on a call; it is on disk once the future is done."""

KeepDisposition: TypeAlias = "Callable[[CallRef, str], Future[Any]]"
"""Stores what a call came to; it is on disk once the future is done."""


class CallMemory(Protocol):
    """What earlier calls tell."""

    def context(self, number: PhoneNumber, before: Call) -> CallerContext:
        """Earlier calls with the party."""
        ...

    def earlier(self, number: PhoneNumber, before: Call) -> tuple[EarlierCall, ...]:
        """The latest calls with the party, newest first."""
        ...

    def note(self, ref: CallRef) -> str:
        """What was written down during this call."""
        ...

    def save_note(self, ref: CallRef, text: str) -> Future[Any]:
        """Keep a note; on disk once the future is done."""
        ...

    def save_match(self, ref: CallRef, match: ContactMatch) -> Future[None]:
        """Remember in the log who it was; on disk once the future is done."""
        ...

    def disposition(self, ref: CallRef) -> str:
        """What this call came to, by the user's word; "" for not said."""
        ...

    def save_disposition(self, ref: CallRef, disposition: str) -> Future[Any]:
        """Keep what a call came to; on disk once the future is done."""
        ...

    def spoken(
        self, number: PhoneNumber, before: Call
    ) -> tuple[tuple[str, datetime], ...]:
        """When who of the people with a number was last talked with."""
        ...


class StoredCallMemory:
    """Answers from the call log, synchronously: a few microseconds each."""

    def __init__(
        self,
        log: CallLog,
        clock: Clock,
        keep_note: KeepNote,
        keep_disposition: KeepDisposition,
    ) -> None:
        self._log = log
        self._clock = clock
        self._keep_note = keep_note
        self._keep_disposition = keep_disposition

    def context(self, number: PhoneNumber, before: Call) -> CallerContext:
        """Earlier calls with the party; the present one is left out."""
        # The log need not be asked for the moment: a question to it costs 0.1 ms here.
        past = self._log.last_with(number.e164, before.started_at, raw=number.raw)
        if past is None:
            return CallerContext()
        last = past.last_talk or past.last_call
        talk = None
        if last is not None:
            talk = LastTalk(
                at=last.started_at,
                direction=last.direction,
                outcome=last.outcome or CallOutcome.UNKNOWN,
                by=last.answered_by,
                note=last.note or last.summary,
            )
        return CallerContext(
            talk,
            past.missed_count,
            past.call_count,
            past.promised_at,
            past.due_at,
        )

    def earlier(self, number: PhoneNumber, before: Call) -> tuple[EarlierCall, ...]:
        """The latest calls with the party, newest first; waits for the disk."""
        rows = self._log.earlier_with(
            number.e164, before.started_at, raw=number.raw, limit=_SHOWN
        )
        ours = [
            EarlierCall(
                ref=CallRef(row.account_id, row.call_id),
                at=row.started_at,
                direction=row.direction,
                outcome=row.outcome or CallOutcome.UNKNOWN,
                by=row.answered_by,
                note=row.note or row.summary,
                talk_seconds=row.talk_seconds,
            )
            for row in rows
        ]
        party = party_of(number.e164, number.raw)
        theirs = [
            EarlierCall(
                ref=None,
                at=back.talked_at,
                direction=Direction.OUTBOUND,
                outcome=CallOutcome.ANSWERED,
                by=back.by,
            )
            for back in self._log.reached_by(party, _SHOWN)
        ]
        latest = sorted((*ours, *theirs), key=lambda each: each.at, reverse=True)
        return tuple(latest[:_SHOWN])

    def note(self, ref: CallRef) -> str:
        """What was written down during this call."""
        found = self._log.note(ref.account_id, ref.call_id)
        return found.text if found else ""

    def save_note(self, ref: CallRef, text: str) -> Future[Any]:
        """Keep a note; on disk once the future is done."""
        return self._keep_note(ref, text)

    def disposition(self, ref: CallRef) -> str:
        """What this call came to, by the user's word; "" for not said."""
        found = self._log.get(ref.account_id, ref.call_id)
        return found.disposition if found else ""

    def save_disposition(self, ref: CallRef, disposition: str) -> Future[Any]:
        """Keep what a call came to; on disk once the future is done."""
        return self._keep_disposition(ref, disposition)

    def spoken(
        self, number: PhoneNumber, before: Call
    ) -> tuple[tuple[str, datetime], ...]:
        """When who of the people with a number was last talked with."""
        party = party_of(number.e164, number.raw)
        return self._log.spoken_with(party, before.started_at)

    def save_match(self, ref: CallRef, match: ContactMatch) -> Future[None]:
        """Remember in the log who it was; on disk once the future is done."""
        contact = match.contact
        return self._log.set_match(
            ref.account_id, ref.call_id, contact.display_name, contact.company
        )
