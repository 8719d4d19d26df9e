"""Who the vendors' lists say is to be called back, as it was told last.

Kept on the disk for three reasons: what is ticked off here stays ticked off after a
restart, as no vendor takes that back; the tray counts right before anybody is
reached; and news that come twice change nothing. A caller whom the vendor took off
its list stays as a mark for a while, so that late news of earlier attempts do not
bring them back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.contacts import Mark
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.call_history import LOST_OPEN
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database

_SELECT_OPEN: Final = f"""SELECT
    account_id, number, line, party, CASE WHEN EXISTS (SELECT 1 FROM number_marks
    WHERE number_key = l.party AND mark = '{Mark.PRIVATE}') THEN '' ELSE name END,
    attempts, last_at
    FROM lost_callers AS l WHERE {LOST_OPEN}
    ORDER BY last_at DESC, account_id, number, line LIMIT ?
"""  # noqa: S608
# Of two reports the later attempt counts; the vendor counts the attempts itself.
_PUT: Final = """INSERT INTO lost_callers
    (account_id, number, line, party, name, attempts, last_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account_id, number, line) DO UPDATE SET
        party = excluded.party,
        name = CASE WHEN excluded.name = '' THEN name ELSE excluded.name END,
        attempts = CASE WHEN removed_at IS NULL
            THEN max(attempts, excluded.attempts) ELSE excluded.attempts END,
        last_at = max(last_at, excluded.last_at),
        removed_at = NULL
    WHERE excluded.last_at > coalesce(removed_at, last_at - 1)
        AND excluded.last_at >= last_at
"""
_REMOVE: Final = """UPDATE lost_callers SET removed_at = ?
    WHERE account_id = ? AND number = ? AND line = ? AND last_at <= ?
    AND removed_at IS NULL
"""
# Whoever was called back by anybody needs no call from us either.
_SETTLE: Final = """INSERT OR IGNORE INTO missed_dismissals
    (account_id, call_id, dismissed_at)
    SELECT account_id, call_id, ? FROM calls
    WHERE party = ? AND party <> '' AND account_id = ? AND is_missed = 1
    AND started_at <= ?
"""
_KNOWN: Final = """SELECT number, line, party, attempts, last_at FROM lost_callers
    WHERE account_id = ? AND last_at <= ? AND removed_at IS NULL
"""
_FORGET_MARKS: Final = (
    "DELETE FROM lost_callers WHERE account_id = ? AND removed_at <= ?"
)
_DELETE: Final = (
    "DELETE FROM lost_callers WHERE account_id = ? AND number = ? AND line = ?"
)


@frozen
class LostKey:
    """What names an entry of a vendor's list.

    Attributes:
        number: The caller's, as the vendor writes it.
        line: The number of ours that was called, as the vendor writes it.
    """

    account_id: str
    number: str
    line: str = ""


@frozen(kw_only=True)
class LostRow:
    """A caller to call back.

    Attributes:
        party: As of the call log: the key of the same caller's calls.
        attempts: How often they called, by the vendor's count.
        last_at: None when the vendor does not say; never so in what is read.
    """

    key: LostKey
    party: str
    name: str
    attempts: int
    last_at: datetime | None


class LostCallerList:
    """The vendors' lists as this desktop knows them.

    Reading raises StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_rows(self, limit: int = 500) -> tuple[LostRow, ...]:
        """Who waits to be called back, the latest first."""
        rows = self._database.read(
            lambda c: c.execute(_SELECT_OPEN, (limit,)).fetchall()
        )
        return tuple(
            LostRow(
                key=LostKey(account_id, number, line),
                party=party,
                name=name,
                attempts=attempts,
                last_at=from_micros(last_at),
            )
            for account_id, number, line, party, name, attempts, last_at in rows
        )

    def put(self, row: LostRow, *, heard_at: datetime) -> Future[None]:
        """Somebody was lost, or lost again; what is older than known changes nothing.

        A caller who was ticked off is open again when the attempt is newer.
        """
        values = _values(row, to_micros(heard_at))
        return self._database.submit(lambda c: _run(c, _PUT, values))

    def remove(self, key: LostKey, party: str, *, at: datetime) -> Future[None]:
        """The vendor took a caller off: their missed calls until then are settled."""
        moment, kept = to_micros(at), _key(key)

        def work(connection: sqlite3.Connection) -> None:
            _run(connection, _REMOVE, (moment, *kept, moment))
            _settle(connection, kept[0], party, moment)

        return self._database.submit(work)

    def replace(
        self,
        account_id: str,
        rows: Sequence[LostRow],
        *,
        asked_at: datetime,
        settles_since: datetime,
    ) -> Future[None]:
        """Bring one account in line with the vendor's whole list.

        Args:
            account_id: Whose.
            rows: The list.
            asked_at: When the vendor was asked; entries with later news stay.
            settles_since: A caller who is not listed any more and called last after
                this moment was called back, so that their missed calls are settled.
                One from before may have been dropped for age, which settles nothing.
        """
        kept = storable(account_id)
        asked, since = to_micros(asked_at), to_micros(settles_since)
        listed = [(_values(row, asked), row.last_at is not None) for row in rows]
        names = {values[1:3] for values, _ in listed}

        def work(connection: sqlite3.Connection) -> None:
            _run(connection, _FORGET_MARKS, (kept, asked))
            attempts = {}
            for number, line, party, count, last_at in connection.execute(
                _KNOWN, (kept, asked)
            ).fetchall():
                attempts[number, line] = count
                if (number, line) not in names:
                    _run(connection, _DELETE, (kept, number, line))
                    if last_at >= since:
                        _settle(connection, kept, party, asked)
            for values, is_timed in listed:
                # Without a time nothing but the count tells a new attempt.
                if is_timed or attempts.get(values[1:3], 0) < values[5]:
                    _run(connection, _PUT, values)

        return self._database.submit(work)

    def mark_done(self, key: LostKey, *, at: datetime) -> Future[None]:
        """The user ticked a caller off."""
        return self._mark(key, to_micros(at))

    def mark_open(self, key: LostKey) -> Future[None]:
        """The user put a caller back."""
        return self._mark(key, None)

    def drop_account(self, account_id: str) -> Future[None]:
        """Forget the list of an account that is no longer there."""
        return self._database.submit(
            lambda c: _run(
                c,
                "DELETE FROM lost_callers WHERE account_id = ?",
                (storable(account_id),),
            )
        )

    def _mark(self, key: LostKey, moment: int | None) -> Future[None]:
        values = (moment, *_key(key))
        return self._database.submit(
            lambda c: _run(
                c,
                "UPDATE lost_callers SET done_at = ?"
                " WHERE account_id = ? AND number = ? AND line = ?",
                values,
            )
        )


def _settle(
    connection: sqlite3.Connection, account_id: str, party: str, moment: int
) -> None:
    _run(connection, _SETTLE, (moment, storable(party), account_id, moment))


def _key(key: LostKey) -> tuple[str, str, str]:
    return storable(key.account_id), storable(key.number), storable(key.line)


def _values(row: LostRow, heard: int) -> tuple[Any, ...]:
    # A vendor whose clock is ahead must not undo what is ticked off from now on.
    last = heard if row.last_at is None else min(heard, to_micros(row.last_at))
    return (
        *_key(row.key),
        storable(row.party),
        storable(row.name),
        row.attempts,
        last,
    )


def _run(
    connection: sqlite3.Connection, statement: str, values: tuple[object, ...]
) -> None:
    connection.execute(statement, values)
