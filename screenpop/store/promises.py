"""Calls back that were promised for a set time, and whether one was reminded of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.call_history import UNSETTLED
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database

# Nobody is reminded of what has been settled meanwhile.
_DUE: Final = f"""SELECT promise.account_id, promise.call_id, promise.due_at
    FROM call_back_promises AS promise JOIN calls AS c USING (account_id, call_id)
    WHERE promise.due_at IS NOT NULL AND promise.reminded_at IS NULL
    AND {UNSETTLED} ORDER BY promise.due_at
"""  # noqa: S608


@frozen
class DuePromise:
    """A call back that the user is to be reminded of."""

    account_id: str
    call_id: str
    due_at: datetime


def due_promises(database: Database) -> tuple[DuePromise, ...]:
    """Those to be reminded of now or later, the earliest first.

    Raises:
        StoreError: Or one of its kin.
    """
    rows = database.read(lambda c: c.execute(_DUE).fetchall())
    return tuple(DuePromise(a, b, from_micros(due)) for a, b, due in rows)


def mark_reminded(
    database: Database, promises: Sequence[DuePromise], *, at: datetime
) -> Future[None]:
    """Nobody is reminded of these again."""
    rows = [
        (to_micros(at), storable(one.account_id), storable(one.call_id))
        for one in promises
    ]

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "UPDATE call_back_promises SET reminded_at = ?"
            " WHERE account_id = ? AND call_id = ?",
            rows,
        )

    return database.submit(work)
