"""Every delivery as it came, on disk before the vendor hears that we have it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.frozen import frozen
from screenpop.store.columns import (
    from_json,
    from_micros,
    from_micros_or_none,
    to_json,
    to_micros,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from screenpop.store.database import Database

_PAGE: Final = 500
_COLUMNS: Final = "seq, account_id, source, received_at, body, request"
_Row: TypeAlias = tuple[int, str, str, int, bytes, str]
_NewRow: TypeAlias = tuple[str, str, int, bytes, str]


@frozen
class DeliveryProblem:
    """A delivery that could not be understood in full.

    Attributes:
        problem: Names of fields and what was wrong with them; never a value.
    """

    seq: int
    account_id: str
    received_at: datetime
    problem: str


@frozen(kw_only=True)
class AccountIntake:
    """What one account has sent us, as far as it is still kept.

    Attributes:
        pending: Journalled but not yet processed.
        unreadable: Processed with a problem.
    """

    account_id: str
    deliveries: int
    pending: int
    unreadable: int
    last_received_at: datetime


@frozen(kw_only=True)
class JournalCounts:
    """The journal as a whole, for the doctor."""

    deliveries: int
    pending: int
    unreadable: int
    oldest_at: datetime | None
    newest_at: datetime | None


class Journal:
    """The deliveries of all accounts in the order in which they were stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, delivery: Delivery) -> Future[int]:
        """Store ``delivery``; safe from any thread.

        The future gives its number once it is on disk; before that the vendor must
        not be told that we have it.

        Raises (through the future):
            StoreError: It is not stored.
        """
        row = _to_row(delivery)
        return self._database.submit(
            lambda connection: _insert(connection, row), is_one_statement=True
        )

    def pending(self) -> list[Delivery]:
        """What was journalled but never processed, oldest first.

        Raises:
            StoreError: The database cannot be read.
        """
        return self._select("is_processed = 0 ORDER BY seq", ())

    def read_since(
        self, start: int | datetime, *, limit: int = _PAGE
    ) -> list[Delivery]:
        """Deliveries after the number ``start``, or received from that moment on.

        In the order of their numbers, which is not strictly that of their receipt.

        Raises:
            StoreError: The database cannot be read.
        """
        if isinstance(start, datetime):
            condition = "received_at >= ? ORDER BY seq LIMIT ?"
            return self._select(condition, (to_micros(start), limit))
        return self._select("seq > ? ORDER BY seq LIMIT ?", (start, limit))

    def iter_since(self, start: int | datetime = 0) -> Iterator[Delivery]:
        """The same without a limit, read page by page."""
        seq = start if isinstance(start, int) else self._seq_before(start)
        while page := self.read_since(seq):
            yield from page
            seq = page[-1].seq or seq

    def follow(
        self, start: int | datetime, pause: Callable[[], bool]
    ) -> Iterator[Delivery]:
        """Deliveries from ``start`` on, then new ones as any process stores them.

        Args:
            start: As for ``read_since``.
            pause: Called when there is nothing new; waits for as long as it likes and
                says whether to go on.
        """
        seq = start if isinstance(start, int) else self._seq_before(start)
        while True:
            seen = self._database.change_counter()
            for delivery in self.iter_since(seq):
                seq = delivery.seq or seq
                yield delivery
            while seen == self._database.change_counter():
                if not pause():
                    return

    def problems(self, *, limit: int = 100) -> list[DeliveryProblem]:
        """The latest deliveries that could not be understood in full, newest first."""
        rows = self._database.read(
            lambda c: c.execute(
                "SELECT seq, account_id, received_at, unreadable FROM deliveries"
                " WHERE unreadable IS NOT NULL ORDER BY seq DESC LIMIT ?",
                (limit,),
            ).fetchall()
        )
        return [
            DeliveryProblem(seq, account_id, from_micros(received_at), problem)
            for seq, account_id, received_at, problem in rows
        ]

    def counts(self) -> JournalCounts:
        """How much there is; it reads through the whole journal."""
        row = self._database.read(
            lambda c: c.execute(
                "SELECT count(*), total(is_processed = 0),"
                " total(unreadable IS NOT NULL), min(received_at), max(received_at)"
                " FROM deliveries"
            ).fetchone()
        )
        return JournalCounts(
            deliveries=row[0],
            pending=int(row[1]),
            unreadable=int(row[2]),
            oldest_at=from_micros_or_none(row[3]),
            newest_at=from_micros_or_none(row[4]),
        )

    def by_account(self) -> tuple[AccountIntake, ...]:
        """The same for each account; it reads through the whole journal."""
        rows = self._database.read(
            lambda c: c.execute(
                "SELECT account_id, count(*), total(is_processed = 0),"
                " total(unreadable IS NOT NULL), max(received_at)"
                " FROM deliveries GROUP BY account_id ORDER BY account_id"
            ).fetchall()
        )
        return tuple(
            AccountIntake(
                account_id=account_id,
                deliveries=deliveries,
                pending=int(pending),
                unreadable=int(unreadable),
                last_received_at=from_micros(last),
            )
            for account_id, deliveries, pending, unreadable, last in rows
        )

    def latest_of(self, account_id: str) -> datetime | None:
        """When a delivery of the account last came; None when there is none."""
        row = self._database.read(
            lambda c: c.execute(
                "SELECT received_at FROM deliveries WHERE account_id = ?"
                " ORDER BY received_at DESC LIMIT 1",
                (account_id,),
            ).fetchone()
        )
        return from_micros(row[0]) if row else None

    def hooked(
        self, account_id: str, *, after: int = 0, limit: int = 50
    ) -> list[Delivery]:
        """The latest that the vendor itself sent to an account, newest first.

        Args:
            account_id: Whose.
            after: Only those with a greater number.
            limit: How many at most.

        Raises:
            StoreError: The database cannot be read.
        """
        return self._select(
            "account_id = ? AND seq > ? AND source IN ('webhook', 'relay')"
            " ORDER BY seq DESC LIMIT ?",
            (account_id, after, limit),
        )

    def prune(self, older_than: datetime, *, limit: int = 5_000) -> Future[int]:
        """Delete processed deliveries received before ``older_than``, oldest first.

        At most ``limit`` at a time, so that nobody waits long for the writer; the
        future gives how many there were. What is not processed always stays.
        """
        return self._database.submit(
            lambda c: (
                c.execute(
                    "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries"
                    " WHERE received_at < ? AND is_processed = 1"
                    " ORDER BY received_at LIMIT ?)",
                    (to_micros(older_than), limit),
                ).rowcount
            )
        )

    def _select(self, condition: str, values: tuple[object, ...]) -> list[Delivery]:
        rows = self._database.read(
            lambda c: c.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE {condition}",  # noqa: S608
                values,
            ).fetchall()
        )
        return [_from_row(row) for row in rows]

    def _seq_before(self, moment: datetime) -> int:
        row = self._database.read(
            lambda c: c.execute(
                "SELECT min(seq) FROM deliveries WHERE received_at >= ?",
                (to_micros(moment),),
            ).fetchone()
        )
        if row[0] is not None:
            return int(row[0]) - 1
        last = self._database.read(
            lambda c: c.execute("SELECT max(seq) FROM deliveries").fetchone()
        )
        return int(last[0] or 0)


