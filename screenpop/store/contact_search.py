"""Search as you type: which contacts fit, the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.store.contact_rows import FROM_VISIBLE, end_keys, prefix_ranges
from screenpop.store.folding import digits_of, words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

_LONGEST_QUERY_WORDS: Final = 8
_FEWEST_DIGITS: Final = 2
_SCANNED: Final = 150
# How many to look through for those, some microseconds each.
_LOOKED_THROUGH: Final = 300
# The longest beginnings of words that the index holds ready (see schema): for a longer
# one it goes through all words that begin so, each with all its contacts.
_INDEXED_LENGTH: Final = 4
# As many of which it goes through in a millisecond.
_COMMON: Final = 8_000
# A word that fits fewer of those looked at than this is rare, as common as it begins.
_RARE_SHARE: Final = 0.1
_FEW: Final = 50
_MOST_WITH_AN_ENDING: Final = 50

_BY_WORDS: Final = f"""SELECT c.contact_no, c.search_text, c.name FROM contact_search
    CROSS JOIN {FROM_VISIBLE}
    WHERE contact_search MATCH ? AND c.contact_no = contact_search.rowid
    LIMIT ?
"""  # noqa: S608
_HOW_FAR: Final = f"""SELECT rowid FROM contact_search WHERE contact_search MATCH ?
    LIMIT 1 OFFSET {_SCANNED}
"""  # noqa: S608
_BY_RANGE: Final = f"""SELECT c.contact_no, c.search_text, c.name
    FROM contact_numbers AS k CROSS JOIN {FROM_VISIBLE}
    WHERE k.number_key BETWEEN ? AND ? AND c.contact_no = k.contact_no LIMIT ?
"""  # noqa: S608
_CANDIDATE_BY_END: Final = f"""SELECT c.contact_no, c.search_text, c.name
    FROM contact_numbers AS k CROSS JOIN {FROM_VISIBLE}
    WHERE k.number_key > 0 AND k.number_key % 1000000000 = ?
    AND c.contact_no = k.contact_no LIMIT {_MOST_WITH_AN_ENDING}
"""  # noqa: S608


@frozen
class _Candidate:
    """A contact that fits what was typed, before it is read in full."""

    contact_no: int
    search_text: str
    name: str


def find_contacts(
    connection: sqlite3.Connection, text: str, number_prefixes: Sequence[str]
) -> list[int]:
    """The numbers of contacts that fit what was typed, see ``LocalContacts.search``."""
    typed = words(text)[:_LONGEST_QUERY_WORDS]
    found = _candidates(connection, text, typed, number_prefixes)
    ranked = sorted(found.values(), key=lambda each: _rank(each, typed))
    return [each.contact_no for each in ranked]


def _candidates(
    connection: sqlite3.Connection,
    text: str,
    typed: Sequence[str],
    number_prefixes: Sequence[str],
) -> dict[int, _Candidate]:
    """Whatever fits, in no order, by its number."""
    found: dict[int, _Candidate] = {}
    for row in _rows_for(connection, text, typed, number_prefixes):
        found.setdefault(row[0], _Candidate(*row))
        if len(found) >= 2 * _SCANNED:
            break
    return found


def _rows_for(
    connection: sqlite3.Connection,
    text: str,
    typed: Sequence[str],
    number_prefixes: Sequence[str],
) -> Iterator[tuple[int, str, str]]:
    if typed:
        yield from _rows_with_words(connection, typed)
    digits = digits_of(text)
    if len(digits) < _FEWEST_DIGITS or any(char.isalpha() for char in text):
        return
    international = digits.removeprefix("00") if digits.startswith("00") else ""
    for prefix in dict.fromkeys((digits, international, *number_prefixes)):
        for low, high in prefix_ranges(prefix):
            yield from connection.execute(_BY_RANGE, (low, high, _SCANNED))
    for end in end_keys(digits):
        yield from connection.execute(_CANDIDATE_BY_END, (end,))


def _rows_with_words(
    connection: sqlite3.Connection, typed: Sequence[str]
) -> list[tuple[int, str, str]]:
    """Contacts with words that begin as typed, however common the beginnings are.

    Of a long word with a common beginning ("logistics") the index is asked for that
    beginning alone, and the rest is looked at here. Where that brings too few, such
    words as turned out to be rare are asked for in full.
    """
    in_full = {
        word
        for word in typed
        if len(word) > _INDEXED_LENGTH and not _is_common(connection, word)
    }
    fits = _Fitting(typed)
    is_cut = any(len(word) > _INDEXED_LENGTH and word not in in_full for word in typed)
    limit = _LOOKED_THROUGH if is_cut else _SCANNED
    rows = connection.execute(_BY_WORDS, (_query(typed, in_full), limit)).fetchall()
    found = [row for row in rows if fits(row[1])]
    rare = fits.rare() - in_full
    if len(found) < _FEW and len(rows) == limit and rare:
        query = _query(typed, in_full | rare)
        rows = connection.execute(_BY_WORDS, (query, limit)).fetchall()
        found = [row for row in rows if fits(row[1])]
    return found[:_SCANNED]


class _Fitting:
    """Whether texts have words that begin as typed, and which of these rarely fit."""

    def __init__(self, typed: Sequence[str]) -> None:
        self._starts = {word: f" {word}" for word in typed}
        self._fitting = dict.fromkeys(typed, 0)
        self._asked = 0

    def __call__(self, search_text: str) -> bool:
        text = f" {search_text}"
        self._asked += 1
        fits_all = True
        for word, start in self._starts.items():
            if start in text:
                self._fitting[word] += 1
            else:
                fits_all = False
        return fits_all

    def rare(self) -> set[str]:
        """The words that fitted few of the texts so far."""
        few = self._asked * _RARE_SHARE
        return {word for word, count in self._fitting.items() if count < few}


def _is_common(connection: sqlite3.Connection, word: str) -> bool:
    """Whether very many contacts have a word that begins like this one.

    Told from how far the first few of them lie apart.
    """
    query = _query([word])
    row = connection.execute(_HOW_FAR, (query,)).fetchone()
    if row is None:
        return False
    (newest,) = connection.execute("SELECT max(contact_no) FROM contacts").fetchone()
    return bool(newest * _SCANNED > row[0] * _COMMON)


def _query(typed: Sequence[str], in_full: Collection[str] = ()) -> str:
    """The words for the index, cut to what it holds ready except for those given."""
    asked = (word if word in in_full else word[:_INDEXED_LENGTH] for word in typed)
    # Quoted, a word cannot be taken for an operator.
    return " ".join(f'"{word}"*' for word in asked)


def _rank(candidate: _Candidate, typed: Sequence[str]) -> tuple[int, str, int]:
    """Names that begin as typed, then names with it in the middle, then companies."""
    text = candidate.search_text
    if not typed or text.startswith(" ".join(typed)):
        place = 0
    elif any(word.startswith(typed[0]) for word in words(candidate.name)):
        place = 1
    else:
        place = 2
    return place, text, candidate.contact_no
