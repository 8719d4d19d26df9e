"""What CRM sources share."""

from __future__ import annotations

import pytest

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import PayloadError
from screenpop.domain.json_fields import FieldReader
from screenpop.domain.numbers import read_number
from screenpop.lookup.crm_records import (
    holders,
    numbers_of,
    page,
    records_in,
    spellings_of,
    text_of,
)


@pytest.mark.parametrize(
    ("number", "bare", "spaced"),
    [
        (
            "+442079460123",
            ("+442079460123", "442079460123", "02079460123", "2079460123"),
            "020 7946 0123",
        ),
        (
            "+12025550123",
            ("+12025550123", "12025550123", "2025550123"),
            "(202) 555-0123",
        ),
        # Italian numbers keep their zero.
        (
            "+390655501234",
            ("+390655501234", "390655501234", "0655501234"),
            "06 5550 1234",
        ),
    ],
)
def test_a_number_is_spelled_as_its_country_does(
    number: str, bare: tuple[str, ...], spaced: str
) -> None:
    spellings = spellings_of(read_number(number, ""))
    assert spellings.bare() == bare
    assert spellings.spaced == spaced


def test_a_number_of_no_country_has_spellings_too() -> None:
    assert "+80012345678" in spellings_of(read_number("+80012345678", "")).bare()


def test_a_list_too_long_is_cut_and_what_is_no_record_left_out() -> None:
    assert len(records_in([{"id": 1}] * 10_000, "It")) == 200
    assert len(records_in([1, None, {"id": 1}, []], "It")) == 1


@pytest.mark.parametrize("value", [None, {}, "x", 7])
def test_what_is_no_list_is_told(value: object) -> None:
    with pytest.raises(PayloadError):
        records_in(value, "It")  # type: ignore[arg-type]


def test_only_who_has_the_number_counts_and_at_most_fifty() -> None:
    number = read_number("+442079460123", "GB")
    has = Contact(source="crm", numbers=(ContactNumber("020 7946 0123"),))
    more = Contact(source="crm", numbers=(ContactNumber("020 7946 01234"),))
    assert holders([more, has], number, "GB") == (has,)
    assert len(holders([has] * 60, number, "GB")) == 50


def test_numbers_and_texts_are_bounded_and_storable() -> None:
    raw = [("a\x00b", ""), ("a\x00b", "x"), ("", ""), ("\ud800", "")]
    assert [each.raw for each in numbers_of(raw)] == ["ab", "\ufffd"]
    assert len(numbers_of((str(each), "") for each in range(1_000))) == 50
    assert len(text_of(FieldReader({"name": "x" * 10_000}), "name")) == 500


@pytest.mark.parametrize("url", ["http://example.com/1", "javascript:alert(1)", ""])
def test_only_encrypted_pages_are_linked(url: str) -> None:
    assert page(url) == ""
