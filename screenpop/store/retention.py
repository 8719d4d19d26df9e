"""Forget what is older than the user wants it kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.store.call_backs import prune_call_backs
from screenpop.store.call_rows import delete_calls
from screenpop.store.columns import to_micros
from screenpop.store.journal import Journal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import datetime

    from screenpop.store.database import Database

_STEP: Final = 2_000


@frozen(kw_only=True)
class PruneResult:
    """How much was forgotten."""

    deliveries: int
    calls: int
    dials: int


def prune(
    database: Database,
    *,
    deliveries_before: datetime,
    calls_before: datetime,
    notes_before: datetime | None = None,
    dials_before: datetime | None = None,
    texts_before: datetime | None = None,
) -> PruneResult:
    """Delete what is older than each kind of it is to be kept.

    It blocks, but holds the writer for some hundredths of a second at a time. Calls
    that go on, dials without an end and deliveries not yet processed stay. Deliveries
    are not kept for longer than calls, or a replay would bring old calls back.

    Args:
        database: Where.
        deliveries_before: Deliveries received earlier go.
        calls_before: Calls begun earlier go with all that belongs to them, callers to
            call back, and what was heard earlier of calls that are none of ours.
        notes_before: Notes last changed earlier go, if not with their calls already;
            so below. None for no time of their own.
        dials_before: Dials requested earlier.
        texts_before: Text messages that came earlier.

    Raises:
        StoreError: Or one of its kin; what was deleted so far stays deleted.
    """
    journal = Journal(database)
    deliveries = calls = 0
    oldest_kept = max(deliveries_before, calls_before)
    while some := journal.prune(oldest_kept, limit=_STEP).result():
        deliveries += some
    before = to_micros(calls_before)
    while some := database.submit(partial(_prune_calls, before=before)).result():
        calls += some
    for keys in _of_others(database, before):
        database.submit(partial(_prune_events, keys=keys, before=before)).result()
    database.submit(partial(_prune_party_lists, before=before)).result()
    dials = database.submit(
        partial(_prune_dials, before=_later(dials_before, calls_before))
    ).result()
    database.submit(
        partial(_prune_texts, before=_later(texts_before, calls_before))
    ).result()
    if notes_before is not None:
        database.submit(partial(_prune_notes, before=to_micros(notes_before))).result()
    return PruneResult(deliveries=deliveries, calls=calls, dials=dials)


def _prune_calls(connection: sqlite3.Connection, before: int) -> int:
    doomed = connection.execute(
        "SELECT account_id, call_id FROM calls"
        " WHERE started_at < ? AND ended_at IS NOT NULL ORDER BY started_at LIMIT ?",
        (before, _STEP),
    ).fetchall()
    delete_calls(connection, doomed)
    return len(doomed)


def _of_others(database: Database, before: int) -> Iterator[list[tuple[str, str]]]:
    """Calls without a row, of which only facts are kept; read beside the writer."""
    found = database.read(
        lambda c: c.execute(
            "SELECT account_id, call_id FROM call_events AS e WHERE NOT EXISTS"
            " (SELECT 1 FROM calls AS c"
            " WHERE c.account_id = e.account_id AND c.call_id = e.call_id)"
            " GROUP BY account_id, call_id HAVING max(received_at) < ?",
            (before,),
        ).fetchall()
    )
    for start in range(0, len(found), _STEP):
        yield found[start : start + _STEP]


def _prune_events(
    connection: sqlite3.Connection, keys: list[tuple[str, str]], before: int
) -> None:
    connection.executemany(
        "DELETE FROM call_events"
        " WHERE account_id = ? AND call_id = ? AND received_at < ?",
        [(*key, before) for key in keys],
    )


def _later(own: datetime | None, general: datetime) -> int:
    """Nothing is kept for longer than the calls are."""
    return to_micros(general if own is None else max(own, general))


def _prune_notes(connection: sqlite3.Connection, before: int) -> None:
    """What still waits to be sent to a vendor stays until it is."""
    connection.execute(
        "DELETE FROM notes WHERE updated_at < ? AND NOT EXISTS"
        " (SELECT 1 FROM note_outbox AS o WHERE o.account_id = notes.account_id"
        " AND o.call_id = notes.call_id AND o.state = 'waiting')",
        (before,),
    )
    connection.execute("DELETE FROM wrap_ups WHERE set_at < ?", (before,))
    connection.execute(
        "DELETE FROM note_outbox WHERE changed_at < ? AND state <> 'waiting'",
        (before,),
    )


def _prune_party_lists(connection: sqlite3.Connection, before: int) -> None:
    prune_call_backs(connection, before)
    connection.execute("DELETE FROM lost_callers WHERE last_at < ?", (before,))


def _prune_texts(connection: sqlite3.Connection, before: int) -> None:
    connection.execute("DELETE FROM text_messages WHERE received_at < ?", (before,))


def _prune_dials(connection: sqlite3.Connection, before: int) -> int:
    deleted = connection.execute(
        "DELETE FROM dials WHERE requested_at < ?"
        " AND state IN ('accepted', 'failed', 'cancelled')",
        (before,),
    ).rowcount
    # A dial claims the one card of its calls under its own id.
    connection.execute(
        "DELETE FROM pop_claims WHERE kind = 'dial' AND NOT EXISTS"
        " (SELECT 1 FROM dials WHERE dial_id = pop_claims.call_id)"
    )
    return deleted
