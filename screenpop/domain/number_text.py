"""The text around a number: odd characters, labels, withheld words, SIP addresses."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

LONGEST_TEXT: Final = 200

_WITHHELD_TEXT: Final = """
anonymous anonim anonimo anonima anonyme anonym anonimi anonimas
private privato privado prive privat riservato
restricted unknown unavailable withheld blocked hidden masked nascosto oculto
sconosciuto desconocido desconocida desconhecido inconnu unbekannt unterdruckt
masque slepts nezinams pasleptas nezinomas slaptas скрыт неизвестен неизвестный
none null nil undefined nan n/a na notavailable
nonumber nocallerid callerid calleridblocked calleridunavailable callerunknown
unknowncaller unknownnumber privatecaller privatenumber numberwithheld
withheldnumber restrictednumber anonymouscaller idunavailable idwithheld
numeroprivato numerosconosciuto numeroanonimo numeroriservato numeronascosto
numeroprivado numerodesconocido numerooculto outofarea coinphone payphone
addressunavailable unidentified unassigned presentationrestricted
"""
_WITHHELD_WORDS: Final = frozenset(_WITHHELD_TEXT.split())
# What telephones send for "not known", "hidden" and "call box" instead of a word; the
# last spells ANONYMOUS on a keypad.
_WITHHELD_CODES: Final = frozenset(
    {"", "-", "--", "?", "-1", "-2", "-3", "266696687", "+266696687"}
)
_ALL_ZEROS: Final = re.compile(r"\+?0{7,}")
_NOT_A_LETTER: Final = re.compile(r"[^\w/]|_")
_INVALID_HOST: Final = ".invalid"

_NAME_ADDRESS: Final = re.compile(r'(?:"[^"]*"\s*|[^<>"]*)<([^<>]*)>[^<>]*')
_SIP_ADDRESS: Final = re.compile(
    r"(?P<scheme>sips?:)?(?://)?(?:(?P<user>[^@\s?]*)@)?"
    r"(?P<host>\[[0-9a-f:]+\]|[\w.\-]+)(?::\d{1,5})?(?:[;?].*)?",
    re.IGNORECASE,
)
_PLACES: Final = (
    r"home|work|office|casa|ufficio|lavoro|mobile?|cell(?:ulare)?|m[oó]vil|handy|fax"
    r"|whatsapp|privat[eo]?|priv"
)
_LABEL: Final = re.compile(
    rf"^(?:(?:tele(?:phone|fono|fon)|tel[ée]fono|phone|number|numero|call|from|tel|mob|ph"
    rf"|nr|no|{_PLACES})\b[.:]*|[tmpfwhcod][.:])\s*(?=[(+\d])",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(
    rf"(?<=[\d)])(?:\s*\([^()\d]*\)|[ ,-]+(?:{_PLACES}))$", re.IGNORECASE
)
# What SIP trunks append (RFC 3966, RFC 4694); ";ext=" is read elsewhere.
_PARAMETERS: Final = re.compile(
    r";(?:npdi|rn|rn-context|cic|isub|isub-encoding|phone-context|user|cpc|oli|tgrp)"
    r"(?:=[^;]*)?(?=;|$)",
    re.IGNORECASE,
)
_BARE_EXTENSION: Final = re.compile(
    r"(?:ext(?:ension|n)?|x|int(?:erno|ernal)?|доб|vid|anexo|ramal|durchwahl|dw)"
    r"[.:]{0,2}\s*(\d{1,6})",
    re.IGNORECASE,
)
_WITH_EXTENSION: Final = re.compile(
    r"(?P<number>.*\d.*?)[\s,;(]*(?:;\s*ext\s*=|ext(?:ension|n)?\b|ext(?=\d)|x"
    r"|int(?:erno)?\b|доб|ramal|anexo|durchwahl|dw|#|~|[,;pw]+)"
    r"[.:=]{0,2}\s*(?P<extension>\d{1,15})#?\)?",
    re.IGNORECASE,
)
_FEWEST_DIGITS_BEFORE_EXTENSION: Final = 7


class SipAddress(NamedTuple):
    """The parts of a SIP address that tell who it is; the user may be ""."""

    user: str
    host: str


def clean(text: str) -> str:
    """``text`` in plain characters: ASCII digits, hyphens, spaces, no hidden marks."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text))).strip()


def _plain_character(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    if category == "Cf":
        return ""
    return " " if category in {"Cc", "Zs", "Zl", "Zp"} else char


def is_withheld(bare: str) -> bool:
    """Whether a clean text stands for a number that is not shown."""
    if bare in _WITHHELD_CODES or _ALL_ZEROS.fullmatch(bare):
        return True
    if bare[0] in "+0123456789":
        return False
    letters = "".join(
        char
        for char in unicodedata.normalize("NFKD", bare.casefold())
        if not unicodedata.combining(char)
    )
    return _NOT_A_LETTER.sub("", letters) in _WITHHELD_WORDS


def without_name(bare: str) -> str:
    """The address of ``"Name" <address>``; other texts as they are."""
    found = _NAME_ADDRESS.fullmatch(bare)
    # Spreadsheets keep a leading zero with '0655… or ="0655…".
    return (found.group(1) if found else bare).strip("'\"= ")


def without_label(bare: str) -> str:
    """The number of "Tel.: NUMBER (home)"; other texts as they are."""
    number = _PARAMETERS.sub("", _LABEL.sub("", bare)).rstrip(",;: ")
    return _REMARK.sub("", number)


def sip_address(bare: str) -> SipAddress | None:
    """The SIP address that a clean text is, scheme or not; None when it is none."""
    if "@" not in bare and not bare[:4].casefold().startswith("sip"):
        return None
    found = _SIP_ADDRESS.fullmatch(bare)
    if found is None or (found["user"] is None and found["scheme"] is None):
        return None
    from urllib.parse import unquote  # few numbers are SIP addresses

    user = (found["user"] or "").partition(";")[0].partition(":")[0]
    return SipAddress(clean(unquote(user)), found["host"].casefold())


def is_withheld_address(address: SipAddress) -> bool:
    """Whether a SIP address tells no caller (RFC 3323), a host alone included."""
    return is_withheld(address.user) or address.host.endswith(_INVALID_HOST)


def bare_extension(bare: str) -> str:
    """The digits of "x101" or "ext. 101"; "" for anything else."""
    found = _BARE_EXTENSION.fullmatch(bare)
    return found.group(1) if found else ""


def split_extension(bare: str) -> tuple[str, str]:
    """A number and what is to be dialled after it ("" when nothing)."""
    found = _WITH_EXTENSION.fullmatch(bare)
    if found is None:
        return bare, ""
    digits = sum(char.isdigit() for char in found["number"])
    if digits < _FEWEST_DIGITS_BEFORE_EXTENSION:
        return bare, ""
    return found["number"].strip(), found["extension"]
