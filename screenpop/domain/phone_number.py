"""A phone number as screenpop knows it, and what can be told from it cheaply."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

from screenpop.domain.frozen import frozen
from screenpop.domain.number_text import clean
from screenpop.domain.numbering_plans import emergency_numbers, plan_of, plan_of_region

_PROBABLE_DIGITS: Final = 9
_FEWEST_PROBABLE_DIGITS: Final = 8
_BRAZIL: Final = "55"
_BRAZIL_MOBILE_LENGTH: Final = 11
_NORTH_AMERICA: Final = "1"
# Satellite and other international networks: several euros a minute, like +979.
_COSTLY_NETWORKS: Final = frozenset({"870", "878", "881", "882", "883", "979"})


class NumberKind(StrEnum):
    """What sort of thing stands where a phone number should."""

    E164 = "e164"
    EXTENSION = "extension"
    SHORT = "short"
    SERVICE_CODE = "service_code"
    SIP = "sip"
    WITHHELD = "withheld"
    UNREADABLE = "unreadable"


_DIALABLE: Final = frozenset(
    {NumberKind.E164, NumberKind.EXTENSION, NumberKind.SHORT, NumberKind.SERVICE_CODE}
)


@frozen
class PhoneNumber:
    """A number, read.

    Attributes:
        raw: As it came, cut to a sane length.
        kind: What it is.
        e164: The canonical form, "+390655501234"; "" unless kind is E164.
        extension: The digits of an EXTENSION or a SHORT number, or what is to be
            dialled after an E164 number; else "".
        sip: "user@host" for kind SIP; else "".
    """

    raw: str
    kind: NumberKind
    e164: str = ""
    extension: str = ""
    sip: str = ""

    @property
    def is_dialable(self) -> bool:
        """Whether a phone system can be asked to call it."""
        return self.kind in _DIALABLE

    @property
    def key(self) -> str:
        """What to match it by: E.164, else "ext:101", else the SIP address, else ""."""
        if self.e164:
            return self.e164
        return f"ext:{self.extension}" if self.extension else self.sip

    @property
    def dial_text(self) -> str:
        """What a phone system is given to dial; "" for what cannot be dialled."""
        if self.kind is NumberKind.SERVICE_CODE:
            return clean(self.raw).replace(" ", "")
        return (self.e164 or self.extension) if self.is_dialable else ""


def same_number(first: PhoneNumber, second: PhoneNumber) -> bool:
    """Whether both are the same line; two withheld callers are not."""
    return first.key != "" and first.key == second.key


def national_significant(e164: str) -> str:
    """The number without "+" and calling code, Italian zero kept; "" if none.

    >>> national_significant("+390655501234")
    '0655501234'
    """
    plan = plan_of(e164)
    return "" if plan is None else e164[1 + len(plan.calling_code) :]


def probable_key(e164: str) -> str:
    """The last nine digits, by which a badly stored number may still be found.

    Brazil's ninth mobile digit is left out: old records lack it. "" when the national
    number has fewer than eight digits, too few to mean the same line.
    """
    plan = plan_of(e164)
    national = national_significant(e164)
    if plan is None or len(national) < _FEWEST_PROBABLE_DIGITS:
        return ""
    if (
        plan.calling_code == _BRAZIL
        and len(national) == _BRAZIL_MOBILE_LENGTH
        and national[2] == "9"
    ):
        national = national[:2] + national[3:]
    return national[-_PROBABLE_DIGITS:]


def country_of(e164: str) -> str:
    """The region code of a number, "IT"; "" for an international network.

    Loads the phone-number library only where several regions share a calling code.
    """
    plan = plan_of(e164)
    if plan is None or not plan.regions:
        return ""
    if len(plan.regions) == 1:
        return plan.regions[0]
    return _shared_code_region(e164) or plan.regions[0]


@lru_cache(maxsize=4096)
def _shared_code_region(e164: str) -> str:
    import phonenumbers  # 28 ms that a start without calls saves

    return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or ""


def is_emergency(number: PhoneNumber, region: str) -> bool:
    """Whether dialling it in ``region`` may reach an emergency service.

    True for an internal number that happens to be one as well (101 in India).
    """
    digits = number.extension if not number.e164 else ""
    if digits in emergency_numbers(region):
        return True
    plan = plan_of_region(region)
    # "9" fetches an outside line on many North American systems.
    return digits == "9911" and plan is not None and plan.calling_code == _NORTH_AMERICA


def is_premium(number: PhoneNumber) -> bool:
    """Whether a call to it is known to cost far more than an ordinary one."""
    plan = plan_of(number.e164)
    if plan is None:
        return False
    return plan.calling_code in _COSTLY_NETWORKS or _is_premium_rate(number.e164)


@lru_cache(maxsize=1024)
def _is_premium_rate(e164: str) -> bool:
    import phonenumbers  # as above

    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    return bool(kind == phonenumbers.PhoneNumberType.PREMIUM_RATE)
