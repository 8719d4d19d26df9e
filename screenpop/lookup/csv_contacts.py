"""Contacts out of a CSV file, whoever exported it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ImportFailed
from screenpop.domain.frozen import frozen
from screenpop.lookup.bad_rows import BadRow, BadRows
from screenpop.lookup.csv_columns import ColumnGuess, guess_columns, title_rows
from screenpop.lookup.csv_file import CsvFormat, detect_format, no_csv, reported
from screenpop.lookup.csv_mapping import CsvMapping
from screenpop.lookup.csv_rows import RowRun, rows_of
from screenpop.wording import tr

if TYPE_CHECKING:
    from typing import TextIO

    from screenpop.domain.contact_columns import ContactColumns
    from screenpop.domain.contacts import Contact

LOCAL_SOURCE: Final = "local"
_SAMPLE_ROWS: Final = 20


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
        found, problems = _first_rows(rows_of(stream, layout, path))
    rows = [row for row in found if any(map(str.strip, row))]
    if not rows:
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


def _first_rows(runs: Iterator[RowRun]) -> tuple[list[list[str]], list[str]]:
    """As many rows as are looked at, and what is wrong with those that have none."""
    rows: list[list[str]] = []
    problems: list[str] = []
    while len(rows) + len(problems) <= _SAMPLE_ROWS and (run := next(runs, None)):
        rows += run.rows[: _SAMPLE_ROWS + 1 - len(rows) - len(problems)]
        if run.problem:
            problems.append(run.problem)
    return rows, problems


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
    fields = CsvMapping(columns, region)
    fields.id_prefix = id_prefix
    return ContactReader(path, contents.layout, columns, fields, source)


class ContactReader:
    """Iterates over a file's contacts, once, and counts what it passes over.

    Attributes:
        contacts: How many it gave so far; it may be some ahead of its iterator.
    """

    def __init__(
        self,
        path: Path,
        layout: CsvFormat,
        columns: ColumnGuess,
        mapping: CsvMapping,
        source: str,
    ) -> None:
        self.contacts = 0
        self._bad = BadRows()
        self._path = path
        self._layout = layout
        self._columns = columns
        self._mapping = mapping
        self._source = source
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
        return self._mapping.unreadable_numbers

    @property
    def progress(self) -> float:
        """How much of the file is read, 0 to 1."""
        if self._stream is None:
            return 1.0 if self.contacts or self.skipped else 0.0
        return min(1.0, self._stream.buffer.tell() / self._size)

    def __iter__(self) -> Iterator[Contact]:
        """Raises ImportFailed when the file cannot be read to its end."""
        for columns in self.columns():
            yield from columns.contacts(self._source)

    def columns(self) -> Iterator[ContactColumns]:
        """See ``ContactFile``."""
        with reported(self._path):
            self._stream = self._layout.form.open(self._path)
        try:
            yield from self._read(self._stream)
        finally:
            self._stream.close()
            self._stream = None

    def _read(self, stream: TextIO) -> Iterator[ContactColumns]:
        to_pass = self._columns.title_rows + self._columns.has_header
        for run in rows_of(stream, self._layout, self._path):
            if run.problem:
                self._bad.add(run.lines[0], run.problem)
                continue
            lines, rows = run.lines, run.rows
            while to_pass and rows:
                # Counted as "inspect_csv" does: without rows of blanks.
                to_pass -= any(map(str.strip, rows[0]))
                lines, rows = lines[1:], rows[1:]
            columns, has_any = self._mapping.contacts_in(rows)
            self._note_bad(lines, rows, has_any)
            self.contacts += len(columns)
            yield columns

    def _note_bad(
        self,
        lines: Sequence[int],
        rows: Sequence[Sequence[str]],
        has_numbers: Sequence[bool],
    ) -> None:
        if all(has_numbers):
            return
        for line, row, is_contact in zip(lines, rows, has_numbers, strict=True):
            if not is_contact and any(map(str.strip, row)):
                self._bad.add(line, tr("it has no phone number that can be read"))
