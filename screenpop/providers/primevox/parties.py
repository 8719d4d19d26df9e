"""Numbers, callers and lines as PrimeVOX writes them, in our words; pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from screenpop.domain.events import NO_PARTY, CallerId
from screenpop.domain.numbers import NumberKind, read_number

if TYPE_CHECKING:
    from datetime import datetime

NAMELESS_PREFIX: Final = "nameless-"
EXTENSION: Final = re.compile(r"\d{1,6}", re.ASCII)
_PUNCTUATION: Final = re.compile(r"[\s().\-/]")
_NATIONAL: Final = re.compile(r"[2-9]\d{2}[2-9]\d{6}", re.ASCII)
_INTERNATIONAL: Final = re.compile(r"[1-9]\d{10,14}", re.ASCII)
_AFTER_PREFIX: Final = " :-|/"


def readable_number(text: str) -> str:
    """A number in full where it is North American or clearly international.

    PrimeVOX writes ten digits, eleven with the leading 1, and 011… for abroad.
    """
    bare = _PUNCTUATION.sub("", text)
    if _NATIONAL.fullmatch(bare):
        return f"+1{bare}"
    for prefix in ("011", "00", "+", ""):
        if bare.startswith(prefix) and _INTERNATIONAL.fullmatch(bare[len(prefix) :]):
            return f"+{bare[len(prefix) :]}"
    return text


def dialable(e164: str) -> str:
    """An E.164 number in the form of click-to-call; "" when it has none.

    >>> dialable("+12025550123"), dialable("+442079460123")
    ('12025550123', '011442079460123')
    """
    digits = e164.removeprefix("+")
    if not digits.isascii() or not digits.isdigit() or not e164.startswith("+"):
        return ""
    if digits.startswith("1"):
        return digits if _NATIONAL.fullmatch(digits[1:]) else ""
    return f"011{digits}"


def caller_of(number: str, name: str, prefix: str) -> CallerId:
    """Somebody from outside; one without a number hid it."""
    if prefix and name.casefold().startswith(prefix.casefold()):
        name = name[len(prefix) :].lstrip(_AFTER_PREFIX)
    if _is_withheld(name) or _repeats(name, number):
        name = ""
    if _is_withheld(number):
        return CallerId(name=name, is_withheld=True)
    return CallerId(readable_number(number), name)


def line_of(number: str, description: str, group: str) -> CallerId:
    """One of our numbers; an extension is none."""
    if not number or EXTENSION.fullmatch(number):
        return NO_PARTY
    return CallerId(readable_number(number), description or group)


def _is_withheld(text: str) -> bool:
    return read_number(text, "").kind is NumberKind.WITHHELD


def _repeats(name: str, number: str) -> bool:
    return readable_number(name) == readable_number(number)


def nameless_id(caller: str, callee: str, moment: datetime) -> str:
    """An id for a call without one: the same for its repetition within a minute."""
    name = f"{caller}\n{callee}\n{moment.isoformat(timespec='minutes')}".encode()
    return f"{NAMELESS_PREFIX}{hashlib.sha256(name).hexdigest()[:20]}"


def is_made_up(call_id: str) -> bool:
    """Whether the id is ours, so that PrimeVOX does not know it."""
    return call_id.startswith(NAMELESS_PREFIX)
