"""The rows of a CSV file, those of a broken file among them.

A quotation mark that is never closed would swallow all rows behind it, and one line
without an end all memory. So where a row comes out odd, its first line is read alone
and the rest anew.
"""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.lookup.csv_file import reported
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from screenpop.lookup.csv_file import CsvFormat

_LONGEST_LINE: Final = 1 << 20
_MOST_LINES: Final = 1_000


@frozen
class Row:
    """One row; no fields when it could not be read.

    Attributes:
        line: The number of the file's line it ends on, from one.
        problem: Why it could not be read; "" when it could.
    """

    line: int
    fields: list[str]
    problem: str = ""


def rows_of(stream: TextIO, layout: CsvFormat, path: Path) -> Iterator[Row]:
    """The rows of an open file; a row that cannot be read has no fields.

    Raises:
        ImportFailed: It cannot be read further.
    """
    with reported(path):
        yield from _RowReader(stream, layout).rows()


class _LineTooLong(Exception):
    """A line of the file is longer than memory should bear."""


class _RowTooLong(Exception):
    """A quotation mark seems to have no partner."""


class _RowReader:
    def __init__(self, stream: TextIO, layout: CsvFormat) -> None:
        self._stream = stream
        self._layout = layout
        self._line = 0
        # Lines that were taken for a part of a row and are to be read again.
        self._again: deque[str] = deque()
        # Those of the row that is being read.
        self._used: list[str] = []
        self._has_ended = False

    def rows(self) -> Iterator[Row]:
        for _ in range(self._layout.skip_lines):
            self._stream.readline(_LONGEST_LINE)
            self._line += 1
        reader = self._new_reader()
        while True:
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
                    yield Row(self._line, fields)
                    continue
                yield self._first_alone("")
            reader = self._new_reader()

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(
            self._lines(),
            delimiter=self._layout.delimiter,
            quotechar=self._layout.quote,
            skipinitialspace=True,
        )

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

    def _first_alone(self, reason: str) -> Row:
        """The first line of the row; what follows it will be read anew."""
        first, *rest = self._used
        self._again.extendleft(reversed(rest))
        self._line -= len(rest)
        self._has_ended = False
        fields = [
            each.strip(" \r\n" + self._layout.quote) for each in self._plain(first)
        ]
        if len(fields) == self._layout.width and not (reason and len(self._used) == 1):
            return Row(self._line, fields)
        problem = reason or tr("a quotation mark in it has no partner")
        return Row(self._line, [], tr("it cannot be read: {reason}", reason=problem))

    def _without_endless_line(self) -> Iterator[Row]:
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
        yield Row(line, [], tr("it cannot be read: {reason}", reason=reason))
