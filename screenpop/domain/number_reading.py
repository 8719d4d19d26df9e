"""Read whatever stands where a phone number should, by the caller's region."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from screenpop.domain import number_text
from screenpop.domain.numbering_plans import (
    LONGEST_E164,
    emergency_numbers,
    is_surely_canonical,
    plan_of_region,
    sure_national,
)
from screenpop.domain.phone_number import NumberKind, PhoneNumber

_LONGEST_SHORT: Final = 6
# No country has an E.164 number this short: a system put the "+" before an extension.
_LONGEST_PLUS_SHORT: Final = 4
_FEWEST_DIGITS_WITHOUT_PLUS: Final = 10
_NORTH_AMERICA: Final = "1"
_NORTH_AMERICAN_LENGTH: Final = 10

_SCHEME: Final = re.compile(r"^(?:tel|callto|phone):(?://)?", re.IGNORECASE)
_FLOAT: Final = re.compile(r"(\+?\d+)\.0+")
_EXPONENT: Final = re.compile(r"(\d)\.(\d+)[eE]\+?(\d{1,2})")
_HIDE_CALLER_ID: Final = re.compile(r"^(?:\*31#|#31#|\*67|\*82)\s*(?=[(+\d])")
_HIDE_BY_REGION: Final = {"GB": "141", "IE": "141"}
_SERVICE_CODE: Final = re.compile(r"[*#]+\d[\d*#+ ]*")
_DATE: Final = re.compile(
    r"(?:(?:19|20)\d\d([-/. ])[01]?\d\1[0-3]?\d"
    r"|[0-3]?\d([-/. ])[01]?\d\2(?:19|20)\d\d)(?: .*)?"
)
_SHORT_TEXT: Final = re.compile(r"\(?\+?\d{1,6}\)?|\d{2,3}[ -]\d{2,3}")
_NUMBER_TEXT: Final = re.compile(r"\(?\+?[\d\s().\-/_~*]*")
_VANITY: Final = re.compile(r"\+?1?[\s.\-]*\(?(?:8\d\d|900)\)?[\s.\-]*[A-Z\d\s.\-]{7,}")
_PLAIN_NUMBER: Final = re.compile(r"\+?[0-9(][0-9 .()\-]{6,30}")
_NO_SEPARATORS: Final = str.maketrans("", "", " .()-")
_OTHER_LAST_DIGITS: Final = re.compile(r"(.*\d{3}) ?/ ?\d{1,2}")
_OPTIONAL_ZERO: Final = re.compile(r"\(\s*0\s*\)")
# Until 2019 mobiles had a 1 after the country code; address books still do.
_OLD_MEXICAN_MOBILE: Final = re.compile(r"521\d{10}")
_KEYPAD: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999"
)


def read_number(text: str, region: str) -> PhoneNumber:
    """What ``text`` says, read by ``region`` ("IT"; "" when not known).

    Never raises. A number that is possible but not in use is accepted; one that could
    not be dialled from ``region`` is UNREADABLE.
    """
    if len(text) > number_text.LONGEST_TEXT:
        return PhoneNumber(text[: number_text.LONGEST_TEXT], NumberKind.UNREADABLE)
    return _read(text, region)


@lru_cache(maxsize=16384)
def _read(text: str, region: str) -> PhoneNumber:
    e164 = _e164_at_sight(text, region)
    if e164:
        return PhoneNumber(text, NumberKind.E164, e164=e164)
    bare = number_text.without_name(number_text.clean(text))
    if number_text.is_withheld(bare):
        return PhoneNumber(text, NumberKind.WITHHELD)
    address = number_text.sip_address(bare)
    if address is not None:
        return _read_sip(text, address, region)
    return _read_dialled(text, number_text.without_label(_SCHEME.sub("", bare)), region)


def _e164_at_sight(text: str, region: str) -> str:
    """The canonical form where that needs no library; else ""."""
    if not _PLAIN_NUMBER.fullmatch(text) or _OPTIONAL_ZERO.search(text):
        return ""
    digits = text.translate(_NO_SEPARATORS)
    if digits.startswith("+"):
        return digits if is_surely_canonical(digits) else ""
    return "" if _DATE.fullmatch(text) else sure_national(digits, region)


def _read_sip(text: str, address: number_text.SipAddress, region: str) -> PhoneNumber:
    if number_text.is_withheld_address(address):
        return PhoneNumber(text, NumberKind.WITHHELD)
    number = _read_dialled(text, address.user, region)
    if number.is_dialable and number.kind is not NumberKind.SERVICE_CODE:
        return number
    sip = f"{address.user}@{address.host}" if address.user else address.host
    return PhoneNumber(text, NumberKind.SIP, sip=sip)


def _read_dialled(text: str, bare: str, region: str) -> PhoneNumber:
    bare = _as_written(bare)
    extension = number_text.bare_extension(bare)
    if not extension and _SHORT_TEXT.fullmatch(bare):
        extension = _short_digits(bare)
    if extension:
        kind = NumberKind.EXTENSION
        if _is_short_number(extension, region):
            kind = NumberKind.SHORT
        return PhoneNumber(text, kind, extension=extension)
    visible = _with_caller_id_shown(bare, region)
    main, extension = number_text.split_extension(visible)
    e164 = _read_e164(main.rstrip("# "), region)
    if e164:
        return PhoneNumber(text, NumberKind.E164, e164=e164, extension=extension)
    if _SERVICE_CODE.fullmatch(bare):
        return PhoneNumber(text, NumberKind.SERVICE_CODE)
    return PhoneNumber(text, NumberKind.UNREADABLE)


def _as_written(bare: str) -> str:
    """Undo what passing through a JSON or spreadsheet number does to the digits."""
    whole = _FLOAT.fullmatch(bare)
    if whole:
        return whole.group(1)
    found = _EXPONENT.fullmatch(bare)
    # With fewer digits than the exponent says, some were lost for good.
    if found and len(found.group(2)) == int(found.group(3)):
        return found.group(1) + found.group(2)
    return bare


def _short_digits(bare: str) -> str:
    digits = "".join(filter(str.isdigit, bare))
    longest = _LONGEST_PLUS_SHORT if "+" in bare else _LONGEST_SHORT
    return digits if len(digits) <= longest else ""


def _is_short_number(digits: str, region: str) -> bool:
    # 100 to 109 are extensions in nearly every office, whatever else they are.
    if digits in emergency_numbers(region) and not digits.startswith("10"):
        return True
    plan = plan_of_region(region)
    if plan is None:
        return False
    if plan.calling_code == _NORTH_AMERICA:
        return bool(re.fullmatch(r"[2-8]11|988", digits))
    is_european = plan.calling_code[0] in "34"
    return is_european and bool(re.fullmatch(r"116\d{3}|118\d{2,3}", digits))


def _with_caller_id_shown(bare: str, region: str) -> str:
    """``bare`` without a prefix that hides (or shows) the caller's own number."""
    visible = _HIDE_CALLER_ID.sub("", bare)
    prefix = _HIDE_BY_REGION.get(region)
    if prefix and visible.startswith((f"{prefix} 0", f"{prefix}0")):
        return visible[len(prefix) :].lstrip()
    return visible


