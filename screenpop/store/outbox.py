"""Notes on their way to phone systems: the latest of each call, until it has arrived.

One row per call. It outlives its sending, because it also holds what a note alone
does not say: the marks, and whether the vendor has it. Each change of note or marks
gives the row a new version, so that what was changed while it was being sent is sent
again, and a confirmation of the older one does not pass for the newer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.domain.wrap_up import told_note
from screenpop.store.call_log import write_note
from screenpop.store.columns import from_micros, to_micros
from screenpop.store.wrap_ups import disposition_of, write_disposition

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database


class OutboxState(StrEnum):
    """How far a note has come."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


@frozen(kw_only=True)
class OutgoingNote:
    """What the vendor of a call shall have of our note.

    Attributes:
        severity: 0 (none) to 5.
        version: Another one after each change.
        changed_at: When the user last changed it.
        problem: Why it was refused; "" otherwise.
        advice: What the user can do about that; may be "".
    """

    account_id: str
    call_id: str
    text: str
    needs_follow_up: bool
    severity: int
    version: int
    state: OutboxState
    changed_at: datetime
    problem: str = ""
    advice: str = ""


_SELECT: Final = (
    "SELECT account_id, call_id, text, needs_follow_up, severity, version, state,"
    " changed_at, problem, advice FROM note_outbox"
)
_OF_CALL: Final = " WHERE account_id = ? AND call_id = ?"
_WORDS: Final = f"SELECT text FROM notes{_OF_CALL}"  # noqa: S608
_MOST_AT_ONCE: Final = 200
_SETTLE: Final = """UPDATE note_outbox SET state = ?, problem = ?, advice = ?
    WHERE account_id = ? AND call_id = ? AND version = ?
"""
# A row that says nothing and never said anything need not travel: a note that was
# typed and taken back before its first pause.
_PUT: Final = """INSERT INTO note_outbox (account_id, call_id, text, needs_follow_up,
        severity, version, state, changed_at, problem, advice)
    SELECT :account_id, :call_id, :text, :follow_up, :severity,
        (SELECT coalesce(max(version), 0) + 1 FROM note_outbox),
        'waiting', :at, '', ''
    WHERE :text <> '' OR :follow_up OR :severity OR EXISTS (SELECT 1 FROM note_outbox
        WHERE account_id = :account_id AND call_id = :call_id)
    ON CONFLICT (account_id, call_id) DO UPDATE SET text = excluded.text,
        needs_follow_up = excluded.needs_follow_up, severity = excluded.severity,
        version = excluded.version, state = 'waiting',
        changed_at = excluded.changed_at, problem = '', advice = ''
    WHERE text <> excluded.text OR needs_follow_up <> excluded.needs_follow_up
        OR severity <> excluded.severity OR state = 'refused'
"""


class NoteOutbox:
    """The notes of this desktop that go to vendors.

    Methods that read raise StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self,
        account_id: str,
        call_id: str,
        text: str,
        *,
        needs_follow_up: bool,
        severity: int,
        at: datetime,
    ) -> Future[OutgoingNote | None]:
        """Store the note for us and for the vendor, both or neither.

        Before the words, the vendor is told what the call came to. The future gives
        what is on its way now; None where there is nothing to tell.
        What is the same as before is not sent again, unless it had been refused.
        """
        key = (storable(account_id), storable(call_id))
        values: dict[str, object] = {
            "account_id": key[0],
            "call_id": key[1],
            "follow_up": needs_follow_up,
            "severity": severity,
            "at": to_micros(at),
        }

        def work(connection: sqlite3.Connection) -> OutgoingNote | None:
            write_note(connection, *key, text, at=at)
            told = told_note(disposition_of(connection, key), storable(text))
            connection.execute(_PUT, {**values, "text": told})
            return _first(connection.execute(_SELECT + _OF_CALL, key).fetchall())

        return self._database.submit(work)

    def wrap_up(
        self,
        account_id: str,
        call_id: str,
        disposition: str,
        *,
        is_told: bool,
        at: datetime,
    ) -> Future[OutgoingNote | None]:
        """Store what a call came to and, if the vendor is told, send the note anew.

        The future gives what ``keep``'s does. Words and marks stay as they are.
        """
        key = (storable(account_id), storable(call_id))

        def work(connection: sqlite3.Connection) -> OutgoingNote | None:
            write_disposition(connection, key, storable(disposition), at=at)
            if not is_told:
                return None
            (words,) = connection.execute(_WORDS, key).fetchone() or ("",)
            sent = _first(connection.execute(_SELECT + _OF_CALL, key).fetchall())
            connection.execute(
                _PUT,
                {
                    "account_id": key[0],
                    "call_id": key[1],
                    "text": told_note(storable(disposition), words),
                    "follow_up": sent is not None and sent.needs_follow_up,
                    "severity": sent.severity if sent is not None else 0,
                    "at": to_micros(at),
                },
            )
            return _first(connection.execute(_SELECT + _OF_CALL, key).fetchall())

        return self._database.submit(work)

    def get(self, account_id: str, call_id: str) -> OutgoingNote | None:
        """The note of a call that goes or went to its vendor."""
        key = (storable(account_id), storable(call_id))
        return _first(
            self._database.read(lambda c: c.execute(_SELECT + _OF_CALL, key).fetchall())
        )

    def waiting(self, account_id: str) -> tuple[OutgoingNote, ...]:
        """What is to be sent to an account, in the order in which it was written."""
        rows = self._database.read(
            lambda c: c.execute(
                f"{_SELECT} WHERE state = 'waiting' AND account_id = ?"
                " ORDER BY version LIMIT ?",
                (storable(account_id), _MOST_AT_ONCE),
            ).fetchall()
        )
        return tuple(_from_columns(row) for row in rows)

    def waiting_accounts(self) -> tuple[str, ...]:
        """The accounts that something waits for."""
        rows = self._database.read(
            lambda c: c.execute(
                "SELECT DISTINCT account_id FROM note_outbox WHERE state = 'waiting'"
            ).fetchall()
        )
        return tuple(account_id for (account_id,) in rows)

    def mark_sent(self, note: OutgoingNote) -> Future[bool]:
        """The vendor has it; false when it was changed meanwhile and goes again."""
        return self._settle(note, OutboxState.SENT, "", "")

    def mark_refused(
        self, note: OutgoingNote, problem: str, advice: str
    ) -> Future[bool]:
        """The vendor will not have it; false when it was changed meanwhile."""
        return self._settle(note, OutboxState.REFUSED, problem, advice)

    def _settle(
        self, note: OutgoingNote, state: OutboxState, problem: str, advice: str
    ) -> Future[bool]:
        values = (
            state.value,
            storable(problem),
            storable(advice),
            storable(note.account_id),
            storable(note.call_id),
            note.version,
        )
        return self._database.submit(lambda c: c.execute(_SETTLE, values).rowcount == 1)


def _first(rows: Sequence[Sequence[Any]]) -> OutgoingNote | None:
    return _from_columns(rows[0]) if rows else None


def _from_columns(row: Sequence[Any]) -> OutgoingNote:
    account_id, call_id, text, follow_up, severity, version = row[:6]
    state, changed_at, problem, advice = row[6:]
    return OutgoingNote(
        account_id=account_id,
        call_id=call_id,
        text=text,
        needs_follow_up=bool(follow_up),
        severity=severity,
        version=version,
        state=OutboxState(state),
        changed_at=from_micros(changed_at),
        problem=problem,
        advice=advice,
    )
