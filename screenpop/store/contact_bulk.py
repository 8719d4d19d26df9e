"""Write thousands of contacts with a few statements, a hundred rows to each.

A statement of many rows costs a third of what as many statements cost, and half of
rows taken out of a JSON text. While SQLite works at one, no other thread has to wait
for the interpreter's lock.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.store.contact_batches import BETWEEN
from screenpop.store.contact_rows import INDEX_WORDS, next_contact_no
from screenpop.store.kept_keys import Span, known

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from screenpop.store.contact_batches import NewRow

_COLUMNS: Final = (
    "source_id, name, company, job_title, numbers, emails, url, updated_at, search_text"
)
# SQLite may have been built to take no more than 999 values at a time.
PACK_ROWS: Final = 100
_MERGED_PAGES: Final = 100
# As SQLite has it by itself.
_WORD_PARTS: Final = 4
_FEWEST_CHANGES: Final = 2


class PackedContacts(NamedTuple):
    """At most ``PACK_ROWS`` contacts ready to be written together.

    It holds nothing but what ``marshal`` knows, in few pieces, so that a process that
    reads a file can hand it to the one that writes.

    Attributes:
        size: How many.
        texts: The columns of all of them, one after the other.
        keys: Those of every number.
        places: Whose each of these is, counted from nought.
    """

    size: int
    texts: str
    keys: list[int]
    places: list[int]


def packed(contacts: Sequence[NewRow]) -> Iterator[PackedContacts]:
    """``contacts`` for ``insert_packed``, ``PACK_ROWS`` at a time."""
    for start in range(0, len(contacts), PACK_ROWS):
        some = contacts[start : start + PACK_ROWS]
        yield PackedContacts(
            len(some),
            BETWEEN.join([texts for _, texts, _ in some]),
            [key for _, _, keys in some for key in keys],
            [place for place, (_, _, keys) in enumerate(some) for _ in keys],
        )


def insert_packed(
    connection: sqlite3.Connection,
    source_no: int,
    generation: int,
    packs: Sequence[PackedContacts],
) -> tuple[Span, list[tuple[int, int]]]:
    """Write them with their words; doubles of an id are passed over.

    Returns:
        What was written, and the entries of their numbers, which were not.
    """
    first = at = next_contact_no(connection)
    before = connection.total_changes
    keys: list[tuple[int, int]] = []
    for size, texts, own_keys, places in packs:
        values = texts.split(BETWEEN)
        connection.execute(_insert(size), (at, source_no, generation, *values))
        keys += zip(own_keys, [at + place for place in places], strict=True)
        at += size
    span = Span(first, at - 1, connection.total_changes - before)
    if span.size < at - first:
        keys = known(connection, first, at - 1, keys)
    connection.execute(INDEX_WORDS, (first, at - 1))
    return span, keys


def keep_word_parts(connection: sqlite3.Connection, count: int = _WORD_PARTS) -> None:
    """From so many parts of like size on, the word index merges them as it grows."""
    connection.execute(
        "INSERT INTO contact_search (contact_search, rank) VALUES ('automerge', ?)",
        (count,),
    )


def merge_words(connection: sqlite3.Connection, *, is_first: bool) -> bool:
    """Bring the parts of the word index together, some milliseconds of it.

    Every step of an import leaves a part, and a search asks them all.

    Args:
        connection: In a transaction.
        is_first: Whether to begin with it, all parts together.

    Returns:
        Whether there is more to do.
    """
    before = connection.total_changes
    connection.execute(
        "INSERT INTO contact_search (contact_search, rank) VALUES ('merge', ?)",
        (-_MERGED_PAGES if is_first else _MERGED_PAGES,),
    )
    # So SQLite tells that there was nothing left.
    return connection.total_changes - before >= _FEWEST_CHANGES


@cache
def _insert(count: int) -> str:
    """Insert so many contacts: the first one's number, source, generation, columns."""
    # What stands for no moment is a text like the others.
    columns = ", ".join(
        "nullif(?, '')" if name == "updated_at" else "?"
        for name in _COLUMNS.split(", ")
    )
    rows = ", ".join(f"(?1 + {place}, ?2, ?3, {columns})" for place in range(count))
    return (
        "INSERT OR IGNORE INTO contacts"  # noqa: S608 - fixed texts only; so below
        f" (contact_no, source_no, generation, {_COLUMNS}) VALUES {rows}"
    )
