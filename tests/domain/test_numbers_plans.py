"""The small table of numbering plans says the same as the library it spares us."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from phonenumbers.phonemetadata import PhoneMetadata

from screenpop.domain.numbering_plans import (
    emergency_numbers,
    is_surely_canonical,
    plan_of,
    plan_of_region,
    sure_national,
)

_NO_COUNTRY = "001"
_GABON_RANGE = {str(number) for number in range(1300, 1400)}


def _library_lengths(code: int, region: str) -> set[int]:
    if region == _NO_COUNTRY:
        metadata = PhoneMetadata.metadata_for_nongeo_region(code)
    else:
        metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    assert metadata.general_desc is not None
    return {length for length in metadata.general_desc.possible_length if length > 0}


def test_calling_codes_regions_and_lengths_are_the_librarys() -> None:
    wrong = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        plan = plan_of(f"+{code}5550123")
        expected = () if regions[0] == _NO_COUNTRY else regions
        if plan is None or plan.regions != expected:
            wrong.append(f"+{code}: {plan}")
        elif plan.lengths != _library_lengths(code, regions[0]):
            wrong.append(f"+{code}: lengths {sorted(plan.lengths)}")
        wrong.extend(
            f"+{code}: {region}"
            for region in expected
            if plan_of_region(region) is not plan
        )
    assert not wrong, "\n".join(wrong)


def test_emergency_numbers_are_the_librarys() -> None:
    wrong = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        metadata = PhoneMetadata.short_metadata_for_region(region)
        if metadata is None or metadata.emergency is None:
            continue
        pattern = re.compile(metadata.emergency.national_number_pattern or "")
        lengths = [n for n in metadata.emergency.possible_length if n > 0]
        expected = {
            digits
            for length in lengths
            for digits in (f"{each:0{length}}" for each in range(10**length))
            if pattern.fullmatch(digits)
        } - _GABON_RANGE
        found = emergency_numbers(region) - _GABON_RANGE
        if found != expected | {"112", "911"}:
            wrong.append(f"{region}: {sorted(found ^ expected)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "390655501234",
        "+0655501234",
        "+4402079460004",  # its trunk zero is not part of it
        "+120255501",
        "+999123456789",
        "+39065550123\uff14",
        "+390655501234 ",
    ],
)
def test_what_needs_a_closer_look_is_not_taken_at_sight(text: str) -> None:
    assert not is_surely_canonical(text)


@pytest.mark.parametrize(
    ("digits", "region"),
    [
        ("0655501234", "ZZ"),
        ("00390655501234", "IT"),
        ("00390655501234", "FR"),
        ("+33199001234", "FR"),
        ("33199001234", "FR"),
        ("033199001234", "FR"),
        ("199001234", "FR"),
        ("019900123", "FR"),
        ("0655501234", "ES"),
        ("1155550123", "AR"),
        ("5550123", "US"),
        ("", "FR"),
        ("", "LV"),
    ],
)
def test_digits_that_may_mean_something_else_are_not_sure(
    digits: str, region: str
) -> None:
    assert sure_national(digits, region) == ""


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_librarys_own_examples_are_read_the_same(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.format_number(
        number, phonenumbers.PhoneNumberFormat.NATIONAL
    )
    digits = "".join(filter(str.isdigit, national))
    assert sure_national(digits, region) in {"", e164}
