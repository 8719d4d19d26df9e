"""Reduce texts to what people mean when they search: plain lower-case words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD: Final = re.compile(r"[^\W_]+")
# Of ASCII in small letters; line breaks stay.
_ONLY_WORDS: Final = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalnum() and code != 10}
)


def words(text: str) -> list[str]:
    """The words of ``text``, case and accents folded, in order.

    >>> words("Änne O'Brien-Łuk & Söhne")
    ['anne', 'o', 'brien', 'łuk', 'sohne']
    """
    return _WORD.findall(_small_letters(text))


def _small_letters(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold())
        for char in filter(unicodedata.combining, set(text)):
            text = text.replace(char, "")
    return text.lower()


def fold(*texts: str) -> str:
    """The words of all ``texts`` with single spaces between."""
    return " ".join(words(" ".join(texts)))


def fold_all(firsts: Sequence[str], seconds: Sequence[str]) -> list[str]:
    """``fold`` of each two texts, where they come by the million."""
    lines = "\n".join(map(" ".join, zip(firsts, seconds, strict=True)))
    text = _small_letters(lines)
    if text.count("\n") != len(firsts) - 1:
        return list(map(fold, firsts, seconds))
    if not text.isascii():
        return [" ".join(_WORD.findall(line)) for line in text.split("\n")]
    text = text.translate(_ONLY_WORDS)
    edges = f"\n{text}\n"
    has_gaps = any(each in edges for each in ("  ", " \n", "\n "))
    folded = text.split("\n")
    return [" ".join(line.split()) for line in folded] if has_gaps else folded


def digits_of(text: str) -> str:
    """The ASCII digits of ``text``.

    >>> digits_of("+39 06-5550 123")
    '39065550123'
    """
    return "".join(char for char in text if "0" <= char <= "9")
