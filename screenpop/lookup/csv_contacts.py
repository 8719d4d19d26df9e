"""Contacts out of a CSV file, whoever exported it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import ImportFailed
from screenpop.domain.numbers import NumberKind, read_number
from screenpop.domain.plain_text import plain
from screenpop.lookup.csv_columns import ColumnGuess, guess_columns
from screenpop.lookup.csv_file import CsvFormat, detect_format, open_text, rows_of
from screenpop.lookup.csv_headings import ContactField

if TYPE_CHECKING:
    from typing import TextIO

LOCAL_SOURCE: Final = "local"
_SAMPLE_ROWS: Final = 20
_KEPT_PROBLEMS: Final = 100
_LONGEST_NAME: Final = 300
_LONGEST_URL: Final = 2000
_FEWEST_DIGITS: Final = 5
_FORMULA_TEXT: Final = re.compile(r'="([^"]*)"')
# Google puts several values into one cell, with three colons between.
_CELL_BREAKS: Final = re.compile(r"\s*(?::::|[\n\r|])\s*")
_LIST_BREAKS: Final = re.compile(r"\s*[,;/]\s*")
_EMAIL_BREAKS: Final = re.compile(r"\s*(?::::|[,;\s])\s*")
_DROPPED: Final = frozenset({NumberKind.WITHHELD, NumberKind.UNREADABLE})


@dataclass(frozen=True, slots=True)
class CsvContents:
    """What a file looks like, for the user to confirm.

    Attributes:
        layout: How it is written.
        guess: What each column most likely holds.
        sample: The first rows without the headings.
    """

    layout: CsvFormat
    guess: ColumnGuess
    sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that gave no contact.

    Attributes:
        line: The file's line it ends on, from one.
        reason: Why, without anything of what it says.
    """

    line: int
    reason: str


def inspect_csv(path: Path) -> CsvContents:
    """What the file looks like; only its beginning is read as rows.

    Raises:
        ImportFailed: It cannot be read, is no text or has no rows.
    """
    layout = detect_format(path)
    with open_text(path, layout.encoding) as stream:
        rows = [
            row.fields
            for row in islice(rows_of(stream, layout, path), _SAMPLE_ROWS + 1)
            if any(field.strip() for field in row.fields)
        ]
    if not rows:
        raise ImportFailed(f"{path.name} is empty", "Choose a file with contacts.")
    guess = guess_columns(rows[0], rows[1:])
    sample = rows[1:] if guess.has_header else rows
    return CsvContents(layout, guess, tuple(map(tuple, sample)))


def read_contacts(
    path: Path,
    mapping: ColumnGuess | None,
    region: str,
    *,
    source: str = LOCAL_SOURCE,
) -> ContactReader:
    """The contacts of a file, one at a time, however many there are.

    Args:
        path: The file.
        mapping: What its columns hold; None to guess.
        region: In which to read numbers without a country code.
        source: What the contacts say they come from.

    Raises:
        ImportFailed: It cannot be read, or no column has numbers.
    """
    contents = inspect_csv(path)
    columns = contents.guess if mapping is None else mapping
    if not columns.has_phone:
        raise ImportFailed(
            f"{path.name} has no column with phone numbers",
            "Give the column with the numbers a heading such as Phone.",
        )
    return ContactReader(path, contents.layout, columns, region, source)


