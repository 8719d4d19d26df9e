"""Digits with separators that are no phone number: dates, moments, addresses."""

from __future__ import annotations

import re
from typing import Final

_DATE: Final = re.compile(
    r"(?:(?:19|20)\d\d([-/. ])[01]?\d\1[0-3]?\d"
    r"|[0-3]?\d([-/. ])[0-3]?\d\2(?:19|20)\d\d)\.?(?:[ T].*)?"
)
_SHORT_DATE: Final = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([/.])(?:0?[1-9]|1[0-2])\1\d\d"
)
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_NETWORK_ADDRESS: Final = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")


def is_date(bare: str) -> bool:
    """Whether ``bare`` is a date with a full year, maybe with a time behind it."""
    return _DATE.fullmatch(bare) is not None


def is_short_date(bare: str) -> bool:
    """Whether ``bare`` may be a date such as "12/05/24"."""
    return _SHORT_DATE.fullmatch(bare) is not None


def is_network_address(bare: str) -> bool:
    """Whether ``bare`` may be an IPv4 address."""
    return _NETWORK_ADDRESS.fullmatch(bare) is not None
