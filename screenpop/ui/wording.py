"""The one place where texts for the user go through on their way to the screen.

A sentence is always handed over whole, with named gaps, so that a translation can put
the words in any order. Foreign values only ever fill gaps; they are never sentences.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

Translation = Callable[[str, int], str]
"""Takes an English sentence and a count (-1 without one); returns the sentence."""


def _as_written(sentence: str, _count: int) -> str:
    return sentence


_translation: list[Translation] = [_as_written]
_NO_COUNT: Final = -1


def install_translation(translation: Translation | None) -> None:
    """Use ``translation`` for every text made from now on; None for English."""
    _translation[0] = translation or _as_written


def tr(sentence: str, **values: object) -> str:
    """The sentence in the user's language, with its gaps filled."""
    filled = {name: _apart(value) for name, value in values.items()}
    return _translation[0](sentence, _NO_COUNT).format_map(filled)


def tr_count(one: str, many: str, count: int, **values: object) -> str:
    """The sentence for that many; ``{count}`` in it stands for the number."""
    sentence = one if count == 1 else many
    return _translation[0](sentence, count).format_map({**values, "count": count})


def names(texts: tuple[str, ...], *, shown: int = 2) -> str:
    """Several alternatives as one phrase: "Ana, Bo or 3 more"."""
    if len(texts) <= 1:
        return "".join(texts)
    rest = len(texts) - shown
    if rest > 0:
        first = ", ".join(texts[:shown])
        return tr("{names} or {count} more", names=first, count=rest)
    first = ", ".join(texts[:-1])
    return tr("{names} or {last}", names=first, last=texts[-1])


def joined(*parts: str) -> str:
    """What there is of the parts, side by side."""
    return " · ".join(part for part in parts if part)


_ISOLATE: Final = "\u2068"
_END: Final = "\u2069"
_RIGHT_TO_LEFT: Final = ("R", "AL")


def isolated(text: str) -> str:
    """The text marked so that its direction does not reorder what stands around it."""
    return f"{_ISOLATE}{text}{_END}" if text else ""


def unmarked(text: str) -> str:
    """The text without the marks of `isolated`, for those who read it aloud."""
    return text.replace(_ISOLATE, "").replace(_END, "")


def has_right_to_left(text: str) -> bool:
    """Whether any of it is written from the right."""
    return not text.isascii() and any(
        unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text
    )


def _apart(value: object) -> object:
    if isinstance(value, str) and has_right_to_left(value):
        return isolated(value)
    return value
