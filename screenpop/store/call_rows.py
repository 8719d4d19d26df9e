"""One line of the call log, and how it lies in its table."""

from __future__ import annotations

from dataclasses import field, fields
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.calls import CallState, is_missed
from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.events import Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import (
    from_micros,
    from_micros_or_none,
    texts_from_json,
    texts_to_json,
    to_micros,
    to_micros_or_none,
)
from screenpop.store.folding import digits_of, fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime


@frozen(kw_only=True)
class CallRow:
    """What the call log keeps of a call; all of it can be derived from its events.

    Attributes:
        outcome: None while the call is going on.
        remote_number: The other party's number as sent.
        remote_e164: Its canonical form; "" when it has none.
        user_extension: Whose phone it was.
        dial_id: The click-to-dial it belongs to; "" for others.
        is_own_leg: It is our own phone ringing because of a click-to-dial.
        recording_url: Treat it as a secret; so ``voicemail_url``.
        matched_name: Who the look-up took the party for; may be "".
        note: What the user wrote about the call. Kept apart from the rest: filled in
            on reading, passed over on writing and in comparisons.
        mark: How the user marked the number (``store.number_marks``); so too.
        disposition: What the call came to, by the user's word; so too.
        due_at: When the user promised to call back; None for no set time; so too.
    """

    account_id: str
    call_id: str
    direction: Direction
    is_internal: bool = False
    state: CallState
    outcome: CallOutcome | None = None
    is_end_inferred: bool = False
    remote_number: str = ""
    remote_e164: str = ""
    remote_name: str = ""
    remote_is_withheld: bool = False
    line_number: str = ""
    line_name: str = ""
    user_extension: str = ""
    answered_by: str = ""
    started_at: datetime
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    ring_seconds: float | None = None
    talk_seconds: float | None = None
    kind: RecordKind = RecordKind.CALL
    dial_id: str = ""
    is_own_leg: bool = False
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
    record_id: str = ""
    matched_name: str = ""
    matched_company: str = ""
    last_heard_at: datetime
    note: str = field(default="", compare=False)
    mark: str = field(default="", compare=False)
    disposition: str = field(default="", compare=False)
    due_at: datetime | None = field(default=None, compare=False)

    @property
    def party(self) -> str:
        """What tells this party from others; "" when the number was withheld."""
        return party_of(
            self.remote_e164, self.remote_number, is_withheld=self.remote_is_withheld
        )

    @property
    def is_answered(self) -> bool:
        """Whether people talk or talked."""
        if self.outcome is None:
            return self.connected_at is not None
        return self.outcome is CallOutcome.ANSWERED

    @property
    def is_missed(self) -> bool:
        """An inbound call that ended without anybody taking or refusing it."""
        return is_missed(
            self.direction,
            self.state,
            self.outcome,
            self.kind,
            is_own_leg=self.is_own_leg,
        )


def delete_calls(
    connection: sqlite3.Connection, keys: Sequence[tuple[str, str]]
) -> int:
    """Delete calls with all that belongs to them; how many of them had a row.

    Args:
        connection: Inside a transaction.
        keys: Account id and call id of each.
    """
    deleted = 0
    for table in _OF_CALL:
        deleted = connection.executemany(
            f"DELETE FROM {table} WHERE account_id = ? AND call_id = ?",  # noqa: S608
            keys,
        ).rowcount
    return max(deleted, 0)


def party_of(e164: str, raw: str = "", *, is_withheld: bool = False) -> str:
    """The key that calls with the same party share; "" for nobody in particular."""
    if is_withheld:
        return ""
    return e164 or raw.strip().casefold()


# The rows themselves last: their number is what is told.
_OF_CALL: Final = (
    "call_events",
    "notes",
    "note_outbox",
    "wrap_ups",
    "missed_dismissals",
    "call_back_promises",
    "pop_claims",
    "call_backs",
    "calls",
)
_APART: Final = ("note", "mark", "disposition", "due_at")
STORED: Final = tuple(one.name for one in fields(CallRow) if one.name not in _APART)
_DERIVED: Final = ("party", "is_answered", "is_missed", "search_text")
_ALL: Final = (*STORED, *_DERIVED)
# Who it was is found by a look-up, not derived: new facts must not wipe it out.
_MATCHED: Final = ("matched_name", "matched_company")

# What is kept apart travels as the last columns of every query that fills rows.
SELECT: Final = (
    "SELECT "  # noqa: S608 - our own column names; so below
    + ", ".join(f"c.{name}" for name in STORED)
    + ", coalesce(n.text, ''), coalesce(m.mark, ''), coalesce(w.disposition, ''),"
    " p.due_at FROM calls AS c"
    " LEFT JOIN notes AS n ON n.account_id = c.account_id AND n.call_id = c.call_id"
    " LEFT JOIN number_marks AS m ON m.number_key = c.party"
    " LEFT JOIN wrap_ups AS w"
    " ON w.account_id = c.account_id AND w.call_id = c.call_id"
    " LEFT JOIN call_back_promises AS p"
    " ON p.account_id = c.account_id AND p.call_id = c.call_id "
)
UPSERT: Final = (
    f"INSERT INTO calls ({', '.join(_ALL)})"  # noqa: S608
    f" VALUES ({', '.join('?' * len(_ALL))})"
    " ON CONFLICT (account_id, call_id) DO UPDATE SET "
    + ", ".join(
        f"{name} = excluded.{name}" for name in _ALL[2:] if name not in _MATCHED
    )
)

_WRITERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "started_at": to_micros,
    "connected_at": to_micros_or_none,
    "ended_at": to_micros_or_none,
    "last_heard_at": to_micros,
    "labels": texts_to_json,
    "rules": texts_to_json,
}
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "direction": Direction,
    "state": CallState,
    "outcome": lambda value: None if value is None else CallOutcome(value),
    "kind": RecordKind,
    "started_at": from_micros,
    "connected_at": from_micros_or_none,
    "ended_at": from_micros_or_none,
    "last_heard_at": from_micros,
    "labels": texts_from_json,
    "rules": texts_from_json,
    "is_internal": bool,
    "is_end_inferred": bool,
    "remote_is_withheld": bool,
    "is_own_leg": bool,
    "has_voicemail": bool,
}


def to_columns(row: CallRow) -> tuple[Any, ...]:
    """The values for ``UPSERT``."""
    stored = [_written(name, getattr(row, name)) for name in STORED]
    return (*stored, storable(row.party), row.is_answered, row.is_missed, _search(row))


def from_columns(values: Sequence[Any]) -> CallRow:
    """The row that ``SELECT`` found."""
    given = {
        name: _READERS[name](value) if name in _READERS else value
        for name, value in zip(STORED, values, strict=False)
    }
    note, mark, disposition, due_at = values[-len(_APART) :]
    return CallRow(
        **given,
        note=note,
        mark=mark,
        disposition=disposition,
        due_at=from_micros_or_none(due_at),
    )


def _written(name: str, value: Any) -> Any:
    if name in _WRITERS:
        return _WRITERS[name](value)
    return storable(value) if isinstance(value, str) else value


def _search(row: CallRow) -> str:
    """Words and digits that a search can hit, each run of digits with a space."""
    text = fold(
        row.matched_name,
        row.matched_company,
        row.remote_name,
        row.line_name,
        row.answered_by,
        row.summary,
        row.description,
        *row.labels,
    )
    numbers = (row.remote_e164, row.remote_number, row.line_number, row.user_extension)
    digits = dict.fromkeys(filter(None, map(digits_of, numbers)))
    return " ".join((text, *digits)).strip()
