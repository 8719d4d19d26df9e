"""The parts of a ``tel:`` link, and of a SIP user written like one (RFC 3966)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LONGEST_GROUP: Final = 6
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A form wrote its spaces as "+": "+39+06+5550+1234".
_SPACES_AS_PLUSES: Final = re.compile(r"(?<=[\d)])\+(?=[\d(])")
_LINE_BREAK: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class TelParts(NamedTuple):
    """What stands behind ``tel:``.

    Attributes:
        subscriber: The number, as written.
        extension: What ``;ext=`` says; "" when it is not there.
        context: What ``;phone-context=`` says; "" when it is not there.
    """

    subscriber: str
    extension: str
    context: str


def percent_decoded(text: str) -> str | None:
    """``text`` decoded once; None for broken escapes and for control characters."""
    if "%" in text:
        from urllib.parse import unquote  # few numbers come from links

        if _BAD_ESCAPE.search(text):
            return None
        try:
            text = unquote(text, errors="strict")
        except UnicodeDecodeError:
            return None
    return None if _LINE_BREAK.search(text) else text


def tel_parts(decoded: str) -> TelParts:
    """The parts; parameters that mean nothing to us are left out."""
    subscriber, *parameters = decoded.rstrip("/").split(";")
    values = dict(map(_name_and_value, parameters))
    subscriber = _with_spaces(subscriber)
    return TelParts(subscriber, values.get("ext", ""), values.get("phone-context", ""))


def _with_spaces(subscriber: str) -> str:
    """``subscriber`` with its spaces back, where a form turned them into pluses.

    Longer groups behind a plus are numbers of their own, with their country.
    """
    groups = _SPACES_AS_PLUSES.split(subscriber)
    digits = (sum(map(str.isdigit, group)) for group in groups[1:])
    is_one_number = all(count <= _LONGEST_GROUP for count in digits)
    return " ".join(groups) if is_one_number else subscriber


def _name_and_value(parameter: str) -> tuple[str, str]:
    name, _, value = parameter.partition("=")
    return name.strip().casefold(), value.strip()
