"""Cards stand in their corner, on a screen that exists, and never outside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.ui.popup.placement import (
    GAP,
    MARGIN,
    Corner,
    Rect,
    ScreenArea,
    ScreenRule,
    clamped,
    pick_screen,
    stack_rects,
)

LEFT = ScreenArea("left", Rect(-1920, 0, 1920, 1080), Rect(-1920, 30, 1920, 1050))
MAIN = ScreenArea(
    "main", Rect(0, 0, 2560, 1440), Rect(0, 0, 2560, 1400), is_primary=True
)
SCREENS = (LEFT, MAIN)
CARD = (392, 168)


@pytest.mark.parametrize(
    ("corner", "expected"),
    [
        (Corner.TOP_LEFT, Rect(MARGIN, MARGIN, *CARD)),
        (Corner.TOP_RIGHT, Rect(2560 - MARGIN - 392, MARGIN, *CARD)),
        (Corner.BOTTOM_LEFT, Rect(MARGIN, 1400 - MARGIN - 168, *CARD)),
        (
            Corner.BOTTOM_RIGHT,
            Rect(2560 - MARGIN - 392, 1400 - MARGIN - 168, *CARD),
        ),
    ],
)
def test_the_first_card_stands_in_the_corner_of_the_work_area(
    corner: Corner, expected: Rect
) -> None:
    assert stack_rects([CARD], MAIN.work, corner) == (expected,)


def test_further_cards_stack_away_from_the_corner() -> None:
    low, high = stack_rects([CARD, CARD], MAIN.work, Corner.BOTTOM_RIGHT)
    assert high.bottom == low.y - GAP
    first, second = stack_rects([CARD, CARD], MAIN.work, Corner.TOP_LEFT)
    assert second.y == first.bottom + GAP


def test_a_new_card_moves_none_that_stands() -> None:
    for corner in Corner:
        two = stack_rects([CARD] * 2, MAIN.work, corner)
        assert stack_rects([CARD] * 3, MAIN.work, corner)[:2] == two


def test_a_card_that_grows_upwards_keeps_its_lower_edge() -> None:
    (before,) = stack_rects([CARD], MAIN.work, Corner.BOTTOM_RIGHT)
    (after,) = stack_rects([(392, 260)], MAIN.work, Corner.BOTTOM_RIGHT)
    assert after.bottom == before.bottom


@given(
    heights=st.lists(st.integers(80, 500), min_size=1, max_size=6),
    corner=st.sampled_from(list(Corner)),
    x=st.integers(-4000, 4000),
    y=st.integers(-2000, 2000),
)
def test_no_card_is_ever_outside_the_work_area(
    heights: list[int], corner: Corner, x: int, y: int
) -> None:
    work = Rect(x, y, 2560, 720)
    for rect in stack_rects([(392, height) for height in heights], work, corner):
        assert rect.x >= work.x
        assert rect.y >= work.y
        assert rect.right <= work.right
        assert rect.bottom <= work.bottom


@given(
    heights=st.lists(st.integers(80, 300), min_size=2, max_size=5),
    corner=st.sampled_from(list(Corner)),
)
def test_no_two_cards_overlap_on_an_ordinary_screen(
    heights: list[int], corner: Corner
) -> None:
    rects = stack_rects([(392, height) for height in heights], MAIN.work, corner)
    for at, one in enumerate(rects):
        for other in rects[at + 1 :]:
            apart = one.bottom <= other.y or other.bottom <= one.y
            beside = one.right <= other.x or other.right <= one.x
            assert apart or beside


def test_a_card_larger_than_the_screen_shows_its_upper_left_part() -> None:
    assert clamped(Rect(-50, -50, 500, 500), Rect(0, 0, 400, 300))[:2] == (0, 0)


@pytest.mark.parametrize(
    ("rule", "pointer", "active", "fixed", "expected"),
    [
        (ScreenRule.POINTER, (-5, 5), "main", "main", "left"),
        (ScreenRule.POINTER, (9999, 9999), "", "", "main"),
        (ScreenRule.ACTIVE_WINDOW, (5, 5), "left", "", "left"),
        (ScreenRule.ACTIVE_WINDOW, (-5, 5), "", "", "left"),
        (ScreenRule.FIXED, (5, 5), "", "left", "left"),
        (ScreenRule.FIXED, (-5, 5), "", "unplugged", "main"),
        (ScreenRule.FIXED, (-5, 5), "", "", "main"),
    ],
)
def test_the_screen_is_chosen_by_the_rule(
    rule: ScreenRule, pointer: tuple[int, int], active: str, fixed: str, expected: str
) -> None:
    screen = pick_screen(SCREENS, rule, pointer=pointer, active=active, fixed=fixed)
    assert screen is not None
    assert screen.name == expected


def test_without_any_screen_there_is_none_to_choose() -> None:
    assert pick_screen((), ScreenRule.POINTER, pointer=(0, 0)) is None
