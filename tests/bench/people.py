"""As many made-up people as a benchmark wants, the same ones each time.

Their numbers lie in area code 000 of North America, which cannot be: seven digits, so
ten million people at most. Neighbours in the file are not neighbours in the index.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from screenpop.domain.contacts import Contact, ContactNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 10_000_000
# Without a common factor with ten million, so that no number comes twice.
_STRIDE = 7_654_321
_BEGINNINGS = ("An", "Be", "Ca", "Do", "El", "Fi", "Gu", "Ha", "Is", "Jo", "Ka", "Lu")
_MIDDLES = ("", "bri", "den", "gor", "lan", "mi", "nel", "ra", "ste", "vi")
_ENDS = ("a", "er", "in", "o", "son", "ta", "us", "ez")
_FIRST = tuple(map("".join, product(_BEGINNINGS, _MIDDLES, _ENDS)))
_LAST = tuple(map("".join, product(_BEGINNINGS, _MIDDLES, _MIDDLES, _ENDS)))
_AREAS = ("06", "02", "010", "011", "045", "049", "051", "055", "070", "081", "091")
_TRADES = ("Foods", "Glass", "Logistics", "Motors", "Partners", "Steel", "Textiles")


def e164(person: int) -> str:
    """The number of a person, counted from nought."""
    return f"+1000{person * _STRIDE % MOST:07}"


def name(person: int) -> str:
    """First and last name; some people are called the same."""
    first = _FIRST[person % len(_FIRST)]
    return f"{first} {_LAST[person * 31 % len(_LAST)]}"


def company(person: int) -> str:
    """Where they work; about twenty to a company."""
    place = person // 20
    return f"{_LAST[place * 17 % len(_LAST)]} {_TRADES[place % len(_TRADES)]} {place}"


def people(count: int) -> Iterator[Contact]:
    """The first ``count`` of them."""
    for person in range(count):
        number = e164(person)
        yield Contact(
            source="crm",
            source_id=str(person),
            name=name(person),
            company=company(person),
            numbers=(ContactNumber(number, number, "work"),),
        )


def csv_lines(count: int) -> Iterator[str]:
    """An address book in Italy: half of the numbers in full, half as dialled there.

    The numbers are made up, a hundred thousand for each of the areas below.
    """
    yield "Name,Company,Phone,E-mail\n"
    for person in range(count):
        area = _AREAS[person // 100_000 % len(_AREAS)]
        line = person * 54_321 % 100_000
        national = f"{area} 555 {line:05}"
        phone = national if person % 2 else f"+39{national.replace(' ', '')}"
        yield f"{name(person)},{company(person)},{phone},p{person}@example.com\n"
