"""Bring many contacts into the local directory without anybody seeing half of them.

Meant for a worker process of its own: a million contacts keep a processor busy for
some seconds, and a thread of the app would make its windows stutter. The write lock is
held for a tenth of a second or so at a time, so that deliveries get their turn.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import StoreError
from screenpop.store.columns import to_micros
from screenpop.store.contact_bulk import insert_packed, pack
from screenpop.store.contact_rows import (
    FROM_VISIBLE,
    delete_contacts,
    new_contact,
    next_contact_no,
    source_no,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from concurrent.futures import Future

    from screenpop.domain.contacts import Contact
    from screenpop.store.contact_bulk import PackedContacts
    from screenpop.store.database import Database

STEP_ROWS: Final = 10_000
_SWEPT_ROWS: Final = 2_000
# Longer than a waiting writer's pause between two tries for the lock.
_TURN_SECONDS: Final = 0.002
_NO_END: Final = 2**63 - 1
_ABANDONED_AFTER: Final = timedelta(hours=1)

_DEAD: Final = f"""SELECT dead.contact_no FROM contacts AS dead
    JOIN contact_sources AS o USING (source_no)
    WHERE dead.contact_no > :after AND dead.contact_no <= :upto
    AND dead.generation IS NOT o.importing
    AND NOT EXISTS (SELECT 1 FROM {FROM_VISIBLE} WHERE c.contact_no = dead.contact_no)
"""  # noqa: S608 - fixed texts only


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did.

    Attributes:
        contacts: Contacts that it brought.
        doubles: Contacts passed over, as their id had come before in this import.
        removed: Rows that it replaced or that were gone from the source.
    """

    contacts: int
    doubles: int
    removed: int


