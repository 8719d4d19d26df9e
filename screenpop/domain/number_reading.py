"""Read whatever stands where a phone number should, by the caller's region."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from screenpop.domain import number_text
from screenpop.domain.number_extension import bare_extension, split_extension
from screenpop.domain.number_labels import without_label, without_wrapping
from screenpop.domain.number_library import parse_canonical
from screenpop.domain.number_lookalikes import (
    is_date,
    is_network_address,
    is_short_date,
)
from screenpop.domain.number_sight import (
    e164_at_sight,
    has_optional_zero,
    without_optional_zero,
)
from screenpop.domain.number_uri import TelParts, percent_decoded, tel_parts
from screenpop.domain.number_vanity import without_letters
from screenpop.domain.number_ways import ways_to_dial, with_one_lead
from screenpop.domain.number_withheld import is_withheld
from screenpop.domain.numbering_plans import (
    emergency_numbers,
    is_surely_canonical,
    plan_of_region,
)
from screenpop.domain.phone_number import NumberKind, PhoneNumber

_LONGEST_SHORT: Final = 6
# No country has an E.164 number this short: a system put the "+" before an extension.
_LONGEST_PLUS_SHORT: Final = 4
_NORTH_AMERICA: Final = "1"

_SCHEME: Final = re.compile(r"(?:tel|callto|phone|sms|fax|skype):/*", re.IGNORECASE)
_FLOAT: Final = re.compile(r"(\+?\d+)\.0+")
_EXPONENT: Final = re.compile(r"(\d)[.,](\d+)[eE]\+?(\d{1,2})")
_HIDE_CALLER_ID: Final = re.compile(r"(?:\*31#|#31#|\*67|\*82)[\s\-]*(?=[(+\d])")
# Prefixes that hide or show the caller's number, where the trunk zero follows them.
_HIDE_BY_REGION: Final = {
    "AU": re.compile(r"183[12][\s\-]*(?=\(?0)"),
    "GB": re.compile(r"(?:141|1470)[\s\-]*(?=\(?0)"),
    "IE": re.compile(r"141[\s\-]*(?=\(?0)"),
    "JP": re.compile(r"18[46][\s\-]*(?=\(?0)"),
    "NZ": re.compile(r"019[67][\s\-]*(?=\(?0)"),
}
_SERVICE_CODE: Final = re.compile(r"[*#]+\d[\d*#+ ]*")
_SHORT_TEXT: Final = re.compile(
    r"\(?\+?\d{1,6}\)?|\d{2,3}[ -]\d{2,3}|\d(?: \d){1,5}|\d(?:-\d){1,5}"
)
_NUMBER_TEXT: Final = re.compile(r"\(?\+?[\d\s().\-/_~*]*")
_ROUND_BRACKETS: Final = str.maketrans("[]", "()")
_OTHER_LAST_DIGITS: Final = re.compile(r"(.*\d{3})(?: ?/ ?\d{1,2})+")
_EXTENSION: Final = re.compile(r"[\d().\- ]{1,20}")
_GLOBAL_CONTEXT: Final = re.compile(r"\+\d[\d().\-]*")


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
    e164 = e164_at_sight(text, region)
    if e164:
        return PhoneNumber(text, NumberKind.E164, e164=e164)
    bare = number_text.without_name(number_text.clean(text))
    link = _SCHEME.match(bare)
    if link:
        bare = bare[link.end() :].strip()
    elif is_withheld(bare):
        return PhoneNumber(text, NumberKind.WITHHELD)
    address = number_text.sip_address(bare)
    if address is not None:
        return _read_sip(text, address, region)
    if link:
        return _read_link(text, bare, region)
    bare = without_wrapping(bare)
    if is_withheld(bare):
        return PhoneNumber(text, NumberKind.WITHHELD)
    return _read_dialled(text, without_label(bare), region)


def _read_sip(text: str, address: number_text.SipAddress, region: str) -> PhoneNumber:
    if number_text.is_withheld_address(address):
        return PhoneNumber(text, NumberKind.WITHHELD)
    number = _read_parts(text, tel_parts(address.user + address.parameters), region)
    if number.is_dialable and number.kind is not NumberKind.SERVICE_CODE:
        return number
    user = address.user.replace(" ", "%20")
    sip = f"{user}@{address.host}" if user else address.host
    return PhoneNumber(text, NumberKind.SIP, sip=sip)


def _read_link(text: str, rest: str, region: str) -> PhoneNumber:
    decoded = percent_decoded(rest.partition("?")[0])
    if decoded is None:
        return PhoneNumber(text, NumberKind.UNREADABLE)
    parts = tel_parts(number_text.clean(decoded))
    if parts.subscriber and is_withheld(parts.subscriber):
        return PhoneNumber(text, NumberKind.WITHHELD)
    return _read_parts(text, parts, region)


def _read_parts(text: str, parts: TelParts, region: str) -> PhoneNumber:
    """A number with the parameters of RFC 3966."""
    number = in_context(parts.subscriber, parts.context, region)
    if not number.e164 or not parts.extension:
        return replace(number, raw=text)
    if not _EXTENSION.fullmatch(parts.extension):
        return PhoneNumber(text, NumberKind.UNREADABLE)
    extension = "".join(filter(str.isdigit, parts.extension))
    return replace(number, raw=text, extension=extension)


def in_context(number: str, context: str, region: str) -> PhoneNumber:
    """A local number completed by its ``phone-context``; a domain says nothing to us.

    RFC 3966 gives "863-1234;phone-context=+1-914-555": the context names where the
    number is known and may say more than is to be dialled before it.
    """
    here = _read_dialled(number, number.strip(), region)
    if "+" in number or not _GLOBAL_CONTEXT.fullmatch(context):
        return here
    if here.kind is NumberKind.SHORT:
        return here
    prefix = "".join(filter(str.isdigit, context))
    for length in range(len(prefix), 0, -1):
        completed = f"+{prefix[:length]} {number.lstrip()}"
        read = _read_dialled(completed, completed, region)
        if read.e164:
            return read
    return PhoneNumber(number, NumberKind.UNREADABLE)


def _read_dialled(text: str, bare: str, region: str) -> PhoneNumber:
    bare = _as_written(bare)
    extension = bare_extension(bare)
    if not extension and _SHORT_TEXT.fullmatch(bare):
        extension = _short_digits(bare)
    if extension:
        kind = NumberKind.EXTENSION
        if _is_short_number(extension, region):
            kind = NumberKind.SHORT
        return PhoneNumber(text, kind, extension=extension)
    visible = _with_caller_id_shown(bare, region)
    main, extension = split_extension(visible)
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
    is_office_number = len(digits) == 3 and digits.startswith("10")
    if digits in emergency_numbers(region) and not is_office_number:
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
    found = _HIDE_CALLER_ID.match(bare)
    by_region = _HIDE_BY_REGION.get(region)
    if found is None and by_region is not None:
        found = by_region.match(bare)
    return bare[found.end() :] if found else bare


def _read_e164(bare: str, region: str) -> str:
    """The canonical form of a number without extension; "" when it has none."""
    bare = without_letters(bare.translate(_ROUND_BRACKETS), region)
    bare = with_one_lead(bare, region)
    alternative = _OTHER_LAST_DIGITS.fullmatch(bare)
    if alternative and not is_short_date(bare):
        bare = alternative.group(1)
    if not _NUMBER_TEXT.fullmatch(bare) or "*" in bare or is_date(bare):
        return ""
    spellings = [bare]
    if has_optional_zero(bare):
        spellings.append(without_optional_zero(bare))
    ways = [way for spelling in spellings for way in ways_to_dial(spelling, region)]
    if is_short_date(bare) or is_network_address(bare):
        return _in_use_without_trunk(ways[:1], region)
    return _best_reading(ways, region)


def _in_use_without_trunk(ways: list[str], region: str) -> str:
    """The reading of what looks like something else, where only a number is likelier.

    Four groups with points are how a few countries without trunk prefix write theirs.
    """
    plan = plan_of_region(region)
    if plan is None or plan.trunk_digits:
        return ""
    e164, is_likely = parse_canonical(ways[0], region)
    return e164 if is_likely else ""


def _best_reading(ways: list[str], region: str) -> str:
    """The first way that is a number in use, else the first that could be one."""
    possible = ""
    for way in ways:
        if is_surely_canonical(way) and len(ways) == 1:
            return way
        e164, is_likely = parse_canonical(way, region)
        if is_likely:
            return e164
        possible = possible or e164
    return possible


def is_in_use(number: PhoneNumber) -> bool:
    """Whether numbers of this form are assigned; True for anything but E.164."""
    return not number.e164 or parse_canonical(number.e164, "")[1]


def has_caller_id_prefix(text: str, region: str) -> bool:
    """Whether ``text`` begins with a code that hides or shows the caller's number."""
    bare = number_text.clean(text)
    return _with_caller_id_shown(bare, region) != bare