def mark_processed(
    connection: sqlite3.Connection, seqs: Sequence[int], problems: Mapping[int, str]
) -> None:
    """Note inside a transaction that these deliveries have been dealt with."""
    connection.executemany(
        "UPDATE deliveries SET is_processed = 1, unreadable = ? WHERE seq = ?",
        [(problems.get(seq), seq) for seq in seqs],
    )


def _insert(connection: sqlite3.Connection, row: _NewRow) -> int:
    cursor = connection.execute(
        "INSERT INTO deliveries (account_id, source, received_at, body, request)"
        " VALUES (?, ?, ?, ?, ?)",
        row,
    )
    return int(cursor.lastrowid or 0)


def _to_row(delivery: Delivery) -> _NewRow:
    # As JSON, for a request line may hold what is no text to SQLite.
    request = [
        delivery.content_type,
        delivery.method,
        delivery.path,
        delivery.query,
        delivery.headers,
    ]
    return (
        delivery.account_id,
        delivery.source.value,
        to_micros(delivery.received_at),
        delivery.body,
        to_json(request),
    )


def _from_row(row: _Row) -> Delivery:
    seq, account_id, source, received_at, body, request = row
    content_type, method, path, query, headers = from_json(request)
    pairs = headers if isinstance(headers, list) else []
    return Delivery(
        account_id=account_id,
        source=DeliverySource(source),
        received_at=from_micros(received_at),
        body=body,
        content_type=str(content_type),
        method=str(method),
        path=str(path),
        query=str(query),
        headers=tuple((str(name), str(value)) for name, value in pairs),
        seq=seq,
    )
