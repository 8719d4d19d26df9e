"""Write numbers the way people of a region read them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from screenpop.domain.number_reading import read_number
from screenpop.domain.number_text import clean
from screenpop.domain.numbering_plans import plan_of, plan_of_region
from screenpop.domain.phone_number import NumberKind, PhoneNumber

_LONGEST_BARE: Final = 6
_LONGEST_TYPED: Final = 40
_PAUSE: Final = re.compile(r"[,;]")
_TYPED_NUMBER: Final = re.compile(r"\+?[\d\s().\-/]*")


def format_number(number: PhoneNumber | str, region: str) -> str:
    """``number`` for a reader in ``region``: national at home, international else.

    An extension is its digits, a withheld number "". What could not be read stays as
    it came: pass that through ``plain_text.plain`` before it is shown.
    """
    if isinstance(number, str):
        number = read_number(number, region)
    if number.kind is NumberKind.E164:
        tail = f" ext. {number.extension}" if number.extension else ""
        return _format_e164(number.e164, region) + tail
    if number.kind is NumberKind.WITHHELD:
        return ""
    return number.dial_text or number.sip or clean(number.raw)


# A card asks for the same two numbers several times while it comes up, 0.1 ms each.
@lru_cache(maxsize=256)
def _format_e164(e164: str, region: str) -> str:
    import phonenumbers  # 28 ms that a start without calls saves

    parsed = phonenumbers.parse(e164)
    own, home = plan_of(e164), plan_of_region(region)
    if own is not None and own is home:
        style = phonenumbers.PhoneNumberFormat.NATIONAL
        written = phonenumbers.format_number(parsed, style)
        # Written nationally, the shortest numbers look like extensions and the oddest
        # like foreign ones.
        if read_number(written, region).e164 == e164:
            return written
    return phonenumbers.format_number(
        parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )


class FormatAsYouType:
    """Groups the digits of a number while somebody types it in ``region``."""

    def __init__(self, region: str) -> None:
        self._region = region

    def format(self, text: str) -> str:
        """``text`` grouped as far as it goes: the same digits in the same order.

        Letters and service codes stay as typed, and so does all after a pause
        ("," or ";"). Up to six digits stay together: they may be an extension.
        """
        pause = _PAUSE.search(text)
        head = text[: pause.start()] if pause else text
        tail = text[len(head) :]
        typed = "".join(char for char in head if char in "+0123456789")
        if not _TYPED_NUMBER.fullmatch(head) or len(typed) > _LONGEST_TYPED:
            return text
        if len(typed) <= _LONGEST_BARE and not typed.startswith("+"):
            return typed + tail
        grouped = self._group(typed)
        kept = "".join(char for char in grouped if char in "+0123456789")
        return (grouped if kept == typed else typed) + tail

    def _group(self, typed: str) -> str:
        import phonenumbers  # as above

        formatter = phonenumbers.AsYouTypeFormatter(self._region)
        grouped = ""
        for char in typed:
            grouped = formatter.input_digit(char)
        return grouped
