"""The rows of a CSV file, those of a broken file among them.

A quotation mark that is never closed would swallow all rows behind it, and one line
without an end all memory. So where a row comes out odd, its first line is read alone
and the rest anew. Where each line is a row, as nearly always, hundreds are read in one
go.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from screenpop.domain.frozen import frozen
from screenpop.lookup.csv_file import reported
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

    from screenpop.lookup.csv_file import CsvFormat

_LONGEST_LINE: Final = 1 << 20
_MOST_LINES: Final = 1_000
# A few hundred rows; those around one of several lines are read line by line.
_RUN_CHARS: Final = 1 << 14


@frozen
class RowRun:
    """Rows as they follow each other.

    Attributes:
        lines: For each the number of the file's line it ends on, from one.
        rows: Their fields; none of a row that could not be read, which comes alone.
        problem: Why it could not be read; "" when all could.
    """

    lines: Sequence[int]
    rows: list[list[str]]
    problem: str = ""


def rows_of(stream: TextIO, layout: CsvFormat, path: Path) -> Iterator[RowRun]:
    """The rows of an open file.

    Raises:
        ImportFailed: It cannot be read further.
    """
    with reported(path):
        yield from RowReader(stream, layout).runs()


class _Row(NamedTuple):
    line: int
    fields: list[str]
    problem: str = ""


class _LineTooLong(Exception):
    """A line of the file is longer than memory should bear."""


class _RowTooLong(Exception):
    """A quotation mark seems to have no partner."""


class RowReader:
    """Reads the rows of one open file, once; see ``rows_of``."""

    def __init__(
        self, stream: TextIO, layout: CsvFormat, *, run_chars: int = _RUN_CHARS
    ) -> None:
        """Nothing is read yet.

        Args:
            stream: At its beginning, with its line ends as they are.
            layout: How it is written.
            run_chars: How much of it is read in one go.
        """
        self._stream = stream
        self._layout = layout
        self._run_chars = run_chars
        self._dialect: Any = {
            "delimiter": layout.delimiter,
            "quotechar": layout.quote,
            "skipinitialspace": True,
        }
        self._line = 0
        # Lines that were taken for a part of a row and are to be read again.
        self._again: deque[str] = deque()
        # Those of the row that is being read.
        self._used: list[str] = []
        self._has_ended = False

    def runs(self) -> Iterator[RowRun]:
        """All of its rows."""
        for _ in range(self._layout.skip_lines):
            self._stream.readline(_LONGEST_LINE)
            self._line += 1
        while text := self._whole_lines():
            rows = self._each_a_line(text)
            if rows:
                first = self._line + 1
                self._line += len(rows)
                yield RowRun(range(first, self._line + 1), rows)
            else:
                self._again.extend(io.StringIO(text, newline=""))
                yield from _gathered(self._line_by_line())

    def _whole_lines(self) -> str:
        """The next lines of the file; "" at its end."""
        text = self._stream.read(self._run_chars)
        if not text:
            return ""
        last_line = len(text) - max(text.rfind("\n"), text.rfind("\r")) - 1
        return text + self._stream.readline(_LONGEST_LINE - last_line)

    def _each_a_line(self, text: str) -> list[list[str]]:
        """The rows of ``text`` where each is a line; none where it needs more care."""
        if len(text) >= _LONGEST_LINE or "\0" in text:
            return []
        lines = io.StringIO(text, newline="")
        # An open quotation mark would take in the empty line behind, too.
        reader = csv.reader(chain(lines, ("\n",)), **self._dialect)
        try:
            *rows, last = reader
        except csv.Error:
            return []
        return rows if not last and reader.line_num == len(rows) + 1 else []

    def _line_by_line(self) -> Iterator[_Row]:
        """The rows of the lines that are to be read again, and what belongs to them."""
        reader = self._new_reader()
        while self._again:
            self._used.clear()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except (csv.Error, _RowTooLong) as error:
                yield self._first_alone(str(error))
            except _LineTooLong:
                yield from self._without_endless_line()
            else:
                if len(self._used) == 1 or self._is_whole(fields):
                    yield _Row(self._line, fields)
                    continue
                yield self._first_alone("")
            reader = self._new_reader()

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), **self._dialect)

    def _lines(self) -> Iterator[str]:
        used, again, stream = self._used, self._again, self._stream
        while True:
            line = again.popleft() if again else stream.readline(_LONGEST_LINE)
            if not line:
                self._has_ended = True
                return
            self._line += 1
            if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
                raise _LineTooLong
            if len(used) == _MOST_LINES:
                again.appendleft(line)
                self._line -= 1
                raise _RowTooLong
            used.append(line)
            yield line.replace("\0", "") if "\0" in line else line

    def _is_whole(self, fields: list[str]) -> bool:
        """Whether the quotation marks of a row of several lines are in pairs."""
        if self._has_ended and not self._again:
            # The reader had to look for more: only an open quotation mark does that.
            return False
        width = self._layout.width
        if len(self._plain(self._used[0])) != width:
            return True
        # The first line is a row by itself, unless its last field goes on below.
        is_last_long = not any("\n" in field or "\r" in field for field in fields[:-1])
        return len(fields) == width and is_last_long

    def _plain(self, line: str) -> list[str]:
        """The fields of one line whose quotation marks mean nothing."""
        reader = csv.reader(
            [line], delimiter=self._layout.delimiter, quoting=csv.QUOTE_NONE
        )
        try:
            return next(reader, [])
        except csv.Error:
            return []

    def _first_alone(self, reason: str) -> _Row:
        """The first line of the row; what follows it will be read anew."""
        first, *rest = self._used
        self._again.extendleft(reversed(rest))
        self._line -= len(rest)
        self._has_ended = False
        fields = [
            each.strip(" \r\n" + self._layout.quote) for each in self._plain(first)
        ]
        if len(fields) == self._layout.width and not (reason and len(self._used) == 1):
            return _Row(self._line, fields)
        problem = reason or tr("a quotation mark in it has no partner")
        return _Row(self._line, [], tr("it cannot be read: {reason}", reason=problem))

    def _without_endless_line(self) -> Iterator[_Row]:
        line = self._line
        while rest := self._stream.readline(_LONGEST_LINE):
            if rest[-1] in "\r\n":
                break
        if self._used:
            # It was taken for a part of an open quotation.
            self._line -= 1
            yield self._first_alone("")
            self._again.append("\n")
        reason = tr("it has more than a million characters")
        yield _Row(line, [], tr("it cannot be read: {reason}", reason=reason))


def _gathered(rows: Iterator[_Row]) -> Iterator[RowRun]:
    lines: list[int] = []
    found: list[list[str]] = []
    for line, fields, problem in rows:
        if not problem:
            lines.append(line)
            found.append(fields)
            continue
        if found:
            yield RowRun(lines, found)
            lines, found = [], []
        yield RowRun([line], [], problem)
    if found:
        yield RowRun(lines, found)
