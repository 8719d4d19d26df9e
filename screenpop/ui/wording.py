"""Texts for the user, and phrases that only windows put together.

What makes and translates a sentence is `screenpop.wording`, for every layer alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.wording import (
    Marked,
    english,
    has_right_to_left,
    is_right_to_left,
    isolated,
    marked,
    reworded,
    tr,
    tr_count,
    tr_in,
    tr_marked,
    unmarked,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = (
    "Marked",
    "english",
    "has_right_to_left",
    "is_right_to_left",
    "isolated",
    "joined",
    "listed",
    "marked",
    "names",
    "reworded",
    "tr",
    "tr_count",
    "tr_in",
    "tr_marked",
    "unmarked",
)


def names(texts: tuple[str, ...], *, shown: int = 2) -> str:
    """Several alternatives as one phrase: "Ana, Bo or 3 more"."""
    if len(texts) <= 1:
        return "".join(texts)
    rest = len(texts) - shown
    if rest > 0:
        first = listed(texts[:shown])
        return tr("{names} or {count} more", names=first, count=rest)
    return tr("{names} or {last}", names=listed(texts[:-1]), last=texts[-1])


def listed(texts: Iterable[str]) -> str:
    """What there is of the texts, with the comma of the language between."""
    listed = ""
    for text in texts:
        if listed and text:
            listed = tr("{names}, {name}", names=listed, name=text)
        else:
            listed = listed or text
    return listed


def joined(*parts: str) -> str:
    """What there is of the parts, side by side."""
    if is_right_to_left():
        parts = tuple(map(isolated, parts))
    return " · ".join(part for part in parts if part)
