"""Keep the copy of a source's contacts in step, change by change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from screenpop.domain.json_fields import storable
from screenpop.store.columns import to_micros
from screenpop.store.contact_rows import (
    FROM_VISIBLE,
    delete_contacts,
    insert_contacts,
    new_contact,
    source_no,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from concurrent.futures import Future

    from screenpop.domain.contacts import Contact
    from screenpop.store.contacts import LocalContacts


def sync_mark(contacts: LocalContacts, source: str) -> str:
    """How far the copy of ``source`` has come, in its own words; "" for nowhere.

    Raises:
        StoreError: Or one of its kin.
    """
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    row = database.read(
        lambda c: c.execute(
            "SELECT mark FROM contact_sources WHERE source = ?", (source,)
        ).fetchone()
    )
    return str(row[0]) if row else ""


def synced_sources(contacts: LocalContacts) -> tuple[str, ...]:
    """The sources whose copies are kept in step by marks.

    Raises:
        StoreError: Or one of its kin.
    """
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return database.read(
        lambda c: tuple(
            str(source)
            for (source,) in c.execute(
                "SELECT source FROM contact_sources WHERE mark <> ''"
            )
        )
    )


def set_sync_mark(contacts: LocalContacts, source: str, mark: str) -> Future[None]:
    """Note how far the copy has come; on disk once the future is done."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE contact_sources SET mark = ? WHERE source = ?", (mark, source)
        )

    return contacts._database.submit(work)  # noqa: SLF001


def apply_changes(
    contacts: LocalContacts,
    source: str,
    label: str,
    *,
    changed: Sequence[Contact],
    gone_ids: Sequence[str],
    mark: str,
) -> Future[None]:
    """Put changed contacts in place, take gone ones out, move the mark: all or none."""
    rows = {row.source_id: row for row in map(new_contact, changed)}
    outdated = [*(storable(each) for each in gone_ids), *rows]

    def work(connection: sqlite3.Connection) -> None:
        number = source_no(connection, source, label)
        doomed = [
            contact_no
            for source_id in outdated
            for (contact_no,) in connection.execute(
                f"SELECT c.contact_no FROM {FROM_VISIBLE}"  # noqa: S608 - a fixed text
                " WHERE c.source_no = ? AND c.source_id = ?",
                (number, source_id),
            )
        ]
        delete_contacts(connection, doomed)
        (visible,) = connection.execute(
            "SELECT visible FROM contact_sources WHERE source_no = ?", (number,)
        ).fetchone()
        insert_contacts(connection, number, visible, list(rows.values()))
        connection.execute(
            "UPDATE contact_sources SET mark = ?, imported_at = ? WHERE source_no = ?",
            (mark, to_micros(datetime.now(UTC)), number),
        )

    return contacts._database.submit(work)  # noqa: SLF001