def _read_e164(bare: str, region: str) -> str:
    """The canonical form of a number without extension; "" when it has none."""
    alternative = _OTHER_LAST_DIGITS.fullmatch(bare)
    if alternative:
        bare = alternative.group(1)
    if _VANITY.fullmatch(bare):
        bare = bare.translate(_KEYPAD)
    if not _NUMBER_TEXT.fullmatch(bare) or "*" in bare or _DATE.fullmatch(bare):
        return ""
    spellings = [bare]
    if _OPTIONAL_ZERO.search(bare):
        spellings.append(_OPTIONAL_ZERO.sub("", bare))
    return _best_reading(
        [way for spelling in spellings for way in _ways_to_dial(spelling, region)],
        region,
    )


def _ways_to_dial(bare: str, region: str) -> list[str]:
    """What the digits may mean, the likeliest first."""
    digits = "".join(char for char in bare if char.isdigit())
    if "+" in bare:
        if not digits.startswith("0"):
            return [_international(digits)]
        return [digits, _international(digits.lstrip("0"))]
    if digits.startswith("00"):
        return [digits, _international(digits[2:])]
    plan = plan_of_region(region)
    if plan is not None and digits.startswith(f"0{plan.calling_code}"):
        return [digits, _international(digits[1:])]
    is_national = (
        plan is not None
        and plan.calling_code == _NORTH_AMERICA
        and len(digits) == _NORTH_AMERICAN_LENGTH
    )
    if is_national or len(digits) < _FEWEST_DIGITS_WITHOUT_PLUS:
        return [digits]
    return [digits, _international(digits)]


def _international(digits: str) -> str:
    if _OLD_MEXICAN_MOBILE.fullmatch(digits):
        return f"+52{digits[3:]}"
    return f"+{digits}"


def _best_reading(ways: list[str], region: str) -> str:
    """The first way that is a number in use, else the first that could be one."""
    possible = ""
    for way in ways:
        if is_surely_canonical(way) and len(ways) == 1:
            return way
        e164, is_likely = _parse(way, region)
        if is_likely:
            return e164
        possible = possible or e164
    return possible


def _parse(digits: str, region: str) -> tuple[str, bool]:
    """A possible number's canonical form ("" for none) and whether it is in use."""
    import phonenumbers  # 28 ms that a start without calls saves

    try:
        parsed = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException:
        return "", False
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return "", False
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if len(e164) > LONGEST_E164 + 1 or not _is_stable(e164):
        return "", False
    kind = phonenumbers.number_type(parsed)
    # Nobody calls from the voice mail of an Italian mobile, but eleven digits that
    # begin with 3 are how many of its neighbours' numbers look without their plus.
    is_likely = kind not in {
        phonenumbers.PhoneNumberType.UNKNOWN,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    }
    return e164, is_likely


def _is_stable(e164: str) -> bool:
    """Whether the form means itself: "+91 000…" would lose a zero at each reading."""
    if is_surely_canonical(e164):
        return True
    import phonenumbers  # loaded by now

    again = phonenumbers.parse(e164)
    written = phonenumbers.format_number(again, phonenumbers.PhoneNumberFormat.E164)
    return bool(written == e164)


def is_in_use(number: PhoneNumber) -> bool:
    """Whether numbers of this form are assigned; True for anything but E.164."""
    return not number.e164 or _parse(number.e164, "")[1]


def has_caller_id_prefix(text: str, region: str) -> bool:
    """Whether ``text`` begins with a code that hides or shows the caller's number."""
    bare = number_text.clean(text)
    return _with_caller_id_shown(bare, region) != bare
