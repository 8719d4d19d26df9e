"""Copy everything a source has, as it comes, in place of the copy from before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.store.columns import from_micros
from screenpop.store.contact_sweep import remove_source

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.store.contact_import import ContactImport
    from screenpop.store.contacts import LocalContacts


def copy_of(contacts: LocalContacts, source: str, label: str) -> ContactImport:
    """An import that replaces all contacts of ``source``; it has not begun yet."""
    from screenpop.store.contact_import import ContactImport

    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return ContactImport(database, source, label=label, replaces=True)


def last_copied(contacts: LocalContacts) -> dict[str, datetime]:
    """When each source was last copied as a whole (aware, UTC); none for never.

    Raises:
        StoreError: Or one of its kin.
    """
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return database.read(
        lambda c: {
            str(source): from_micros(imported_at)
            for source, imported_at in c.execute(
                "SELECT source, imported_at FROM contact_sources"
                " WHERE imported_at IS NOT NULL"
            )
        }
    )


def drop_copy(contacts: LocalContacts, source: str) -> int:
    """Remove the copy of ``source``; returns how many rows there were.

    Raises:
        StoreError: Or one of its kin.
    """
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return remove_source(database, source)
