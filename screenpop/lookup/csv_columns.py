"""Which column of somebody's contact list holds what."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from screenpop.domain.frozen import frozen
from screenpop.lookup.csv_headings import (
    BARE_PHONES,
    BY_HEADING,
    FAMILY_NAMES,
    FILING_NAMES,
    GIVEN_NAMES,
    LABEL_WORDS,
    NO_PHONE_PARTS,
    NOT_NUMBERS,
    PHONE_PARTS,
    PHONE_WORDS,
    PLAIN_NAMES,
    SILENT_WORDS,
    ContactField,
    folded_heading,
)


@frozen
class ColumnUse:
    """What one column is used for.

    Attributes:
        heading: As the file has it; "" when it has none.
        label: What its numbers are called ("mobile"), for a phone column.
        label_column: The column that says so row by row instead; None when none does.
    """

    heading: str
    field: ContactField = ContactField.IGNORED
    label: str = ""
    label_column: int | None = None


@frozen
class ColumnGuess:
    """What every column is used for, shown to the user before anything is imported.

    Attributes:
        columns: One for each column, in order.
        has_header: Whether the first row holds headings.
        title_rows: How many rows before that say something of the whole list.
    """

    columns: tuple[ColumnUse, ...]
    has_header: bool = True
    title_rows: int = 0

    @property
    def has_filing_name(self) -> bool:
        """Whether the whole name is the one that contacts are filed under."""
        names = (each for each in self.columns if each.field is ContactField.NAME)
        return any(_comparable(each.heading) in FILING_NAMES for each in names)

    @property
    def has_phone(self) -> bool:
        """Whether there are numbers at all: without, importing makes no sense."""
        return any(column.field is ContactField.PHONE for column in self.columns)

    def with_field(self, column: int, field: ContactField) -> ColumnGuess:
        """The same with one column used otherwise, as the user chose."""
        columns = list(self.columns)
        columns[column] = ColumnUse(columns[column].heading, field)
        return replace(self, columns=tuple(columns))


_F: Final = ContactField
_EMAIL: Final = re.compile(
    r"\be ?mail\b|^mail$|\bposta elettronica\b|\bcorreo\b|\bel past(?:o|as)\b"
    r"|\bcourriel\b|\bsahkoposti|\beposta\b|\be ?post\b|\be pasts\b"
)
_NOT_EMAIL: Final = re.compile(
    r"\b(type|label|display|name|opt|consent|status|typ|angezeigter|tipo|nome|nombre"
    r"|tipas|vardas)\b"
)
_LAST_NUMBER: Final = re.compile(r" \d$")
_EMAIL_VALUE: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_NUMBER_VALUE: Final = re.compile(r"[\s'=\"]*\(?\+?\(?\d[\d\s().\-/]{5,18}\d[\s\"]*")
_DATE_VALUE: Final = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T].*)?")
_FEWEST_DIGITS: Final = 7
_MOST_DIGITS: Final = 15
_FEWEST_EXTENSION_DIGITS: Final = 2
_ENOUGH: Final = 0.6
# Many write "none" and "n/a" where there is no number.
_SOME: Final = 0.2
_MOST_TITLE_ROWS: Final = 10
_FEWEST_HEADINGS: Final = 2


def guess_columns(
    header: Sequence[str], sample: Sequence[Sequence[str]]
) -> ColumnGuess:
    """What each column most likely holds.

    Args:
        header: The first row.
        sample: Some rows that follow it.
    """
    width = max([len(header), *(len(row) for row in sample)])
    headings = [*header, *[""] * (width - len(header))]
    names = [_comparable(heading) for heading in headings]
    fields = _by_headings(names)
    has_header = any(fields) or not _looks_like_values(header)
    if not has_header:
        headings, names = [""] * width, [""] * width
        sample = [header, *sample]
    contents = [
        [row[column] for row in sample if column < len(row) and row[column].strip()]
        for column in range(width)
    ]
    _check_by_contents(fields, contents)
    _fill_by_contents(fields, contents)
    columns = tuple(
        ColumnUse(
            heading=headings[column].strip(),
            field=field,
            label=_phone_label(headings[column]) if field is _F.PHONE else "",
            label_column=_label_column(names, column) if field is _F.PHONE else None,
        )
        for column, field in enumerate(fields)
    )
    return ColumnGuess(columns, has_header)


def known_headings(line: str) -> int:
    """How many headings that we know are in a file's first line."""
    return _known(re.split(r"[,;\t|]", line))


