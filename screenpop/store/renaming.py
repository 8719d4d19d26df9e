"""Carry a contact's new name to the calls that were taken for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.json_fields import storable
from screenpop.store.folding import fold

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future

    from screenpop.domain.contacts import Contact
    from screenpop.store.contacts import LocalContacts


def rename_matches(
    contacts: LocalContacts, before: Contact, after: Contact
) -> Future[None] | None:
    """Have the call log call somebody what they are called now.

    Only calls with one of their numbers that were taken for them: what was taken for
    others of the same number stays.

    Args:
        contacts: Whose database it is.
        before: The contact as it was.
        after: The contact as it is; its numbers, too, may have changed.

    Returns:
        Done once it is on disk; None when there is nothing to do. It raises StoreError
        or one of its kin.
    """
    old = storable(before.display_name), storable(before.company)
    new = storable(after.display_name), storable(after.company)
    numbers = {each.e164 for one in (before, after) for each in one.numbers}
    values = [(*new, fold(*new), number, *old) for number in numbers if number]
    if old == new or not values:
        return None

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "UPDATE calls SET matched_name = ?, matched_company = ?, match_text = ?"
            " WHERE party = ? AND party <> ''"
            " AND matched_name = ? AND matched_company = ?",
            values,
        )

    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return database.submit(work)
