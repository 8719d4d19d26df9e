"""Every country's numbers, in every spelling the phone-number library writes.

The library's example numbers are read in their own country and in two others. Where
the reading differs on purpose, docs/numbers.md says so, and so does this test: no
further difference may creep in.
"""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from screenpop.domain.numbers import NumberKind, read_number

_KINDS = range(PhoneNumberType.FIXED_LINE, PhoneNumberType.VOICEMAIL + 1)
_LONGEST_SHORT = 6
# Seven digits of Canada without an area code: in the United States they are local.
_CANADIAN = "+1310"
# Of an Italian mobile: nobody calls from it, and its digits are those of neighbours.
_VOICE_MAIL_LENGTH = len("+3933101234501")


def _examples(region: str) -> Iterator[phonenumbers.PhoneNumber]:
    for kind in _KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            yield number


def _spellings(
    number: phonenumbers.PhoneNumber, region: str
) -> Iterator[tuple[str, str]]:
    for style in (
        PhoneNumberFormat.E164,
        PhoneNumberFormat.INTERNATIONAL,
        PhoneNumberFormat.RFC3966,
    ):
        written = phonenumbers.format_number(number, style)
        for reader in (region, "US", "IT", ""):
            yield written, reader
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    yield national, region
    yield _digits(national), region
    for reader in ("US", "IT", "RU", "AU", "BR"):
        yield (
            phonenumbers.format_out_of_country_calling_number(number, reader),
            reader,
        )


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_known_difference(text: str, e164: str) -> bool:
    # An extension in nearly every office, whatever else it is in a small country.
    if len(_digits(text)) <= _LONGEST_SHORT and not text.startswith(("+", "tel:")):
        return True
    is_italian_voice_mail = e164.startswith("+393") and len(e164) == _VOICE_MAIL_LENGTH
    return is_italian_voice_mail or e164.startswith(_CANADIAN)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_numbers_of_every_country_are_read_as_the_library_writes_them(
    region: str,
) -> None:
    wrong = []
    for example in _examples(region):
        e164 = phonenumbers.format_number(example, PhoneNumberFormat.E164)
        for text, reader in _spellings(example, region):
            number = read_number(text, reader)
            if number.e164 == e164 or _is_known_difference(text, e164):
                continue
            wrong.append(f"{text!r} in {reader or '-'}: {number.key}, not {e164}")
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_short_national_numbers_are_extensions_and_never_something_else() -> None:
    for text, region in (("555012", "FO"), ("55501", "CK"), ("21160", "UY")):
        assert read_number(text, region).kind is NumberKind.EXTENSION
