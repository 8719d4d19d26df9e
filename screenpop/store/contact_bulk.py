"""Write ten thousand contacts with three statements.

An import prepares the next contacts while these are being written. With a statement
for each row both threads would wait for the interpreter's lock at every one of them;
SQLite takes all rows out of one JSON text without it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.store.contact_rows import INDEX_WORDS, next_contact_no

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from screenpop.store.contact_rows import NewContact

_COLUMNS: Final = (
    "source_id, name, company, job_title, numbers, emails, url, updated_at, search_text"
)
_VALUES: Final = ", ".join(
    f"json_extract(value, '$[{place}]')" for place in range(len(_COLUMNS.split(", ")))
)
_INSERT: Final = f"""INSERT OR IGNORE INTO contacts
    (contact_no, source_no, generation, {_COLUMNS})
    SELECT :first + key, :source_no, :generation, {_VALUES} FROM json_each(:rows)
"""  # noqa: S608 - fixed texts only; so below
_INSERT_NUMBERS: Final = """INSERT OR IGNORE INTO contact_numbers
    SELECT json_extract(value, '$[0]'), :first + json_extract(value, '$[1]')
    FROM json_each(:keys)
"""
# Without those of contacts that were passed over as doubles.
_INSERT_KNOWN_NUMBERS: Final = f"""{_INSERT_NUMBERS} WHERE EXISTS (
    SELECT 1 FROM contacts WHERE contact_no = :first + json_extract(value, '$[1]'))
"""  # noqa: S608
_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class PackedContacts(NamedTuple):
    """Contacts ready to be written together.

    Attributes:
        size: How many.
        rows: Their columns, as JSON.
        keys: Key and place of every number, in the index's order, as JSON.
    """

    size: int
    rows: str
    keys: str


def pack(contacts: Sequence[NewContact]) -> PackedContacts:
    """``contacts`` for ``insert_packed``."""
    rows = [(contact.source_id, *contact.columns) for contact in contacts]
    # In order, so that neighbours in the index are written together.
    keys = sorted(
        (key, place) for place, contact in enumerate(contacts) for key in contact.keys
    )
    return PackedContacts(len(rows), _dumps(rows), _dumps(keys))


def insert_packed(
    connection: sqlite3.Connection,
    source_no: int,
    generation: int,
    contacts: PackedContacts,
) -> int:
    """Write them with their index entries; doubles of an id are passed over.

    Returns:
        How many were written.
    """
    first = next_contact_no(connection)
    values = {
        "first": first,
        "source_no": source_no,
        "generation": generation,
        "rows": contacts.rows,
        "keys": contacts.keys,
    }
    before = connection.total_changes
    connection.execute(_INSERT, values)
    written = connection.total_changes - before
    has_all = written == contacts.size
    connection.execute(_INSERT_NUMBERS if has_all else _INSERT_KNOWN_NUMBERS, values)
    connection.execute(INDEX_WORDS, (first, first + contacts.size - 1))
    return written
