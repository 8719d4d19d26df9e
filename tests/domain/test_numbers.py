"""What callers of the numbers modules rely on; the corpus holds the spellings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from screenpop.domain.number_reading import is_in_use
from screenpop.domain.numbers import (
    FormatAsYouType,
    NumberKind,
    PhoneNumber,
    country_of,
    format_number,
    is_emergency,
    is_premium,
    national_significant,
    probable_key,
    read_number,
    same_number,
)

MADE_UP_ROME = "+390655501234"


# --- reading ------------------------------------------------------------------------


def test_one_line_has_one_key_however_it_is_written() -> None:
    spellings = ("+39 06 5550 1234", "0655501234", "390655501234", "0039 06 5550 1234")
    assert {read_number(each, "IT").key for each in spellings} == {MADE_UP_ROME}


def test_keys_tell_colleagues_callers_and_addresses_apart() -> None:
    assert read_number("101", "IT").key == "ext:101"
    assert read_number("112", "IT").key == "ext:112"
    assert read_number("sip:Anna@Example.com", "IT").key == "Anna@example.com"
    assert read_number("anonymous", "IT").key == ""
    assert read_number("Mario Rossi", "IT").key == ""


def test_two_withheld_callers_are_not_the_same_caller() -> None:
    withheld = read_number("anonymous", "IT")
    assert not same_number(withheld, withheld)


def test_a_number_is_the_same_with_and_without_its_extension() -> None:
    assert same_number(
        read_number("+12025550100 x7", "US"), read_number("2025550100", "US")
    )


@pytest.mark.parametrize("text", ["+390655501234", "101", "112", "*98"])
def test_what_a_phone_can_dial_is_dialable(text: str) -> None:
    number = read_number(text, "IT")
    assert number.is_dialable
    assert number.dial_text == text


@pytest.mark.parametrize("text", ["", "anonymous", "sip:anna@example.com", "Mario"])
def test_what_no_phone_can_dial_is_not(text: str) -> None:
    number = read_number(text, "IT")
    assert not number.is_dialable
    assert number.dial_text == ""


def test_a_service_code_is_dialled_without_its_blanks() -> None:
    assert read_number("*72 2025550148", "US").dial_text == "*722025550148"


def test_of_an_endless_text_only_the_beginning_is_kept() -> None:
    number = read_number("1" * 1_000_000, "IT")
    assert number.kind is NumberKind.UNREADABLE
    assert len(number.raw) <= 200


def test_more_digits_than_any_number_has_are_unreadable() -> None:
    assert read_number("0301234567890123", "DE").kind is NumberKind.UNREADABLE
    assert read_number("0" + "3" * 15, "DE").kind is NumberKind.UNREADABLE


def test_a_sip_user_that_is_no_number_keeps_its_address() -> None:
    number = read_number("sip:anna:secret@EXAMPLE.com:5061;transport=tls", "IT")
    assert number.kind is NumberKind.SIP
    assert number.sip == "anna@example.com"


@pytest.mark.parametrize("text", ["sip:", "sip:a b@c d", "@", "a@b@c", "sip:@"])
def test_a_broken_sip_address_is_unreadable_or_withheld(text: str) -> None:
    assert not read_number(text, "IT").is_dialable


def test_a_number_in_use_is_told_from_one_that_only_could_be() -> None:
    assert is_in_use(read_number("+12025550100", "US"))
    assert not is_in_use(read_number("+10005550123", "US"))
    assert is_in_use(read_number("101", "US"))


def test_an_unknown_region_reads_international_numbers_only() -> None:
    assert read_number(MADE_UP_ROME, "ZZ").e164 == MADE_UP_ROME
    assert read_number("0655501234", "ZZ").kind is NumberKind.UNREADABLE


def test_ordinary_numbers_are_read_without_the_number_library() -> None:
    program = (
        "import sys\n"
        "from screenpop.domain import dial_text, numbers\n"
        "for text, region in [('+390655501234', ''), ('+39 06 5550 1234', 'IT'),\n"
        "                     ('0655501234', 'IT'), ('390655501234', 'IT'),\n"
        "                     ('(202) 555-0100', 'US'), ('919876543210', 'IN'),\n"
        "                     ('67555012', 'LV'), ('020 7946 0000', 'GB')]:\n"
        "    number = numbers.read_number(text, region)\n"
        "    assert number.e164, text\n"
        "    assert numbers.probable_key(number.e164), text\n"
        "for text in ('101', '112', 'anonymous', '', 'sip:101@example.com'):\n"
        "    numbers.read_number(text, 'IT')\n"
        "assert 'phonenumbers' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


# --- what a number tells ------------------------------------------------------------


@pytest.mark.parametrize(
    ("e164", "national"),
    [
        (MADE_UP_ROME, "0655501234"),
        ("+12025550100", "2025550100"),
        ("+37065550123", "65550123"),
        ("+999123456789", ""),
        ("0655501234", ""),
        ("", ""),
    ],
)
def test_the_national_number_keeps_an_italian_zero(e164: str, national: str) -> None:
    assert national_significant(e164) == national


@pytest.mark.parametrize(
    ("e164", "key"),
    [
        (MADE_UP_ROME, "655501234"),
        ("+39655501234", "655501234"),  # the same line, its zero lost
        ("+37065550123", "65550123"),
        ("+5511955550123", "155550123"),
        ("+551155550123", "155550123"),  # an old record of it
        ("+551135550128", "135550128"),
        ("+24755501", ""),  # five digits are too few
        ("", ""),
    ],
)
def test_a_probable_key_survives_common_faults(e164: str, key: str) -> None:
    assert probable_key(e164) == key


@pytest.mark.parametrize(
    ("e164", "region"),
    [
        (MADE_UP_ROME, "IT"),
        ("+37065550123", "LT"),
        ("+12025550100", "US"),
        ("+14165550123", "CA"),
        ("+18765550126", "JM"),
        ("+10005550123", "US"),  # in no region: that of most
        ("+77272550129", "KZ"),
        ("+441481960123", "GG"),
        ("+80012345678", ""),  # of no country
        ("not a number", ""),
    ],
)
def test_the_country_of_a_number(e164: str, region: str) -> None:
    assert country_of(e164) == region


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("112", "IT", True),
        ("112", "US", True),
        ("911", "US", True),
        ("9911", "US", True),  # with the digit for an outside line
        ("9911", "IT", False),
        ("9911", "ZZ", False),
        ("999", "GB", True),
        ("999", "IT", False),
        ("000", "AU", True),
        ("101", "IN", True),  # the fire brigade, whoever else has that extension
        ("101", "IT", False),
        ("+12025550100", "US", False),
        ("+39 06 5550 1234 x112", "IT", False),
        ("anonymous", "IT", False),
    ],
)
def test_emergency_numbers_are_known_by_region(
    text: str, region: str, expected: bool
) -> None:
    assert is_emergency(read_number(text, region), region) is expected


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("0909 879 0123", "GB", True),
        ("1 900 555 0123", "US", True),
        ("899 123 456", "IT", True),
        ("+881655501234", "GB", True),
        ("+979123456789", "GB", True),
        ("+390655501234", "IT", False),
        ("101", "IT", False),
    ],
)
def test_numbers_that_cost_extra_are_known(
    text: str, region: str, expected: bool
) -> None:
    assert is_premium(read_number(text, region)) is expected


# --- writing ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "region", "shown"),
    [
        (MADE_UP_ROME, "IT", "06 5550 1234"),
        (MADE_UP_ROME, "US", "+39 06 5550 1234"),
        (MADE_UP_ROME, "", "+39 06 5550 1234"),
        ("+12025550100", "US", "(202) 555-0100"),
        ("+12025550100", "CA", "(202) 555-0100"),
        ("+12025550100", "IT", "+1 202-555-0100"),
        ("+12025550100 x7", "US", "(202) 555-0100 ext. 7"),
        ("x101", "US", "101"),
        ("112", "IT", "112"),
        ("*21*0655501234#", "IT", "*21*0655501234#"),
        ("sip:anna@example.com", "IT", "anna@example.com"),
        ("anonymous", "IT", ""),
        ("Mario Rossi", "IT", "Mario Rossi"),
    ],
)
def test_a_number_is_shown_the_way_its_reader_writes_it(
    text: str, region: str, shown: str
) -> None:
    assert format_number(text, region) == shown
    assert format_number(read_number(text, region), region) == shown


@pytest.mark.parametrize(
    ("e164", "region", "shown"),
    [
        ("+68255501", "CK", "+682 55 501"),  # 55 501 would be an extension
        ("+390014642907", "IT", "+39 0014642907"),  # 00 would lead abroad
    ],
)
def test_a_national_style_that_would_be_misread_is_not_used(
    e164: str, region: str, shown: str
) -> None:
    assert format_number(e164, region) == shown


# --- while typing -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "typed", "shown"),
    [
        ("US", "", ""),
        ("US", "101", "101"),
        ("US", "202555", "202555"),
        ("US", "2025550", "202-5550"),
        ("US", "2025550100", "(202) 555-0100"),
        ("US", "(202) 555-01", "(202) 555-01"),
        ("IT", "0655501234", "06 5550 1234"),
        ("IT", "+390655501234", "+39 06 5550 1234"),
        ("IT", "+1202555", "+1 202-555"),
        ("IT", "+", "+"),
        ("US", "2025550100,,12", "(202) 555-0100,,12"),
        ("US", "2025550100;12#", "(202) 555-0100;12#"),
        ("US", "*67", "*67"),
        ("IT", "*21*0655501234#", "*21*0655501234#"),
        ("IT", "#31#0655501234", "#31#0655501234"),
        ("IT", "Mario Rossi", "Mario Rossi"),
        ("IT", "06 5550 1234 int 3", "06 5550 1234 int 3"),
        ("", "0655501234", "0655501234"),
    ],
)
def test_digits_are_grouped_while_typing(region: str, typed: str, shown: str) -> None:
    assert FormatAsYouType(region).format(typed) == shown


def test_an_endless_run_of_digits_is_left_alone() -> None:
    typed = "1" * 10_000
    assert FormatAsYouType("US").format(typed) == typed


def test_a_number_read_is_a_value() -> None:
    assert read_number("101", "IT") == PhoneNumber(
        "101", NumberKind.EXTENSION, extension="101"
    )
