"""The numbers of a contact, out of whatever a file has where they should be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from screenpop.domain.contacts import ContactNumber
from screenpop.domain.dial_text import read_dial_text
from screenpop.domain.number_sight import e164_at_sight
from screenpop.domain.number_text import LONGEST_TEXT
from screenpop.domain.numbers import NumberKind, read_number
from screenpop.domain.plain_text import plain

_FEWEST_DIGITS: Final = 5
_FEWEST_DIGITS_IN_A_SENTENCE: Final = 7
_FORMULA_TEXT: Final = re.compile(r'="([^"]*)"')
# Google puts several values into one cell, with three colons between.
_CELL_BREAKS: Final = re.compile(r"\s*(?::::|[\n\r|])\s*")
_LIST_BREAKS: Final = re.compile(r"\s*[,;/]\s*")
_MORE_THAN_ONE: Final = re.compile(r"[,;/:|=\"'\n\r]")
_DROPPED: Final = frozenset({NumberKind.WITHHELD, NumberKind.UNREADABLE})


class NumberReader:
    """Reads numbers in one region, and counts those that nobody can read.

    Attributes:
        region: In which to read numbers without a country code.
        unreadable: How many were left out.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        self.unreadable = 0

    def all_in(self, text: str, label: str) -> list[ContactNumber]:
        """The numbers of a cell or value that may hold several."""
        return [
            number for raw in split_numbers(text) for number in self._in(raw, label)
        ]

    def _in(self, raw: str, label: str) -> Sequence[ContactNumber]:
        number = self.one(raw, label)
        if number is not None:
            return (number,)
        if sum(map(str.isdigit, raw)) < _FEWEST_DIGITS_IN_A_SENTENCE:
            return ()
        # "06 5550 1234 - 333 5550123", "ask for Anna, 333 5550123".
        target = read_dial_text(raw[:LONGEST_TEXT], self.region)
        found = [one for one in target.candidates if one.e164]
        if found:
            self.unreadable -= 1
        return [ContactNumber(one.raw, one.e164, label) for one in found]

    def one(self, raw: str, label: str) -> ContactNumber | None:
        """The number that ``raw`` is; None when it is none to be kept."""
        # Numbers by the million come along here.
        e164 = e164_at_sight(raw, self.region)
        if e164:
            return ContactNumber(raw, e164, label)
        number = read_number(raw, self.region)
        if number.e164:
            return ContactNumber(number.raw, number.e164, label)
        if number.kind in _DROPPED:
            self.unreadable += number.kind is NumberKind.UNREADABLE
            return None
        return ContactNumber(number.extension or number.sip or plain(raw), "", label)


def split_numbers(cell: str) -> list[str]:
    """The numbers of a text that is not empty; nearly always one."""
    if not _MORE_THAN_ONE.search(cell):
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


def each_once(numbers: Sequence[ContactNumber]) -> tuple[ContactNumber, ...]:
    """The numbers without repetitions, the first of each kept."""
    if len(numbers) < 2:
        return tuple(numbers)
    by_number: dict[str, ContactNumber] = {}
    for number in numbers:
        by_number.setdefault(number.e164 or number.raw, number)
    return tuple(by_number.values())
