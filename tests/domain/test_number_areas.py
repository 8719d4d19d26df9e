"""Where a number belongs to, held against the metadata of the phone-number library."""

from __future__ import annotations

import phonenumbers
import pytest

from screenpop.domain.number_areas import _areas, area_of

CANADA = {
    "Alberta",
    "British Columbia",
    "Manitoba",
    "New Brunswick",
    "Newfoundland and Labrador",
    "Nova Scotia and Prince Edward Island",
    "Ontario",
    "Quebec",
    "Saskatchewan",
    "Northern Canada",
}


@pytest.mark.parametrize(
    ("number", "area"),
    [
        ("+12025550142", "Washington, D.C."),
        ("+12125550142", "New York"),
        ("+442079460123", "London"),
        ("+441632960123", ""),
        ("+447700900123", ""),
        ("+390655501234", "Rome"),
        ("+393331234567", ""),
        ("+37052123456", "Vilnius"),
        ("+37061234567", ""),
        ("+4930123456", ""),
        ("", ""),
        ("rubbish", ""),
    ],
)
def test_a_number_tells_its_area_where_that_is_known(number: str, area: str) -> None:
    assert area_of(number) == area


def test_every_area_code_of_north_america_is_in_the_country_of_its_area() -> None:
    for code, area in _areas()["1"].items():
        number = phonenumbers.parse(f"+1{code}2345678")
        region = phonenumbers.region_code_for_number(number)
        assert region == ("CA" if area in CANADA else "US"), (code, area)


def test_every_start_of_another_plan_is_that_of_a_land_line() -> None:
    for code, areas in _areas().items():
        for start in areas if code != "1" else ():
            possible = [
                phonenumbers.parse(f"+{code}{(start + rest)[:length]}")
                for length in range(6, 12)
                for rest in ("2345678901", "7612345678", "9460123456")
            ]
            kinds = {phonenumbers.number_type(each) for each in possible}
            assert phonenumbers.PhoneNumberType.FIXED_LINE in kinds, (code, start)
            assert phonenumbers.PhoneNumberType.MOBILE not in kinds, (code, start)
