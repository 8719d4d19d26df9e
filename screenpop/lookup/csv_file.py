"""How a CSV file of any encoding and delimiter is laid out."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from screenpop.domain.errors import ImportFailed
from screenpop.domain.frozen import frozen
from screenpop.lookup.csv_text import TextForm, text_form
from screenpop.wording import marked, tr, tr_marked

_DELIMITERS: Final = ",;\t|^~"
_HEAD_BYTES: Final = 64
_SAMPLE_ROWS: Final = 50
_SAMPLE_CHARS: Final = 1 << 16
_NOT_CSV: Final = (
    (b"PK\x03\x04", marked("it is a spreadsheet or archive")),
    (b"\xd0\xcf\x11\xe0", marked("it is an Office document")),
    (b"%PDF", marked("it is a PDF document")),
    (b"BEGIN:VCARD", marked("it is a vCard file")),
    (b"<", marked("it is a web page or XML file")),
)
_DOUBLE: Final = '"'
_SINGLE: Final = "'"


@frozen
class CsvFormat:
    """How a file is written.

    Attributes:
        form: How its bytes become text.
        delimiter: Between the fields.
        quote: Around fields that hold delimiters and line ends.
        width: How many fields most rows have.
        skip_lines: How many lines before the first row are no rows.
    """

    form: TextForm
    delimiter: str
    quote: str = _DOUBLE
    width: int = 1
    skip_lines: int = 0


def detect_format(path: Path, region: str = "") -> CsvFormat:
    """How the file is written, from the whole of its bytes and its first lines.

    Args:
        path: The file.
        region: Where it comes from, which tells how old programs there write text.

    Raises:
        ImportFailed: It cannot be read, or is no text.
    """
    with reported(path), path.open("rb") as stream:
        form = _form(stream, path, region)
    with reported(path), form.open(path) as text:
        lines = _first_lines(text.read(_SAMPLE_CHARS))
    first = lines[0].strip() if lines else ""
    # Excel's own way to say it.
    if first.lower().startswith("sep=") and len(first) == len("sep=;"):
        width, _ = _evenness(lines[1:], first[-1], _DOUBLE)
        return CsvFormat(form, first[-1], width=width, skip_lines=1)
    quote = _quote(lines)
    delimiter, width = _delimiter(lines, quote)
    return CsvFormat(form, delimiter, quote, width)


def _form(stream: BinaryIO, path: Path, region: str) -> TextForm:
    head = stream.read(_HEAD_BYTES).lstrip()
    for start, what in _NOT_CSV:
        if head.startswith(start):
            raise no_csv(path, tr_marked(what))
    stream.seek(0)
    form = text_form(stream, region)
    if form is None:
        raise no_csv(path, tr("it is no text"))
    return form


def _first_lines(sample: str) -> list[str]:
    lines = sample.splitlines(keepends=True)
    # The sample may have cut the last one.
    return lines[:-1] if len(sample) == _SAMPLE_CHARS and len(lines) > 1 else lines


def _quote(lines: list[str]) -> str:
    """An apostrophe where nearly each field of the first line stands in a pair."""
    fields = re.split(r"[,;\t|]", lines[0].strip()) if lines else []
    bare = [field.strip() for field in fields if field.strip()]
    is_single = len(bare) > 1 and all(
        len(field) > 1 and field[0] == field[-1] == _SINGLE for field in bare
    )
    return _SINGLE if is_single else _DOUBLE


def _delimiter(lines: list[str], quote: str) -> tuple[str, int]:
    """The one that cuts the first rows most evenly, into more than one field."""
    best, best_width, best_score = ",", 1, (0.0, 0)
    for delimiter in _DELIMITERS:
        width, share = _evenness(lines, delimiter, quote)
        if width > 1 and (share, width) > best_score:
            best, best_width, best_score = delimiter, width, (share, width)
    return best, best_width


def _evenness(lines: list[str], delimiter: str, quote: str) -> tuple[int, float]:
    """The width that most of the first rows have, and how many of them have it."""
    reader = csv.reader(
        lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True
    )
    try:
        rows = list(islice(reader, _SAMPLE_ROWS))
    except csv.Error:
        return 1, 0.0
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 1, 0.0
    width, count = widths.most_common(1)[0]
    return width, count / widths.total()


@contextlib.contextmanager
def reported(path: Path) -> Iterator[None]:
    """The trouble of reading a file as an error of ours."""
    try:
        yield
    except OSError as error:
        raise ImportFailed(
            tr(
                "{name} cannot be read: {reason}", name=path.name, reason=error.strerror
            ),
            tr("Check the file's place and permissions."),
        ) from error
    except UnicodeError as error:
        raise no_csv(path, tr("its text is damaged")) from error


def no_csv(path: Path, reason: str) -> ImportFailed:
    """The error of a file that is something else, or damaged beyond reading."""
    return ImportFailed(
        tr("{name} is no CSV file: {reason}", name=path.name, reason=reason),
        tr("Save the contacts as CSV, with UTF-8 where you can choose."),
    )
