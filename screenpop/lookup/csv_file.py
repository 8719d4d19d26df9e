"""Rows out of a CSV file of any encoding and delimiter, a bounded piece at a time."""

from __future__ import annotations

import codecs
import contextlib
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from screenpop.domain.errors import ImportFailed
from screenpop.lookup.codepages import codepage_of
from screenpop.lookup.csv_columns import known_headings

_DELIMITERS: Final = ",;\t|"
_CHUNK_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 4096
_LONGEST_LINE: Final = 1 << 20
_SAMPLE_ROWS: Final = 50
_SAMPLE_CHARS: Final = 1 << 16
_CODEPAGES: Final = ("cp1252", "cp1257", "cp1251", "cp1250")
_FEW_ZEROS: Final = 0.05
_NOT_CSV: Final = (
    (b"PK\x03\x04", "a spreadsheet or archive"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"%PDF", "a PDF document"),
    (b"BEGIN:VCARD", "a vCard file"),
    (b"<", "a web page or XML file"),
)
# The longer mark first: UTF-32 begins like UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """How a file is written.

    Attributes:
        encoding: As Python names it.
        delimiter: Between the fields.
        skip_lines: How many lines before the first row are no rows.
    """

    encoding: str
    delimiter: str
    skip_lines: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row; no fields when it could not be read.

    Attributes:
        line: The number of the file's line it ends on, from one.
    """

    line: int
    fields: list[str]
    problem: str = ""


def detect_format(path: Path, region: str = "") -> CsvFormat:
    """How the file is written, from the whole of its bytes and its first lines.

    Args:
        path: The file.
        region: Where it comes from, which tells how old programs there write text.

    Raises:
        ImportFailed: It cannot be read, or is no text.
    """
    with _reported(path), path.open("rb") as stream:
        encoding = _encoding(stream, path, region)
    with _reported(path), open_text(path, encoding) as text:
        sample = text.read(_SAMPLE_CHARS)
    first, _, _ = sample.partition("\n")
    # Excel's own way to say it.
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return CsvFormat(encoding, first.strip()[-1], skip_lines=1)
    return CsvFormat(encoding, _delimiter(sample))


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text, line ends as they are."""
    return path.open(encoding=encoding, newline="")


def rows_of(stream: TextIO, layout: CsvFormat, path: Path) -> Iterator[Row]:
    """The rows of an open file; a row that cannot be read has no fields.

    Raises:
        ImportFailed: The file turns out to be no text, or cannot be read further.
    """
    with _reported(path):
        for _ in range(layout.skip_lines):
            stream.readline(_LONGEST_LINE)
        reader = csv.reader(_lines(stream, path), delimiter=layout.delimiter)
        while True:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                line = reader.line_num + layout.skip_lines
                yield Row(line, [], f"it cannot be read: {error}")
            else:
                yield Row(reader.line_num + layout.skip_lines, fields)


def _lines(stream: TextIO, path: Path) -> Iterator[str]:
    """The lines, none of them longer than memory allows."""
    while line := stream.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise _no_text(path, "a line of it has more than a million characters")
        yield line


def _encoding(stream: BinaryIO, path: Path, region: str) -> str:
    head = stream.read(_HEAD_BYTES)
    for start, what in _NOT_CSV:
        if head.lstrip().startswith(start):
            raise _no_text(path, f"it is {what}")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if head.count(0) > len(head) * _FEW_ZEROS:
        return _unmarked_utf16(head, path)
    for encoding in ("utf-8", _codepage(head, region)):
        stream.seek(0)
        if _decodes(stream, encoding):
            return encoding
    return "latin-1"


def _codepage(head: bytes, region: str) -> str:
    """The codepage in which the headings make most sense, else the region's."""
    line = head.lstrip(b"\r\n").partition(b"\n")[0]
    candidates = dict.fromkeys((codepage_of(region), *_CODEPAGES))
    return max(candidates, key=lambda one: known_headings(line.decode(one, "replace")))


def _unmarked_utf16(head: bytes, path: Path) -> str:
    """Blanks and line ends have their zero in the same half of each character."""
    if 0 not in head[0::2]:
        return "utf-16-le"
    if 0 not in head[1::2]:
        return "utf-16-be"
    raise _no_text(path, "it is no text")


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> str:
    """The one that cuts the first rows most evenly, into more than one field."""
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        lines = sample.splitlines(keepends=True)
        try:
            rows = list(islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_ROWS))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if row)
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = (count / widths.total(), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


@contextlib.contextmanager
def _reported(path: Path) -> Iterator[None]:
    """The trouble of reading a file as an error of ours."""
    try:
        yield
    except OSError as error:
        raise ImportFailed(
            f"{path.name} cannot be read: {error.strerror}",
            "Check the file's place and permissions.",
        ) from error
    except UnicodeError as error:
        raise _no_text(path, "its text is damaged") from error


def _no_text(path: Path, reason: str) -> ImportFailed:
    return ImportFailed(
        f"{path.name} is no CSV file: {reason}",
        "Save the contacts as CSV, with UTF-8 where you can choose.",
    )
