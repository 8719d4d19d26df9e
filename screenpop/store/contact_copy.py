"""Copy everything a source has, as it comes, in place of the copy from before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.store.contact_import import ContactImport, remove_source

if TYPE_CHECKING:
    from screenpop.store.contacts import LocalContacts


def copy_of(contacts: LocalContacts, source: str, label: str) -> ContactImport:
    """An import that replaces all contacts of ``source``; it has not begun yet."""
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return ContactImport(database, source, label=label, replaces=True)


def drop_copy(contacts: LocalContacts, source: str) -> int:
    """Remove the copy of ``source``; returns how many rows there were.

    Raises:
        StoreError: Or one of its kin.
    """
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return remove_source(database, source)
