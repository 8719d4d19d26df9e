"""Read the numbers that can be nothing else, and those by the thousand."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from screenpop.domain.number_lookalikes import is_date, is_network_address
from screenpop.domain.numbering_plans import (
    is_surely_canonical,
    plan_of_region,
    sure_national,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIGITS_OF_A_DATE: Final = 8
_DOTS_OF_AN_ADDRESS: Final = 3
# What tells of a number is its length and so many characters: "+", a calling code of
# three digits, and the same once more where it stands there twice.
_TELLING: Final = 7

_PLAIN_NUMBER: Final = re.compile(r"\+?[0-9(][0-9 .()\-]{6,30}")
# One to a line, some lines empty; none with what needs a look of its own.
_PLAIN_LINES: Final = re.compile(r"(?:(?:\+?[0-9][0-9 \-]{6,30})?\n)*+")
_NO_SEPARATORS: Final = str.maketrans("", "", " .()-")
_OPTIONAL_ZERO: Final = re.compile(r"\(\s*0\s*\)")


def has_optional_zero(text: str) -> bool:
    """Whether a trunk zero stands in parentheses: "+44 (0)20"."""
    return _OPTIONAL_ZERO.search(text) is not None


def without_optional_zero(text: str) -> str:
    """``text`` without such a zero."""
    return _OPTIONAL_ZERO.sub("", text)


def e164_at_sight(text: str, region: str) -> str:
    """The canonical form of a number that can be nothing else; "" to look closer."""
    if not _PLAIN_NUMBER.fullmatch(text):
        return ""
    if "(" in text and has_optional_zero(text):
        return ""
    digits = text.translate(_NO_SEPARATORS)
    way = _way(digits[:_TELLING], len(digits), region)
    if way is None:
        return ""
    # What is cheap to see is asked first.
    is_other = digits[0] != "+" and (
        (len(digits) <= _DIGITS_OF_A_DATE and is_date(text))
        or (text.count(".") == _DOTS_OF_AN_ADDRESS and is_network_address(text))
    )
    front, left_out = way
    return "" if is_other else front + digits[left_out:]


def e164s_at_sight(texts: Sequence[str], region: str) -> list[str]:
    """The same of each text, where numbers by the million come along."""
    lines = "\n".join(texts) + "\n"
    if _PLAIN_LINES.fullmatch(lines):
        *numbers, _ = lines.translate(_NO_SEPARATORS).split("\n")
        if len(numbers) == len(texts):
            return [
                _plain_e164(text, digits, region) if digits else ""
                for text, digits in zip(texts, numbers, strict=True)
            ]
    return [e164_at_sight(text, region) if text else "" for text in texts]


def _plain_e164(text: str, digits: str, region: str) -> str:
    """That of a text with no separators but spaces and hyphens."""
    if len(digits) <= _DIGITS_OF_A_DATE:
        return e164_at_sight(text, region)
    way = _way(digits[:_TELLING], len(digits), region)
    return "" if way is None else way[0] + digits[way[1] :]


@lru_cache(maxsize=4096)
def _way(beginning: str, length: int, region: str) -> tuple[str, int] | None:
    """How digits that begin so and are so many become E.164; None for no sure way.

    Returns:
        What comes in front, and how many of the digits ("+" counts) are left out.
    """
    digits = beginning.ljust(length, "0")
    if digits.startswith("+"):
        return ("", 0) if is_surely_canonical(digits) else None
    e164 = sure_national(digits, region)
    plan = plan_of_region(region)
    if not e164 or plan is None:
        return None
    front = f"+{plan.calling_code}"
    return front, length - (len(e164) - len(front))
