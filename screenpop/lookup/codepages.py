"""Text of a file that does not say how it is written."""

from __future__ import annotations

import codecs
import re
from typing import Final

_CODEC_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,39}")
# Others of Python's codecs are no charsets: "hex", "rot13", "unicode_escape".
_CHARSETS: Final = re.compile(
    r"ascii|utf-(?:8|16|32).*|iso8859-.*|cp\d+|koi8-.*|mac-.*|shift_jis.*|euc_.*"
    r"|gb\d+|gbk|big5.*|iso2022_jp.*|johab|hz|tis-620|ptcp154|latin.*"
)
_WESTERN: Final = "cp1252"
_BY_REGION: Final = {
    **dict.fromkeys(("LT", "LV", "EE"), "cp1257"),
    **dict.fromkeys(("PL", "CZ", "SK", "HU", "SI", "HR", "RO", "AL"), "cp1250"),
    **dict.fromkeys(("RU", "UA", "BY", "BG", "RS", "MK", "KZ"), "cp1251"),
    **dict.fromkeys(("GR", "CY"), "cp1253"),
    **dict.fromkeys(("TR", "AZ"), "cp1254"),
    "IL": "cp1255",
    **dict.fromkeys(("AE", "BH", "EG", "IQ", "JO", "KW", "LB", "QA", "SA"), "cp1256"),
    "CN": "gb18030",
    "HK": "big5",
    "JP": "cp932",
    "KR": "cp949",
    "TH": "cp874",
    "TW": "big5",
}
CODEPAGES: Final = (
    *(_WESTERN, "cp1257", "cp1251", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256"),
    *("koi8-r", "mac-roman", "cp932", "gb18030", "cp949", "big5"),
)
"""What programs wrote before UTF-8, the likeliest first."""


def codepage_of(region: str) -> str:
    """What Windows programs of a region write where they do not write UTF-8."""
    return _BY_REGION.get(region, _WESTERN)


def charset(name: str) -> str:
    """Python's name of a charset that a file names; "" for none to be trusted."""
    if not _CODEC_NAME.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return found if _CHARSETS.fullmatch(found) else ""


def decoded(data: bytes, named: str, codepage: str) -> str:
    """``data`` as text, by the charset it names, as UTF-8, or by the codepage.

    Never raises: what none of them can read is read byte by byte (ISO 8859-1).
    """
    for encoding in (named, "utf-8", codepage):
        if not encoding:
            continue
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    return data.decode("latin-1")
