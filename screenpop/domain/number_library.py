"""Ask the phone-number library, which knows every numbering plan.

It is imported at the first question only: 28 ms that a start without calls saves.
"""

from __future__ import annotations

from typing import Final

from screenpop.domain.numbering_plans import LONGEST_E164, is_surely_canonical

_FEWEST_POSSIBLE: Final = 7
_ITALY: Final = "+39"


def parse_canonical(digits: str, region: str) -> tuple[str, bool]:
    """A possible number's canonical form ("" for none) and whether it is in use."""
    import phonenumbers  # as above

    try:
        parsed = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException:
        return "", False
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return "", False
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    kind = phonenumbers.number_type(parsed)
    is_in_use = kind != phonenumbers.PhoneNumberType.UNKNOWN
    length = len(e164) - 1
    # A few real ones are shorter, such as Iran's +98 and four digits.
    if not (is_in_use or length >= _FEWEST_POSSIBLE) or length > LONGEST_E164:
        return "", False
    if not _is_stable(e164):
        return "", False
    # Nobody calls from the voice mail of an Italian mobile, but eleven digits that
    # begin with 3 are how many of its neighbours' numbers look without their plus.
    is_mailbox = kind == phonenumbers.PhoneNumberType.VOICEMAIL
    return e164, is_in_use and not (is_mailbox and e164.startswith(_ITALY))


def _is_stable(e164: str) -> bool:
    """Whether the form means itself: "+91 000…" would lose a zero at each reading."""
    if is_surely_canonical(e164):
        return True
    import phonenumbers  # loaded by now

    again = phonenumbers.parse(e164)
    # "+57 0057…" is a country's code said twice, and read as that the next time.
    if e164.startswith(f"+{again.country_code}00{again.country_code}"):
        return False
    written = phonenumbers.format_number(again, phonenumbers.PhoneNumberFormat.E164)
    return bool(written == e164)
