"""Puts the windows of a stack where they belong, but pulls none from the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QRect, QSize, QTimer

from screenpop.domain.frozen import frozen
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.placement import (
    Corner,
    Rect,
    ScreenArea,
    ScreenRule,
    pick_screen,
    stack_rects,
)

if TYPE_CHECKING:
    from screenpop.config.settings import CardSettings
    from screenpop.ui.popup.overflow import MoreCalls
    from screenpop.ui.popup.screens import Screens

# A card that was just closed leaves its place free for a moment: otherwise the next one
# would slide under a pointer that is about to click once more.
_SETTLE_MS: Final = 800


@frozen
class StackSettings:
    """How cards are shown.

    Attributes:
        max_cards: How many stand at once; further calls wait in a row.
        answered_seconds: How long a card stays after its call was answered or over.
        fixed_screen: A screen's name, for `ScreenRule.FIXED`.
        is_account_shown: Name the account too, because there are several.
    """

    corner: Corner = Corner.BOTTOM_RIGHT
    max_cards: int = 4
    answered_seconds: float = 10.0
    screen_rule: ScreenRule = ScreenRule.POINTER
    fixed_screen: str = ""
    is_account_shown: bool = False

    @classmethod
    def of(cls, settings: CardSettings, *, account_count: int = 1) -> StackSettings:
        """From what the user set."""
        return cls(
            corner=Corner(settings.corner),
            max_cards=settings.max_cards,
            answered_seconds=settings.answered_seconds,
            is_account_shown=account_count > 1,
        )


class StackLayout(QObject):
    """Knows who stands where. A place that became free under the pointer stays free."""

    def __init__(self, screens: Screens, settings: StackSettings) -> None:
        super().__init__()
        self._screens = screens
        self._settings = settings
        self._places: list[Card | QSize] = []
        self._row: MoreCalls | None = None
        self._screen = ""
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.close_ranks)
        screens.changed.connect(self.arrange)

    def change_settings(self, settings: StackSettings) -> None:
        """Stand by these from now on."""
        self._settings = settings
        self._screen = ""
        self.arrange()

    def add(self, card: Card) -> None:
        """Give the card the next place away from the corner."""
        if not self._cards():
            # A new stack; later cards stand with it, wherever the pointer is by then.
            self._screen = ""
            self._places.clear()
        if not self._settle.isActive():
            self._drop_free_end()
        self._places.append(card)
        self.arrange()

    def remove(self, card: Card, *, by_user: bool) -> None:
        """Free the card's place; others close ranks when that disturbs nobody."""
        at = self._places.index(card)
        self._places[at] = card.size()
        if by_user:
            self._settle.start()
        if not self._settle.isActive():
            self.close_ranks()

    def show_row(self, row: MoreCalls | None) -> None:
        """Put the row of further calls at the end, or have none."""
        self._row = row
        self.arrange()

    def home(self, width: int, height: int) -> QRect:
        """The place nearest to the corner, for a card of that size."""
        area = self._area()
        if area is None:
            return QRect()
        return QRect(
            *stack_rects([(width, height)], area.work, self._settings.corner)[0]
        )

    def close_ranks(self) -> None:
        """Fill free places, unless the pointer is on one of the cards."""
        cards = self._cards()
        if any(card.is_hovered for card in cards):
            return
        self._places = list(cards)
        self.arrange()

    def arrange(self) -> None:
        """Move every window where it belongs, on a screen that exists."""
        area = self._area()
        if area is None:
            return
        self._drop_free_end()
        sizes = [
            place if isinstance(place, QSize) else place.wanted_size()
            for place in self._places
        ]
        row = self._row
        if row is not None:
            sizes.append(row.wanted_size())
        pairs = [(size.width(), size.height()) for size in sizes]
        rects = stack_rects(pairs, area.work, self._settings.corner)
        for place, rect in zip(self._places, rects, strict=False):
            if isinstance(place, Card):
                place.set_upward(self._settings.corner.is_bottom)
                _move(place, rect)
        if row is not None:
            _move(row, rects[-1])

    def _drop_free_end(self) -> None:
        while self._places and isinstance(self._places[-1], QSize):
            self._places.pop()

    def _cards(self) -> tuple[Card, ...]:
        return tuple(place for place in self._places if isinstance(place, Card))

    def _area(self) -> ScreenArea | None:
        """The screen the stack stands on; chosen anew when that one is gone."""
        areas = self._screens.areas()
        for area in areas:
            if area.name == self._screen:
                return area
        chosen = pick_screen(
            areas,
            self._settings.screen_rule,
            # Asking the X server where the pointer is would keep a card waiting; with
            # one screen the answer is not needed.
            pointer=self._screens.pointer() if len(areas) > 1 else (0, 0),
            active=self._screens.active(),
            fixed=self._settings.fixed_screen,
        )
        self._screen = chosen.name if chosen else ""
        return chosen


def _move(window: Card | MoreCalls, rect: Rect) -> None:
    geometry = window.geometry()
    now = (geometry.x(), geometry.y(), geometry.width(), geometry.height())
    if now != rect:
        window.setGeometry(*rect)
