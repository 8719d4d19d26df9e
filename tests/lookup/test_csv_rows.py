"""Rows are the same whether hundreds are read in one go or line by line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.lookup.csv_columns import ColumnGuess, ColumnUse
from screenpop.lookup.csv_file import CsvFormat
from screenpop.lookup.csv_headings import ContactField
from screenpop.lookup.csv_mapping import CsvMapping
from screenpop.lookup.csv_rows import RowReader
from screenpop.lookup.csv_text import TextForm

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact

_LAYOUT = CsvFormat(TextForm("utf-8"), ",", width=2)
_GUESS = ColumnGuess(
    (
        ColumnUse("Name", ContactField.NAME),
        ColumnUse("First", ContactField.FIRST_NAME),
        ColumnUse("Phone", ContactField.PHONE, "work", label_column=4),
        ColumnUse("Mobile", ContactField.PHONE, "mobile"),
        ColumnUse("Label", ContactField.IGNORED),
        ColumnUse("E-mail", ContactField.EMAIL),
        ColumnUse("Second e-mail", ContactField.EMAIL),
        ColumnUse("Page", ContactField.URL),
        ColumnUse("Id", ContactField.ID),
        ColumnUse("Company", ContactField.COMPANY),
    )
)
_CELLS = st.sampled_from(
    [
        *(
            "",
            " ",
            "Ann",
            "  Zoë\u200b  O'Neil ",
            "a\nb",
            "+390655501234",
            "06 5550 1234",
        ),
        *("3335550123 / 06 5550 1234", "101", "soon", "(06) 555-01234", "* Mobile"),
        *("ann@example.com", "a@example.com; b@example.com", "x" * 301, "|"),
        *("https://example.com/1", "anonymous", "20240101", "\ud800"),
    ]
)


class LineByLine(RowReader):
    """Takes each row for one that needs care."""

    def _each_a_line(self, text: str) -> list[list[str]]:
        return []


def told(reader: RowReader) -> list[tuple[int, list[str], str]]:
    """Line, fields and problem of each row."""
    found: list[tuple[int, list[str], str]] = []
    for run in reader.runs():
        if run.problem:
            found += [(line, [], run.problem) for line in run.lines]
        else:
            each = zip(run.lines, run.rows, strict=True)
            found += [(line, fields, "") for line, fields in each]
    return found


@given(
    st.text('ab,", \n\r\0', max_size=60) | st.text("a,\n\r", max_size=60),
    st.integers(1, 20),
)
@example('a,b\n"a,b\na,b\na,b\n', 4)
@example("a,b\r\na,b\r\n\r\na", 4)
@example('a,b\n"a\nb",c\na,b', 8)
def test_rows_in_one_go_are_those_read_line_by_line(text: str, at_once: int) -> None:
    by_line = LineByLine(io.StringIO(text, newline=""), _LAYOUT)
    in_runs = RowReader(io.StringIO(text, newline=""), _LAYOUT, run_chars=at_once)
    assert told(in_runs) == told(by_line)


@given(st.lists(st.lists(_CELLS, max_size=11), max_size=5))
def test_rows_say_together_what_each_says_by_itself(rows: list[list[str]]) -> None:
    together, apart = CsvMapping(_GUESS, "IT"), CsvMapping(_GUESS, "IT")
    columns, has_any = together.contacts_in(rows)
    contacts: list[Contact] = []
    for row in rows:
        alone, _ = apart.contacts_in([row])
        contacts += alone.contacts("file")
    assert list(columns.contacts("file")) == contacts
    assert sum(has_any) == len(columns) == len(contacts)
    assert together.unreadable_numbers == apart.unreadable_numbers