class ContactImport:
    """One import of one source: ``begin``, ``add_batch`` many times, ``finish``.

    Nothing of it can be found before ``finish``; without that, because the process
    died or ``abandon`` was called, everything stays as it was. A later import of the
    same source ends this one. All methods block; all raise StoreError or its kin.

    Attributes:
        source: Whose contacts: "local", an account's id, a file's name.
        replaces: Whether contacts that do not come this time are gone from the source;
            else they stay, and those that come are added or renewed.
    """

    def __init__(
        self, database: Database, source: str, *, label: str = "", replaces: bool
    ) -> None:
        self.source = source
        self.replaces = replaces
        self._label = label
        self._database = database
        self._source_no = self._generation = self._first_no = 0
        self._sent = self._written = 0
        self._step: Future[int] | None = None

    def begin(self) -> None:
        """Start; clears away what an import that died has left of this source."""

        def work(connection: sqlite3.Connection) -> bool:
            number = source_no(connection, self.source, self._label)
            newest, visible = connection.execute(
                "SELECT newest, visible FROM contact_sources WHERE source_no = ?",
                (number,),
            ).fetchone()
            connection.execute(
                "UPDATE contact_sources SET newest = newest + 1,"
                " importing = newest + 1, touched_at = ? WHERE source_no = ?",
                (_now(), number),
            )
            self._source_no, self._generation = number, newest + 1
            self._first_no = next_contact_no(connection)
            return bool(newest > visible)

        has_litter = self._database.submit(work).result()
        if has_litter:
            # Else it would become visible together with ours.
            _sweep_rows(self._database, below=self._first_no)

    def add_batch(self, contacts: Sequence[Contact]) -> None:
        """Write these contacts, invisible for now.

        The writing goes on while the caller prepares the next batch, so an error may
        show only then, or in ``finish``.

        Raises:
            StoreError: Also when a later import of the source has ended this one.
        """
        for start in range(0, len(contacts), STEP_ROWS):
            step = pack([new_contact(c) for c in contacts[start : start + STEP_ROWS]])
            self._await_step()
            # Nothing to wait for the disk for: "finish" takes all of it along.
            self._step = self._database.submit(
                partial(self._add, step=step), is_durable=False
            )
            self._sent += step.size

    def finish(self) -> ImportResult:
        """Make all of it visible at once, then clear away what it replaces."""

        def work(connection: sqlite3.Connection) -> None:
            self._require_turn(connection)
            connection.execute(
                "UPDATE contact_sources SET visible = :generation, importing = NULL,"
                " imported_at = :now, has_outdated = 1,"
                " floor = CASE WHEN :replaces THEN :generation ELSE floor END"
                " WHERE source_no = :source_no",
                {
                    "generation": self._generation,
                    "now": _now(),
                    "replaces": self.replaces,
                    "source_no": self._source_no,
                },
            )

        self._await_step()
        self._database.submit(work).result()
        removed = _sweep_rows(self._database, below=self._first_no)
        return ImportResult(
            contacts=self._written,
            doubles=self._sent - self._written,
            removed=removed,
        )

    def abandon(self) -> None:
        """Leave everything as it was before ``begin``."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE contact_sources SET importing = NULL"
                " WHERE source_no = ? AND importing = ?",
                (self._source_no, self._generation),
            )

        self._database.submit(work).result()
        _sweep_rows(self._database)

    def _await_step(self) -> None:
        step, self._step = self._step, None
        if step is not None:
            self._written += step.result()
            time.sleep(_TURN_SECONDS)

    def _add(self, connection: sqlite3.Connection, step: PackedContacts) -> int:
        self._require_turn(connection)
        connection.execute(
            "UPDATE contact_sources SET touched_at = ? WHERE source_no = ?",
            (_now(), self._source_no),
        )
        return insert_packed(connection, self._source_no, self._generation, step)

    def _require_turn(self, connection: sqlite3.Connection) -> None:
        row = connection.execute(
            "SELECT importing FROM contact_sources WHERE source_no = ?",
            (self._source_no,),
        ).fetchone()
        if row is None or row[0] != self._generation:
            raise StoreError(
                "This import was ended", "A later import of the same contacts runs."
            )


def remove_source(database: Database, source: str) -> int:
    """Remove a source's contacts, in small steps; returns how many rows there were.

    Raises:
        StoreError: Or one of its kin; what was not removed is invisible all the same.
    """

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE contact_sources SET newest = newest + 1, importing = NULL,"
            " floor = newest + 1, visible = newest + 1, mark = '', imported_at = NULL"
            " WHERE source = ?",
            (source,),
        )

    database.submit(work).result()
    return _sweep_rows(database)


def sweep(database: Database) -> int:
    """Clear away what ended or dead imports have left; for quiet moments.

    Costs next to nothing when they left nothing.

    Returns:
        How many rows were removed.

    Raises:
        StoreError: Or one of its kin.
    """
    oldest_alive = _now() - _ABANDONED_AFTER // timedelta(microseconds=1)

    def work(connection: sqlite3.Connection) -> bool:
        dead = connection.execute(
            "UPDATE contact_sources SET importing = NULL"
            " WHERE importing IS NOT NULL AND touched_at < ?",
            (oldest_alive,),
        ).rowcount
        (outdated,) = connection.execute(
            "SELECT count(*) FROM contact_sources WHERE has_outdated = 1"
        ).fetchone()
        return bool(dead or outdated)

    return _sweep_rows(database) if database.submit(work).result() else 0


def _sweep_rows(database: Database, below: int = _NO_END) -> int:
    """Remove rows that can never be seen again, a few at a time; returns how many.

    Rows numbered ``below`` that or higher are known to be alive.
    """
    begun = database.submit(_generations).result()
    removed = 0
    after = 0
    while True:
        step = partial(_sweep_step, after=after, below=below)
        upto, dead = database.submit(step, is_durable=False).result()
        removed += dead
        if upto is None:
            break
        after = upto
        time.sleep(_TURN_SECONDS)
    database.submit(partial(_note_swept, begun=begun)).result()
    return removed


def _generations(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """The visible generation of every source that has outdated rows."""
    return connection.execute(
        "SELECT visible, source_no FROM contact_sources WHERE has_outdated = 1"
    ).fetchall()


def _note_swept(connection: sqlite3.Connection, begun: list[tuple[int, int]]) -> None:
    """Spare look-ups the question for newer rows, unless an import ended meanwhile."""
    connection.executemany(
        "UPDATE contact_sources SET has_outdated = 0"
        " WHERE visible = ? AND source_no = ?",
        begun,
    )


def _sweep_step(
    connection: sqlite3.Connection, after: int, below: int
) -> tuple[int | None, int]:
    """Sweep the next rows; returns the last one looked at, and how many went."""
    upto = connection.execute(
        "SELECT max(contact_no) FROM (SELECT contact_no FROM contacts"
        " WHERE contact_no > ? AND contact_no < ? ORDER BY contact_no LIMIT ?)",
        (after, below, _SWEPT_ROWS),
    ).fetchone()[0]
    if upto is None:
        return None, 0
    dead = [
        contact_no
        for (contact_no,) in connection.execute(_DEAD, {"after": after, "upto": upto})
    ]
    delete_contacts(connection, dead)
    return upto, len(dead)


def _now() -> int:
    return to_micros(datetime.now(UTC))
