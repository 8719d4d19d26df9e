"""Forget what is older than the user wants it kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from screenpop.store.columns import to_micros
from screenpop.store.journal import Journal

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from screenpop.store.database import Database

_STEP: Final = 2_000
_OF_CALL: Final = (
    "call_events",
    "notes",
    "missed_dismissals",
    "call_back_promises",
    "pop_claims",
    "calls",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """How much was forgotten."""

    deliveries: int
    calls: int
    dials: int


def prune(
    database: Database, *, deliveries_before: datetime, calls_before: datetime
) -> PruneResult:
    """Delete old deliveries, calls with all that belongs to them, and dials.

    It blocks, but holds the writer for some hundredths of a second at a time. Calls
    that go on, dials without an end and deliveries not yet processed stay.

    Args:
        database: Where.
        deliveries_before: Deliveries received earlier go.
        calls_before: Calls begun and dials requested earlier go.

    Raises:
        StoreError: Or one of its kin; what was deleted so far stays deleted.
    """
    journal = Journal(database)
    deliveries = calls = 0
    while some := journal.prune(deliveries_before, limit=_STEP).result():
        deliveries += some
    before = to_micros(calls_before)
    while some := database.submit(partial(_prune_calls, before=before)).result():
        calls += some
    dials = database.submit(partial(_prune_dials, before=before)).result()
    return PruneResult(deliveries=deliveries, calls=calls, dials=dials)


def _prune_calls(connection: sqlite3.Connection, before: int) -> int:
    doomed = connection.execute(
        "SELECT account_id, call_id FROM calls"
        " WHERE started_at < ? AND ended_at IS NOT NULL ORDER BY started_at LIMIT ?",
        (before, _STEP),
    ).fetchall()
    for table in _OF_CALL:
        connection.executemany(
            f"DELETE FROM {table} WHERE account_id = ? AND call_id = ?",  # noqa: S608
            doomed,
        )
    return len(doomed)


def _prune_dials(connection: sqlite3.Connection, before: int) -> int:
    return connection.execute(
        "DELETE FROM dials WHERE requested_at < ?"
        " AND state IN ('accepted', 'failed', 'cancelled')",
        (before,),
    ).rowcount