class ContactReader:
    """Iterates over a file's contacts, once, and counts what it passes over.

    Attributes:
        contacts: How many it gave so far.
        skipped: How many rows gave none.
        bad_rows: The first hundred of those.
        unreadable_numbers: How many numbers were left out of contacts.
    """

    def __init__(
        self,
        path: Path,
        layout: CsvFormat,
        columns: ColumnGuess,
        region: str,
        source: str,
    ) -> None:
        self.contacts = 0
        self.skipped = 0
        self.bad_rows: list[BadRow] = []
        self.unreadable_numbers = 0
        self._path = path
        self._layout = layout
        self._columns = columns
        self._region = region
        self._source = source
        self._places = _Places(columns)
        self._stream: TextIO | None = None
        self._size = max(1, path.stat().st_size) if path.exists() else 1

    @property
    def progress(self) -> float:
        """How much of the file is read, 0 to 1."""
        if self._stream is None:
            return 1.0 if self.contacts or self.skipped else 0.0
        return min(1.0, self._stream.buffer.tell() / self._size)

    def __iter__(self) -> Iterator[Contact]:
        """Raises ImportFailed when the file cannot be read to its end."""
        try:
            self._stream = open_text(self._path, self._layout.encoding)
        except OSError as error:
            raise ImportFailed(
                f"{self._path.name} cannot be read: {error.strerror}"
            ) from error
        try:
            yield from self._read(self._stream)
        finally:
            self._stream.close()
            self._stream = None

    def _read(self, stream: TextIO) -> Iterator[Contact]:
        is_header = self._columns.has_header
        for row in rows_of(stream, self._layout, self._path):
            if row.problem:
                self._skip(row.line, row.problem)
                continue
            if not any(row.fields):
                continue
            if is_header:
                is_header = False
                continue
            numbers = self._numbers(row.fields)
            if numbers:
                self.contacts += 1
                yield self._contact(row.fields, numbers)
            elif any(field.strip() for field in row.fields):
                self._skip(row.line, "it has no phone number that can be read")

    def _skip(self, line: int, reason: str) -> None:
        self.skipped += 1
        if len(self.bad_rows) < _KEPT_PROBLEMS:
            self.bad_rows.append(BadRow(line, reason))

    def _contact(
        self, fields: Sequence[str], numbers: tuple[ContactNumber, ...]
    ) -> Contact:
        places = self._places
        url = _cell(fields, places.url).strip()
        return Contact(
            source=self._source,
            source_id=plain(_cell(fields, places.id), _LONGEST_NAME),
            name=self._name(fields),
            company=plain(_cell(fields, places.company), _LONGEST_NAME),
            job_title=plain(_cell(fields, places.job_title), _LONGEST_NAME),
            numbers=numbers,
            emails=tuple(self._emails(fields)) if places.emails else (),
            url=url if url.isprintable() and len(url) <= _LONGEST_URL else "",
        )

    def _name(self, fields: Sequence[str]) -> str:
        name = plain(_cell(fields, self._places.name), _LONGEST_NAME)
        if name or not self._places.name_parts:
            return name
        parts = [_cell(fields, place) for place in self._places.name_parts]
        return plain(" ".join(part for part in parts if part), _LONGEST_NAME)

    def _emails(self, fields: Sequence[str]) -> Iterator[str]:
        for place in self._places.emails:
            for part in _EMAIL_BREAKS.split(_cell(fields, place)):
                if "@" in part:
                    yield plain(part, _LONGEST_NAME)

    def _numbers(self, fields: Sequence[str]) -> tuple[ContactNumber, ...]:
        found: list[ContactNumber] = []
        for place, label, label_place in self._places.phones:
            cell = _cell(fields, place).strip()
            if not cell:
                continue
            said = plain(_cell(fields, label_place)).lstrip("* ").lower()
            for raw in _split_numbers(cell):
                number = self._number(raw, said or label)
                if number is not None:
                    found.append(number)
        if len(found) < 2:
            return tuple(found)
        by_number = {number.e164 or number.raw: number for number in reversed(found)}
        return tuple(reversed(by_number.values()))

    def _number(self, raw: str, label: str) -> ContactNumber | None:
        number = read_number(raw, self._region)
        if number.e164:
            return ContactNumber(number.raw, number.e164, label)
        if number.kind in _DROPPED:
            self.unreadable_numbers += number.kind is NumberKind.UNREADABLE
            return None
        return ContactNumber(number.extension or number.sip or plain(raw), "", label)


class _Places:
    """The columns by what they hold."""

    def __init__(self, guess: ColumnGuess) -> None:
        self.name = self._first(guess, ContactField.NAME)
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


def _cell(fields: Sequence[str], place: int | None) -> str:
    return "" if place is None or place >= len(fields) else fields[place]


def _split_numbers(cell: str) -> list[str]:
    """The numbers of a cell; nearly always one."""
    if cell.isalnum() or (cell[0] == "+" and cell[1:].isdigit()):
        return [cell]
    formula = _FORMULA_TEXT.fullmatch(cell)
    if formula:
        cell = formula.group(1)
    parts = []
    for part in _CELL_BREAKS.split(cell):
        pieces = _LIST_BREAKS.split(part)
        # Else what follows is an extension or another ending of the same number.
        is_list = all(sum(map(str.isdigit, one)) >= _FEWEST_DIGITS for one in pieces)
        parts += pieces if is_list else [part]
    # An apostrophe is how a spreadsheet is told that digits are text.
    return [part.lstrip("'") for part in parts if part.strip()]
