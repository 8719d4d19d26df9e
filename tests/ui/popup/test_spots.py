"""The user puts the cards somewhere, and there they are on the same screens again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint

from screenpop.ui.popup.controller import CardStack
from screenpop.ui.popup.placement import (
    Corner,
    Rect,
    ScreenArea,
    ScreenRule,
    Spot,
    clamped,
    spot_of,
    stack_rects,
)
from screenpop.ui.popup.spots import Spots
from screenpop.ui.popup.stack_layout import StackSettings
from tests.ui.card_samples import ringing
from tests.ui.popup.conftest import MAIN, SIDE, PretendScreens

if TYPE_CHECKING:
    from screenpop.ui.theme import Theme
    from tests.ui.card_actions_taken import ActionsTaken

CARD = (392, 168)


class Memory(dict[str, str]):
    """What is remembered between two runs."""

    def recall(self, key: str) -> str:
        return self.get(key, "")

    def remember(self, key: str, value: str) -> None:
        self[key] = value


def new_stack(
    theme: Theme,
    actions: ActionsTaken,
    screens: PretendScreens,
    memory: Memory,
    **given: object,
) -> CardStack:
    wanted = StackSettings(**{"corner": Corner.TOP_RIGHT, **given})  # type: ignore[arg-type]
    return CardStack(theme, actions, wanted, screens, memory=lambda: memory)


def dragged(stack: CardStack, x: int, y: int) -> None:
    card = stack.cards[0]
    card.dragged.emit(QPoint(x - card.x(), y - card.y()))
    card.dropped.emit()


def test_dragged_cards_stand_there_again_after_a_restart_until_reset(
    theme: Theme, actions: ActionsTaken, screens: PretendScreens
) -> None:
    memory = Memory()
    stack = new_stack(theme, actions, screens, memory)
    stack.show(ringing("one"))
    stack.show(ringing("two"))
    dragged(stack, 300, 700)
    where = [card.geometry() for card in stack.cards]
    assert (where[0].x(), where[0].y()) == (300, 700)
    assert where[1].bottom() < where[0].top()
    stack.close()
    stack = new_stack(theme, actions, screens, memory)
    stack.show(ringing("three"))
    assert stack.cards[0].geometry() == where[0]
    moved = [stack.layout.is_moved]
    stack.layout.move_back()
    assert stack.cards[0].geometry().top() == 16
    assert [*moved, stack.layout.is_moved] == [True, False]
    stack.close()


def test_another_set_of_screens_has_a_place_of_its_own(
    theme: Theme, actions: ActionsTaken, screens: PretendScreens
) -> None:
    stack = new_stack(theme, actions, screens, Memory())
    stack.show(ringing())
    dragged(stack, 1900, 900)
    moved = stack.cards[0].geometry()
    screens.there = [ScreenArea("laptop", SIDE.whole, SIDE.work, True)]
    screens.changed.emit()
    (card,) = stack.cards
    assert SIDE.work.contains(card.x(), card.y())
    assert card.y() == 16
    screens.there = [MAIN, SIDE]
    screens.changed.emit()
    assert card.geometry() == moved
    stack.close()


def test_nobody_loses_a_card_beyond_the_edge(
    theme: Theme, actions: ActionsTaken, screens: PretendScreens
) -> None:
    stack = new_stack(theme, actions, screens, Memory())
    stack.show(ringing())
    dragged(stack, -5000, 5000)
    card = stack.cards[0].geometry()
    assert MAIN.work.contains(card.left(), card.bottom())
    stack.close()


def test_a_fixed_screen_is_the_one_that_the_cards_were_dragged_to(
    theme: Theme, actions: ActionsTaken, screens: PretendScreens
) -> None:
    memory = Memory()
    given = {"screen_rule": ScreenRule.FIXED, "fixed_screen": "main"}
    stack = new_stack(theme, actions, screens, memory, **given)
    stack.show(ringing())
    assert MAIN.whole.contains(stack.cards[0].x(), stack.cards[0].y())
    dragged(stack, SIDE.whole.x + 200, 100)
    stack.close()
    stack = new_stack(theme, actions, screens, memory, **given)
    stack.show(ringing("later"))
    assert SIDE.whole.contains(stack.cards[0].x(), stack.cards[0].y())
    stack.close()


def test_what_nobody_can_have_written_is_no_spot() -> None:
    memory = Memory()
    Spots(lambda: memory).remember([MAIN], Spot(Corner.TOP_LEFT, 5, 7, "a|b"))
    (key,) = memory
    assert Spots(lambda: memory).recall([MAIN]) == Spot(Corner.TOP_LEFT, 5, 7, "a|b")
    for wrong in ("", "top-left", "nowhere|1|2|x", "top-left|-1|2|x", "top-left|1||x"):
        memory[key] = wrong
        assert Spots(lambda: memory).recall([MAIN]) is None


@given(x=st.integers(-3000, 5000), y=st.integers(-3000, 5000))
@settings(max_examples=40)
def test_wherever_a_card_is_let_go_it_stays_there_as_far_as_there_is_room(
    x: int, y: int
) -> None:
    wanted = clamped(Rect(x, y, *CARD), SIDE.work)
    spot = spot_of(wanted, SIDE)
    assert stack_rects([CARD], SIDE.work, spot) == (wanted,)
    for rect in stack_rects([CARD] * 5, SIDE.work, spot):
        assert rect == clamped(rect, SIDE.work)
