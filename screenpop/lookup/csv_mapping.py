"""What the rows of a contact list say, by what each of its columns holds."""

from __future__ import annotations

import re
from itertools import compress, repeat, zip_longest
from typing import TYPE_CHECKING, Final

from screenpop.domain.contact_columns import ContactColumns
from screenpop.domain.number_sight import e164s_at_sight
from screenpop.domain.plain_text import plain, plain_all
from screenpop.lookup.csv_headings import ContactField
from screenpop.lookup.file_numbers import NumberReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from screenpop.domain.contact_columns import NumberTexts
    from screenpop.lookup.csv_columns import ColumnGuess

_LONGEST_NAME: Final = 300
_LONGEST_URL: Final = 2000
_EMAIL_BREAK: Final = re.compile(r"[:,;\s]")
_EMAIL_BREAKS: Final = re.compile(r"\s*(?::::|[,;\s])\s*")


class CsvMapping:
    """Makes contacts out of rows, hundreds at a time.

    Attributes:
        id_prefix: What is put before the ids that the file has.
    """

    def __init__(self, guess: ColumnGuess, region: str) -> None:
        """The mapping of a file.

        Args:
            guess: What its columns hold.
            region: In which to read numbers without a country code.
        """
        self.id_prefix = ""
        self._numbers_in = NumberReader(region)
        self._places = _Places(guess)

    @property
    def unreadable_numbers(self) -> int:
        """How many numbers were left out so far."""
        return self._numbers_in.unreadable

    def contacts_in(
        self, rows: Sequence[Sequence[str]]
    ) -> tuple[ContactColumns, Sequence[bool]]:
        """Those of the rows that have a number, and which rows these are."""
        numbers = self._numbers(_Table(rows))
        has_any = list(map(bool, numbers))
        if not all(has_any):
            rows = list(compress(rows, has_any))
            numbers = list(compress(numbers, has_any))
        return self._columns(_Table(rows), numbers), has_any

    def _columns(
        self, table: _Table, numbers: list[Sequence[NumberTexts]]
    ) -> ContactColumns:
        places, prefix = self._places, self.id_prefix
        own_ids = table.texts(places.id)
        return ContactColumns(
            source_ids=[prefix + each if each else "" for each in own_ids],
            names=self._names(table),
            companies=table.texts(places.company),
            job_titles=table.texts(places.job_title),
            numbers=numbers,
            emails=self._emails(table),
            urls=[_url(cell) if cell else "" for cell in table.cells(places.url)],
            updated_at=[None] * len(numbers),
        )

    def _names(self, table: _Table) -> list[str]:
        places = self._places
        wholes = table.cells(places.name)
        if not places.name_parts:
            return plain_all(wholes, _LONGEST_NAME)
        cells = zip(*map(table.cells, places.name_parts), strict=True)
        joined = [" ".join(filter(None, parts)) for parts in cells]
        names = [
            (parts.strip() or whole if places.has_filing_name else whole.strip())
            or parts
            for whole, parts in zip(wholes, joined, strict=True)
        ]
        return plain_all(names, _LONGEST_NAME)

    def _emails(self, table: _Table) -> list[list[str]]:
        found: list[list[str]] = [[] for _ in range(len(table))]
        for place in self._places.emails:
            cells = list(map(str.strip, table.cells(place)))
            if _EMAIL_BREAK.search("|".join(cells)):
                for emails, cell in zip(found, cells, strict=True):
                    emails.extend(_emails_in(cell))
                continue
            shown = plain_all(cells, _LONGEST_NAME)
            for emails, cell, email in zip(found, cells, shown, strict=True):
                if "@" in cell:
                    emails.append(email)
        return found

    def _numbers(self, table: _Table) -> list[Sequence[NumberTexts]]:
        found: list[list[NumberTexts]] = [[] for _ in range(len(table))]
        for place, label, label_place in self._places.phones:
            cells = list(map(str.strip, table.cells(place)))
            if not any(cells):
                continue
            labels: Iterable[str] = repeat(label, len(cells))
            if label_place is not None:
                said = table.texts(label_place)
                labels = [each.lstrip("* ").lower() or label for each in said]
            e164s = e164s_at_sight(cells, self._numbers_in.region)
            each = zip(found, cells, e164s, labels, strict=True)
            for numbers, cell, e164, called in each:
                if e164:
                    numbers.append((cell, e164, called))
                elif cell:
                    several = self._numbers_in.all_in(cell, called)
                    numbers += [(one.raw, one.e164, one.label) for one in several]
        return [_each_once(each) if len(each) > 1 else each for each in found]


class _Table:
    """The cells of some rows by their column; "" for those that a row has not."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        self._columns = list(zip_longest(*rows, fillvalue=""))
        self._empty = [""] * len(rows)

    def __len__(self) -> int:
        return len(self._empty)

    def cells(self, place: int | None) -> Sequence[str]:
        """A column as it stands; an empty one for None."""
        is_there = place is not None and place < len(self._columns)
        return self._columns[place] if is_there and place is not None else self._empty

    def texts(self, place: int | None) -> list[str]:
        """The same, safe to be shown."""
        cells = self.cells(place)
        return self._empty if cells is self._empty else plain_all(cells, _LONGEST_NAME)


class _Places:
    """The columns by what they hold."""

    def __init__(self, guess: ColumnGuess) -> None:
        self.name = self._first(guess, ContactField.NAME)
        self.has_filing_name = guess.has_filing_name
        self.company = self._first(guess, ContactField.COMPANY)
        self.job_title = self._first(guess, ContactField.JOB_TITLE)
        self.id = self._first(guess, ContactField.ID)
        self.url = self._first(guess, ContactField.URL)
        self.emails = self._all(guess, ContactField.EMAIL)
        parts = (
            ContactField.FIRST_NAME,
            ContactField.MIDDLE_NAME,
            ContactField.LAST_NAME,
        )
        self.name_parts = [place for part in parts for place in self._all(guess, part)]
        self.phones = [
            (place, guess.columns[place].label, guess.columns[place].label_column)
            for place in self._all(guess, ContactField.PHONE)
        ]

    @staticmethod
    def _all(guess: ColumnGuess, field: ContactField) -> list[int]:
        return [
            place for place, column in enumerate(guess.columns) if column.field is field
        ]

    @classmethod
    def _first(cls, guess: ColumnGuess, field: ContactField) -> int | None:
        return next(iter(cls._all(guess, field)), None)


def _emails_in(cell: str) -> list[str]:
    parts = _EMAIL_BREAKS.split(cell) if _EMAIL_BREAK.search(cell) else (cell,)
    return [plain(part, _LONGEST_NAME) for part in parts if "@" in part]


def _url(cell: str) -> str:
    url = cell.strip()
    return url if url.isprintable() and len(url) <= _LONGEST_URL else ""


def _each_once(numbers: Sequence[NumberTexts]) -> list[NumberTexts]:
    """The numbers without repetitions, the first of each kept."""
    by_number: dict[str, NumberTexts] = {}
    for number in numbers:
        raw, e164, _ = number
        by_number.setdefault(e164 or raw, number)
    return list(by_number.values())
