"""Finding the sentence that a finished English text was made of."""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Iterable
from typing import Final

# A sentence of hardly any words of its own would fit everything.
_LEAST_LETTERS: Final = 6
_LONGEST_TEXT: Final = 2000


def matched(text: str, sentences: Iterable[str]) -> tuple[str, dict[str, str]] | None:
    """The sentence with gaps that reads as ``text`` when filled, and what fills it.

    Of several the one with the most words of its own; None when there is none.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    best: tuple[int, str, dict[str, str]] | None = None
    for sentence in sentences:
        pieces = _pieces(sentence)
        weight = sum(map(len, pieces))
        if weight < _LEAST_LETTERS or (best is not None and weight <= best[0]):
            continue
        if not all(piece in text for piece in pieces):
            continue
        found = _pattern(sentence).fullmatch(text)
        if found is not None:
            best = (weight, sentence, found.groupdict())
    return None if best is None else best[1:]


@functools.lru_cache(maxsize=4096)
def _pieces(sentence: str) -> tuple[str, ...]:
    parsed = string.Formatter().parse(sentence)
    return tuple(literal for literal, *_ in parsed if literal)


@functools.lru_cache(maxsize=256)
def _pattern(sentence: str) -> re.Pattern[str]:
    pattern = ""
    seen: set[str] = set()
    for literal, gap, *_ in string.Formatter().parse(sentence):
        pattern += re.escape(literal)
        if gap is not None:
            pattern += f"(?P={gap})" if gap in seen else f"(?P<{gap}>.+?)"
            seen.add(gap)
    return re.compile(pattern, re.DOTALL)
