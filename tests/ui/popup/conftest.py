"""Cards and stacks for the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Signal

from screenpop.ui.popup.card import Card
from screenpop.ui.popup.controller import CardStack
from screenpop.ui.popup.placement import Corner, Rect, ScreenArea
from screenpop.ui.popup.stack_layout import StackSettings
from screenpop.ui.theme import Theme
from tests.ui.card_actions_taken import ActionsTaken
from tests.ui.card_samples import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from PySide6.QtWidgets import QApplication

MAIN = ScreenArea("main", Rect(0, 0, 1920, 1080), Rect(0, 0, 1920, 1040), True)
SIDE = ScreenArea("side", Rect(1920, 0, 1280, 800), Rect(1920, 0, 1280, 800))


class PretendScreens(QObject):
    """Screens that can be plugged and unplugged, and a pointer to put anywhere."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.there = [MAIN, SIDE]
        self.pointer_at = (100, 100)

    def areas(self) -> list[ScreenArea]:
        return self.there

    def pointer(self) -> tuple[int, int]:
        return self.pointer_at

    def active(self) -> str:
        return ""


@dataclass
class Clock:
    """A clock the test moves."""

    now: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


@pytest.fixture
def card(theme: Theme) -> Iterator[Card]:
    card = Card(theme)
    yield card
    card.deleteLater()


@pytest.fixture
def actions() -> ActionsTaken:
    return ActionsTaken()


@pytest.fixture
def screens() -> PretendScreens:
    return PretendScreens()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stack(
    theme: Theme, actions: ActionsTaken, screens: PretendScreens, clock: Clock
) -> Iterator[CardStack]:
    settings = StackSettings(corner=Corner.TOP_RIGHT, answered_seconds=0.05)
    stack = CardStack(theme, actions, settings, screens, clock)
    yield stack
    stack.close()
