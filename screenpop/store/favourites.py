"""Numbers that the user wants at hand in the dialer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import to_micros

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database


@frozen
class Favourite:
    """Somebody to call often.

    Attributes:
        number_key: ``PhoneNumber.key``; what is dialled.
        name: Who it was when it was added; "" where nobody knew.
    """

    number_key: str
    name: str


class Favourites:
    """In the order in which they were added.

    Reading raises StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, limit: int = 100) -> tuple[Favourite, ...]:
        """Everybody."""
        rows = self._database.read(
            lambda c: c.execute(
                "SELECT number_key, name FROM favourites"
                " ORDER BY added_at, number_key LIMIT ?",
                (limit,),
            ).fetchall()
        )
        return tuple(Favourite(key, name) for key, name in rows)

    def add(self, favourite: Favourite, *, at: datetime) -> Future[None]:
        """Add a number, or give one that is there another name."""
        values = (
            storable(favourite.number_key),
            storable(favourite.name),
            to_micros(at),
        )

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO favourites (number_key, name, added_at) VALUES (?, ?, ?)"
                " ON CONFLICT (number_key) DO UPDATE SET name = excluded.name",
                values,
            )

        return self._database.submit(work)

    def remove(self, number_key: str) -> Future[bool]:
        """Take a number out; whether it was there. What it held is overwritten."""
        key = storable(number_key)

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("PRAGMA secure_delete=ON")
            done = connection.execute(
                "DELETE FROM favourites WHERE number_key = ?", (key,)
            )
            return done.rowcount > 0

        return self._database.submit(work)
