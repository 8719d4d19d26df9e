"""Search as you type: which contacts fit, the likeliest first."""

from __future__ import annotations

from itertools import compress
from operator import and_
from typing import TYPE_CHECKING, Final, NamedTuple

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


class _Candidate(NamedTuple):
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
    for candidate in _rows_for(connection, text, typed, number_prefixes):
        found[candidate.contact_no] = candidate
        if len(found) >= 2 * _SCANNED:
            break
    return found


def _rows_for(
    connection: sqlite3.Connection,
    text: str,
    typed: Sequence[str],
    number_prefixes: Sequence[str],
) -> Iterator[_Candidate]:
    if typed:
        yield from map(_Candidate._make, _rows_with_words(connection, typed))
    digits = digits_of(text)
    if len(digits) < _FEWEST_DIGITS or any(char.isalpha() for char in text):
        return
    international = digits.removeprefix("00") if digits.startswith("00") else ""
    for prefix in dict.fromkeys((digits, international, *number_prefixes)):
        for low, high in prefix_ranges(prefix):
            rows = connection.execute(_BY_RANGE, (low, high, _SCANNED))
            yield from map(_Candidate._make, rows)
    for end in end_keys(digits):
        rows = connection.execute(_CANDIDATE_BY_END, (end,))
        yield from map(_Candidate._make, rows)


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
    is_cut = any(len(word) > _INDEXED_LENGTH and word not in in_full for word in typed)
    if not is_cut:
        # All of them fit: nothing was left out of the question.
        query = _query(typed, in_full)
        return connection.execute(_BY_WORDS, (query, _SCANNED)).fetchall()
    query = _query(typed, in_full)
    rows = connection.execute(_BY_WORDS, (query, _LOOKED_THROUGH)).fetchall()
    found, rare = _fitting(rows, typed)
    rare -= in_full
    if len(found) < _FEW and len(rows) == _LOOKED_THROUGH and rare:
        query = _query(typed, in_full | rare)
        rows = connection.execute(_BY_WORDS, (query, _LOOKED_THROUGH)).fetchall()
        found, _ = _fitting(rows, typed)
    return found[:_SCANNED]


def _fitting(
    rows: Sequence[tuple[int, str, str]], typed: Sequence[str]
) -> tuple[list[tuple[int, str, str]], set[str]]:
    """Those with words that begin as typed, and which of the words rarely fit."""
    texts = [f" {row[1]}" for row in rows]
    few = len(rows) * _RARE_SHARE
    rare: set[str] = set()
    fits_all = [True] * len(rows)
    for word in typed:
        start = f" {word}"
        fits = [start in text for text in texts]
        fits_all = list(map(and_, fits_all, fits))
        if sum(fits) < few:
            rare.add(word)
    return list(compress(rows, fits_all)), rare


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
    contact_no, text, name = candidate
    if not typed or text.startswith(" ".join(typed)):
        place = 0
    elif _has_word(text, name, typed[0]):
        place = 1
    else:
        place = 2
    return place, text, contact_no


def _has_word(text: str, name: str, start: str) -> bool:
    """Whether a word of the name, with which the folded text begins, begins so."""
    if text.startswith(name.lower()):
        # Nothing in it had to be folded: it is as long as its words.
        return -1 < f" {text}".find(f" {start}") < len(name)
    return any(word.startswith(start) for word in words(name))
