"""Texts for the user, and phrases that only windows put together.

What makes and translates a sentence is `screenpop.wording`, for every layer alike.
"""

from __future__ import annotations

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

__all__ = (
    "Marked",
    "english",
    "has_right_to_left",
    "is_right_to_left",
    "isolated",
    "joined",
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
        first = ", ".join(texts[:shown])
        return tr("{names} or {count} more", names=first, count=rest)
    first = ", ".join(texts[:-1])
    return tr("{names} or {last}", names=first, last=texts[-1])


def joined(*parts: str) -> str:
    """What there is of the parts, side by side."""
    if is_right_to_left():
        parts = tuple(map(isolated, parts))
    return " · ".join(part for part in parts if part)
