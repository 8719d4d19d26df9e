"""Colleagues' calls out on which people talked: they settle calls missed by others.

Calls that are none of ours have no row in the call log. Of these alone it is kept who
reached which number when, so that nobody is called back twice. All of it is derived
from the calls' events, and written anew with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.store.call_rows import CallRow
    from screenpop.store.database import Database


@frozen(kw_only=True)
class CallBack:
    """A colleague's talk with somebody they called.

    Attributes:
        party: As ``CallRow.party``; "" when it turned out to be no such call.
        by: The colleague, as the vendor names them; may be "".
    """

    account_id: str
    call_id: str
    party: str
    talked_at: datetime
    by: str = ""


def write_call_backs(connection: sqlite3.Connection, backs: Sequence[CallBack]) -> None:
    """Put ``backs`` in place of what was kept of the same calls."""
    connection.executemany(
        "DELETE FROM call_backs WHERE account_id = ? AND call_id = ?",
        [(storable(back.account_id), storable(back.call_id)) for back in backs],
    )
    connection.executemany(
        "INSERT INTO call_backs (account_id, call_id, party, talked_at, by_whom)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (
                storable(back.account_id),
                storable(back.call_id),
                storable(back.party),
                to_micros(back.talked_at),
                storable(back.by),
            )
            for back in backs
            if back.party
        ],
    )


def called_back_by(database: Database, missed: CallRow) -> str:
    """Which colleague first reached the caller of a missed call; "" for nobody."""
    if not missed.party:
        return ""
    found = database.read(
        lambda c: c.execute(
            "SELECT by_whom FROM call_backs WHERE party = ? AND account_id = ?"
            " AND talked_at > ? ORDER BY talked_at, call_id LIMIT 1",
            (
                storable(missed.party),
                storable(missed.account_id),
                to_micros(missed.started_at),
            ),
        ).fetchone()
    )
    return str(found[0]) if found else ""


def reached_by(database: Database, party: str, limit: int) -> tuple[CallBack, ...]:
    """Colleagues' calls that reached a party, the latest first."""
    if not party:
        return ()
    rows = database.read(
        lambda c: c.execute(
            "SELECT account_id, call_id, talked_at, by_whom FROM call_backs"
            " WHERE party = ? ORDER BY talked_at DESC, call_id LIMIT ?",
            (storable(party), limit),
        ).fetchall()
    )
    return tuple(
        CallBack(
            account_id=account_id,
            call_id=call_id,
            party=party,
            talked_at=from_micros(talked_at),
            by=by,
        )
        for account_id, call_id, talked_at, by in rows
    )


def prune_call_backs(connection: sqlite3.Connection, before: int) -> None:
    """Forget those of before a moment, in microseconds."""
    connection.execute("DELETE FROM call_backs WHERE talked_at < ?", (before,))