def title_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows are a title, "Customers 2026", above the headings."""
    for place, row in enumerate(rows[:_MOST_TITLE_ROWS]):
        known = _known(row)
        if known >= _FEWEST_HEADINGS or (known and not place):
            return place
        if _looks_like_values(row):
            break
    return 0


def _known(cells: Sequence[str]) -> int:
    names = [_comparable(cell) for cell in cells]
    return sum(bool(_field_of(name)) or name in PLAIN_NAMES for name in names)


def _by_headings(names: Sequence[str]) -> list[ContactField]:
    fields = [_field_of(name) for name in names]
    _settle_plain_names(names, fields)
    # Outlook's "Title" is Mr or Dr, and it has a "Suffix" as well.
    if _F.JOB_TITLE not in fields and "suffix" not in names and "title" in names:
        fields[names.index("title")] = _F.JOB_TITLE
    for once in (_F.NAME, _F.FIRST_NAME, _F.LAST_NAME, _F.COMPANY, _F.ID, _F.URL):
        for column in [place for place, one in enumerate(fields) if one is once][1:]:
            fields[column] = _F.IGNORED
    return fields


def _field_of(name: str) -> ContactField:
    if name in BY_HEADING:
        return BY_HEADING[name]
    if _EMAIL.search(name):
        return _F.IGNORED if _NOT_EMAIL.search(name) else _F.EMAIL
    words = set(name.split())
    is_phone = _LAST_NUMBER.sub("", name) in BARE_PHONES or any(
        map(_is_phone_word, words)
    )
    return _F.PHONE if is_phone and not words & NOT_NUMBERS else _F.IGNORED


def _is_phone_word(word: str) -> bool:
    if word in PHONE_WORDS or word.rstrip("0123456789") in PHONE_WORDS:
        return True
    has_part = any(part in word for part in PHONE_PARTS)
    return has_part and not any(part in word for part in NO_PHONE_PARTS)


def _settle_plain_names(names: Sequence[str], fields: list[ContactField]) -> None:
    for column, name in enumerate(names):
        if name not in PLAIN_NAMES:
            continue
        if name in FAMILY_NAMES and _F.FIRST_NAME in fields:
            fields[column] = _F.LAST_NAME
        elif name in GIVEN_NAMES and _F.LAST_NAME not in fields:
            continue
        elif _F.LAST_NAME in fields and _F.FIRST_NAME not in fields:
            fields[column] = _F.FIRST_NAME
        elif _F.NAME not in fields:
            fields[column] = _F.NAME


def _check_by_contents(
    fields: list[ContactField], contents: Sequence[Sequence[str]]
) -> None:
    """A column called after telephones that holds no digits is none."""
    for column, field in enumerate(fields):
        values = contents[column]
        if field is _F.PHONE and values and _share(values, _has_digits) < _SOME:
            fields[column] = _F.IGNORED


def _fill_by_contents(
    fields: list[ContactField], contents: Sequence[Sequence[str]]
) -> None:
    """Take what looks like numbers, and without any heading also the rest."""
    for field, looks_right in ((_F.PHONE, _is_number), (_F.EMAIL, _is_email)):
        if field in fields:
            continue
        for column, values in enumerate(contents):
            is_free = fields[column] is _F.IGNORED
            if is_free and values and _share(values, looks_right) >= _ENOUGH:
                fields[column] = field
    has_name = {_F.NAME, _F.FIRST_NAME, _F.LAST_NAME, _F.COMPANY} & set(fields)
    if has_name:
        return
    for column, values in enumerate(contents):
        is_free = fields[column] is _F.IGNORED
        if is_free and values and _share(values, _is_words) >= _ENOUGH:
            fields[column] = _F.NAME
            return


def _looks_like_values(row: Sequence[str]) -> bool:
    return any(_is_number(cell) or _is_email(cell) for cell in row)


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values)


def _has_digits(value: str) -> bool:
    return sum(char.isdigit() for char in value) >= _FEWEST_EXTENSION_DIGITS


def _is_number(value: str) -> bool:
    digits = sum(char.isdigit() for char in value)
    return (
        _FEWEST_DIGITS <= digits <= _MOST_DIGITS
        and _NUMBER_VALUE.fullmatch(value) is not None
        and _DATE_VALUE.fullmatch(value.strip()) is None
    )


def _is_email(value: str) -> bool:
    return _EMAIL_VALUE.fullmatch(value.strip()) is not None


def _is_words(value: str) -> bool:
    return any(char.isalpha() for char in value) and not _is_email(value)


def _phone_label(heading: str) -> str:
    """What is left of a heading without the words for telephone and numbers."""
    words = re.findall(r"[^\W\d_]+", _spaced(heading).lower())
    return " ".join(word for word in words if _comparable(word) not in SILENT_WORDS)


def _label_column(names: Sequence[str], column: int) -> int | None:
    """The column "Phone 1 - Label" that goes with "Phone 1 - Value"."""
    stem = names[column].removesuffix(" value")
    for other, name in enumerate(names):
        head, _, last = name.rpartition(" ")
        if stem and head == stem and last in LABEL_WORDS:
            return other
    return None


def _comparable(heading: str) -> str:
    """A heading in small letters without accents and punctuation."""
    return folded_heading(_spaced(heading))


def _spaced(heading: str) -> str:
    """Words that were written as one ("MobilePhone") apart."""
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", heading)
