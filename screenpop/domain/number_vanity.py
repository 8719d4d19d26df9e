"""Numbers with letters in them, "1-800-EXAMPLE", as a keypad spells them."""

from __future__ import annotations

import re
from typing import Final

from screenpop.domain.numbering_plans import plan_of_region

_KEYPAD: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999"
)
_NORTH_AMERICA: Final = "1"
_NORTH_AMERICAN_LENGTH: Final = 10
_NORTH_AMERICAN: Final = re.compile(
    r"(?P<code>\+?1[\s.\-]*)?\(?(?P<area>[2-9]\d\d)\)?[\s.\-]*"
    r"(?P<rest>[A-Za-z\d\s.\-]{7,20})"
)
_TOLL_FREE: Final = re.compile(r"8(?:00|33|44|55|66|77|88)|900")
# Freephone prefixes by region, and how many digits follow.
_ELSEWHERE: Final = {
    "AU": ("1300|1800", 6),
    "DE": ("0800", 7),
    "GB": ("0800|0808", 7),
    "IE": ("1800", 6),
    "NZ": ("0800|0508", 6),
    "ZA": ("0800", 6),
}


def without_letters(bare: str, region: str) -> str:
    """``bare`` in digits where its letters are part of a number, else as it is.

    Letters beyond the last digit of a freephone number are left out, as the network
    does.
    """
    if bare.isdigit() or not any(map(str.isalpha, bare)):
        return bare
    if region in _ELSEWHERE:
        prefixes, length = _ELSEWHERE[region]
        pattern = rf"({prefixes})[\s.\-]*((?:[\s.\-]*[A-Z\d]){{{length},14}})"
        found = re.fullmatch(pattern, bare)
        if found:
            return found[1] + _digits(found[2])[:length]
    plan = plan_of_region(region)
    is_at_home = plan is not None and plan.calling_code == _NORTH_AMERICA
    found = _NORTH_AMERICAN.fullmatch(bare)
    if found is None or not (found["code"] or is_at_home):
        return bare
    return _north_american(found) or bare


def _north_american(found: re.Match[str]) -> str:
    code, area, rest = found["code"] or "", found["area"], found["rest"]
    # In small letters it may be any word after any number.
    if not rest.isupper() and not code:
        return ""
    digits = area + _digits(rest)
    if _TOLL_FREE.fullmatch(area):
        digits = digits[:_NORTH_AMERICAN_LENGTH]
    elif not rest.isupper():
        return ""
    if len(digits) != _NORTH_AMERICAN_LENGTH:
        return ""
    return f"+1{digits}" if code else digits


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text.upper().translate(_KEYPAD)))
