"""What the digits of a number may mean: at home, from abroad, by habits of old.

Only spellings are made here; ``number_reading`` asks which of them is a number.
"""

from __future__ import annotations

import re
from typing import Final

from screenpop.domain.numbering_plans import LONGEST_E164, plan_of, plan_of_region

_FEWEST_DIGITS_WITHOUT_PLUS: Final = 10
_NORTH_AMERICA: Final = "1"
_NORTH_AMERICAN_LENGTH: Final = 10
_TRUNK_ZERO: Final = "0"

_SEVERAL_PLUSES: Final = re.compile(r"(?:\+\s*){2,}|00\s*\+\s*")
# A phone system put "+39" before what had it already: "+39 0039 06…", "+39+3906…".
_COUNTRY_TWICE: Final = re.compile(r"\+(\d{1,3})[\s\-]*(?:\+|00)[\s\-]*(?=\1)")
# Until 2019 mobiles had a 1 after the country code; address books still do.
_OLD_MEXICAN_MOBILE: Final = re.compile(r"521(\d{10})")
# How a call was begun at home in those days.
_OLD_PREFIXES: Final = {
    "MX": re.compile(r"(?:04[45]|01)(\d{10})"),
    "CL": re.compile(r"0(9\d{8})"),
    # The country's trunk prefix was "8" with a second dialling tone until 2009.
    "UA": re.compile(r"8(0\d{9})"),
}
# "0xx11 …" leaves the place of the long-distance operator open.
_OPEN_OPERATOR: Final = re.compile(r"(\(?0)\s*-?xx\s*-?(?=[(\d])", re.IGNORECASE)
_BRAZIL: Final = "BR"
_ITALY: Final = "39"
_KEPT_IN_ITALY: Final = ("", "0", "3")


def with_one_lead(bare: str, region: str) -> str:
    """``bare`` with one plus sign, one country and no open place at its beginning."""
    if region == _BRAZIL:
        bare = _OPEN_OPERATOR.sub(r"\1", bare, count=1)
    if "+" not in bare:
        return bare
    found = _SEVERAL_PLUSES.match(bare)
    if found:
        bare = "+" + bare[found.end() :]
    found = _COUNTRY_TWICE.match(bare)
    if found is None:
        return bare
    digits = "".join(filter(str.isdigit, bare))
    plan = plan_of(f"+{digits[:LONGEST_E164]}")
    is_country = plan is not None and plan.calling_code == found[1]
    return f"+{bare[found.end() :]}" if is_country else bare


def ways_to_dial(bare: str, region: str) -> list[str]:
    """What the digits of ``bare`` may mean, the likeliest first."""
    digits = "".join(filter(str.isdigit, bare))
    if "+" in bare:
        if not digits.startswith("0"):
            return _international(digits)
        return [digits, *_international(digits.lstrip("0"))]
    if digits.startswith("00"):
        return [digits, *_international(digits[2:])]
    plan = plan_of_region(region)
    if plan is not None and digits.startswith(f"0{plan.calling_code}"):
        return [digits, *_international(digits[1:])]
    ways = [_without_old_prefix(digits, region)]
    if plan is not None and not plan.trunk_digits and digits[:1] == _TRUNK_ZERO:
        ways.append(digits[1:])
    is_national = (
        plan is not None
        and plan.calling_code == _NORTH_AMERICA
        and len(digits) == _NORTH_AMERICAN_LENGTH
    )
    if (
        plan is not None
        and plan.calling_code == _ITALY
        and len(digits) < _FEWEST_DIGITS_WITHOUT_PLUS
    ):
        ways += _international(f"{_ITALY}{digits}")[1:]
    if not is_national and len(digits) >= _FEWEST_DIGITS_WITHOUT_PLUS:
        ways += _international(digits)
    return ways


def _international(digits: str) -> list[str]:
    old = _OLD_MEXICAN_MOBILE.fullmatch(digits)
    if old:
        return [f"+52{old[1]}"]
    plan = plan_of(f"+{digits}")
    if plan is None:
        return [f"+{digits}"]
    code = plan.calling_code
    national = digits[len(code) :]
    if not plan.trunk_digits and national[:1] == _TRUNK_ZERO:
        # Where no trunk zero is in use any more, many still write one.
        return [f"+{digits}", f"+{code}{national[1:]}"]
    if code == _ITALY and national[:1] not in _KEPT_IN_ITALY:
        # A spreadsheet, or somebody who is used to other countries, dropped the zero.
        return [f"+{digits}", f"+{code}0{national}"]
    if national.startswith(code):
        # Something put the country before digits that had it without a plus.
        return [f"+{digits}", f"+{national}"]
    return [f"+{digits}"]


def _without_old_prefix(digits: str, region: str) -> str:
    pattern = _OLD_PREFIXES.get(region)
    found = pattern.fullmatch(digits) if pattern else None
    return found[1] if found else digits
