"""Whether the user has said anything about a number: asked while it rings.

These few questions take microseconds and load nothing, so that a card need not wait for
what most people never use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.contacts import Mark
from screenpop.domain.json_fields import storable

if TYPE_CHECKING:
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.database import Database


def mark_of(database: Database, number_key: str) -> str:
    """How a number is marked ("spam", "private"); "" when it is not.

    Raises:
        StoreError: Or one of its kin; so below.
    """
    row = database.read(
        lambda c: c.execute(
            "SELECT mark FROM number_marks WHERE number_key = ?",
            (storable(number_key),),
        ).fetchone()
    )
    return str(row[0]) if row else ""


def is_private(contacts: LocalContacts, number_key: str) -> bool:
    """Whether a number is to be listed without any name."""
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    return number_key != "" and mark_of(database, number_key) == Mark.PRIVATE


def has_choice(database: Database, number_key: str) -> bool:
    """Whether somebody was chosen for a number."""
    return database.read(
        lambda c: (
            c.execute(
                "SELECT 1 FROM chosen_people WHERE number_key = ?",
                (storable(number_key),),
            ).fetchone()
            is not None
        )
    )


def has_joined_entries(database: Database) -> bool:
    """Whether any two entries were said to be one person."""
    return database.read(
        lambda c: c.execute("SELECT 1 FROM same_people LIMIT 1").fetchone() is not None
    )
