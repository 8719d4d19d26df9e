"""Which entries are one person, as the user said."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.domain.contacts import ContactKey
    from screenpop.store.database import Database

_Named: TypeAlias = "tuple[ContactKey, str]"


@frozen(kw_only=True)
class JoinedEntry:
    """One entry of a person who has several.

    Attributes:
        person: The same number for all entries of one person.
        name: What the entry was called when it was joined.
    """

    source: str
    source_id: str
    person: int
    name: str
    joined_at: datetime


class SamePeople:
    """Entries by the person they are.

    Reading raises StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def persons(self, keys: Iterable[ContactKey]) -> Mapping[ContactKey, int]:
        """Which person each entry is; those that were never joined are left out."""
        wanted = [(storable(source), storable(own)) for source, own in keys]

        def query(connection: sqlite3.Connection) -> dict[ContactKey, int]:
            found = {}
            for key in wanted:
                row = connection.execute(
                    "SELECT person FROM same_people WHERE source = ? AND source_id = ?",
                    key,
                ).fetchone()
                if row:
                    found[key] = int(row[0])
            return found

        return self._database.read(query)

    def all(self, limit: int = 2_000) -> tuple[JoinedEntry, ...]:
        """Every joined entry, those of one person beside each other."""
        rows = self._database.read(
            lambda c: c.execute(
                "SELECT source, source_id, person, name, joined_at FROM same_people"
                " ORDER BY person, source, source_id LIMIT ?",
                (limit,),
            ).fetchall()
        )
        return tuple(
            JoinedEntry(
                source=source,
                source_id=source_id,
                person=person,
                name=name,
                joined_at=from_micros(joined_at),
            )
            for source, source_id, person, name, joined_at in rows
        )

    def join(self, entries: Iterable[_Named], *, at: datetime) -> Future[None]:
        """From now on these are one person, with all that were one with any of them."""
        named = [
            (storable(source), storable(own), storable(name))
            for (source, own), name in entries
        ]
        moment = to_micros(at)

        def work(connection: sqlite3.Connection) -> None:
            persons = [
                person
                for source, own, _ in named
                for (person,) in connection.execute(
                    "SELECT person FROM same_people WHERE source = ? AND source_id = ?",
                    (source, own),
                )
            ]
            (highest,) = connection.execute(
                "SELECT coalesce(max(person), 0) FROM same_people"
            ).fetchone()
            person = min(persons, default=highest + 1)
            connection.executemany(
                "UPDATE same_people SET person = ? WHERE person = ?",
                [(person, other) for other in persons],
            )
            connection.executemany(
                "INSERT OR IGNORE INTO same_people"
                " (source, source_id, person, name, joined_at) VALUES (?, ?, ?, ?, ?)",
                [(source, own, person, name, moment) for source, own, name in named],
            )

        return self._database.submit(work)

    def part(self, keys: Iterable[ContactKey]) -> Future[int]:
        """Take entries out again; how many were joined. Nobody is left alone."""
        outs = [(storable(source), storable(own)) for source, own in keys]

        def work(connection: sqlite3.Connection) -> int:
            connection.execute("PRAGMA secure_delete=ON")
            parted = connection.executemany(
                "DELETE FROM same_people WHERE source = ? AND source_id = ?", outs
            ).rowcount
            connection.execute(
                "DELETE FROM same_people WHERE person IN (SELECT person"
                " FROM same_people GROUP BY person HAVING count(*) = 1)"
            )
            return parted

        return self._database.submit(work)
