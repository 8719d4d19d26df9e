"""Whom the user chose among several people with one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database

_COLUMNS: Final = "number_key, source, source_id, name, chosen_at"


@frozen(kw_only=True)
class ChosenPerson:
    """Somebody who was chosen for a number.

    Attributes:
        number_key: ``PhoneNumber.key``.
        source: Which source knows them, and ``source_id`` their id there.
        name: What they were called when they were chosen.
    """

    number_key: str
    source: str
    source_id: str
    name: str
    chosen_at: datetime


class ChosenPeople:
    """One choice for each number.

    Reading raises StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, number_key: str) -> ChosenPerson | None:
        """Who was chosen for a number; microseconds."""
        row = self._database.read(
            lambda c: c.execute(
                f"SELECT {_COLUMNS} FROM chosen_people WHERE number_key = ?",  # noqa: S608 - fixed texts only
                (storable(number_key),),
            ).fetchone()
        )
        return _person(*row) if row else None

    def all(self, limit: int = 1_000) -> tuple[ChosenPerson, ...]:
        """Every choice, the latest first."""
        rows = self._database.read(
            lambda c: c.execute(
                f"SELECT {_COLUMNS} FROM chosen_people"  # noqa: S608 - as above
                " ORDER BY chosen_at DESC, number_key LIMIT ?",
                (limit,),
            ).fetchall()
        )
        return tuple(_person(*row) for row in rows)

    def choose(self, person: ChosenPerson) -> Future[None]:
        """Keep a choice in place of an earlier one for the number."""
        values = (
            storable(person.number_key),
            storable(person.source),
            storable(person.source_id),
            storable(person.name),
            to_micros(person.chosen_at),
        )

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                f"INSERT OR REPLACE INTO chosen_people ({_COLUMNS})"  # noqa: S608
                " VALUES (?, ?, ?, ?, ?)",
                values,
            )

        return self._database.submit(work)

    def undo(self, number_key: str) -> Future[bool]:
        """Take a choice back; whether there was one."""
        key = storable(number_key)

        def work(connection: sqlite3.Connection) -> bool:
            # It may be undone because the number is to be forgotten.
            connection.execute("PRAGMA secure_delete=ON")
            done = connection.execute(
                "DELETE FROM chosen_people WHERE number_key = ?", (key,)
            )
            return done.rowcount > 0

        return self._database.submit(work)


def _person(
    number_key: str, source: str, source_id: str, name: str, chosen_at: int
) -> ChosenPerson:
    return ChosenPerson(
        number_key=number_key,
        source=source,
        source_id=source_id,
        name=name,
        chosen_at=from_micros(chosen_at),
    )
