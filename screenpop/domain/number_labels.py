"""What people write around a number: "Tel.:", "(home)", a telephone's picture."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_PLACES: Final = (
    "home|work|office|casa|ufficio|uff|lavoro|lav|mobile?|mobil|cell?(?:ulare?)?|cel"
    "|cellphone|m[oó]v(?:il)?|movel|handy|natel|gsm|portable|port|fax|whatsapp"
    "|privat[eo]?|priv|main|direct|bureau|oficina|büro|switchboard"
    "|centralino|centralita|zentrale|festnetz"
    "|standard|toll[ -]?free|freephone|fisso|fijo|fixo|fixe|dienstlich|geschäftlich"
    "|моб(?:ильный)?|сот|дом|факс|telem[óo]vel|telem|tlm|celular|kom(?:órka|órkowy)?"
    "|stac|faks|mobiel|mobitel|mobiili|mobilnr|mobiltelefon|κιν(?:ητό)?|φαξ|vezetékes"
    "|numero verde|n[uú]mero gratuito|num[ée]ro vert"
)
_PHONES: Final = (
    "tele(?:phone|fono|fon)|tel[ée]fono?|t[ée]l[ée]phone|t[ée]l|telf|tfno|tlf|tlfn|tfn"
    "|tfnr|t[āa]lr|puh|tel-?(?:nr|no)|telefonnummer|telefonnr|fon[eo]?|phone|ph|mob"
    "|ddi|did|hotline|skype"
    "|telp|tlp|telefoon|telefonas|telefon|τηλ(?:[έε]φωνο)?|тел(?:ефон)?|電話(?:番号)?|电话|手机|携帯|전화"
)
# Said of other things' numbers too.
_COUNTS: Final = "call|from|to|line|number|num[eé]ro|nummer|nr|no|n[º°]"
_ONE: Final = rf"(?:{_PLACES}|{_PHONES}|{_COUNTS})(?![^\W\d_])"
_AND: Final = r"[\s./&|,-]*(?:(?:and|und|et|e|y|i)\s+)?"
_LABEL: Final = re.compile(
    rf"(?:(?!line\b){_ONE}(?:{_AND}{_ONE}){{0,3}}[.\s]*#?\s*[.:\-]*|[tmpfwhcodт]"
    r"(?:[.:]+|\s(?=\s*[(+\d][\d\s().+\-/]{6,})))\s*(?=[(+\d])",
    re.IGNORECASE,
)
_LABEL_AT_END: Final = re.compile(
    rf"(?<![^\W\d_])(?:{_PLACES}|{_PHONES}|[tmpfт])(?:{_AND}(?:{_COUNTS}))?[\s.:#/(\-]*$",
    re.IGNORECASE,
)
_REMARK_BEFORE: Final = re.compile(r"\([^\W\d_]{1,12}\.?\)\s*(?=[(+\d])")
_REMARK: Final = re.compile(
    rf"(?<=[\d)])(?:\s*[(\[][^()\[\]\d]*[)\]]|[ ,-]+(?:{_PLACES}))$", re.IGNORECASE
)
# What SIP trunks append (RFC 3966, RFC 4694); ";ext=" is read elsewhere.
_PARAMETERS: Final = re.compile(
    r";(?:npdi|rn|rn-context|cic|isub|isub-encoding|phone-context|user|cpc|oli|tgrp"
    r"|trunk-context)(?:=[^;]*)?(?=;|$)",
    re.IGNORECASE,
)
# Quotation marks of all sorts, bullets, and what ends a sentence.
_AROUND: Final = (
    " \"'=`|>,;!\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u2022\u00b7"
)
_STAR_OF_A_LIST: Final = re.compile(r"\*\s+(?=[(+\d][\d\s().+\-/]{6,}$)")


def without_wrapping(bare: str) -> str:
    """``bare`` without quotation marks, bullets and pictures at its ends.

    Spreadsheets keep a leading zero with '0655… or ="0655…".
    """
    bare = bare.strip(_AROUND)
    if not bare.isascii():
        while bare and unicodedata.category(bare[0]) == "So":
            bare = bare[1:].lstrip(_AROUND)
        while bare and unicodedata.category(bare[-1]) == "So":
            bare = bare[:-1].rstrip(_AROUND)
    return _STAR_OF_A_LIST.sub("", bare)


def without_label(bare: str) -> str:
    """The number of "Tel.: NUMBER (home)"; other texts as they are."""
    found = _LABEL.match(bare)
    number = bare[found.end() :] if found else _REMARK_BEFORE.sub("", bare, count=1)
    return _REMARK.sub("", _PARAMETERS.sub("", number).rstrip(",;: !?"))


def ends_with_label(text: str) -> bool:
    """Whether what follows ``text`` is said to be a number: "… my mobile: "."""
    return _LABEL_AT_END.search(text[-40:]) is not None
