"""What calls came to, by the user's word: one disposition for each call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.json_fields import storable
from screenpop.store.columns import to_micros
from screenpop.store.folding import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database

_OF_CALL = "WHERE account_id = ? AND call_id = ?"


class WrapUps:
    """The dispositions of calls; the log shows and searches them.

    Methods that read raise StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account_id: str, call_id: str) -> str:
        """What a call came to; "" when nobody has said."""
        key = (storable(account_id), storable(call_id))
        return self._database.read(lambda c: disposition_of(c, key))

    def put(
        self, account_id: str, call_id: str, disposition: str, *, at: datetime
    ) -> Future[None]:
        """Keep what a call came to; "" takes it back."""
        key = (storable(account_id), storable(call_id))
        kept = storable(disposition)
        return self._database.submit(lambda c: write_disposition(c, key, kept, at=at))


def write_disposition(
    connection: sqlite3.Connection,
    key: tuple[str, str],
    disposition: str,
    *,
    at: datetime,
) -> None:
    """Put it in place of the one there was; an empty one removes it."""
    if not disposition:
        connection.execute(f"DELETE FROM wrap_ups {_OF_CALL}", key)  # noqa: S608
        return
    connection.execute(
        "INSERT OR REPLACE INTO wrap_ups"
        " (account_id, call_id, disposition, search_text, set_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (*key, disposition, fold(disposition), to_micros(at)),
    )


def disposition_of(connection: sqlite3.Connection, key: Sequence[str]) -> str:
    """What the call of that account and call id came to; "" when nobody has said."""
    row = connection.execute(
        f"SELECT disposition FROM wrap_ups {_OF_CALL}",  # noqa: S608
        tuple(key),
    ).fetchone()
    return str(row[0]) if row else ""
