"""Grouping digits while somebody types, without losing the caret. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS: Final = frozenset("+0123456789*#")
_NUMBER_CHARS: Final = _DIGITS | frozenset(" ().-/\u00a0")


@frozen
class TypedText:
    """A text and where the caret stands in it."""

    text: str
    caret: int


def looks_like_number(text: str) -> bool:
    """Whether somebody seems to be typing a number rather than a name."""
    return any(char.isdigit() for char in text) and all(
        char in _NUMBER_CHARS for char in text
    )


def grouped(
    before: str, typed: TypedText, format_partial: Callable[[str], str]
) -> TypedText:
    """What the box shall show after a keystroke.

    The caret stays behind the same digit. What was pasted (more than one character came
    at once) stays as it is, and so does everything that is no number.

    Args:
        before: What the box showed before the keystroke.
        typed: What it holds now.
        format_partial: Groups the digits of a number.
    """
    is_paste = len(typed.text) > len(before) + 1
    if is_paste or not looks_like_number(typed.text):
        return typed
    text = format_partial(typed.text)
    if text == typed.text or _digits(text) != _digits(typed.text):
        return typed
    if typed.caret >= len(typed.text):
        return TypedText(text, len(text))
    return TypedText(text, _behind(text, len(_digits(typed.text[: typed.caret]))))


def _digits(text: str) -> str:
    return "".join(char for char in text if char in _DIGITS)


def _behind(text: str, count: int) -> int:
    """The place right behind that many digits."""
    if count == 0:
        return 0
    for index, char in enumerate(text):
        count -= char in _DIGITS
        if count == 0:
            return index + 1
    return len(text)
