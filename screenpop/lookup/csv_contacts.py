"""Contacts out of a CSV file, whoever exported it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import ImportFailed
from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.lookup.bad_rows import BadRow, BadRows
from screenpop.lookup.csv_columns import ColumnGuess, guess_columns, title_rows
from screenpop.lookup.csv_file import CsvFormat, detect_format, no_csv, reported
from screenpop.lookup.csv_headings import ContactField
from screenpop.lookup.csv_rows import rows_of
from screenpop.lookup.file_numbers import NumberReader, each_once
from screenpop.wording import tr

if TYPE_CHECKING:
    from typing import TextIO

LOCAL_SOURCE: Final = "local"
_SAMPLE_ROWS: Final = 20
_LONGEST_NAME: Final = 300
_LONGEST_URL: Final = 2000
_EMAIL_BREAK: Final = re.compile(r"[:,;\s]")
_EMAIL_BREAKS: Final = re.compile(r"\s*(?::::|[,;\s])\s*")


@frozen
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


def inspect_csv(path: Path, region: str = "") -> CsvContents:
    """What the file looks like; only its beginning is read as rows.

    Args:
        path: The file.
        region: The user's, which tells how old programs there write text.

    Raises:
        ImportFailed: It cannot be read, is no text or has no rows.
    """
    layout = detect_format(path, region)
    with reported(path), layout.form.open(path) as stream:
        found = list(islice(rows_of(stream, layout, path), _SAMPLE_ROWS + 1))
    rows = [row.fields for row in found if any(field.strip() for field in row.fields)]
    if not rows:
        problems = [row.problem for row in found if row.problem]
        raise (
            no_csv(path, problems[0])
            if problems
            else ImportFailed(
                tr("{name} is empty", name=path.name),
                tr("Choose a file with contacts."),
            )
        )
    titles = title_rows(rows)
    rows = rows[titles:]
    guess = replace(guess_columns(rows[0], rows[1:]), title_rows=titles)
    sample = rows[1:] if guess.has_header else rows
    return CsvContents(layout, guess, tuple(map(tuple, sample)))


def read_contacts(
    path: Path,
    mapping: ColumnGuess | None,
    region: str,
    *,
    source: str = LOCAL_SOURCE,
    id_prefix: str = "",
) -> ContactReader:
    """The contacts of a file, one at a time, however many there are.

    Args:
        path: The file.
        mapping: What its columns hold; None to guess.
        region: In which to read numbers without a country code.
        source: What the contacts say they come from.
        id_prefix: What is put before the ids that the file has.

    Raises:
        ImportFailed: It cannot be read, or no column has numbers.
    """
    contents = inspect_csv(path, region)
    columns = contents.guess if mapping is None else mapping
    if not columns.has_phone:
        raise ImportFailed(
            tr("{name} has no column with phone numbers", name=path.name),
            tr("Give the column with the numbers a heading such as Phone."),
        )
    reader = ContactReader(path, contents.layout, columns, region, source)
    reader.id_prefix = id_prefix
    return reader


class ContactReader:
    """Iterates over a file's contacts, once, and counts what it passes over.

    Attributes:
        contacts: How many it gave so far.
        id_prefix: What is put before the ids that the file has.
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
        self.id_prefix = ""
        self._bad = BadRows()
        self._path = path
        self._layout = layout
        self._columns = columns
        self._numbers_in = NumberReader(region)
        self._source = source
        self._places = _Places(columns)
        self._stream: TextIO | None = None
        self._size = max(1, path.stat().st_size) if path.exists() else 1

    @property
    def skipped(self) -> int:
        """How many rows gave no contact."""
        return self._bad.count

    @property
    def bad_rows(self) -> list[BadRow]:
        """The first hundred of those, by the line they end on."""
        return self._bad.first

    @property
    def unreadable_numbers(self) -> int:
        """How many numbers were left out of contacts."""
        return self._numbers_in.unreadable

    @property
    def progress(self) -> float:
        """How much of the file is read, 0 to 1."""
        if self._stream is None:
            return 1.0 if self.contacts or self.skipped else 0.0
        return min(1.0, self._stream.buffer.tell() / self._size)

    def __iter__(self) -> Iterator[Contact]:
        """Raises ImportFailed when the file cannot be read to its end."""
        with reported(self._path):
            self._stream = self._layout.form.open(self._path)
        try:
            yield from self._read(self._stream)
        finally:
            self._stream.close()
            self._stream = None

    def _read(self, stream: TextIO) -> Iterator[Contact]:
        to_pass = self._columns.title_rows + self._columns.has_header
        for row in rows_of(stream, self._layout, self._path):
            if row.problem:
                self._bad.add(row.line, row.problem)
                continue
            if not any(row.fields):
                continue
            if to_pass:
                # Counted as "inspect_csv" does: without rows of blanks.
                to_pass -= any(field.strip() for field in row.fields)
                continue
            numbers = self._numbers(row.fields)
            if numbers:
                self.contacts += 1
                yield self._contact(row.fields, numbers)
            elif any(field.strip() for field in row.fields):
                self._bad.add(row.line, tr("it has no phone number that can be read"))

    def _contact(
        self, fields: Sequence[str], numbers: tuple[ContactNumber, ...]
    ) -> Contact:
        places = self._places
        url = "" if places.url is None else _cell(fields, places.url).strip()
        own_id = _text(fields, places.id)
        return Contact(
            source=self._source,
            source_id=self.id_prefix + own_id if own_id else "",
            name=self._name(fields),
            company=_text(fields, places.company),
            job_title=_text(fields, places.job_title),
            numbers=numbers,
            emails=tuple(self._emails(fields)) if places.emails else (),
            url=url if url.isprintable() and len(url) <= _LONGEST_URL else "",
        )

    def _name(self, fields: Sequence[str]) -> str:
        places = self._places
        whole = _cell(fields, places.name)
        if not places.name_parts:
            return plain(whole, _LONGEST_NAME)
        parts = " ".join(filter(None, (_cell(fields, p) for p in places.name_parts)))
        best = parts.strip() or whole if places.has_filing_name else whole.strip()
        return plain(best or parts, _LONGEST_NAME)

    def _emails(self, fields: Sequence[str]) -> Iterator[str]:
        for place in self._places.emails:
            cell = _cell(fields, place).strip()
            several = _EMAIL_BREAK.search(cell)
            for part in _EMAIL_BREAKS.split(cell) if several else (cell,):
                if "@" in part:
                    yield plain(part, _LONGEST_NAME)

    def _numbers(self, fields: Sequence[str]) -> tuple[ContactNumber, ...]:
        found: list[ContactNumber] = []
        for place, label, label_place in self._places.phones:
            cell = _cell(fields, place).strip()
            if not cell:
                continue
            said = _text(fields, label_place).lstrip("* ").lower()
            found += self._numbers_in.all_in(cell, said or label)
        return each_once(found)


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


def _text(fields: Sequence[str], place: int | None) -> str:
    return "" if place is None else plain(_cell(fields, place), _LONGEST_NAME)


def _cell(fields: Sequence[str], place: int | None) -> str:
    return "" if place is None or place >= len(fields) else fields[place]
