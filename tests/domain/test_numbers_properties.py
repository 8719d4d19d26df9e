"""What holds for any text at all, searched rather than listed."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.domain.dial_text import read_dial_text
from screenpop.domain.number_text import clean
from screenpop.domain.numbering_plans import sure_national
from screenpop.domain.numbers import (
    FormatAsYouType,
    NumberKind,
    country_of,
    format_number,
    is_emergency,
    is_premium,
    probable_key,
    read_number,
)

REGIONS = st.sampled_from(
    ["IT", "US", "GB", "LT", "LV", "IN", "DE", "FR", "BR", "AR", "RU", "GG", "", "ZZ"]
)
_SIGNS = "+ -().,;/#*x~<>\"'@:%=?&\u202a\u2011\u0661\uff0b"
_WORDS = (
    " ext. ",
    "sip:",
    "tel:",
    ";ext=",
    ";phone-context=",
    "anonymous",
    "00",
    "(0)",
)
# Text in which digits, signs and the words of telephony are likely.
PHONE_LIKE = st.lists(
    st.one_of(
        st.text("0123456789", min_size=1, max_size=6),
        st.sampled_from([*_SIGNS, *_WORDS]),
        st.characters(),
    ),
    max_size=14,
).map("".join)
TEXTS = st.one_of(st.text(max_size=60), PHONE_LIKE)
DIGITS = st.text("0123456789", min_size=4, max_size=14)


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")


@given(TEXTS, REGIONS)
@example("\ud800", "IT")
@example("sip:\ud800@x", "IT")
@example("tel:%ED%A0%80", "IT")
@example("²³¹", "IT")
@example("①②③④⑤⑥⑦", "IT")
def test_any_text_is_read_without_an_error(text: str, region: str) -> None:
    number = read_number(text, region)
    format_number(number, region)
    probable_key(number.e164)
    country_of(number.e164)
    is_premium(number)
    is_emergency(number, region)
    read_dial_text(text, region)


@given(TEXTS, REGIONS)
def test_a_number_has_the_parts_of_its_kind_and_no_others(
    text: str, region: str
) -> None:
    number = read_number(text, region)
    assert (number.kind is NumberKind.E164) == bool(number.e164)
    assert (number.kind is NumberKind.SIP) == bool(number.sip)
    if number.kind in {NumberKind.EXTENSION, NumberKind.SHORT}:
        assert 1 <= len(number.extension) <= 6
    assert number.extension == _digits(number.extension)
    if number.e164:
        assert number.e164[0] == "+"
        # Six are Iranian service numbers, the shortest in use.
        assert 6 <= len(number.e164) - 1 <= 15
        assert number.e164[1:] == _digits(number.e164)


@given(TEXTS, REGIONS)
def test_what_is_shown_is_read_as_the_same_number(text: str, region: str) -> None:
    number = read_number(text, region)
    again = read_number(format_number(number, region), region)
    if number.e164 or number.kind in {NumberKind.EXTENSION, NumberKind.SHORT}:
        assert again.key == number.key
        assert again.extension == number.extension


@given(DIGITS, st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_an_e164_number_is_read_in_every_region_as_it_is_at_home(
    digits: str, region: str
) -> None:
    number = read_number(f"+{digits}", "")
    assert read_number(f"+{digits}", region).e164 in {number.e164, ""} or (
        digits.startswith("0")
    )
    if number.e164:
        assert read_number(number.e164, region).e164 == number.e164


@given(DIGITS, st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_numbers_taken_at_sight_are_what_the_library_makes_of_valid_ones(
    digits: str, region: str
) -> None:
    for text in (digits, f"0{digits}", f"+{digits}"):
        try:
            parsed = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        # A region alone misses nothing that another guess of ours could add.
        if phonenumbers.is_valid_number(parsed) and len(_digits(text)) < 10:
            expected = phonenumbers.format_number(
                parsed, phonenumbers.PhoneNumberFormat.E164
            )
            assert sure_national(text, region) in {"", expected}
            number = read_number(text, region)
            # A few digit strings are known to stand for "anonymous" instead.
            if len(_digits(text)) > 6 and number.kind is not NumberKind.WITHHELD:
                assert number.e164 == expected


@pytest.mark.parametrize("code", [1, 39, 44, 49, 91, 370, 371])
@given(national=st.text("0123456789", min_size=6, max_size=12))
def test_a_plus_number_taken_at_sight_is_the_librarys(code: int, national: str) -> None:
    text = f"+{code}{national}"
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_valid_number(parsed):
        assert read_number(text, "").e164 == phonenumbers.format_number(
            parsed, phonenumbers.PhoneNumberFormat.E164
        )


@given(TEXTS, REGIONS)
def test_formatting_while_typing_keeps_every_digit(text: str, region: str) -> None:
    shown = FormatAsYouType(region).format(text)
    assert _digits(shown) == _digits(text)
    assert shown.count("+") == text.count("+")


@given(TEXTS, REGIONS)
def test_formatting_while_typing_comes_to_rest(text: str, region: str) -> None:
    formatter = FormatAsYouType(region)
    shown = formatter.format(text)
    assert formatter.format(shown) == shown


@given(TEXTS)
def test_cleaning_a_text_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)
