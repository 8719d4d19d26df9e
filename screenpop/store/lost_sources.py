"""What goes with a contact source: its copy, and what was said of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.json_fields import storable
from screenpop.store.contact_copy import drop_copy

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from screenpop.store.contacts import LocalContacts
    from screenpop.store.database import Database

_LOST: Final = """
    SELECT source FROM
        (SELECT source FROM chosen_people UNION SELECT source FROM same_people)
    WHERE source NOT IN (SELECT s.source FROM contact_sources AS s
        WHERE EXISTS (SELECT 1 FROM contacts AS c WHERE c.source_no = s.source_no))
    ORDER BY source
"""


def forget_source(contacts: LocalContacts, source: str) -> None:
    """Leave nothing of a source that was removed; waits for the disk.

    Another one of the same name starts from nothing.

    Raises:
        StoreError: Or one of its kin.
    """
    drop_copy(contacts, source)
    forget_said(contacts, source)


def forget_said(contacts: LocalContacts, source: str) -> None:
    """Forget who was chosen, and who is one person, as far as a source knew them.

    Raises:
        StoreError: Or one of its kin.
    """
    name = storable(source)

    def work(connection: sqlite3.Connection) -> None:
        # These are names, and of people the user may not want to be kept any more.
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("DELETE FROM chosen_people WHERE source = ?", (name,))
        connection.execute("DELETE FROM same_people WHERE source = ?", (name,))
        connection.execute(
            "DELETE FROM same_people WHERE person IN (SELECT person FROM same_people"
            " GROUP BY person HAVING count(*) = 1)"
        )

    _database(contacts).submit(work).result()


def lost_sources(contacts: LocalContacts, present: Collection[str]) -> tuple[str, ...]:
    """Sources of which something was said and which are there no more.

    Args:
        contacts: The local directory; what it has contacts of is there.
        present: What else is there.

    Raises:
        StoreError: Or one of its kin.
    """
    said = _database(contacts).read(
        lambda c: [str(source) for (source,) in c.execute(_LOST)]
    )
    return tuple(source for source in said if source not in present)


def _database(contacts: LocalContacts) -> Database:
    return contacts._database  # noqa: SLF001 - a neighbour in this package
