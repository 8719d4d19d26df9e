"""Keep secrets and full phone numbers out of whatever people may read or send."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN_HEAD: Final = 3
_SHOWN_TAIL: Final = 2
_SHORTEST_MASKED: Final = 6
_SHORTEST_SECRET: Final = 4
_SHOWN_OF_ADDRESS: Final = 2

# What stands between the digits of a number, plain or as a URL spells it. No comma and
# no line break: those part the numbers of a list.
_SEPARATOR: Final = (
    r"(?:[ \u00a0\u202f().\-/_~\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e]"
    r"|%2[089DF])"
)
# Read before numbers, for a log without its times and identifiers is of no use. None
# of them can be a phone number: a date has to be a real one, an identifier needs a
# letter, a fraction begins with "0.".
_KEPT: Final = (
    r"(?<![\d+])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\d\-./])"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?=[0-9a-f]*[a-f])(?![0-9a-f]*\d{7})[0-9a-f]{16,}\b"
    r"|(?<![\d.])0\.\d{1,12}(?!" + _SEPARATOR + r"{0,4}[\d.])"
)
_NUMBER: Final = r"\+?\(?\d(?:" + _SEPARATOR + r"{0,4}\d){6,}"
_KEPT_OR_NUMBER: Final = re.compile(
    f"(?P<kept>{_KEPT})|(?P<number>{_NUMBER})", re.IGNORECASE
)


class Secret:
    """A text that must not be printed: only ``reveal()`` gives it away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself; call this as late and as close to use as possible."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)


def mask_number(text: str) -> str:
    """The number with its middle hidden; short numbers (extensions) stay.

    >>> mask_number("+12025550123")
    '+12***23'
    >>> mask_number("101")
    '101'
    >>> mask_number("sip:mario@example.com")
    'sip:ma***@example.com'
    """
    bare = text.strip()
    user, at, host = bare.rpartition("@")
    if at:
        scheme, colon, name = user.rpartition(":")
        return f"{scheme}{colon}{_masked_user(name)}@{mask_number(host)}"
    digits = sum(char.isdigit() for char in bare)
    if digits <= _SHORTEST_MASKED:
        return bare
    return f"{bare[:_SHOWN_HEAD]}***{bare[-_SHOWN_TAIL:]}"


def _masked_user(name: str) -> str:
    if any(char.isalpha() for char in name):
        return f"{name[:_SHOWN_OF_ADDRESS]}***"
    return mask_number(name)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without the given secret values and with long numbers masked.

    Dates, times and identifiers with letters stay, as a log is of no use without them.

    Args:
        text: Anything bound for a log, an error text or a support bundle.
        secrets: Known secret values, in each spelling that may occur; those shorter
            than four characters are ignored, as they would blank out ordinary words.
    """
    # The longest first: a secret may be part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return _KEPT_OR_NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return found["kept"] or mask_number(found["number"])
