"""Remove contacts that nobody can see any more, a few at a time.

That is what an import replaced, what one that died has left, and whole sources. The
write lock is held for moments only, so that deliveries get their turn.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from screenpop.store.columns import to_micros
from screenpop.store.contact_rows import FROM_VISIBLE, delete_contacts

if TYPE_CHECKING:
    import sqlite3

    from screenpop.store.database import Database

# Longer than a waiting writer's pause between two tries for the lock.
TURN_SECONDS: Final = 0.002
_SWEPT_ROWS: Final = 2_000
_NO_END: Final = 2**63 - 1
_ABANDONED_AFTER: Final = timedelta(hours=1)

_DEAD: Final = f"""SELECT dead.contact_no FROM contacts AS dead
    JOIN contact_sources AS o USING (source_no)
    WHERE dead.contact_no > :after AND dead.contact_no <= :upto
    AND dead.generation IS NOT o.importing
    AND NOT EXISTS (SELECT 1 FROM {FROM_VISIBLE} WHERE c.contact_no = dead.contact_no)
"""  # noqa: S608 - fixed texts only


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
    return sweep_rows(database)


def sweep(database: Database) -> int:
    """Clear away what ended or dead imports have left; for quiet moments.

    Costs next to nothing when they left nothing.

    Returns:
        How many rows were removed.

    Raises:
        StoreError: Or one of its kin.
    """
    oldest_alive = to_micros(datetime.now(UTC) - _ABANDONED_AFTER)

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

    return sweep_rows(database) if database.submit(work).result() else 0


def sweep_rows(database: Database, below: int = _NO_END) -> int:
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
        time.sleep(TURN_SECONDS)
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
