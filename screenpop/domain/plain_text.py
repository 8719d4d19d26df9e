"""Foreign text made safe to show: what callers and CRMs send is text, nothing else.

It stays text of any script. What goes is whatever can hide, reorder or repaint the text
around it: control characters, marks that turn the writing direction, invisible letters,
towers of accents.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from screenpop.wording import ISOLATES, Worded

if TYPE_CHECKING:
    from collections.abc import Sequence

_ELLIPSIS: Final = "…"
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
# More accents than any language puts on one letter.
_MOST_MARKS: Final = 6
_JOINERS: Final = "\u200c\u200d"
_ZWJ: Final = "\u200d"
# Format characters that have a shape of their own, such as the Arabic year sign.
_VISIBLE_FORMATS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
# Letters, marks and symbols by their class, yet nothing to see.
_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Letters of the commonest scripts, none of which can hide or stack up: contacts by the
# million are written in them.
_HARMLESS: Final = re.compile(
    r"[ -~\u00c0-\u024f\u0386-\u03ff\u0400-\u0481\u048a-\u052f"
    r"\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]*"
)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_REGIONAL_INDICATORS: Final = range(0x1F1E6, 0x1F200)
# Text far beyond the limit is not looked at; marks that are dropped need some room.
_LOOKED_AT_FACTOR: Final = 8


def plain(text: str, limit: int = 300) -> str:
    """``text`` as one line of at most ``limit`` characters, safe to show as plain text.

    Whitespace runs, line breaks included, become one space. Too long a text ends in
    "…", never inside a letter with its accents or an emoji. Markup is not touched: show
    the result where markup is not read, or use ``for_markup``. A text of ours keeps the
    marks that were put around what fills it.
    """
    if _is_harmless(text):
        line = text.strip()
    else:
        looked_at = text[: limit * _LOOKED_AT_FACTOR + 1]
        kept = ISOLATES if isinstance(text, Worded) else ""
        line = " ".join(_visible(looked_at, kept).split())
    return line if len(line) <= limit else _shortened(line, limit)


def plain_all(texts: Sequence[str], limit: int = 300) -> list[str]:
    """``plain`` of each text, where they come by the million."""
    # A sign that is harmless itself and keeps the blanks of neighbours apart.
    is_harmless = _is_harmless("|".join(texts))
    if is_harmless and max(map(len, texts), default=0) <= limit:
        return list(map(str.strip, texts))
    return [plain(text, limit) if text else "" for text in texts]


def for_markup(text: str, limit: int = 300) -> str:
    """``plain(text, limit)`` for the few places that take only markup, escaped."""
    line = plain(text, limit)
    for char, entity in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        line = line.replace(char, f"&{entity};")
    return line


def _is_harmless(text: str) -> bool:
    """Whether nothing but blanks at its ends has to go."""
    return (
        text.isprintable()
        and "  " not in text
        and (text.isascii() or _HARMLESS.fullmatch(text) is not None)
    )


def _visible(text: str, isolates: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        if char in isolates:
            kept.append(char)
            continue
        category = unicodedata.category(char)
        shown = _shown(char, category, kept[-1] if kept else "")
        if not shown:
            continue
        if category in {"Mn", "Me"}:
            marks += 1
        elif char not in _JOINERS:
            marks = 0
        if marks <= _MOST_MARKS:
            kept.append(shown)
    return "".join(kept)


def _shown(char: str, category: str, before: str) -> str:
    """What stands for one character, given what was kept just before it."""
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    if category == "Cs":
        return _REPLACEMENT
    if char in _BLANKS or (category == "Cn" and ord(char) & 0xFFFE == 0xFFFE):
        return ""
    if char in _JOINERS:
        # Emoji, Persian and Indian scripts need them; in Latin text they only hide.
        has_letter = before != "" and not before.isascii() and before not in _JOINERS
        return char if has_letter else ""
    if category == "Cf" and char not in _VISIBLE_FORMATS:
        return ""
    return char


def _shortened(line: str, limit: int) -> str:
    if limit <= 0:
        return ""
    end = limit - len(_ELLIPSIS)
    while end > 0 and not _is_boundary(line, end):
        end -= 1
    return line[:end].rstrip() + _ELLIPSIS


def _is_boundary(line: str, index: int) -> bool:
    """Whether a new visible character begins at ``index`` (good enough, not UAX 29)."""
    char, before = line[index], line[index - 1]
    if unicodedata.category(char).startswith("M") or char in _JOINERS:
        return False
    if before == _ZWJ or ord(char) in _SKIN_TONES:
        return False
    if ord(char) not in _REGIONAL_INDICATORS:
        return True
    start = index
    while start > 0 and ord(line[start - 1]) in _REGIONAL_INDICATORS:
        start -= 1
    return (index - start) % 2 == 0
