"""Numbers that the user marked: spam, or private. They are told to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.contacts import Mark
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database


@frozen
class MarkedNumber:
    """A number with its mark.

    Attributes:
        number_key: ``PhoneNumber.key``.
    """

    number_key: str
    mark: Mark
    marked_at: datetime


class NumberMarks:
    """One mark for each number.

    Reading raises StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, limit: int = 10_000) -> tuple[MarkedNumber, ...]:
        """Every marked number, the latest first."""
        rows = self._database.read(
            lambda c: c.execute(
                "SELECT number_key, mark, marked_at FROM number_marks"
                " ORDER BY marked_at DESC, number_key LIMIT ?",
                (limit,),
            ).fetchall()
        )
        known = ((key, _known(mark), at) for key, mark, at in rows)
        return tuple(
            MarkedNumber(key, mark, from_micros(at))
            for key, mark, at in known
            if mark is not None
        )

    def put(self, number_key: str, mark: Mark, *, at: datetime) -> Future[None]:
        """Mark a number; an earlier mark is replaced."""
        values = (storable(number_key), mark.value, to_micros(at))

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO number_marks (number_key, mark, marked_at)"
                " VALUES (?, ?, ?)",
                values,
            )

        return self._database.submit(work)

    def clear(self, number_key: str) -> Future[bool]:
        """Take a mark away; whether there was one."""
        key = storable(number_key)

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("PRAGMA secure_delete=ON")
            done = connection.execute(
                "DELETE FROM number_marks WHERE number_key = ?", (key,)
            )
            return done.rowcount > 0

        return self._database.submit(work)


def _known(text: str) -> Mark | None:
    """The mark; None for one that only a newer screenpop knows."""
    return Mark(text) if text in list(Mark) else None
