"""The text that a number is in: odd characters, display names, SIP addresses."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from screenpop.domain.number_withheld import is_withheld

LONGEST_TEXT: Final = 200

_INVALID_HOST: Final = ".invalid"

_NAME_ADDRESS: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"\s*|[^<>"]*)<([^<>]*)>[^<>]*')
_SIP_ADDRESS: Final = re.compile(
    r"(?P<scheme>sips?:)?(?://)?(?:(?P<user>[^@\s?]*)@)?"
    r"(?P<host>\[[0-9a-f:]+\]|[\w.\-]+)(?::\d{1,5})?(?:[;?].*)?",
    re.IGNORECASE,
)
# The mark of long vowels is what Japanese keyboards give for a hyphen.
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)\s*(?:[·•∙⋅・]|(ー))\s*(?=\d)")
# What makes a picture of a digit ("keycap") or of a telephone.
_PICTURE_MARKS: Final = "\ufe0e\ufe0f\u20e3"


class SipAddress(NamedTuple):
    """The parts of a SIP address that tell who it is.

    Attributes:
        user: Without parameters and password; may be "".
        host: In small letters.
        parameters: Of the user, ";ext=12" (RFC 3261, 19.1.6); mostly "".
    """

    user: str
    host: str
    parameters: str = ""


def clean(text: str) -> str:
    """``text`` in plain characters: ASCII digits, hyphens, spaces, no hidden marks."""
    if text.isascii() and text.isprintable():
        return text.strip()
    plain = "".join(map(_plain_character, unicodedata.normalize("NFKC", text)))
    return _BETWEEN_DIGITS.sub(_separator, plain).strip()


def _separator(found: re.Match[str]) -> str:
    return "-" if found[1] else "."


def _plain_character(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    if category == "Cf" or char in _PICTURE_MARKS:
        return ""
    if char == "\N{DIVISION SLASH}":
        return "/"
    return " " if category in {"Cc", "Zs", "Zl", "Zp"} else char


def without_name(bare: str) -> str:
    """The address of ``"Name" <address>``; other texts as they are."""
    found = _NAME_ADDRESS.fullmatch(bare)
    return found.group(1).strip() if found else bare


def sip_address(bare: str) -> SipAddress | None:
    """The SIP address that a clean text is, scheme or not; None when it is none."""
    if "@" not in bare and not bare[:4].casefold().startswith("sip"):
        return None
    found = _SIP_ADDRESS.fullmatch(bare)
    if found is None or (found["user"] is None and found["scheme"] is None):
        return None
    from urllib.parse import unquote  # few numbers are SIP addresses

    user, mark, parameters = clean(unquote(found["user"] or "")).partition(";")
    user = user.partition(":")[0].strip()
    return SipAddress(user, found["host"].casefold(), mark + parameters)


def is_withheld_address(address: SipAddress) -> bool:
    """Whether a SIP address tells no caller (RFC 3323), a host alone included."""
    return is_withheld(address.user) or address.host.endswith(_INVALID_HOST)
