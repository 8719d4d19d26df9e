"""Entries of numbers that an import keeps back, to write them in their own order.

Each page of that index is then written once for tens of thousands of entries, and not
once for every step.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.store.contact_rows import keys_of_numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

# SQLite may have been built to take no more than 999 values at a time.
_KEYS_AT_ONCE: Final = 400
_KEYS_A_STEP: Final = 10_000


class Span(NamedTuple):
    """Contacts that were written one after the other.

    Attributes:
        first: The number of the first.
        last: That of the last.
        size: How many there are from one to the other.
    """

    first: int
    last: int
    size: int


class KeptKeys:
    """The entries of contacts that are written, but not yet to be found by number."""

    def __init__(self) -> None:
        self._keys: list[tuple[int, int]] = []
        self._spans: list[Span] = []

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, span: Span, keys: Sequence[tuple[int, int]]) -> None:
        """Keep key and contact of every number of these contacts."""
        self._spans.append(span)
        self._keys += keys

    def add_since(
        self,
        connection: sqlite3.Connection,
        source_no: int,
        generation: int,
        first: int,
    ) -> None:
        """Keep those of an import's contacts from ``first`` on, as they stand there."""
        rows = connection.execute(
            "SELECT contact_no, numbers FROM contacts WHERE contact_no >= ?"
            " AND source_no = ? AND generation = ? ORDER BY contact_no",
            (first, source_no, generation),
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        keys = [(key, no) for no, numbers in rows for key in keys_of_numbers(numbers)]
        self.add(Span(first, last, _count(connection, first, last)), keys)

    def in_order(self) -> Iterator[list[tuple[int, int]]]:
        """All of them, as many at a time as a step may write."""
        self._keys.sort()
        for start in range(0, len(self._keys), _KEYS_A_STEP):
            yield self._keys[start : start + _KEYS_A_STEP]

    def write(
        self, connection: sqlite3.Connection, keys: Sequence[tuple[int, int]]
    ) -> None:
        """Write some of them; none of contacts that somebody has removed meanwhile."""
        spans = self._spans
        if any(_count(connection, *span[:2]) != span.size for span in spans):
            keys = known(connection, spans[0].first, spans[-1].last, keys)
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[start : start + _KEYS_AT_ONCE]
            values = list(chain.from_iterable(some))
            connection.execute(_insert(len(some)), values)

    def clear(self) -> None:
        """All are written."""
        self._keys.clear()
        self._spans.clear()


def known(
    connection: sqlite3.Connection,
    first: int,
    last: int,
    keys: Sequence[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Without the entries of contacts between these two that are not there."""
    rows = connection.execute(
        "SELECT contact_no FROM contacts WHERE contact_no BETWEEN ? AND ?",
        (first, last),
    )
    there = {contact_no for (contact_no,) in rows}
    return [each for each in keys if each[1] in there]


def _count(connection: sqlite3.Connection, first: int, last: int) -> int:
    (count,) = connection.execute(
        "SELECT count(*) FROM contacts WHERE contact_no BETWEEN ? AND ?", (first, last)
    ).fetchone()
    return int(count)


@cache
def _insert(count: int) -> str:
    """Insert so many numbers: each one's key and contact."""
    rows = ", ".join(["(?, ?)"] * count)
    return f"INSERT OR IGNORE INTO contact_numbers VALUES {rows}"  # noqa: S608 - fixed
