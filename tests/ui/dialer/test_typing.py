"""Digits are grouped while somebody types, and the caret stays where it was."""

from __future__ import annotations

import pytest

from screenpop.domain.numbers import FormatAsYouType
from screenpop.ui.dialer.typing import TypedText, grouped, looks_like_number


def _typed(before: str, text: str, caret: int | None = None) -> TypedText:
    where = len(text) if caret is None else caret
    return grouped(before, TypedText(text, where), FormatAsYouType("US").format)


def test_digits_are_grouped_one_by_one() -> None:
    shown = ""
    for digit in "+12025550142":
        shown = _typed(shown, shown + digit).text

    assert shown == "+1 202-555-0142"


def test_a_digit_typed_in_the_middle_leaves_the_caret_behind_it() -> None:
    before = "+1 202-555-014"
    shown = _typed(before, "+1 2802-555-014", 5)

    assert shown.text[: shown.caret].replace(" ", "").replace("-", "") == "+128"


def test_deleting_a_separator_moves_the_caret_to_the_digit_before_it() -> None:
    shown = _typed("+1 202-555", "+1 202555", 6)

    assert shown == TypedText("+1 202-555", 6)


def test_what_is_pasted_stays_as_it_is() -> None:
    assert _typed("", "+12025550142").text == "+12025550142"
    assert _typed("", "call 202 555 0142 now").text == "call 202 555 0142 now"


def test_names_and_links_are_left_alone() -> None:
    assert _typed("An", "Ana").text == "Ana"
    assert _typed("tel:+1202555014", "tel:+12025550142").text == "tel:+12025550142"


@pytest.mark.parametrize(
    ("text", "is_number"),
    [("+1 202", True), ("*21#", True), ("Ana", False), ("", False), ("-", False)],
)
def test_a_number_is_told_from_a_name(text: str, is_number: bool) -> None:
    assert looks_like_number(text) is is_number
