"""Reduce texts to what people mean when they search: plain lower-case words."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of ``text``, case and accents folded, in order.

    >>> words("Änne O'Brien-Łuk & Söhne")
    ['anne', 'o', 'brien', 'łuk', 'sohne']
    """
    if not text.isascii():
        split = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(char for char in split if not unicodedata.combining(char))
    return _WORD.findall(text.lower())


def fold(*texts: str) -> str:
    """The words of all ``texts`` with single spaces between."""
    return " ".join(words(" ".join(texts)))


def digits_of(text: str) -> str:
    """The ASCII digits of ``text``.

    >>> digits_of("+39 06-5550 123")
    '39065550123'
    """
    return "".join(char for char in text if "0" <= char <= "9")
